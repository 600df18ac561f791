"""숫자와 시각을 사람이 읽는 글로. 데이터베이스를 읽지 않는다. 쪽의 시각은 모두 여기의 `<time>`이다."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from adminkit.trace_link import trace_link
from fleet.rolls import note_in
from ops.live.reading import ServerSeen

register = template.Library()

NOTHING = "–"
FINE_FROM = 0.98
TIMES_MAX = 100
MINUS, PLUS, LEVEL = "−", "+", "±"
MS_PER_S, MS_PER_MINUTE, MS_PER_HOUR = 1000, 60_000, 3_600_000


@register.filter
def duration(milliseconds: int | None) -> str:
    """걸린 시간. 짧을수록 잘게 보인다."""
    if milliseconds is None:
        return NOTHING
    if milliseconds < MS_PER_S:
        return f"{milliseconds} ms"
    if milliseconds < MS_PER_MINUTE:
        return _("%(seconds).1f초") % {"seconds": milliseconds / MS_PER_S}
    minutes, rest_ms = divmod(milliseconds, MS_PER_MINUTE)
    if milliseconds < MS_PER_HOUR:
        return _("%(minutes)d분 %(seconds)02d초") % {"minutes": minutes, "seconds": rest_ms // MS_PER_S}
    return _("%(hours)d시간 %(minutes)02d분") % {"hours": minutes // 60, "minutes": minutes % 60}


@register.filter
def moment(at: datetime | int | None) -> SafeString | str:
    """날짜와 시각. 정수는 1970년부터의 밀리초다."""
    return _time(at, "full")


@register.filter
def clock(at: datetime | int | None) -> SafeString | str:
    """밀리초까지의 시각. 날짜는 머물거나 초점을 주면(title) 보인다."""
    return _time(at, "clock")


@register.filter
def ago(at: datetime | int | None) -> SafeString | str:
    """날짜와 시각. 브라우저에서는 `3분 전`이 된다."""
    return _time(at, "ago")


def _time(at: datetime | int | None, shape: str) -> SafeString | str:
    """시각 하나를 UTC로, 시간대의 이름과 함께. clock.js가 브라우저의 시간대로 바꾸고 UTC는 title에 남긴다."""
    if at is None:
        return NOTHING
    utc = (datetime.fromtimestamp(at / MS_PER_S, UTC) if isinstance(at, int) else at).astimezone(UTC)
    whole = f"{utc:%Y-%m-%d %H:%M:%S} UTC"
    shown = f"{utc:%H:%M:%S}.{utc.microsecond // 1000:03d} UTC" if shape == "clock" else whole
    machine = utc.replace(tzinfo=None).isoformat(timespec="milliseconds")
    return format_html(
        '<time datetime="{}Z" data-shape="{}" title="{}">{}</time>', machine, shape, whole, shown
    )


@register.filter
def rating(mu: float | None) -> str:
    """레이팅. 순위표처럼 반올림한 정수다."""
    return NOTHING if mu is None else f"{mu:.0f}"


@register.filter
def window(points: float) -> str:
    """레이팅 창. 다 열렸으면 수가 없다."""
    return _("누구나") if math.isinf(points) else f"±{points:.0f}"


@register.filter
def delta(change: float | None) -> SafeString | str:
    """오르내림. 색만으로 말하지 않도록 부호를 늘 붙인다."""
    if change is None:
        return NOTHING
    rounded = round(change)
    sign, tone = (PLUS, "up") if rounded > 0 else (MINUS, "down") if rounded < 0 else (LEVEL, "level")
    return format_html('<span class="delta {}">{}{}</span>', tone, sign, abs(rounded))


@register.filter
def short_id(identifier: str) -> str:
    """긴 번호의 앞과 뒤. UUIDv7은 앞이 시각이라 앞만으로는 갈리지 않는다."""
    return f"{identifier[:8]}…{identifier[-4:]}" if len(identifier) > 16 else identifier


@register.simple_tag
def copy_button(identifier: str) -> SafeString:
    """번호를 통째로 옮겨 적는 단추. 하는 일은 copy.js에 있다."""
    return format_html(
        '<button type="button" class="copy" data-copy="{}" data-done="{}" aria-label="{}">'
        '<span class="icon" aria-hidden="true">content_copy</span></button>',
        identifier,
        _("복사했습니다"),
        _("번호 복사: %(identifier)s") % {"identifier": short_id(identifier)},
    )


@register.filter
def percent(share: float) -> str:
    """0에서 1을 SVG와 CSS가 읽는 몫으로."""
    return f"{share * 100:.2f}%"


@register.filter
def share(part: float) -> str:
    """몫(0~1)을 사람이 읽는 백분율로. 100 %에 가까울수록 잘게 보인다."""
    digits = 3 if abs(part) > FINE_FROM else 1
    return f"{100 * part:.{digits}f}".rstrip("0").rstrip(".") + " %"


@register.filter
def times(multiple: float) -> str:
    """몇 배. 너무 큰 수는 뜻이 없어 그렇다고만 말한다."""
    if multiple >= TIMES_MAX:
        return _("%(most)d배 넘게") % {"most": TIMES_MAX}
    return _("%(multiple).1f배") % {"multiple": multiple}


@register.filter
def traced(trace_id: str) -> SafeString | str:
    """추적 번호. 추적 화면의 주소(HANPAN_TRACE_URL)를 알면 그리로 간다."""
    return trace_link(trace_id)


@register.filter
def status_name(status: str) -> str:
    """판의 상태."""
    return {
        "created": _("준비 중"),
        "running": _("진행 중"),
        "ended": _("반영 중"),
        "finalized": _("끝남"),
        "aborted": _("중단됨"),
    }.get(status, status)


@register.filter
def state_name(state: str) -> str:
    """서버의 상태."""
    return {
        "starting": _("시작 중"),
        "ready": _("준비됨"),
        "draining": _("드레인 중"),
        "drained": _("드레인 끝남"),
        "lost": _("하트비트 없음"),
        "reopening": _("다시 여는 중"),
    }.get(state, state)


@register.filter
def left_time(milliseconds: int) -> str:
    """남은 시간. 초까지만 말한다(server_fields.js의 seconds와 같다)."""
    return _("%(seconds)d초") % {"seconds": math.ceil(milliseconds / MS_PER_S)} if milliseconds else NOTHING


@register.filter
def roll_phase_name(phase: str) -> str:
    """갈아 끼우기에서 차례가 된 서버의 지금."""
    return {
        "pending": _("차례를 기다림"),
        "draining": _("드레인 중"),
        "returning": _("다시 뜨기를 기다림"),
        "opening": _("준비되기를 기다림"),
        "stopped": _("멈춤"),
        "aborted": _("그만둠"),
    }.get(phase, phase)


@register.filter
def roll_note(note: str) -> str:
    """갈아 끼우기가 남긴 말."""
    return note_in(note, get_language())


@register.filter
def whereabouts_name(state: str) -> str:
    """선수가 지금 있는 곳."""
    return {
        "away": _("대기열에도 판에도 없음"),
        "queued": _("대기열에서 기다림"),
        "playing": _("판에 있음"),
        "unknown": _("Redis가 답하지 않음"),
    }[state]


@register.filter
def reason_name(reason: str) -> str:
    """표가 기다리는 까닭."""
    return {
        "alone": _("함께할 사람 없음"),
        "out_of_window": _("창 밖"),
        "filling": _("더 올 사람을 기다림"),
        "no_server": _("받을 서버 없음"),
        "soon": _("곧 판이 됨"),
    }.get(reason, reason)


@register.filter
def verdict_name(result: str) -> str:
    """감사의 결과."""
    return {"allowed": _("허락"), "denied": _("거부"), "failed": _("실패")}.get(result, result)


@register.filter
def step_name(step: str) -> str:
    """한살이의 걸음."""
    return {
        "queued": _("대기열에 섬"),
        "created": _("판이 만들어짐"),
        "started": _("session에서 시작"),
        "ended": _("판이 끝남"),
        "finalized": _("MariaDB에 반영"),
        "rated": _("레이팅이 바뀜"),
    }[step]


@register.filter
def phase_name(phase: str) -> str:
    """한살이의 구간."""
    return {
        "waiting": _("기다림"),
        "starting": _("모이기"),
        "playing": _("두기"),
        "finalizing": _("결과 반영"),
    }[phase]


@register.filter
def server_load(server: ServerSeen) -> float:
    """서버의 찬 몫(0에서 100)."""
    return min(100.0, 100 * server.load / server.capacity) if server.capacity else 0.0
