"""The desk's settings with the addresses of the naive baseline, for the server that `http_check` and `usage` measure against."""

from tests.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.naive"
