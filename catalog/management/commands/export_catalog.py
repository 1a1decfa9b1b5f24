"""manage.py export_catalog sheet --to sheet.xlsx [--as EMAIL]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from catalog.actions.exports import export
from catalog.imports.rendering import Form
from catalog.imports.tables import known_tables
from catalog.management.commands.import_price_page import _actor as actor_named
from journal.domain.refusal import Refusal


class Command(BaseCommand):
    help = "Write records of the catalog to a CSV file or an Excel workbook, by the end of its name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=list(known_tables()), help="which records")
        parser.add_argument("--to", type=Path, required=True, help="the file, ending in .csv or .xlsx")
        parser.add_argument("--as", dest="by", metavar="EMAIL", help="the member of staff who exports; else the desk")

    def handle(self, *_: Any, **given: Any) -> None:
        path: Path = given["to"]
        if path.suffix.removeprefix(".") not in list(Form):
            raise CommandError(f"{path.name}: let the name end in .csv or .xlsx.")
        form = Form(path.suffix.removeprefix("."))
        try:
            data = export(kind=given["kind"], form=form, by=actor_named(given["by"]), at=timezone.now())
        except Refusal as refusal:
            raise CommandError(refusal.message) from refusal
        path.write_bytes(data)
        self.stdout.write(f"Wrote {path}.")
