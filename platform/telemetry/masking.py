"""개인 정보와 비밀을 가리는 규칙표와 한 함수. 로그 형식기와 (뒤에) 스팬 내보내기가 같은 것을 쓴다.

이름으로 가리는 규칙(키)과 모양으로 가리는 규칙(정규식) 두 가지다.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MASK = "***"

SECRET_KEYS = frozenset(
    {
        "authorization", "cookie", "set-cookie", "password", "secret", "token", "access_token",
        "resume_token", "refresh_token", "service_token", "device_id", "email", "ip", "address",
        "client_address",
    }
)  # fmt: skip

# 모양마다 그 안에 반드시 있는 글자. 그것이 없는 글에는 정규식을 돌리지 않는다(로그 줄 값의 절반이었다).
SECRET_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("eyJ", re.compile(r"\beyJ[\w-]+\.[\w-]+\.[\w-]+")),  # JWT
    ("", re.compile(r"(?i)\b(?:bearer|basic)\s+[\w.~+/=-]+")),  # Authorization 머리글
    ("rs1.", re.compile(r"\brs1\.[\w.-]+")),  # resume 토큰
    ("rt1.", re.compile(r"\brt1\.[\w-]+")),  # 갱신 토큰
    ("@", re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")),  # 전자 우편
    (".", re.compile(r"(?<![\d.])(?!127\.)(?:\d{1,3}\.){3}\d{1,3}(?![\d.])")),  # 루프백이 아닌 IPv4
    (":", re.compile(r"(?i)(?<![\w:])(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}(?![\w:])")),  # IPv6
)


def mask_text(text: str) -> str:
    """글 안의 비밀을 모양으로 찾아 가린다."""
    for mark, pattern in SECRET_PATTERNS:
        if mark in text:
            text = pattern.sub(MASK, text)
    return text


def mask_value(key: str, value: Any) -> Any:
    """이름이 비밀이면 통째로, 아니면 안으로 들어가며 모양으로 가린다."""
    if key.lower() in SECRET_KEYS:
        return MASK
    if isinstance(value, str):
        return mask_text(value)
    if isinstance(value, Mapping):
        return {k: mask_value(str(k), v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [mask_value("", item) for item in value]
    if value is None or isinstance(value, bool | int | float):
        return value
    return mask_text(str(value))
