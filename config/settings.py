"""All settings, for every place the desk runs: what differs comes from the environment (12-factor)."""

import logging.config
from pathlib import Path
from typing import Any

from django.templatetags.static import static

from config import environment as env
from config.navigation import NAVIGATION
from config.schedule import SCHEDULE

BASE_DIR = Path(__file__).resolve().parent.parent
VAR = Path(env.text("DESK_VAR", str(BASE_DIR / "var")))

PRODUCTION = env.one_of("DESK_ENV", ("demo", "production")) == "production"
DEBUG = env.flag("DESK_DEBUG")
SECRET_KEY = env.secret("DESK_SECRET_KEY", kept_in=VAR / "secret_key", required=PRODUCTION)
# What seals secrets at rest (journal/vault.py): long texts, the newest first.
DESK_VAULT_KEYS = env.secret("DESK_VAULT_KEYS", kept_in=VAR / "vault_key", required=PRODUCTION).split(",")
ALLOWED_HOSTS = env.words("DESK_HOSTS", "" if PRODUCTION else "127.0.0.1,localhost,[::1]")
CSRF_TRUSTED_ORIGINS = env.words("DESK_ORIGINS")
DESK_URL = env.text("DESK_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",  # the skin without its own site; before the admin, for its templates
    "config.apps.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "simple_history",
    "ninja",
    "journal",
    "catalog",
    "entitlements",
    "support",
    "desk",
    "config.apps.RolesConfig",
]

MIDDLEWARE = [
    "config.api_errors.problems_under_api",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "config.zones.in_the_readers_zone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
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
            ],
        },
    },
]

DATABASES = {
    "default": env.database(env.text("DATABASE_URL")) if env.text("DATABASE_URL") else env.sqlite(VAR / "desk.sqlite3"),
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "journal.Staff"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
FORMAT_MODULE_PATH = ["config.formats"]

STATIC_URL = "static/"
STATIC_ROOT = VAR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
if not PRODUCTION:
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that isn't there
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "whitenoise.storage.CompressedManifestStaticFilesStorage"
            if PRODUCTION
            else "django.contrib.staticfiles.storage.StaticFilesStorage"
        ),
    },
}

# E-mail: a folder of files unless a server is named, so that the demo sends nothing to anybody.
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = int(env.text("EMAIL_PORT", "587"))
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'filebased'}.EmailBackend"
EMAIL_FILE_PATH = VAR / "mail"
DEFAULT_FROM_EMAIL = env.text("DESK_FROM_EMAIL", "Entitlement Desk <desk@localhost>")

# Celery carries nudges; rows are the truth. By default the broker is a folder, so that one machine needs no server.
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL", "filesystem://")
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {
        "data_folder_in": str(VAR / "broker" / "queue"),
        "data_folder_out": str(VAR / "broker" / "queue"),
        "processed_folder": str(VAR / "broker" / "done"),
        "control_folder": str(VAR / "broker" / "control"),
        "store_processed": False,
        # A busy worker looks again after this many seconds. At the library's 1.0 it takes fewer nudges than the clock
        # sends, so that each waits past its expiry and nothing goes out.
        "polling_interval": 0.1,
    }
    if CELERY_BROKER_URL.startswith("filesystem")
    else {}
)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_TIME_LIMIT = 600
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR / "beat-schedule")
CELERY_BEAT_SCHEDULE = SCHEDULE

# Requests a minute that a key may make where its own page says nothing else, and over how many web processes they
# spread (docs/adr/0018).
DESK_API_RATE = int(env.text("DESK_API_RATE", "6000"))
DESK_WEB_PROCESSES = int(env.text("DESK_WEB_PROCESSES", "1"))
# The share of granted checks whose whole trace is kept; of refusals it always is.
DESK_TRACE_GRANTS = float(env.text("DESK_TRACE_GRANTS", "0.01"))
# Where a customer buys what would allow what was refused: "https://shop.example/buy?account={account}&plan={plan}".
DESK_BUY_URL = env.text("DESK_BUY_URL", "")
# Whoever sends it as a bearer token reads figures at /metrics; empty: nobody does.
DESK_METRICS_TOKEN = env.text("DESK_METRICS_TOKEN", "")
# Whether no account here is of a real customer, so that what was bought to try out may be any account's (docs/stripe.md).
DESK_TRYING_OUT = env.flag("DESK_TRYING_OUT", default=not PRODUCTION)

# Private networks that webhooks may be sent to, such as "10.20.0.0/16"; none, so that nobody reaches inwards through us.
DESK_WEBHOOK_NETWORKS = env.words("DESK_WEBHOOK_NETWORKS")

# Where the classifier's model was made (`make weights`), and whether a language model may stand in the desk's own network.
DESK_MODELS = Path(env.text("DESK_MODELS", str(VAR / "models")))
DESK_INTAKE_PRIVATE_MODEL = env.flag("DESK_INTAKE_PRIVATE_MODEL", default=False)

SILENCED_SYSTEM_CHECKS: list[str] = []
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 60 * 60
if PRODUCTION:
    SECURE_SSL_REDIRECT = env.flag("DESK_SSL_REDIRECT", default=True)
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SECURE_REDIRECT_EXEMPT = ["^healthz$"]
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True

# The first keeps a file that is too large anyway from filling the disk.
FILE_UPLOAD_HANDLERS = [
    "catalog.imports.uploads.CappedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

LOGGING_CONFIG = None
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("DESK_LOG_LEVEL", "INFO")},
    # Whatever is asked for: Stripe's client tells of every question, with ids and e-mail addresses, and of whole bodies.
    "loggers": {"stripe": {"level": "WARNING"}, "urllib3": {"level": "WARNING"}},
}
logging.config.dictConfig(LOGGING)

UNFOLD: dict[str, Any] = {
    "SITE_TITLE": "Entitlement Desk",
    "SITE_HEADER": "Entitlement Desk",
    "SITE_SUBHEADER": "What each customer is entitled to",
    "SITE_SYMBOL": "verified_user",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("desk/favicon.svg")},
    ],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "STYLES": [lambda request: static("desk/desk.css")],
    "SCRIPTS": [lambda request: static("desk/focus.js")],
    "BORDER_RADIUS": "6px",
    # Unfold's own model search leaks names across permissions; the desk brings its own, bounded one.
    "COMMAND": {"search_models": False, "search_callback": "desk.admin.search.palette"},
    "SIDEBAR": {"show_search": False, "show_all_applications": False, "navigation": NAVIGATION},
}
