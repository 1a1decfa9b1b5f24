"""`make run CRM=salesforce` or `CRM=hubspot`: a pretended CRM beside the desk, as a process of its own on this machine.

It needs no key and writes to nobody. Its keys are made once and kept beside the demo's other secrets; its companies bear
the names and domains of the demo's customers, and what becomes of its deals is kept in the demo's folder.

`python -m config.crm_counterpart hubspot --base http://127.0.0.1:12113` is the demo's own step: it connects the desk,
once both are there.
"""

import argparse
import json
import os
import sys
from dataclasses import dataclass
from datetime import date
from importlib import import_module

from django.conf import settings

from config import environment as env
from config.counterpart import base_of, wait_for
from config.supervisor import Program, say
from desk.demo.pipeline import dealings

KEY, PUSHES = "COUNTERPART_KEY", "COUNTERPART_SECRET"


@dataclass(frozen=True, slots=True)
class Pretended:
    """A CRM that can be pretended: its name, and how it is told whom to tell of changes."""

    words: str
    tells: str


KNOWN = {"salesforce": Pretended("Salesforce", "--callout"), "hubspot": Pretended("HubSpot", "--webhook")}


def programs(crm: str, *, port: int, desk: str) -> list[Program]:
    """The counterpart of this CRM, which goes on where it ended the last time, and what connects the desk with it."""
    if settings.PRODUCTION:
        raise SystemExit("A pretended CRM is for trying out; it isn’t started where DESK_ENV is production.")
    one, records = KNOWN[crm], settings.VAR / "crm_records.json"
    records.write_text(json.dumps(dealings(today=date.today())))  # noqa: DTZ011 — the demo's own day
    told = ["--port", str(port), one.tells, f"{desk}/hooks/{key_of(crm)}", "--records", str(records)]
    kept = ["--state", str(settings.VAR / f"{crm}.state"), "--quiet"]
    command = [sys.executable, "-m", f"tests.fakes.{crm}", *told, *kept]
    connecting = [sys.executable, "-m", "config.crm_counterpart", crm, "--base", base_of(port)]
    return [
        Program(f"the pretended {one.words}", command, keys(crm)),
        Program(f"the connection with {one.words}", connecting, keys(crm), once=True),
    ]


def key_of(crm: str) -> str:
    """The end of the address that the desk is told at."""
    return f"{crm}-demo"


def keys(crm: str) -> dict[str, str]:
    """What opens it, and what proves its pushes: made once, told by the environment and in no command."""
    return {KEY: _made(crm, "key"), PUSHES: _made(crm, "pushes")}


def _made(crm: str, purpose: str) -> str:
    name = f"{crm}_{purpose}"
    made = env.secret(f"DESK_{name.upper()}", kept_in=settings.VAR / name, required=False)
    return "".join(one for one in made if one.isalnum())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("crm", choices=tuple(KNOWN))
    parser.add_argument("--base", required=True)
    given = parser.parse_args()
    wait_for(given.base)
    import django

    django.setup()
    from django.utils.timezone import now

    from desk.integrations.crm.demo import prepare

    demo = import_module(f"desk.integrations.{given.crm}.demo")
    made = {"key": key_of(given.crm), "opens": os.environ[KEY], "pushes": os.environ[PUSHES]}
    prepare(demo.connect(base=given.base, at=now(), **made), months=demo.MONTHS, at=now())
    say(
        f"{KNOWN[given.crm].words} is pretended on {given.base}: what its won deals become waits at the desk, under CRM, to be tried and switched on."
    )


if __name__ == "__main__":
    main()
