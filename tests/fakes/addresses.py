"""시험이 띄우는 프로세스들의 루프백 주소. 체크아웃과 일꾼마다 다른 구역이라 나란히 돌아도 부딪히지 않는다."""

from __future__ import annotations

import os

from stack.project import ROOT, address_block
from stack.session import WORKER

BLOCK = address_block(ROOT, f"test-processes{os.environ.get(WORKER, '')}")


def own_address(number: int) -> str:
    """이 일꾼의 `number`번 주소(1에서 254)."""
    return f"{BLOCK}.{number}"
