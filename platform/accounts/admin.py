"""직원과 역할의 관리 화면. 역할의 권한은 코드의 표가 정하므로 보기만 한다."""

from __future__ import annotations

from typing import ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import Staff
from audit.read_only import ReadOnlyAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """역할."""

    filter_horizontal = ("permissions",)


@admin.register(Staff)
class StaffAdmin(UserAdmin, ModelAdmin):
    """직원. 지우지 않고 is_active를 끈다: 남은 기록이 가리킬 사람이 있어야 한다."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "is_active", "is_staff", "last_login")
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "is_superuser",
        "user_permissions",
        "last_login",
        "date_joined",
    )

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False
