"""Load a support promise from a sheet: `manage.py import_support_promise --targets support_targets.csv`."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Refusal
from journal.models import Staff
from support.actions.promise_import import import_promise
from support.actions.promise_sheet import LARGEST, SheetRefused, read_promise_sheet


class Command(BaseCommand):
    help = "Reads response targets by severity and support tier from a CSV file; all of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--targets", required=True, type=Path, help="The CSV file: severity, meaning, one tier each."
        )
        parser.add_argument("--as", dest="staff", default="", help="E-mail of the member of staff who imports it.")

    def handle(self, *, targets: Path, staff: str, **_: Any) -> None:
        try:
            imported = import_promise(sheet=read_promise_sheet(_content(targets)), by=_actor(staff), at=timezone.now())
        except SheetRefused as refused:
            faults = "\n".join(f"  {fault}" for fault in refused.faults)
            raise CommandError(f"{targets.name} was refused; nothing was written.\n{faults}") from refused
        except Refusal as refusal:
            raise CommandError(f"{refusal.message} Nothing was written.") from refusal
        self.stdout.write(f"{targets.name}: {imported.words}")


def _content(path: Path) -> bytes:
    """No more than can be judged too large: a huge file is refused without being read whole."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error


def _actor(email: str) -> Actor:
    if not email:
        return SYSTEM
    staff = Staff.objects.filter(email__iexact=email, is_active=True).first()
    if staff is None:
        raise CommandError(f"No active member of staff has the e-mail address {email}.")
    return staff.as_actor()
