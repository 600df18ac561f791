"""스택 도구의 오류. 문구는 사람이 읽고 바로 손쓸 수 있게 까닭과 로그 파일을 담는다."""

from __future__ import annotations

from pathlib import Path

from stack.words import told

LOG_TAIL_LINES = 25


class StackError(Exception):
    """스택을 다루다 생긴, 까닭을 아는 실패. 문구만 보이면 되고 스택 추적은 필요 없다."""


class ServiceFailed(StackError):
    """서비스 하나가 뜨지 못했거나 한 번 도는 일이 실패했다."""

    def __init__(self, service: str, reason: str, log_path: Path, log_text: str = "") -> None:
        self.service = service
        self.log_path = log_path
        tail = "\n".join(f"    {line}" for line in log_text.splitlines()[-LOG_TAIL_LINES:])
        shown = told("\n  로그의 끝:\n{tail}", tail=tail) if tail else ""
        super().__init__(
            told(
                "{service}: {reason}\n  로그: {path}{shown}",
                service=service,
                reason=reason,
                path=log_path,
                shown=shown,
            )
        )


class PortInUse(StackError):
    """필요한 포트를 다른 프로세스가 쓰고 있다."""

    def __init__(self, host: str, port: int, owner: str | None) -> None:
        self.port = port
        who = told("{owner}이(가)", owner=owner) if owner else told("다른 프로세스가")
        super().__init__(
            told(
                "포트 {port}({host})을 {who} 이미 쓰고 있습니다. "
                "그 프로세스를 멈춘 뒤 다시 하십시오(다른 한판이면 ./scripts/up.sh down).",
                port=port,
                host=host,
                who=who,
            )
        )
