"""TLS의 문(LB_TLS=1, :8443): 방식은 본 그대로이고, 인증서는 도는 채로 바뀌며 이어진 소켓은 모른다."""

from __future__ import annotations

import os
import socket
import ssl
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.fakes.addresses import own_address
from tests.fakes.load_balancer import ANSWER_S, ROOT, Backend, RawAnswer, exchange, haproxy, socket_server

LB, PLATFORM, GATEWAY, NOBODY, WITHOUT_TLS = (own_address(number) for number in range(130, 135))
HSTS = "max-age=31536000"
FIRST, SECOND = "first.example", "second.example"


def make_certificate(folder: Path, name: str) -> str:
    """그 이름의 개발 인증서와 열쇠 한 벌(PEM)."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "1", "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True, timeout=ANSWER_S,
    )  # fmt: skip
    return f"{certificate.read_text('utf-8')}\n{key.read_text('utf-8')}"


class Balancer:
    """TLS를 연 LB 하나와 그 인증서."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.certificate = folder / "lb.pem"
        self.pems = {name: make_certificate(folder, name) for name in (FIRST, SECOND)}
        self.environment = {
            "LB_PUBLIC_BIND": LB, "LB_BIND": LB, "PLATFORM_HOST": PLATFORM, "GATEWAY1_HOST": GATEWAY,
            "GATEWAY2_HOST": NOBODY, "LB_TLS": "1", "LB_CERT": str(self.certificate), "LB_RUN": str(folder),
        }  # fmt: skip
        self.put(self.pems[FIRST])

    def put(self, pem: str) -> None:
        """파일을 갈아 둔다. 도는 것에는 아직 말하지 않는다."""
        fresh = self.folder / "lb.pem.new"
        fresh.touch(mode=0o600)
        fresh.write_text(pem, "utf-8")
        fresh.rename(self.certificate)

    def reload(self) -> subprocess.CompletedProcess[str]:
        """운영자가 부르는 그대로."""
        return subprocess.run(
            ["sh", "infra/lb/reload-cert.sh"],
            cwd=ROOT, env={**os.environ, **self.environment}, capture_output=True, text=True,
            timeout=ANSWER_S, check=False,
        )  # fmt: skip

    def shown_name(self) -> str:
        """새로 이은 이에게 보이는 인증서의 이름."""
        with tls() as client:
            der = client.getpeercert(binary_form=True)
        assert der is not None
        shown = subprocess.run(
            ["openssl", "x509", "-inform", "der", "-noout", "-subject", "-nameopt", "multiline"],
            input=der, check=True, capture_output=True, timeout=ANSWER_S,
        )  # fmt: skip
        return shown.stdout.decode().partition("commonName")[2].strip(" =\n")


def trusting_all() -> ssl.SSLContext:
    """스스로 서명한 시험 인증서라 확인하지 않는다."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def tls(context: ssl.SSLContext | None = None) -> ssl.SSLSocket:
    plain = socket.create_connection((LB, 8443), timeout=ANSWER_S)
    return (context or trusting_all()).wrap_socket(plain, server_hostname="x")


def over_tls(request: str) -> RawAnswer:
    with tls() as client:
        return exchange(client, request)


def over_http(request: str) -> RawAnswer:
    with socket.create_connection((LB, 8080), timeout=ANSWER_S) as client:
        return exchange(client, request)


@pytest.fixture(scope="module")
def balancer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Balancer]:
    """TLS를 연 LB. 폴더는 주인만 연다."""
    made = Balancer(tmp_path_factory.mktemp("tls"))
    platform = Backend(PLATFORM)
    with socket_server(GATEWAY), haproxy(made.folder / "lb.log", **made.environment):
        yield made
    platform.close()


@pytest.fixture(autouse=True)
def _first_certificate(balancer: Balancer) -> None:
    """시험마다 첫 인증서에서 시작한다."""
    balancer.put(balancer.pems[FIRST])
    assert balancer.reload().returncode == 0


def test_an_answer_over_tls_pins_tls_and_the_scheme_is_told_by_fact() -> None:
    for spoofed in ("", "X-Forwarded-Proto: http\r\n", "X-Forwarded-Proto: https\r\n"):
        request = f"GET /echo HTTP/1.1\r\nHost: x\r\n{spoofed}\r\n"
        safe, plain = over_tls(request), over_http(request)
        assert safe.status == plain.status == 200
        assert safe.headers["strict-transport-security"] == HSTS
        assert "strict-transport-security" not in plain.headers
        assert safe.body.lower().count("x-forwarded-proto: https") == 1
        assert plain.body.lower().count("x-forwarded-proto: http") == 1
        assert "https" not in plain.body.lower()


def test_what_the_balancer_answers_itself_pins_tls_too() -> None:
    answer = over_tls("GET /ws HTTP/1.1\r\nHost: x\r\n\r\n")
    assert answer.status == 426
    assert answer.headers["strict-transport-security"] == HSTS


@pytest.mark.parametrize(("version", "is_let_in"), [("-tls1_1", False), ("-tls1_2", True), ("-tls1_3", True)])
def test_a_protocol_older_than_tls_1_2_is_refused(version: str, is_let_in: bool) -> None:
    tried = subprocess.run(
        ["openssl", "s_client", "-connect", f"{LB}:8443", version, "-cipher", "ALL:@SECLEVEL=0"],
        input=b"", capture_output=True, timeout=ANSWER_S, check=False,
    )  # fmt: skip
    assert (tried.returncode == 0) is is_let_in, tried.stderr
    assert (b"alert protocol version" in tried.stderr) is not is_let_in


def test_only_http_1_1_is_spoken() -> None:
    context = trusting_all()
    context.set_alpn_protocols(["h2", "http/1.1"])
    with tls(context) as client:
        assert client.selected_alpn_protocol() == "http/1.1"


def test_a_certificate_is_swapped_and_a_live_socket_does_not_notice(balancer: Balancer) -> None:
    assert balancer.shown_name() == FIRST
    with connect(f"wss://{LB}:8443/ws", ssl=trusting_all(), open_timeout=ANSWER_S) as live:
        live.send("before")
        assert live.recv(ANSWER_S) == "before"
        balancer.put(balancer.pems[SECOND])
        assert balancer.shown_name() == FIRST, "파일만 갈았다"
        done = balancer.reload()
        assert (done.returncode, done.stderr) == (0, "")
        assert balancer.shown_name() == SECOND
        live.send("after")
        assert live.recv(ANSWER_S) == "after"
        with connect(f"wss://{LB}:8443/ws", ssl=trusting_all(), open_timeout=ANSWER_S) as fresh:
            fresh.send("fresh")
            assert fresh.recv(ANSWER_S) == "fresh"


def test_a_broken_certificate_leaves_the_old_one_and_a_right_one_still_gets_in(balancer: Balancer) -> None:
    crossed = balancer.pems[SECOND].partition("-----BEGIN PRIVATE")[0] + (
        "-----BEGIN PRIVATE" + balancer.pems[FIRST].partition("-----BEGIN PRIVATE")[2]
    )
    for broken in ("nonsense\n", "", crossed, balancer.pems[SECOND][:300]):
        balancer.put(broken)
        failed = balancer.reload()
        assert failed.returncode != 0, broken
        assert failed.stderr
        assert balancer.shown_name() == FIRST
    balancer.put(balancer.pems[SECOND])
    assert balancer.reload().returncode == 0
    assert balancer.shown_name() == SECOND


def test_only_the_owner_may_order_the_balancer(balancer: Balancer) -> None:
    mode = (balancer.folder / "admin.sock").stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


def test_without_the_setting_there_is_neither_the_door_nor_the_order_socket(tmp_path: Path) -> None:
    environment = {
        "LB_PUBLIC_BIND": WITHOUT_TLS, "LB_BIND": WITHOUT_TLS, "PLATFORM_HOST": NOBODY,
        "GATEWAY1_HOST": NOBODY, "GATEWAY2_HOST": NOBODY, "LB_TLS": "0", "LB_RUN": str(tmp_path),
    }  # fmt: skip
    with haproxy(tmp_path / "lb.log", **environment):
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((WITHOUT_TLS, 8443), timeout=ANSWER_S)
        assert not (tmp_path / "admin.sock").exists()


def test_a_missing_certificate_is_refused_at_start(balancer: Balancer, tmp_path: Path) -> None:
    missing = str(tmp_path / "nowhere.pem")
    checked = subprocess.run(
        ["haproxy", "-c", "-f", "infra/lb/haproxy.cfg"],
        cwd=ROOT, env={**os.environ, **balancer.environment, "LB_CERT": missing},
        capture_output=True, text=True, timeout=ANSWER_S, check=False,
    )  # fmt: skip
    assert checked.returncode != 0
    assert missing in checked.stderr


def test_a_front_that_is_no_network_is_refused_at_start(balancer: Balancer) -> None:
    for wrong in ("10.0.0.0/99", "10.0.0.0/8,fd00::/8"):
        checked = subprocess.run(
            ["haproxy", "-c", "-f", "infra/lb/haproxy.cfg"],
            cwd=ROOT, env={**os.environ, **balancer.environment, "TRUSTED_FRONT": wrong},
            capture_output=True, text=True, timeout=ANSWER_S, check=False,
        )  # fmt: skip
        assert checked.returncode != 0, wrong
