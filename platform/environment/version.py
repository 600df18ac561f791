"""이 소스의 버전이 있는 하나뿐인 곳. 꾸러미(pyproject.toml)와 env.py가 읽는다.

Compose의 이미지 이름과 STATE.md는 파이썬을 읽지 못해 글자로 적는다: `scripts/bump-version.sh`가 함께 바꾸고
test_version.py가 지킨다.
"""

from __future__ import annotations

VERSION = "1.5.2"  # hatchling이 이 모양만 읽는다
