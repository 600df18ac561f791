"""/ops/api/의 주소."""

from __future__ import annotations

from django.urls import include, path

from accounts.access import GET, POST
from accounts.credentials.service_tokens import Scope
from accounts.permissions import StaffPermission
from accounts.secured import secured
from ops.api.base import AnyOperator, OperatorMay
from ops.api.rolls import RollAbortView, RollView
from ops.api.schema import OpsSchemaView
from ops.api.servers import DrainView, PreviewView, ServersView, UndrainView

SEE_SERVERS = OperatorMay(StaffPermission.SERVER_VIEW, Scope.FLEET_OPERATE)
FLEET_DECIDES = AnyOperator()

v1_patterns = [
    secured("servers", ServersView, {GET: SEE_SERVERS}),
    secured("servers/<str:server_id>/drain", DrainView, {POST: FLEET_DECIDES}),
    secured("servers/<str:server_id>/drain/preview", PreviewView, {GET: SEE_SERVERS}),
    secured("servers/<str:server_id>/undrain", UndrainView, {POST: FLEET_DECIDES}),
    secured("roll", RollView, {GET: SEE_SERVERS, POST: FLEET_DECIDES}),
    secured("roll/abort", RollAbortView, {POST: FLEET_DECIDES}),
]
urlpatterns = [
    secured("schema/", OpsSchemaView, {GET: SEE_SERVERS}),
    path("v1/", include(v1_patterns)),
]
