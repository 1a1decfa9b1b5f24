"""Check that a dispute pack is whole, and that its acts are those of this desk's audit."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from entitlements.evidence.checking import check
from entitlements.evidence.packing import BrokenPack


class Command(BaseCommand):
    help = "Holds a dispute pack against its own list and against the audit; ends with 1 and names what is not right."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", help="The ZIP file.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checked = check(Path(options["file"]).read_bytes())
        except (OSError, BrokenPack) as error:
            raise CommandError(str(error)) from error
        for finding in checked.findings:
            self.stderr.write(finding)
        if checked.findings:
            raise CommandError(f"The pack is not what this desk drew up: {len(checked.findings)} finding(s).")
        assert checked.made is not None
        self.stdout.write(f"The pack is whole; its sum is {checked.checksum}.")
        self.stdout.write(
            f"{checked.made.actor_name} drew it up on {checked.made.at:%Y-%m-%d %H:%M} UTC, act #{checked.made.seq}."
        )
        self.stdout.write(f"Its {checked.events} acts and {checked.seals} seals are those of this desk.")
