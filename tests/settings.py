"""evochat's settings for tests in this process: those of `evochat.settings` in a clean environment.

Nothing the developer has set reaches a test, and the database is a SQLite file of the run's own: a file, since the
engine's threads have connections of their own, which a database in memory would not be shared with.
"""

import os

from tests.support.environment import clean_environment
from tests.support.guarded import temporary_directory

_directory = temporary_directory("tests")

_clean = clean_environment(
    {
        "DATABASE_URL": f"sqlite:///{_directory / 'evochat.sqlite3'}",
        "DJANGO_SECRET_KEY": "a-key-for-tests-alone-0123456789-abcdefghij-KLMNOPQRST",
        "DJANGO_INSECURE_HTTP": "1",
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
)
os.environ.clear()
os.environ.update(_clean)

from evochat.settings import *  # noqa: E402, F403
from evochat.settings import DATABASES, STORAGES  # noqa: E402

DATABASES["default"]["TEST"] = {"NAME": str(_directory / "test.sqlite3")}

# Made here: without the directory WhiteNoise warns, and warnings are errors.
STATIC_ROOT = _directory / "static"
STATIC_ROOT.mkdir()

# A login costs 0.2 s with the real hasher, which is its point; tests sign in by the hundred.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Templates render without a `collectstatic` before them.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
