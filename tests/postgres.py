"""Run a Python module with DATABASE_URL naming a PostgreSQL: the one given, else an embedded one for the while.

python -m tests.postgres pytest tests
"""

import os
import subprocess
import sys

from config.embedded import postgres_url


def main() -> int:
    with postgres_url() as url:
        environment = os.environ | {"DATABASE_URL": url, "DESK_TEST_DATABASE": "postgresql"}
        return subprocess.run([sys.executable, "-m", *sys.argv[1:]], env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
