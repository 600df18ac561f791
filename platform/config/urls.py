"""platform의 모든 경로. /healthz, /readyz, /metrics는 config.application이 먼저 답한다."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularJSONAPIView

urlpatterns = [
    path("api/v1/", include("players.urls")),
    path("api/v1/", include("matches.urls")),
    path("api/schema/", SpectacularJSONAPIView.as_view(http_method_names=["get", "head"])),
    path("admin/", admin.site.urls),
    path("ops/api/v1/", include("ops.api.urls")),
    path("ops/", include("ops.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("play/", include("play.urls")),
    path("", include("front.urls")),
]

handler400 = "webserver.problems.bad_request"
handler403 = "webserver.problems.permission_denied"
handler404 = "webserver.problems.not_found"
handler500 = "webserver.problems.server_error"
