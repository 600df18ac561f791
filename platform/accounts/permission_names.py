"""권한의 이름을 읽는 이의 언어로. 표(auth_permission)의 이름은 마이그레이션이 적은 글이라 보이지 않는다."""

from __future__ import annotations

from collections.abc import Iterable

from django.apps import apps
from django.contrib.auth.models import Permission
from django.utils.text import capfirst
from django.utils.translation import pgettext

from accounts.permissions import StaffPermission

_DEFAULTS = {
    "view": lambda model: pgettext("permission", "{model} 보기").format(model=model),
    "add": lambda model: pgettext("permission", "{model} 더하기").format(model=model),
    "change": lambda model: pgettext("permission", "{model} 고치기").format(model=model),
    "delete": lambda model: pgettext("permission", "{model} 지우기").format(model=model),
}


def permission_name(permission: Permission) -> str:
    """권한 하나의 이름. 모델에 적힌 것이면 그 글, Django가 만든 것이면 동작과 모델의 이름이다."""
    if permission.codename in set(StaffPermission):
        return str(StaffPermission(permission.codename).label)
    try:
        meta = apps.get_model(permission.content_type.app_label, permission.content_type.model)._meta
    except LookupError:  # 모델이 없어진 옛 권한
        return permission.codename
    for codename, label in meta.permissions:
        if codename == permission.codename:
            return str(label)
    action, _, _ = permission.codename.partition("_")
    told = _DEFAULTS.get(action)
    return told(meta.verbose_name) if told is not None else permission.codename


def permission_list(permissions: Iterable[Permission]) -> str:
    """이름들을 글자 차례로 한 줄에."""
    return ", ".join(sorted(capfirst(permission_name(permission)) for permission in permissions))
