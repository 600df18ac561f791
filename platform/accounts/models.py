"""직원의 표. 처음부터 우리 모델이라 뒤에 칸을 더할 수 있다."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.utils.translation import pgettext_lazy


class Staff(AbstractUser):
    """운영 화면에 들어오는 직원 한 사람. 할 수 있는 일은 역할(그룹)이 정한다."""

    class Meta(AbstractUser.Meta):
        db_table = "staff"
        verbose_name = pgettext_lazy("model", "직원")  # type: ignore[assignment]
        verbose_name_plural = pgettext_lazy("models", "직원")  # type: ignore[assignment]
