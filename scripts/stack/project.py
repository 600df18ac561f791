"""프로젝트 하나(이름 + Compose 파일)의 자리: 폴더, 주소 구역, Compose 변수.

프로젝트가 다르면 데이터, 로그, 주소가 모두 갈린다. 그래서 it과 e2e가 나란히 돌 수 있다.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from stack.compose import ComposeFile, PublishedPort, Topology
from stack.errors import StackError
from stack.words import told

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_DIR = ROOT / "infra" / "compose"
FIRST_ADDRESS = 10
LAST_ADDRESS = 254


@dataclass(frozen=True, slots=True)
class Project:
    """이름과 Compose 파일로 정해지는 자리들. 폴더는 쓰는 쪽이 만든다."""

    name: str
    compose_path: Path
    root: Path = ROOT

    @property
    def var_dir(self) -> Path:
        """이 프로젝트의 모든 것이 사는 폴더."""
        return self.root / "var" / self.name

    @property
    def volumes_dir(self) -> Path:
        """이름 있는 볼륨마다 폴더 하나."""
        return self.var_dir / "volumes"

    @property
    def logs_dir(self) -> Path:
        """서비스마다 로그 파일 하나."""
        return self.var_dir / "logs"

    @property
    def run_dir(self) -> Path:
        """도는 동안만 뜻이 있는 것: 설정, 소켓, pid."""
        return self.var_dir / "run"

    def log_path(self, service: str) -> Path:
        """서비스의 로그 파일."""
        return self.logs_dir / f"{service}.log"


def find_compose_file(name: str) -> Path:
    """`e2e` 같은 짧은 이름이나 경로를 Compose 파일의 절대 경로로."""
    short = COMPOSE_DIR / f"{name}.yml"
    path = short if short.is_file() else Path(name).resolve()
    if not path.is_file():
        known = ", ".join(sorted(found.stem for found in COMPOSE_DIR.glob("*.yml")))
        raise StackError(
            told("Compose 파일 {name}이(가) 없습니다(있는 것: {known})", name=repr(name), known=known)
        )
    return path


def address_block(root: Path, project: str) -> str:
    """프로젝트의 루프백 구역 `127.x.y`. 같은 폴더와 이름이면 언제나 같다."""
    digest = hashlib.sha256(f"{root}:{project}".encode()).digest()
    return f"127.{1 + digest[0] % 254}.{digest[1]}"


def assign_addresses(block: str, services: tuple[str, ...]) -> dict[str, str]:
    """서비스마다 제 주소 하나. 차례는 Compose 파일에 적힌 차례다."""
    if FIRST_ADDRESS + len(services) - 1 > LAST_ADDRESS:
        raise StackError(told("서비스가 너무 많아 주소를 줄 수 없습니다: {count}", count=len(services)))
    return {name: f"{block}.{FIRST_ADDRESS + index}" for index, name in enumerate(services)}


def listens_on(published: PublishedPort) -> bool:
    """로컬 런타임이 이 밖 포트를 정말 여는가.

    안팎의 번호가 다른 것은 컨테이너에 호스트가 닿기 위한 것이라, 주소가 따로인 로컬에서는 열지 않는다.
    """
    return published.host_port == published.container_port


def local_variables(compose: ComposeFile, project: Project, environ: Mapping[str, str]) -> dict[str, str]:
    """로컬 런타임이 채우는 Compose 변수.

    서비스 `gateway1`마다 `GATEWAY1_HOST`(남이 닿는 주소)와 `GATEWAY1_BIND`(듣는 주소), 밖에 여는 서비스에는
    `LB_PUBLIC_BIND`, 볼륨 `mariadb-data`마다 `MARIADB_DATA`(폴더). 도커에서는 파일의 기본값이 쓰인다.
    """
    addresses = assign_addresses(address_block(project.root, project.name), compose.service_names())
    variables: dict[str, str] = {}
    for name, service in compose.all_services(environ).items():
        prefix = variable_name(name)
        variables[f"{prefix}_HOST"] = variables[f"{prefix}_BIND"] = addresses[name]
        for published in filter(listens_on, service.published):
            variables[f"{prefix}_PUBLIC_BIND"] = published.host
    for volume in compose.volume_names():
        variables[variable_name(volume)] = str(project.volumes_dir / volume)
    return variables


def variable_name(name: str) -> str:
    """서비스나 볼륨의 이름을 변수 이름으로: `mariadb-data` -> `MARIADB_DATA`."""
    return name.upper().replace("-", "_")


def local_addresses(compose: ComposeFile, project: Project) -> dict[str, str]:
    """서비스마다의 로컬 주소."""
    return assign_addresses(address_block(project.root, project.name), compose.service_names())


def resolve_local(compose: ComposeFile, project: Project, environ: Mapping[str, str]) -> Topology:
    """로컬 런타임의 변수를 채운 구성. 남의 이미지뿐인 서비스(Grafana 등)는 이 기계에 돌릴 것이 없어 뺀다."""
    return compose.resolve({**environ, **local_variables(compose, project, environ)}, built_only=True)
