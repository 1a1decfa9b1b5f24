"""Check that nobody tampered with the audit."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from journal.domain.chain import Mark
from journal.models import AuditEvent
from journal.queries.audit import verify

UNSEEN = """\
What this cannot see: an end of the audit that was cut off together with its seals.
To see that too, hold the last seal of the log against it: find the last line of the logger journal.seal there,
"sealed <number>:<digest>", and run: manage.py verify_audit --sealed <number>:<digest>"""


class Command(BaseCommand):
    help = "Walks the whole audit; ends with 1 and names the events that were altered, removed, swapped or put in."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--sealed",
            metavar="NUMBER:DIGEST",
            help="A seal as the log tells it; with it even an end cut off together with its seals is found.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        findings = verify(known_seal=_mark(options["sealed"]))
        for finding in findings:
            self.stderr.write(str(finding))
        if findings:
            raise CommandError(
                f"The audit is not whole: {len(findings)} finding(s), the first at event {findings[0].seq}."
            )
        self.stdout.write(f"The audit is whole: {AuditEvent.objects.count()} events.")
        if options["sealed"] is None:
            self.stdout.write(UNSEEN)


def _mark(text: str | None) -> Mark | None:
    if text is None:
        return None
    seq, _, digest = text.partition(":")
    if not seq.isdigit() or not digest:
        raise CommandError("Write the seal as the log does: the number of the event, a colon, the digest.")
    return Mark(int(seq), digest)
