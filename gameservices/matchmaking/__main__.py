"""`matchmaking` 명령의 시작."""

from __future__ import annotations

from gameservices.runtime.launch import launch
from gameservices.runtime.worker import Build


def main() -> None:
    """matchmaking 프로세스를 돌린다."""
    launch("matchmaking", _load_build)


def _load_build() -> Build:
    from gameservices.matchmaking.server import build  # noqa: PLC0415

    return build


if __name__ == "__main__":
    main()
