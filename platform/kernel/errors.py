"""하나뿐인 오류 나무: 코드마다 HTTP, gRPC, WebSocket에서의 뜻을 한자리에 정한다.

표준 라이브러리만 안다. 전송 계층은 이 표를 읽을 뿐 스스로 상태 코드를 고르지 않는다.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar

from kernel.messages import fill, translate


class HanpanError(Exception):
    """클라이언트에게 보여도 되는 오류의 뿌리.

    첫 인자는 사람이 읽는 한 문장의 한국어 원문이고 `{이름}` 자리에 같은 이름의 값이 들어간다. f-string은 쓰지
    않는다: 읽는 이의 언어로 옮길 수 없다. `message`는 값을 채운 한국어이고, 나가는 자리에서는 `detail_in`과
    `title_in`을 쓴다. `retry_after_ms`는 다시 해 볼 만한 때만 있다. `grpc_code`는 grpc.StatusCode의 이름,
    `close_code`는 소켓을 닫는 오류에만 있는 WebSocket 닫힘 코드다.
    """

    code: ClassVar[str] = "INTERNAL"
    title: ClassVar[str] = "내부 오류"
    http_status: ClassVar[int] = 500
    grpc_code: ClassVar[str] = "INTERNAL"
    close_code: ClassVar[int | None] = None
    default_retry_after_ms: ClassVar[int | None] = None

    def __init__(
        self, source: str = "", /, *, retry_after_ms: int | None = None, **params: str | int
    ) -> None:
        self.source = source or self.title
        self.params = params
        self.message = fill(self.source, params)
        self.retry_after_ms = self.default_retry_after_ms if retry_after_ms is None else retry_after_ms
        super().__init__(f"{self.code}: {self.message}")

    def title_in(self, language: str | None) -> str:
        """이 종류의 오류를 `language`로."""
        return translate(self.title, {}, language) or self.title

    def detail_in(self, language: str | None) -> str:
        """까닭을 `language`로. 번역이 없으면(판이 다른 상대가 말한 까닭) 종류만 말한다."""
        return translate(self.source, self.params, language) or self.title_in(language)

    def again(self) -> HanpanError:
        """같은 오류를 새로. 한 예외를 여럿이 던지면 traceback이 사람 수만큼 길어진다."""
        return type(self)(self.source, retry_after_ms=self.retry_after_ms, **self.params)


class Internal(HanpanError):
    """우리 잘못. 자세한 것은 로그에만 남긴다."""


class Unauthenticated(HanpanError):
    """토큰이 없거나, 위조되었거나, 지났다."""

    code = "UNAUTHENTICATED"
    title = "인증이 필요합니다"
    http_status = 401
    grpc_code = "UNAUTHENTICATED"
    close_code = 4401


class PermissionDenied(HanpanError):
    """누구인지는 알지만 그 일을 할 수 없다."""

    code = "PERMISSION_DENIED"
    title = "권한이 없습니다"
    http_status = 403
    grpc_code = "PERMISSION_DENIED"


class InvalidArgument(HanpanError):
    """칸이 빠졌거나 형이나 범위가 틀렸다."""

    code = "INVALID_ARGUMENT"
    title = "잘못된 요청입니다"
    http_status = 422
    grpc_code = "INVALID_ARGUMENT"


class NotFound(HanpanError):
    """그런 것이 없다."""

    code = "NOT_FOUND"
    title = "찾을 수 없습니다"
    http_status = 404
    grpc_code = "NOT_FOUND"


class AlreadyQueued(HanpanError):
    """이미 기다리고 있다."""

    code = "ALREADY_QUEUED"
    title = "이미 대기 중입니다"
    http_status = 409
    grpc_code = "ALREADY_EXISTS"


class NotQueued(HanpanError):
    """기다리고 있지 않다."""

    code = "NOT_QUEUED"
    title = "대기 중이 아닙니다"
    http_status = 409
    grpc_code = "FAILED_PRECONDITION"


class AlreadyInMatch(HanpanError):
    """끝나지 않은 판에 앉아 있다."""

    code = "ALREADY_IN_MATCH"
    title = "이미 판에 들어가 있습니다"
    http_status = 409
    grpc_code = "ALREADY_EXISTS"


class NotInMatch(HanpanError):
    """판에 앉아 있지 않다."""

    code = "NOT_IN_MATCH"
    title = "판에 들어가 있지 않습니다"
    http_status = 409
    grpc_code = "FAILED_PRECONDITION"


class Unavailable(HanpanError):
    """기대는 것이 멈췄다. 기다리게 하지 않고 곧바로 답한다(FAIL CLOSED)."""

    code = "UNAVAILABLE"
    title = "잠시 쓸 수 없습니다"
    http_status = 503
    grpc_code = "UNAVAILABLE"
    default_retry_after_ms = 1000


class ResumeInvalid(HanpanError):
    """모르는 토큰이거나 이미 쓰인 토큰이다."""

    code = "RESUME_INVALID"
    title = "이어 할 수 없는 토큰입니다"
    http_status = 409
    grpc_code = "FAILED_PRECONDITION"
    close_code = 4410


class ResumeExpired(HanpanError):
    """알던 토큰이지만 지났다."""

    code = "RESUME_EXPIRED"
    title = "이어 하기 기한이 지났습니다"
    http_status = 409
    grpc_code = "FAILED_PRECONDITION"
    close_code = 4410


class Superseded(HanpanError):
    """더 새로운 접속이 자리를 이었다."""

    code = "SUPERSEDED"
    title = "더 새로운 접속이 있습니다"
    http_status = 409
    grpc_code = "ABORTED"
    close_code = 4409


class RateLimited(HanpanError):
    """너무 잦다."""

    code = "RATE_LIMITED"
    title = "요청이 너무 잦습니다"
    http_status = 429
    grpc_code = "RESOURCE_EXHAUSTED"
    close_code = 4429
    default_retry_after_ms = 1000


class MatchNotOver(HanpanError):
    """판이 아직 끝나지 않았다."""

    code = "MATCH_NOT_OVER"
    title = "판이 아직 끝나지 않았습니다"
    http_status = 409
    grpc_code = "FAILED_PRECONDITION"


class FinalizeConflict(HanpanError):
    """이미 다른 결과로 끝난 판이다. 아무것도 쓰지 않았다."""

    code = "FINALIZE_CONFLICT"
    title = "다른 결과로 이미 끝난 판입니다"
    http_status = 409
    grpc_code = "ABORTED"


class SessionDraining(HanpanError):
    """서버가 드레인 중이라 새 판을 받지 않는다."""

    code = "SESSION_DRAINING"
    title = "서버를 드레인하는 중입니다"
    http_status = 503
    grpc_code = "UNAVAILABLE"
    default_retry_after_ms = 1000


class SessionLost(HanpanError):
    """판을 돌리던 서버가 사라졌다."""

    code = "SESSION_LOST"
    title = "판을 돌리던 서버가 사라졌습니다"
    http_status = 410
    grpc_code = "NOT_FOUND"
    close_code = 4410


class Abandoned(HanpanError):
    """모두가 떠난 판이다. 무효로 끝났다."""

    code = "ABANDONED"
    title = "모두가 떠나 무효가 된 판입니다"
    http_status = 410
    grpc_code = "ABORTED"


class PayloadTooLarge(HanpanError):
    """본문이나 프레임이 상한을 넘었다."""

    code = "PAYLOAD_TOO_LARGE"
    title = "너무 큽니다"
    http_status = 413
    grpc_code = "INVALID_ARGUMENT"
    close_code = 1009


ERRORS_BY_CODE: dict[str, type[HanpanError]] = {
    cls.code: cls
    for cls in (
        Unauthenticated,
        PermissionDenied,
        InvalidArgument,
        NotFound,
        AlreadyQueued,
        NotQueued,
        AlreadyInMatch,
        NotInMatch,
        Unavailable,
        ResumeInvalid,
        ResumeExpired,
        Superseded,
        RateLimited,
        MatchNotOver,
        FinalizeConflict,
        SessionDraining,
        SessionLost,
        Abandoned,
        PayloadTooLarge,
        Internal,
    )
}


def error_from_code(
    code: str,
    source: str = "",
    *,
    retry_after_ms: int | None = None,
    params: Mapping[str, str | int] = MappingProxyType({}),
) -> HanpanError:
    """전송 계층을 건너온 코드를 다시 오류로 만든다. 모르는 코드는 Internal이다."""
    return ERRORS_BY_CODE.get(code, Internal)(source, retry_after_ms=retry_after_ms, **params)
