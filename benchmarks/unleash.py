"""Unleash as a neighbour to measure against: its server from npm, in a folder and a database that go afterwards.

Only when asked (`python -m benchmarks.http_check --unleash`): installing it takes a minute or two, and a PostgreSQL.
The last version that runs on Node 20. It has as many flags as the benchmark has gates, all on for everybody, and answers them all by `/api/frontend`.
"""

import json
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.serving import SERVER_CORE, _until_it_answers, pinned
from config.embedded import free_port, postgres_url

VERSION = "7.6.5"
FRONTEND = "default:development.desk-frontend"
ADMIN = "*:*.desk-admin"
START = "require('unleash-server').start({{server: {{port: {port}, host: '127.0.0.1'}}}})"


@contextmanager
def unleash(flags: int) -> Iterator[str]:
    """The address of its frontend, by which all its flags are answered."""
    if shutil.which("npm") is None:
        raise SystemExit("Measuring against Unleash needs Node.js with npm.")
    with tempfile.TemporaryDirectory(prefix="desk-unleash-") as folder, _database() as database:
        subprocess.run(
            ["npm", "install", "--silent", "--no-audit", "--no-fund", f"unleash-server@{VERSION}"],
            cwd=folder, check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        port = free_port()
        environment = {
            **database, "DATABASE_SSL": "false", "INIT_FRONTEND_API_TOKENS": FRONTEND,
            "INIT_ADMIN_API_TOKENS": ADMIN, "LOG_LEVEL": "error", "CHECK_VERSION": "false", "SEND_TELEMETRY": "false",
            "NODE_ENV": "production",
        }  # fmt: skip
        command = [*pinned(SERVER_CORE), "node", "-e", START.format(port=port)]
        process = subprocess.Popen(command, cwd=folder, env=os.environ | environment, stdout=subprocess.DEVNULL)
        try:
            base = f"http://127.0.0.1:{port}"
            _until_it_answers(f"{base}/health", process)
            for number in range(flags):
                _switch_on(base, f"gate_{number}")
            _until_all_are_told(f"{base}/api/frontend?userId=held-7", flags)
            yield f"{base}/api/frontend?userId=held-7"
        finally:
            process.terminate()
            process.wait(20)


def _switch_on(base: str, name: str) -> None:
    features = f"{base}/api/admin/projects/default/features"
    _post(features, {"name": name, "type": "permission"})
    of_environment = f"{features}/{name}/environments/development"
    _post(f"{of_environment}/strategies", {"name": "default", "parameters": {}, "constraints": []})
    _post(f"{of_environment}/on", {})


def _post(url: str, body: dict[str, Any]) -> None:
    headers = {"Authorization": ADMIN, "Content-Type": "application/json"}
    request = urllib.request.Request(url, data=json.dumps(body).encode(), headers=headers, method="POST")
    urllib.request.urlopen(request, timeout=30).close()


def _until_all_are_told(url: str, flags: int) -> None:
    """It takes a moment until its frontend knows what its administration was told."""
    for _ in range(120):
        request = urllib.request.Request(url, headers={"Authorization": FRONTEND})
        with urllib.request.urlopen(request, timeout=30) as answer:
            if len(json.load(answer)["toggles"]) == flags:
                return
        time.sleep(0.5)
    raise TimeoutError("Unleash doesn't tell all of its flags.")


@contextmanager
def _database() -> Iterator[dict[str, str]]:
    """A database of its own, as its server wants to be told of it."""
    name = f"desk_unleash_{free_port()}"
    with postgres_url() as url:
        told = conninfo_to_dict(url)
        with psycopg.connect(url, autocommit=True) as admin:
            admin.execute(f'CREATE DATABASE "{name}"')
        try:
            yield {
                "DATABASE_HOST": str(told.get("host", "127.0.0.1")), "DATABASE_PORT": str(told.get("port", 5432)),
                "DATABASE_USERNAME": str(told.get("user", "postgres")), "DATABASE_NAME": name,
                "DATABASE_PASSWORD": str(told.get("password", "none")),
            }  # fmt: skip
        finally:
            with psycopg.connect(url, autocommit=True) as admin:
                admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def asking() -> str:
    """The wrk script that asks it."""
    return f'wrk.headers["Authorization"] = "{FRONTEND}"'
