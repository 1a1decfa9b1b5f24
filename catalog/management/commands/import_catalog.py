"""manage.py import_catalog sheet sheet.xlsx [--as EMAIL] [--dry-run] [--leave-out-wrong]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.actions.imports import apply, check, upload
from catalog.domain.files import read_capped
from catalog.domain.tables import TableRefused
from catalog.imports.tables import known_tables
from catalog.management.commands.import_price_page import _actor as actor_named
from catalog.models import ImportRun
from catalog.models.import_run import Stage, Verdict
from journal.actions.working import work_off
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

SHOWN = 50


class Command(BaseCommand):
    help = "Import records of the catalog from a CSV file or an Excel workbook: every row is checked first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(known_tables()), help="what the file holds")
        parser.add_argument("file", type=Path)
        parser.add_argument("--as", dest="by", metavar="EMAIL", help="the member of staff who imports; else the desk")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")
        parser.add_argument("--leave-out-wrong", action="store_true", help="write the other rows where some are wrong")

    def handle(self, *_: Any, **given: Any) -> None:
        by = actor_named(given["by"])
        try:
            run = self._checked(given["kind"], given["file"], by)
            if given["dry_run"] or not run.new + run.changed:
                return
            apply(run=run, whole=not given["leave_out_wrong"], by=by, at=timezone.now())
        except (Refusal, TableRefused) as refusal:
            raise CommandError(str(refusal)) from refusal
        except OSError as error:
            raise CommandError(f"{given['file']} can't be read: {error.strerror}.") from error
        work_off(at=timezone.now())
        run.refresh_from_db()
        if run.stage != Stage.APPLIED:
            raise CommandError(run.summary or "A worker is at it; look at the page of the import.")
        self.stdout.write(run.summary)

    def _checked(self, kind: str, path: Path, by: Actor) -> ImportRun:
        with path.open("rb") as file:
            data = read_capped(file)
        run = upload(kind=kind, file_name=path.name, data=data, by=by, at=timezone.now())
        run = check(run=run, mapping=run.mapping, by=by, at=timezone.now())
        self.stdout.write(f"{run.new} new, {run.changed} changed, {run.same} as they are, {run.wrong} wrong.")
        for row in run.rows.filter(verdict=Verdict.ERROR)[:SHOWN]:
            self.stdout.write(f"  Row {row.number}: {row.told}")
        return run
