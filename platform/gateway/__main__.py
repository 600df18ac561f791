"""`gateway` 명령의 시작."""

from __future__ import annotations

from gateway.server import run


def main() -> None:
    """선수의 WebSocket을 여는 프로세스를 돌린다."""
    run()


if __name__ == "__main__":
    main()
