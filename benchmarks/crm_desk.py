"""A desk of its own in a folder that goes away, connected with the pretended Salesforce of `benchmarks.crm_there`."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def folder() -> Iterator[Path]:
    """Before anything of the desk is imported: its settings read where it stands."""
    with tempfile.TemporaryDirectory() as made:
        os.environ |= {"DESK_VAR": made, "DJANGO_SETTINGS_MODULE": "config.settings", "DESK_LOG_LEVEL": "ERROR"}
        os.environ.pop("DATABASE_URL", None)
        import django
        from django.core.management import call_command

        django.setup()
        call_command("migrate", verbosity=0)
        yield Path(made)


class There:
    """The counterpart's process."""

    def __init__(self, *, companies: int, deals: int = 0) -> None:
        words = ["--companies", str(companies), "--deals", str(deals)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crm_there", *words], cwd=ROOT, text=True, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )  # fmt: skip
        self.told = self._heard()

    def do(self, what: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()
        answer = self._heard()
        assert not answer["faults"], answer["faults"][0]
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _heard(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        return dict(json.loads(self._process.stdout.readline()))


def connected(there: There) -> Any:
    """With everything switched on, and accounts opened for companies that nobody knows."""
    from django.utils.timezone import now

    from desk.actions.crm.setups import change, setup_of
    from desk.domain.crm.flows import Flow, FlowState
    from desk.integrations.crm.opening import opened
    from desk.models import CrmFlow
    from desk.queries.crm.setups import setup_token
    from journal.actions.connections import set_up
    from journal.domain.actor import SYSTEM
    from journal.domain.connection import Mode

    at, told = now(), there.told
    settings = {
        "login": "client_credentials", "domain": "demo-dev-ed.my.salesforce.com", "organisation": told["organisation"],
        "user": "", "consumer_key": told["consumer_key"], "base": told["base"],
    }  # fmt: skip
    secrets = {"consumer_secret": told["consumer_secret"], "push_token": "a-token-of-pushes-that-nobody-knows"}
    connection = set_up(
        vendor="salesforce", name="Sales", mode=Mode.TEST, settings=settings, secrets=secrets, by=SYSTEM, at=at
    )
    change(connection=connection, seen=setup_token(setup_of(connection)), opens_accounts=True, by=SYSTEM, at=at)
    with opened(connection, at=at) as crm:
        crm.set_up()
    for flow in Flow:
        CrmFlow.objects.create(connection=connection, flow=flow, state=FlowState.ACTIVE, state_at=at, next_run_at=at)
    return connection
