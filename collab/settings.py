"""Every setting, from the environment. The README's table and `collab/checks.py` say the rest.

A secret has no default. Durations and sizes carry their unit in their name; a value out of bounds is a
system check with a hint, never a surprise at run time.
"""

from os import getpid
from pathlib import Path
from socket import gethostname
from typing import Any
from urllib.parse import urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# `make run` writes this file, outside git; a deployment sets the environment itself and has none.
DEVELOPMENT_ENV = BASE_DIR / "var" / "development.env"
if "COLLAB_SECRET_KEY" not in env.ENVIRON and DEVELOPMENT_ENV.exists():
    env.read_env(DEVELOPMENT_ENV)

SECRET_KEY = env.str("COLLAB_SECRET_KEY")
DEBUG = env.bool("COLLAB_DEBUG", default=False)

# --- Where people reach us: one list, from which everything about hosts and origins follows -----------------

COLLAB_ORIGINS: list[str] = [origin.rstrip("/") for origin in env.list("COLLAB_ORIGINS")]
_ORIGINS = [urlsplit(origin) for origin in COLLAB_ORIGINS]
ALLOWED_HOSTS = sorted({origin.hostname for origin in _ORIGINS if origin.hostname})
CSRF_TRUSTED_ORIGINS = COLLAB_ORIGINS
_HTTPS = bool(_ORIGINS) and all(origin.scheme == "https" for origin in _ORIGINS)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SECURE_SSL_REDIRECT = False  # the load balancer redirects; it alone knows the scheme that the person used
SECURE_HSTS_SECONDS = 31_536_000 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
# What `check --deploy` would rather have, and is not this product's to decide: to send everybody to https is the load
# balancer's (W008), and other names below this one may be served by somebody else, without https (W005, W021).
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SESSION_ENGINE = "collab.sessions"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "rooms.web.errors.csrf_failure"

# How many proxies stand in front and append to X-Forwarded-For. 0: nobody's header is believed.
COLLAB_PROXY_COUNT = env.int("COLLAB_PROXY_COUNT", default=0)
ALLAUTH_TRUSTED_PROXY_COUNT = COLLAB_PROXY_COUNT
if COLLAB_PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- The live part -------------------------------------------------------------------------------------------

# Rights of an edit: "database" reads them in the transaction that stores the edit, "grant" trusts what
# `open` read until the sweep reads it again.
COLLAB_EMIT_CHECK = env.str("COLLAB_EMIT_CHECK", default="database")
# The server pings this often and waits half as long for the answer: whoever closed the lid has left after
# one and a half heartbeats. Idle timeouts of load balancers must be longer than that.
COLLAB_HEARTBEAT_SECONDS = env.int("COLLAB_HEARTBEAT_SECONDS", default=20)
# How often each process asks the database for edits, titles and changes of access that reached it in no other way.
COLLAB_HEAL_SECONDS = env.float("COLLAB_HEAL_SECONDS", default=1.0)
# What receipts, beats and `/readyz` say is running.
COLLAB_VERSION = env.str("COLLAB_VERSION", default="0.1.0")
# What this process is called in receipts and, in a fleet, on pages. Each needs a name of its own.
COLLAB_INSTANCE = env.str("COLLAB_INSTANCE", default=f"{gethostname().partition('.')[0]}-{getpid()}")[:64]
# Several instances are meant to serve the same people: pages name the one that answers, and it says so when the
# others cannot be heard.
COLLAB_FLEET = env.bool("COLLAB_FLEET", default=False)
# Redis carries edits, presence and changes of access between instances at once. Without it the database does, a second
# later. Several deployments may share one Redis: each key and channel begins with the prefix.
REDIS_URL = env.str("REDIS_URL", default="")
COLLAB_REDIS_PREFIX = env.str("COLLAB_REDIS_PREFIX", default="collab")
# Told to stop, a process is unready for this long before it does anything else: two looks of a load balancer.
COLLAB_DRAIN_NOTICE_SECONDS = env.float("COLLAB_DRAIN_NOTICE_SECONDS", default=0.0)
# Then each client is given its own moment to leave: so many a second, and all within this time.
COLLAB_DRAIN_SECONDS = env.float("COLLAB_DRAIN_SECONDS", default=20.0)
COLLAB_DRAIN_PER_SECOND = env.float("COLLAB_DRAIN_PER_SECOND", default=100.0)
# How long after its start a process is cold, and lets in only so many clients a second. One that stands alone has
# nobody else to send them to.
COLLAB_WARMUP_SECONDS = env.float("COLLAB_WARMUP_SECONDS", default=15.0 if COLLAB_FLEET else 0.0)
COLLAB_CONNECTS_PER_SECOND = env.float("COLLAB_CONNECTS_PER_SECOND", default=200.0)
# How often each process reads again what its participants may do.
COLLAB_SWEEP_SECONDS = env.float("COLLAB_SWEEP_SECONDS", default=15.0)
# One update of one client. A pasted book is about 1 MB.
COLLAB_MAX_UPDATE_BYTES = env.int("COLLAB_MAX_UPDATE_BYTES", default=1_048_576)
# Yjs client ids under which one update may bring something new; each is a row. A page that was loaded again brings the
# words of those before it: a thousand reloads without a network.
COLLAB_MAX_UPDATE_WRITERS = env.int("COLLAB_MAX_UPDATE_WRITERS", default=1_000)
# A whole document: sixteen books. Browsers take seconds for it, and each process that has it open a multiple of it. At
# the bound it takes nothing new, and still all that makes it smaller.
COLLAB_MAX_DOCUMENT_BYTES = env.int("COLLAB_MAX_DOCUMENT_BYTES", default=16_777_216)
# Documents of one room: its page lists them all.
COLLAB_MAX_ROOM_DOCUMENTS = env.int("COLLAB_MAX_ROOM_DOCUMENTS", default=2_000)
# Rooms that one person started and owns: each of their pages lists them all.
COLLAB_MAX_ROOMS_PER_PERSON = env.int("COLLAB_MAX_ROOMS_PER_PERSON", default=500)
# Share links of one document that stand: the page of its links lists them all.
COLLAB_MAX_DOCUMENT_LINKS = env.int("COLLAB_MAX_DOCUMENT_LINKS", default=100)
# What may wait for one slow reader. Over it the socket is closed, and the client reads what it missed.
COLLAB_MAX_QUEUED_BYTES = env.int("COLLAB_MAX_QUEUED_BYTES", default=4_194_304)
# What may wait for the database, of everybody together: about a second of the most that a process takes. Beyond it
# clients keep their edits and come back. Bytes of memory: a letter has 20 bytes and takes 1,100.
COLLAB_MAX_PENDING_EDITS = env.int("COLLAB_MAX_PENDING_EDITS", default=20_000)
COLLAB_MAX_PENDING_BYTES = env.int("COLLAB_MAX_PENDING_BYTES", default=67_108_864)
# Sockets of one person in one process: twenty tabs on each of five devices.
COLLAB_MAX_SOCKETS_PER_PERSON = env.int("COLLAB_MAX_SOCKETS_PER_PERSON", default=100)
# Sockets in one document, in all processes. Each of them is sent every edit: a thousand are tested.
COLLAB_MAX_PEOPLE_PER_DOCUMENT = env.int("COLLAB_MAX_PEOPLE_PER_DOCUMENT", default=2_000)

# What one socket may send a second. Whoever was quiet for COLLAB_BURST_SECONDS may spend those at once, and all sockets
# of a person in one process may spend COLLAB_PERSON_RATES times as much. Beyond it the answer is `slow_down`, and our
# client sends it later. It never comes to that by itself, whatever is typed, pasted or open: the reasons say why.

# Our client sends the next edit of a document when the last one is committed, and commits begin 4 ms apart at least:
# 250 a second, if somebody could type like that. A held key is 30.
COLLAB_EDITS_PER_SECOND = env.float("COLLAB_EDITS_PER_SECOND", default=300.0)
# Ten of the largest updates at once; fifty pages that are pasted together are one of a third of that size.
COLLAB_EDIT_BYTES_PER_SECOND = env.float("COLLAB_EDIT_BYTES_PER_SECOND", default=1_048_576.0)
# Our client sends ten carets a second at most.
COLLAB_CURSORS_PER_SECOND = env.float("COLLAB_CURSORS_PER_SECOND", default=30.0)
# Opening is what costs most: rights are read, and the document is encoded. Our client opens once a connection, and not
# more than once a second to mend what is missing. With a burst, a person comes back with two hundred tabs.
COLLAB_OPENS_PER_SECOND = env.float("COLLAB_OPENS_PER_SECOND", default=5.0)
# Everything else: leaving, and whatever is not part of the protocol.
COLLAB_OTHER_EVENTS_PER_SECOND = env.float("COLLAB_OTHER_EVENTS_PER_SECOND", default=20.0)
COLLAB_BURST_SECONDS = env.float("COLLAB_BURST_SECONDS", default=10.0)
# People write in one tab at a time. Twenty of them that come back after a pause share what four may.
COLLAB_PERSON_RATES = env.float("COLLAB_PERSON_RATES", default=4.0)

# The head of a request, from its first byte or the connection's, within this time; its body within the same again ...
COLLAB_REQUEST_SECONDS = env.float("COLLAB_REQUEST_SECONDS", default=20.0)
# ... and a second more for each so many bytes of it that have come. The largest file takes a phone with one bar of
# signal, at 50 kB/s, nine minutes; whoever sends a byte a minute only holds a place.
COLLAB_SLOWEST_BYTES_PER_SECOND = env.int("COLLAB_SLOWEST_BYTES_PER_SECOND", default=4_096)
# Connections that have not said yet who they are: anybody can open one. A browser says it within a round trip, so a
# crowd of ten thousand that comes back has a few hundred of them at a time.
COLLAB_MAX_WAITING_SOCKETS = env.int("COLLAB_MAX_WAITING_SOCKETS", default=800)
# What is stored of a document is loaded by a process that may die of it before it is loaded here. One that takes more
# seconds of work than this, or more memory, is set apart. 260,000 edits take 0.03 s and 20 MB; the densest that fits
# into COLLAB_MAX_DOCUMENT_BYTES takes several seconds and more than 1 GB to be looked through.
COLLAB_LOAD_SECONDS = env.float("COLLAB_LOAD_SECONDS", default=30.0)
COLLAB_LOAD_BYTES = env.int("COLLAB_LOAD_BYTES", default=2_147_483_648)
# Snapshots of a document beside the newest one: what staff can restore when it cannot be loaded any more. Each takes as
# much room as the document.
COLLAB_KEPT_SNAPSHOTS = env.int("COLLAB_KEPT_SNAPSHOTS", default=3)

# --- Files that people add to documents ------------------------------------------------------------------------

# Where they are: a folder that nothing else serves. The instances of a fleet share one.
MEDIA_ROOT = env.str("COLLAB_MEDIA", default=str(BASE_DIR / "var" / "media"))
# Nobody else on the machine has to read them.
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
# What one request may hold in memory while it arrives; the rest waits on the disk. Many can arrive at a time.
FILE_UPLOAD_MAX_MEMORY_SIZE = 262_144
# One file. The load balancers of deploy/ let a little more through.
COLLAB_MAX_FILE_BYTES = env.int("COLLAB_MAX_FILE_BYTES", default=26_214_400)
# Width times height of a picture. A browser needs four bytes for each, whatever the file weighs.
COLLAB_MAX_IMAGE_PIXELS = env.int("COLLAB_MAX_IMAGE_PIXELS", default=100_000_000)
# All files of one room together.
COLLAB_MAX_ROOM_FILE_BYTES = env.int("COLLAB_MAX_ROOM_FILE_BYTES", default=2_147_483_648)

# --- Applications --------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "servestatic.runserver_nostatic",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",  # allauth's session and passkey pages answer 500 without it
    "csp",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "rooms",
    "collab.apps.CollabConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "rooms.web.middleware.StaticMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "rooms.web.middleware.LanguageMiddleware",
    "rooms.web.middleware.TextMiddleware",
    "rooms.web.middleware.ActorMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "rooms.web.middleware.RefusalMiddleware",
]

ROOT_URLCONF = "collab.urls"
ASGI_APPLICATION = "collab.asgi.application"

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
                "rooms.web.context.instance",
                "rooms.web.context.languages",
            ],
            "libraries": {"people": "rooms.web.tags", "bundle": "rooms.web.bundle"},
        },
    }
]

# --- Database ------------------------------------------------------------------------------------------------

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db_url("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'var' / 'db.sqlite3'}")
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # WAL lets readers and the one writer work at the same time. FULL syncs the log at every commit: an edit
    # that was acknowledged survives a power cut. IMMEDIATE takes the write lock at BEGIN, where waiting for it
    # is safe; a transaction that upgrades half-way would fail with "database is locked" instead.
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }
else:
    # Requests come in threads that end with them: a connection kept by a thread would never be used again, so
    # a pool keeps them. The live part holds four; pages share the rest.
    DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {"min_size": 2, "max_size": 16, "timeout": 10}
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True

# --- People --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "rooms.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_REDIRECT_URL = "/"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "rooms.web.accounts.AccountAdapter"
SOCIALACCOUNT_ADAPTER = "rooms.web.accounts.SocialAccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_DISPLAY = "rooms.web.accounts.display_name"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "rooms.web.accounts.NameForm"
ACCOUNT_EMAIL_VERIFICATION = env.str("COLLAB_EMAIL_VERIFICATION", default="mandatory")
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False  # the session at hand stays, every other one ends with the old hash
ACCOUNT_REAUTHENTICATION_REQUIRED = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Collab Rooms"
# Passkeys need https, except where the browser itself trusts the address: localhost.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _HTTPS
USERSESSIONS_TRACK_ACTIVITY = True

# Social sign-in: a provider appears once its id and secret are set.
SOCIALACCOUNT_PROVIDERS: dict[str, dict[str, Any]] = {}
# Where each sends people to sign in. Browsers apply form-action to the redirect that follows a form as well.
_PROVIDER_ORIGINS = {
    "google": "https://accounts.google.com",
    "github": "https://github.com",
    "gitlab": "https://gitlab.com",
    "microsoft": "https://login.microsoftonline.com",
}
_FORM_ORIGINS: list[str] = []
for _provider in _PROVIDER_ORIGINS:
    _client_id = env.str(f"COLLAB_{_provider.upper()}_CLIENT_ID", default="")
    if _client_id:
        _FORM_ORIGINS.append(_PROVIDER_ORIGINS[_provider])
        INSTALLED_APPS.append(f"allauth.socialaccount.providers.{_provider}")
        SOCIALACCOUNT_PROVIDERS[_provider] = {
            "APPS": [{"client_id": _client_id, "secret": env.str(f"COLLAB_{_provider.upper()}_SECRET"), "key": ""}]
        }
COLLAB_OIDC_URL = env.str("COLLAB_OIDC_URL", default="")
if COLLAB_OIDC_URL:
    _FORM_ORIGINS.append("{0.scheme}://{0.netloc}".format(urlsplit(COLLAB_OIDC_URL)))
    INSTALLED_APPS.append("allauth.socialaccount.providers.openid_connect")
    SOCIALACCOUNT_PROVIDERS["openid_connect"] = {
        "APPS": [
            {
                "provider_id": "oidc",
                "name": env.str("COLLAB_OIDC_NAME", default="Single sign-on"),
                "client_id": env.str("COLLAB_OIDC_CLIENT_ID"),
                "secret": env.str("COLLAB_OIDC_SECRET"),
                "settings": {"server_url": COLLAB_OIDC_URL},
            }
        ]
    }

# --- Mail ----------------------------------------------------------------------------------------------------

vars().update(env.email_url("EMAIL_URL", default="consolemail://"))
DEFAULT_FROM_EMAIL = env.str("COLLAB_MAIL_FROM", default="Collab Rooms <rooms@localhost>")

# --- Pages ---------------------------------------------------------------------------------------------------

# What whoever asks for a language that is not there reads. docs/languages.md says how to add one.
LANGUAGE_CODE = env.str("COLLAB_LANGUAGE", default="en")
# Each by its own name: whoever looks for it may not read any other.
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("es", "Español"), ("fr", "Français"), ("tr", "Türkçe")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "collab.formats"
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _HTTPS
TIME_ZONE = "UTC"
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
SERVESTATIC_ALLOW_ALL_ORIGINS = False  # no other site has a use for them
STATICFILES_DIRS = [(name, str(BASE_DIR / "static" / name)) for name in ("css", "img", "js", "dist")]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "servestatic.storage.CompressedManifestStaticFilesStorage"},
}
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'", *_FORM_ORIGINS],
        "frame-ancestors": ["'none'"],
    }
}

# --- Logs: ids and counts, never content, names or tokens ----------------------------------------------------

COLLAB_LOG_LEVEL = env.str("COLLAB_LOG_LEVEL", default="INFO")
# Lines of one kind within ten seconds. Beyond it they are counted: whoever sends a thousand bad frames a second, or a
# database that is away, must not fill the disk.
COLLAB_LOG_REPEATS = env.int("COLLAB_LOG_REPEATS", default=20)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"sparing": {"()": "collab.sparing.Sparing", "lines": COLLAB_LOG_REPEATS}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["sparing"]}},
    "root": {"handlers": ["stderr"], "level": COLLAB_LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": "INFO", "propagate": True},
        "django.server": {"handlers": [], "propagate": True},
        # Answered 400, and anybody can ask for any host: each would be a page of log.
        "django.security.DisallowedHost": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
