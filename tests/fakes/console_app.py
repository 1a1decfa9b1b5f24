"""The pretended system, for desks that run in processes of their own: taking what it sends takes a moment."""

import time

from django.apps import AppConfig
from django.utils.timezone import now

MOMENT = 0.05


class ConsoleApp(AppConfig):
    name = "tests.fakes"
    label = "console_in_tests"

    def ready(self) -> None:
        from tests.fakes import console

        console.register()
        console.handling.does = _tells_once


def _tells_once(row: object) -> object:
    """Its own transaction finds out whether it was done before."""
    from journal.actions.notices import tell
    from journal.domain.receiving import Outcome

    time.sleep(MOMENT)
    once_key = f"took:{row.external_id}"  # type: ignore[attr-defined]
    made = tell(recipient="ada@desk.example", subject="x", body="x", once_key=once_key, kind="took", at=now())
    return Outcome("Told." if made else "It was told before.")
