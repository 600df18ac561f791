"""감사의 행위: 표에 적히는 이름이라 모양이 있고 겹치지 않는다."""

from __future__ import annotations

import re

from audit.actions import Action
from audit.models import AuditRecord


def test_every_action_reads_as_a_branch_a_target_and_a_verb() -> None:
    assert len(Action) > 5
    assert [action for action in Action if not re.fullmatch(r"[a-z]+\.[a-z_]+:[a-z_]+", action)] == []


def test_every_action_fits_its_column() -> None:
    limit = AuditRecord._meta.get_field("action").max_length
    assert max(map(len, Action)) <= limit
