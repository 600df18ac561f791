"""platform의 모든 경로. /healthz, /readyz, /metrics는 config.application이 먼저 답한다."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from accounts.access import ANYONE, GET, POST
from accounts.secured import secured, secured_site
from front.public_schema import PublicSchemaView

site_patterns, site_app, site_name = admin.site.urls

urlpatterns = [
    path("api/v1/", include("players.urls")),
    path("api/v1/", include("matches.urls")),
    secured("api/schema/", PublicSchemaView, {GET: ANYONE}),
    path("admin/", (secured_site(site_patterns, opened={"login"}), site_app, site_name)),
    path("ops/api/", include("ops.api.urls")),
    path("ops/", include("ops.urls")),
    secured("i18n/setlang/", set_language, {GET: ANYONE, POST: ANYONE}, name="set_language"),
    path("play/", include("play.urls")),
    path("", include("front.urls")),
]

handler400 = "webserver.problems.bad_request"
handler403 = "webserver.problems.permission_denied"
handler404 = "webserver.problems.not_found"
handler500 = "webserver.problems.server_error"
