"""The desk's settings with the peers' own apps beside it, for `python -m benchmarks.check --peers` only."""

from tests.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "flags", "waffle"]  # noqa: F405
FLAGS = {name: [{"condition": "boolean", "value": True}] for name in ("sso", *(f"feature_{n}" for n in range(59)))}
FLAG_SOURCES = ["flags.sources.SettingsFlagsSource"]  # its fastest: the other reads a table at each check
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
