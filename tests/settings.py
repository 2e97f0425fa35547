"""The product's settings, for tests that run inside pytest's process."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("COLLAB_SECRET_KEY", "only-for-tests-" + "x" * 40)
os.environ.setdefault("COLLAB_ORIGINS", "http://testserver")
os.environ.setdefault("COLLAB_EMAIL_VERIFICATION", "optional")

from collab.settings import *  # noqa: F403
from collab.settings import BASE_DIR, DATABASES, STORAGES

# A file of its own for each process: the servers that tests start open it too.
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    (BASE_DIR / "var").mkdir(exist_ok=True)
    DATABASES["default"]["TEST"] = {"NAME": str(BASE_DIR / "var" / f"test-{os.getpid()}.sqlite3")}
else:
    DATABASES["default"]["TEST"] = {"NAME": f"test_collab_{os.getpid()}"}

# Pages are tested without collected files; the servers that tests start use the real ones.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
PASSWORD_HASHERS = ["tests.harness.hasher.QuickHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

# Files that tests add; the servers that they start have the same.
MEDIA_ROOT = tempfile.mkdtemp(prefix="collab-media-")
atexit.register(shutil.rmtree, MEDIA_ROOT, ignore_errors=True)
