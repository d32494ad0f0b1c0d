"""Every setting, read from the environment or a `.env` file. docs/reference/settings.md lists them."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from vigie.core.environment import adopt_dotenv, database_from_url, environment_of_this_process
from vigie.core.errors import BadSetting
from vigie.core.keys import read_or_make_secret
from vigie.detection.detectors import default_detector
from vigie.detection.readers.settings import SECOND_VARIABLES, checked
from vigie.evidence.means import Means
from vigie.intake.doors.mailbox.accounts import read_accounts
from vigie.outbox.transports.smtp.transport import SmtpServer
from vigie.platforms.registry import registry

SITE = Path(__file__).parent
PACKAGE = SITE.parent

env = environment_of_this_process()

# --- where things are ----------------------------------------------------------------------------------------
VIGIE_DATA = env.folder("VIGIE_DATA", default=Path("var"))
VIGIE_DATA.mkdir(parents=True, exist_ok=True)
VIGIE_URL = env.web_address("VIGIE_URL", default="http://127.0.0.1:8000")
VIGIE_DEMO = env.boolean("VIGIE_DEMO")
VIGIE_DEMO_AGORA = env.text("VIGIE_DEMO_AGORA")  # where the demonstration's fictional network answers
VIGIE_PUBLIC_ORGANISATION = env.text("VIGIE_PUBLIC_ORGANISATION")  # slug; empty: the first that receives reports
VIGIE_EXTRA_PLATFORMS = env.text("VIGIE_EXTRA_PLATFORMS")
# Two rooms know nothing of Django and read these by themselves; a wrong value stops the start here.
adopt_dotenv("VIGIE_EXTRA_PLATFORMS", "VIGIE_LEXICON", *SECOND_VARIABLES)
if VIGIE_EXTRA_PLATFORMS:
    registry()
if env.text("VIGIE_LEXICON"):
    default_detector()
checked(env)  # the second reader: looked at, not loaded, since pages never use it

VIGIE_SECRET_KEY_FILE = Path(env.text("VIGIE_SECRET_KEY_FILE") or VIGIE_DATA / "keys" / "secret")
SECRET_KEY = read_or_make_secret(VIGIE_SECRET_KEY_FILE)
DEBUG = env.boolean("VIGIE_DEBUG")
_host = urlsplit(VIGIE_URL).hostname or "localhost"
ALLOWED_HOSTS = [_host, "127.0.0.1", "localhost", "[::1]", *env.words("VIGIE_HOSTS")]
CSRF_TRUSTED_ORIGINS = [VIGIE_URL]
_https = VIGIE_URL.startswith("https://")

# --- the rooms -----------------------------------------------------------------------------------------------
ROOMS = [
    "organisations",
    "casefile",
    "learning",
    "watch",
    "outbox",
    "intake",
    "evidence",
    "triage",
    "qualification",
    "notice",
    "followup",
    "insight",
    "site",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    *[f"vigie.{room}.apps.{room.title()}Config" for room in ROOMS],
    "allauth",
    "allauth.account",
    "allauth.mfa",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "vigie.site.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "vigie.site.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "vigie.organisations.web.gate.Membership",
    "vigie.learning.web.masking.OwnWordsMasked",
    "vigie.site.middleware.Refusals",
]
ROOT_URLCONF = "vigie.site.urls"
WSGI_APPLICATION = "vigie.site.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [SITE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vigie.site.context.house",
            ],
        },
    }
]

# --- memory --------------------------------------------------------------------------------------------------
_database_url = env.text("VIGIE_DATABASE_URL")
DATABASES = {
    "default": database_from_url(_database_url)
    if _database_url
    else {
        "ENGINE": "vigie.site.sqlite",
        "NAME": VIGIE_DATA / "vigie.sqlite3",
        "OPTIONS": {
            # One writer at a time, asked for at the start of the transaction, so that it waits its turn instead of
            # failing midway; synchronous=FULL: what was acknowledged survives a power cut.
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000; PRAGMA secure_delete=ON;",
        },
    }
}
DATABASES["default"]["CONN_MAX_AGE"] = 600  # seconds; a new connection reads anew how the tables are filled
CACHES = {
    # The limits count in it. Beyond its size rows are thrown out at random: too few, and a flood would wash them away.
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "vigie_cache",
        "OPTIONS": {"MAX_ENTRIES": 50_000},
    },
    # Pages that are the same for everybody, drawn once by each process.
    "drawn": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "TIMEOUT": 60,
        "OPTIONS": {"MAX_ENTRIES": 100},
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600  # seconds: a day at the desk
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024  # bytes of a form without its files
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

# --- sign-in -------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "organisations.Member"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "vigie.organisations.web.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # members are invited by their administrator, not signed up
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key", "receipt_failed": "10/10m/ip,100/10m/key"}
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_PASSKEY_SIGNUP_ENABLED = False
MFA_TOTP_ISSUER = "Vigie"
MFA_TOTP_TOLERANCE = 1  # of half a minute: a code typed as it changes still counts, once
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _https
LOGIN_URL = "/compte/login/"
LOGIN_REDIRECT_URL = "/bureau/"
LOGOUT_REDIRECT_URL = "/"

# --- mail ----------------------------------------------------------------------------------------------------
_security = env.text("VIGIE_SMTP_SECURITY", default="starttls")
if _security not in {"none", "starttls", "tls"}:
    raise BadSetting(f"VIGIE_SMTP_SECURITY={_security!r}: write none, starttls or tls.")
VIGIE_SMTP = SmtpServer(
    host=env.text("VIGIE_SMTP_HOST", default="127.0.0.1"),
    port=env.integer("VIGIE_SMTP_PORT", default=587, least=1, most=65535),
    security=_security,
    username=env.text("VIGIE_SMTP_USER"),
    password=env.text("VIGIE_SMTP_PASSWORD"),
    timeout_seconds=env.integer("VIGIE_SMTP_TIMEOUT", default=30, least=1),
    dkim_domain=env.text("VIGIE_DKIM_DOMAIN"),
    dkim_selector=env.text("VIGIE_DKIM_SELECTOR", default="vigie"),
    dkim_key_file=env.text("VIGIE_DKIM_KEY_FILE"),
)
# Answers to a notice are asked for at `local+N-XXXX-XXXX@domain`; off for mail servers without plus-addresses.
VIGIE_MAIL_PLUS_ADDRESSES = env.boolean("VIGIE_MAIL_PLUS_ADDRESSES", default=True)

EMAIL_HOST, EMAIL_PORT = VIGIE_SMTP.host, VIGIE_SMTP.port  # for the mails of sign-in alone: forgotten passwords
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = VIGIE_SMTP.username, VIGIE_SMTP.password
EMAIL_USE_TLS, EMAIL_USE_SSL = _security == "starttls", _security == "tls"
DEFAULT_FROM_EMAIL = env.text("VIGIE_FROM", default=f"vigie@{_host}")

# How long a worker may hold something before it counts as gone; longer than any single errand lasts.
VIGIE_LEASE = timedelta(seconds=env.integer("VIGIE_LEASE_SECONDS", default=120, least=1))

# --- doors ---------------------------------------------------------------------------------------------------
# Reports through the form without a proof of work: beyond that many in a minute they wait for a person.
VIGIE_UNPROVEN_PER_MINUTE = env.integer("VIGIE_UNPROVEN_PER_MINUTE", default=60)
VIGIE_IDENTITY_DAYS = env.integer("VIGIE_IDENTITY_DAYS", default=365, least=1)  # who reported is erased after that

# A case that nobody has touched for so long goes back to the queue, while it is new or in triage.
VIGIE_CLAIM_HOURS = env.integer("VIGIE_CLAIM_HOURS", default=8, least=1)

VIGIE_MAILBOXES = read_accounts(env.starting_with("VIGIE_MAILBOX"))
VIGIE_MAILBOX_EVERY = env.integer("VIGIE_MAILBOX_EVERY", default=10, least=1)  # seconds between two looks
VIGIE_MAILBOX_MAX_BYTES = env.integer("VIGIE_MAILBOX_MAX_MB", default=30, least=1) * 1024 * 1024

# --- the watch -----------------------------------------------------------------------------------------------
# When so many sightings wait on an association's wall, its sources wait too: nothing is lost, they are read later.
VIGIE_WATCH_BACKLOG = env.integer("VIGIE_WATCH_BACKLOG", default=20_000, least=10)
VIGIE_WATCH_SLICE_SECONDS = env.integer("VIGIE_WATCH_SLICE_SECONDS", default=2, least=1, most=30)

# --- captures ------------------------------------------------------------------------------------------------
VIGIE_CAPTURE_MEANS = Means.from_environment(env)
VIGIE_ALLOWED_FOR_TESTS = VIGIE_CAPTURE_MEANS.allowed_for_tests
VIGIE_IMPORT_MAX_BYTES = env.integer("VIGIE_IMPORT_MAX_MB", default=200, least=1) * 1024 * 1024
VIGIE_API_MAX_BYTES = env.integer("VIGIE_API_MAX_MB", default=70, least=1) * 1024 * 1024  # of one call, its files in it

# --- pages ---------------------------------------------------------------------------------------------------
# Processes of the web server: Python runs on one core in each. A laptop's two are enough for a national hotline.
VIGIE_WEB_PROCESSES = env.integer("VIGIE_WEB_PROCESSES", default=min(2, os.cpu_count() or 1), least=1, most=64)

# --- words, times, files -------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
FORMAT_MODULE_PATH = "vigie.site.formats"  # English with the day before the month
LANGUAGES = [("fr", _("français")), ("en", _("anglais"))]
USE_I18N = True
# The rooms that are no Django apps have sentences too.
LOCALE_PATHS = [PACKAGE / room / "locale" for room in ("core", "detection", "platforms")]
USE_TZ = True
TIME_ZONE = env.text("VIGIE_TIME_ZONE", default="Europe/Paris")  # of what people read; rows are UTC
STATIC_URL = "static/"
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
STATIC_ROOT = VIGIE_DATA / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # whitenoise warns of a folder that is not there
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# --- safety --------------------------------------------------------------------------------------------------
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"  # «no-referrer» makes forms say «Origin: null», which the CSRF check refuses
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31536000 if _https else 0
X_FRAME_OPTIONS = "DENY"
_behind_proxy = env.boolean("VIGIE_BEHIND_PROXY")
if _behind_proxy:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Where a request comes from, for the limits. What a visitor writes into these headers counts for nothing without them.
ALLAUTH_TRUSTED_PROXY_COUNT = env.integer("VIGIE_PROXIES", default=1 if _behind_proxy else 0, most=9)
ALLAUTH_TRUSTED_CLIENT_IP_HEADER = env.text("VIGIE_CLIENT_ADDRESS_HEADER") or None
SILENCED_SYSTEM_CHECKS = ["fields.W342"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": env.text("VIGIE_LOG_LEVEL", default="WARNING")},
    "loggers": {"vigie": {"level": env.text("VIGIE_LOG_LEVEL", default="INFO")}},
}
