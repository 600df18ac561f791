"""Django 설정. 값은 모두 env.py를 지나며, 여기서는 Django의 이름으로 옮기기만 한다."""

from __future__ import annotations

from environment.assembly import redis_settings
from environment.env import REPO_ROOT, env
from environment.secrets import read_secret
from environment.topology import own_region
from ops.theme import ADMIN_THEME
from players.identity.refresh_rules import RefreshRules
from players.limits import AdmissionRates
from redisstore.client import channel_layer_host
from webserver import cors_rules as cors

DEBUG = env.debug
SECRET_KEY = read_secret(env.keys_dir, "django-secret")
ALLOWED_HOSTS = list(env.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(env.allowed_origins)
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
AUTH_USER_MODEL = "accounts.Staff"
ANONYMOUS_USER_NAME = None  # guardian이 이름 없는 직원을 만들지 않게 한다
DATA_UPLOAD_MAX_MEMORY_SIZE = env.http_body_max_bytes
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
# 방식은 LB가 적은 것만 믿는다(ForwardedSchemeMiddleware). HSTS는 스스로 하는 답에도 싣는 LB가 맡는다.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# 밖의 주소가 https면 쿠키는 TLS로만 오간다.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = env.public_url.startswith("https://")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SILENCED_SYSTEM_CHECKS: list[str] = []

INSTALLED_APPS = [
    "daphne",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "guardian",
    "django_prometheus",
    "database",
    "audit",
    "accounts",
    "fleet",
    "players",
    "matches",
    "front",
    "bots",
    "ops",
    "play",
]

MIDDLEWARE = [
    "webserver.request_metrics.RequestsBeforeMiddleware",
    "webserver.cors.PlayerCorsMiddleware",
    "webserver.problems.FailureMiddleware",
    "players.forwarded_scheme.ForwardedSchemeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "webserver.language.ReaderLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "webserver.declared_views.DeclaredViewsMiddleware",
    "ops.late_orders.LateOrderMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "webserver.request_metrics.RequestsAfterMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [REPO_ROOT / "platform" / "ops" / "admin_templates"],  # unfold의 것보다 먼저 찾는다
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

_MIGRATING = env.db_role == "migrate"
# 제한의 순서: 행 잠금 < 문장 < 소켓 < RPC 기한. 안쪽이 먼저 끝나야 무엇이 늦었는지 안다.
_SESSION_SQL = (
    "SET SESSION sql_mode='STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', "
    f"innodb_lock_wait_timeout={env.db_lock_wait_s}, "
    f"max_statement_time={0 if _MIGRATING else env.db_statement_s}, "
    "idle_write_transaction_timeout=10"
)
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.mysql",
        "HOST": env.db_host,
        "PORT": env.db_port,
        "NAME": env.db_name,
        "USER": env.db_migrate_user if _MIGRATING else env.db_user,
        "PASSWORD": env.db_migrate_password if _MIGRATING else env.db_password,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "charset": "utf8mb4",
            "isolation_level": "read committed",
            "connect_timeout": env.db_connect_timeout_s,
            "read_timeout": 600 if _MIGRATING else env.db_read_timeout_s,
            "write_timeout": 600 if _MIGRATING else env.db_read_timeout_s,
            "init_command": _SESSION_SQL,
        },
        "TEST": {"CHARSET": "utf8mb4", "COLLATION": "utf8mb4_bin"},
    }
}

PASSWORD_HASHERS = ["accounts.credentials.hashers.BoundedArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
]
LOGIN_URL = "/admin/login/"
CSRF_FAILURE_VIEW = "webserver.problems.csrf_refused"

LANGUAGE_CODE = "ko"
LANGUAGES = [("ko", "한국어"), ("en", "English")]
USE_I18N = True
# 시계는 하나다: 서버는 늘 UTC로 말하고, 브라우저의 시간대로 바꾸는 일은 clock.js가 한다.
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = ["ops.formats"]
USE_TZ = True
STATIC_URL = "/static/"
STATICFILES_DIRS = [("hanpan", REPO_ROOT / "clients" / "js" / "src")]  # JS 클라이언트. /play/가 모듈로 읽는다
# 앱의 폴더에서 바로 준다. 모아 두는 단계(collectstatic)가 없어 두 런타임에서 똑같이 돈다.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["webserver.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "webserver.problems.exception_handler",
    "DEFAULT_METADATA_CLASS": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Hanpan API",
    "DESCRIPTION": "한 판은 정확히 한 번만 반영된다.",
    "VERSION": env.version,
    "OAS_VERSION": "3.1.0",  # 스키마가 곧 JSON Schema 2020-12라 실제 답을 그대로 검사할 수 있다
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/",  # 어느 주소들로 짓든 꼬리표(tags)가 같다
    # 같은 이름의 칸(status)에 값의 묶음이 둘이면 하나는 이름을 정해 주어야 한다.
    "ENUM_NAME_OVERRIDES": {"MatchStatusEnum": "matches.api.serializers.MATCH_STATUSES"},
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "webserver.openapi.add_problems",
        "webserver.openapi.tell_in_the_language_of_the_reader",
    ],
}
CORS_URLS_REGEX = cors.URLS
CORS_ALLOWED_ORIGINS = cors.origins_of(env.allowed_origins)
CORS_ALLOW_METHODS = cors.METHODS
CORS_ALLOW_HEADERS = cors.HEADERS
CORS_EXPOSE_HEADERS = cors.EXPOSED
CORS_PREFLIGHT_MAX_AGE = cors.MAX_AGE_S
UNFOLD = ADMIN_THEME
LOGGING_CONFIG = None

REDIS = redis_settings()

# 운영 화면의 살아 있는 값만 지나간다. 넘치면 조용히 버리므로 꼭 닿아야 하는 것은 싣지 않는다.
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [channel_layer_host(REDIS)], "prefix": "asgi:", "expiry": 10},
    }
}

_REGION = own_region()
# 한판의 앱들이 읽는 값. 앱은 environment를 모르고 django.conf.settings만 본다.
INSTANCE = env.instance
REGION = _REGION.name
DRAIN_GRACE_MS = env.drain_grace_ms
MATCHMAKING_ADDRESSES = _REGION.matchmaking_addresses
METRICS_TARGETS = env.metrics_targets
PROMETHEUS_URL = env.prometheus_url
TRACE_URL = env.trace_url
KEYS_DIR = env.keys_dir
DEVICE_SECRET = read_secret(env.keys_dir, "device-secret")
CURSOR_SECRET = SECRET_KEY.encode()
TRUSTED_PROXIES = env.trusted_proxies
PLAYER_ACCESS_TOKEN_TTL_S = env.access_token_ttl_s
PLAYER_REFRESH = RefreshRules(ttl_s=env.refresh_token_ttl_s, grace_s=env.refresh_grace_s)
PLAYER_REVOCATION_CACHE_S = env.revocation_cache_s
PLAYER_ADMISSION_RATES = AdmissionRates(
    guests_per_s=env.guests_per_s,
    guests_burst=env.guests_burst,
    refreshes_per_s=env.refreshes_per_s,
    refreshes_burst=env.refreshes_burst,
    refreshes_per_min_sign_in=env.refreshes_per_min_sign_in,
    login_failures_per_min=env.login_failures_per_min,
    login_failures_per_min_address=env.login_failures_per_min_address,
)
