"""SDK가 던지는 모든 오류. 서버의 코드(contract.md)를 그대로 나르고 스스로 코드를 만들지 않는다.

서버의 모듈은 모른다: 이 꾸러미는 밖의 사람이 혼자 쓸 수 있어야 한다.
"""

from __future__ import annotations


class HanpanClientError(Exception):
    """SDK 오류의 뿌리."""


class HanpanApiError(HanpanClientError):
    """서버가 까닭을 말하며 거절했다(HTTP의 problem+json, WebSocket의 error 프레임).

    `code`는 계약의 오류 코드, `status`는 HTTP 상태(WebSocket이면 None), `retry_after_s`는 서버가 권한 초,
    `trace_id`는 서버의 로그와 맞춰 볼 식별자다.
    """

    def __init__(
        self,
        code: str,
        message: str = "",
        *,
        status: int | None = None,
        trace_id: str = "",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}" if message else code)
        self.code = code
        self.message = message
        self.status = status
        self.trace_id = trace_id
        self.retry_after_s = retry_after_s


class CallTimeoutError(HanpanClientError, TimeoutError):
    """기한 안에 답이 오지 않았다. 서버가 그 일을 했는지는 알 수 없다."""


class ConnectionLostError(HanpanClientError, ConnectionError):
    """소켓이 닫혔거나 열리지 않았다. 답을 기다리던 요청의 결과는 알 수 없다.

    `close_code`는 WebSocket 닫힘 코드이며 닫힘 프레임 없이 끊겼으면 1006이다.
    """

    def __init__(self, close_code: int = 1006, reason: str = "") -> None:
        super().__init__(f"{close_code} {reason}".rstrip())
        self.close_code = close_code
        self.reason = reason


class ProtocolViolationError(HanpanClientError):
    """서버의 말이 계약과 다르다(모르는 모양의 답이나 프레임)."""
