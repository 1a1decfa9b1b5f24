"""`make scale`: 2 web processes, 2 workers and the clock, on PostgreSQL and Redis on this machine.

DATABASE_URL and REDIS_URL name them; where they don't, both are started from wheels for the while. Killing any one
process loses no acknowledged write and no job: rows are the truth, and the rest goes on.
"""

import argparse
import os
import subprocess
import sys
from contextlib import ExitStack

from config.embedded import postgres_url, redis_url
from config.supervisor import Program, celery, keep_alive, say, web, worker


def programs(*, port: int) -> list[Program]:
    return [web(port=port, workers=2), worker(1), worker(2), celery("clock", "beat", "--loglevel", "WARNING")]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--customers", type=int, default=240, help="how many invented customers the demo gets")
    given = parser.parse_args()
    with ExitStack() as stack:
        os.environ["DATABASE_URL"] = stack.enter_context(postgres_url())
        os.environ["CELERY_BROKER_URL"] = stack.enter_context(redis_url())
        for command in (["migrate", "--verbosity", "0"], ["load_demo", "--customers", str(given.customers)]):
            subprocess.run([sys.executable, "manage.py", *command], check=True)  # noqa: S603 — our own words
        say(f"Entitlement Desk on http://127.0.0.1:{given.port}: 2 web, 2 workers, PostgreSQL, Redis  (Ctrl-C ends it)")
        keep_alive(programs(port=given.port))


if __name__ == "__main__":
    main()
