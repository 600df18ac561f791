"""직원과 역할의 관리 화면. 역할의 권한은 코드의 표가 정하므로 보기만 한다."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import Group
from django.utils.translation import pgettext_lazy
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from accounts.models import Staff
from accounts.permission_names import permission_list
from adminkit.read_only import ReadOnlyAdmin

admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(ReadOnlyAdmin):
    """역할."""

    fields = ("name", "held_permissions")
    readonly_fields = ("held_permissions",)

    @admin.display(description=pgettext_lazy("field", "권한"))
    def held_permissions(self, role: Group) -> str:
        """역할의 권한들."""
        return permission_list(role.permissions.select_related("content_type"))


@admin.register(Staff)
class StaffAdmin(UserAdmin, ModelAdmin):
    """직원. 지우지 않고 is_active를 끈다: 남은 기록이 가리킬 사람이 있어야 한다."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "is_active", "is_staff", "last_login")
    readonly_fields: ClassVar[tuple[str, ...]] = (
        "is_superuser",
        "single_permissions",
        "last_login",
        "date_joined",
    )

    @admin.display(description=pgettext_lazy("field", "따로 준 권한"))
    def single_permissions(self, staff: Staff) -> str:
        """역할 밖에서 준 권한들."""
        return permission_list(staff.user_permissions.select_related("content_type")) or "–"

    def get_fieldsets(self, request: Any, obj: Any = None) -> Any:
        """Django의 칸들에서 권한의 표만 우리 글로 바꾼다."""
        return [
            (title, {**options, "fields": tuple(map(_shown, options["fields"]))})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


def _shown(field: Any) -> Any:
    return "single_permissions" if field == "user_permissions" else field
