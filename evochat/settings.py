"""Settings of evochat, all from the environment (docs/protocol.md, "Settings by environment")."""

from pathlib import Path
from typing import Any, cast

from csp.constants import NONCE, NONE, SELF

from evochat import environment as env
from evochat.secret_key import kept_secret_key

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# -- The process ---------------------------------------------------------------------------------

DEBUG = env.flag("DJANGO_DEBUG")
INSECURE_HTTP = env.flag("DJANGO_INSECURE_HTTP", default=DEBUG)
SECRET_KEY = env.text("DJANGO_SECRET_KEY") or kept_secret_key(VAR_DIR / "secret_key")
ALLOWED_HOSTS = env.listed("DJANGO_ALLOWED_HOSTS", ("localhost", "127.0.0.1", "[::1]"))
CSRF_TRUSTED_ORIGINS = env.listed("DJANGO_CSRF_TRUSTED_ORIGINS")

ROOT_URLCONF = "evochat.urls"
ASGI_APPLICATION = "evochat.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "csp",
    "chat",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
# Those all of our own words exist in (scripts/languages.py): one of Django's alone would be a mixture.
LANGUAGES = [("en", "English"), ("ru", "Русский")]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 31_536_000
TIME_ZONE = "UTC"
USE_TZ = True

# -- Database and channel layer ------------------------------------------------------------------

_SQLITE: dict[str, Any] = {
    "CONN_MAX_AGE": None,
    "OPTIONS": {
        # A reader never waits for the writer, writers queue at BEGIN instead of failing at their first
        # write; synchronous=NORMAL survives kill -9, not a power cut.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    },
}
# No pool: the engine's threads keep their connections (chat/threads.py), requests are few. psycopg's pool
# waits ever longer between attempts, and would still wait when the database has long been back.
_POSTGRESQL: dict[str, Any] = {
    "ENGINE": "evochat.postgresql",
    "OPTIONS": {
        "connect_timeout": 3,
        # A peer that is gone without a word (milliseconds).
        "tcp_user_timeout": 10_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": "-c statement_timeout=30s -c lock_timeout=4s"
        # A statement whose client has given up on it must not go on holding locks.
        " -c client_connection_check_interval=2s"
        # Of a process that was frozen inside a transaction: its locks must not outlive its lease.
        " -c idle_in_transaction_session_timeout=5s"
        # And of one whose machine has gone without a word.
        " -c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3",
    },
}

VAR_DIR.mkdir(exist_ok=True)
_database = env.database("DATABASE_URL", VAR_DIR / "evochat.sqlite3")
_defaults = _SQLITE if str(_database["ENGINE"]).endswith("sqlite3") else _POSTGRESQL
_options = {**_defaults["OPTIONS"], **cast("dict[str, Any]", _database.get("OPTIONS", {}))}
_engine = {"ENGINE": _defaults.get("ENGINE", _database["ENGINE"])}
DATABASES = {"default": {**_defaults, **_database, **_engine, "OPTIONS": _options}}

REDIS_URL = env.url("REDIS_URL", ("redis://", "rediss://", "unix://"))
# There is no "default" layer: sockets own no channel, only the Hub does (chat/hub.py).
CHANNEL_LAYERS: dict[str, Any] = {}
if REDIS_URL:
    CHANNEL_LAYERS["hub"] = {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # redis-py 8 sets a 5 s socket time-out of its own, under which an idle subscription dies.
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": None}], "prefix": "evochat"},
    }

# -- Who -----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "chat.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "chat.accounts.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

# -- HTTP ----------------------------------------------------------------------------------------

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of ours add to X-Forwarded-For: so far from its end stands the client's address.
ALLAUTH_TRUSTED_PROXY_COUNT = env.whole("TRUSTED_PROXIES", 0, at_least=0)
SECURE_SSL_REDIRECT = not INSECURE_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if INSECURE_HTTP else 31_536_000
SECURE_HSTS_INCLUDE_SUBDOMAINS = not INSECURE_HTTP
SECURE_HSTS_PRELOAD = not INSECURE_HTTP
SESSION_COOKIE_SECURE = not INSECURE_HTTP
CSRF_COOKIE_SECURE = not INSECURE_HTTP
LANGUAGE_COOKIE_SECURE = not INSECURE_HTTP
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "evochat_session"
CSRF_COOKIE_NAME = "evochat_csrf"
LANGUAGE_COOKIE_NAME = "evochat_language"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        # An answer may name any image: fetching it would tell its host who reads what.
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("DJANGO_STATIC_ROOT") or BASE_DIR / "staticfiles")
_NODE_MODULES = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    (f"npm/{name}", _NODE_MODULES / folder)
    for name, folder in (
        ("marked", "marked/lib"),
        ("dompurify", "dompurify/dist"),
        ("highlight", "@highlightjs/cdn-assets/es"),
        ("katex", "katex/dist"),
        ("chart", "chart.js/dist"),
    )
    if (_NODE_MODULES / folder).is_dir()
]
STATICFILES_FINDERS = [
    "evochat.static_files.ServedFilesFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = DEBUG

# -- Evolution -----------------------------------------------------------------------------------

EVOLUTION_BASE_URL = env.url("EVOLUTION_BASE_URL", ("http://", "https://"))
EVOLUTION_API_KEY = env.text("EVOLUTION_API_KEY")
EVOLUTION_KEY_ID = env.text("EVOLUTION_KEY_ID")
EVOLUTION_SECRET = env.text("EVOLUTION_SECRET")
EVOLUTION_TOKEN_URL = env.url(
    "EVOLUTION_TOKEN_URL", ("http://", "https://"), "https://iam.api.cloud.ru/api/v1/auth/token"
)
EVOLUTION_MODEL = env.text("EVOLUTION_MODEL")
if EVOLUTION_API_KEY and EVOLUTION_KEY_ID:
    env.refuse("EVOLUTION_API_KEY", "give it, or EVOLUTION_KEY_ID with EVOLUTION_SECRET, not both")
if bool(EVOLUTION_KEY_ID) != bool(EVOLUTION_SECRET):
    env.refuse("EVOLUTION_KEY_ID", "it and EVOLUTION_SECRET belong together")
# Without any of them answers come from a small local model (local_model/).
EVOLUTION_IS_SET = bool(EVOLUTION_BASE_URL or EVOLUTION_API_KEY or EVOLUTION_KEY_ID)
EVOLUTION_BASE_URL = EVOLUTION_BASE_URL or "https://foundation-models.api.cloud.ru/v1"
# Which of the listed models people may choose; all of them without it.
EVOLUTION_MODELS = env.listed("EVOLUTION_MODELS")
EVOLUTION_TITLES = env.flag("EVOLUTION_TITLES", default=True)
EVOLUTION_MAX_PARALLEL = env.whole("EVOLUTION_MAX_PARALLEL", 20)
EVOLUTION_FIRST_CHUNK_TIMEOUT = env.seconds("EVOLUTION_FIRST_CHUNK_TIMEOUT", 90)
EVOLUTION_CONNECT_TIMEOUT = env.seconds("EVOLUTION_CONNECT_TIMEOUT", 10)
EVOLUTION_TOTAL_TIMEOUT = env.seconds("EVOLUTION_TOTAL_TIMEOUT", 600)
EVOLUTION_IDLE_TIMEOUT = env.seconds("EVOLUTION_IDLE_TIMEOUT", 30)

# -- Generating ----------------------------------------------------------------------------------

GENERATE_IN = env.choice("GENERATE_IN", "web", ("web", "worker"))
DELTA_WINDOW_MS = env.whole("DELTA_WINDOW_MS", 50)
DATABASE_OUTAGE_TIMEOUT = env.seconds("DATABASE_OUTAGE_TIMEOUT", 60)
USER_MAX_GENERATIONS = env.whole("USER_MAX_GENERATIONS", 3)
USER_MAX_QUEUED = env.whole("USER_MAX_QUEUED", 20)
USER_MESSAGES_PER_MINUTE = env.whole("USER_MESSAGES_PER_MINUTE", 30)
MESSAGE_MAX_CHARS = env.whole("MESSAGE_MAX_CHARS", 100_000)

# -- Keeping -------------------------------------------------------------------------------------

# What `manage.py purge` removes; 0: for ever.
RETENTION_DAYS = env.whole("RETENTION_DAYS", 0, at_least=0)
ACCESS_RETENTION_DAYS = env.whole("ACCESS_RETENTION_DAYS", 0, at_least=0)
EXPORT_RETENTION_DAYS = env.whole("EXPORT_RETENTION_DAYS", 0, at_least=0)

# -- Who reads what was said ---------------------------------------------------------------------

ACCESS_REASON = env.choice("ACCESS_REASON", "off", ("off", "optional", "required"))
ACCESS_SHOWN = env.flag("ACCESS_SHOWN")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "daphne": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "httpx": {"level": "WARNING"},
        "httpx2": {"level": "WARNING"},
        # Without Redis it writes a traceback each second; the link says once that it hears nothing.
        "channels_redis": {"level": "CRITICAL"},
    },
}
