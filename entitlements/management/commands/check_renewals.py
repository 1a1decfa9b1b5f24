"""Prove that nothing ends unnoticed; for a cron job or a check before a release."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from entitlements.actions.renewals.proving import prove_renewals
from entitlements.queries.renewals.ends import look_ahead
from entitlements.queries.renewals.proof import ends_without_owner

MOST_DAYS = 36_500


class Command(BaseCommand):
    help = (
        "Names every end that has neither a renewal, nor a recorded decision, nor an open task with an owner; "
        "ends with 1 where there is any. Without --within what it finds is kept, and the list of renewals shows it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--within", type=int, help="So many days ahead; as far as tasks are opened if left out.")

    def handle(self, *args: Any, **options: Any) -> None:
        days = options["within"]
        if days is not None and not 0 <= days <= MOST_DAYS:
            raise CommandError(f"Say 0 to {MOST_DAYS} days.")
        within, at = look_ahead() if days is None else timedelta(days=days), timezone.now()
        lacking = prove_renewals(at=at) if days is None else ends_without_owner(at=at, within=within)
        for one in lacking:
            self.stderr.write(one.words)
        ahead = "day" if within.days == 1 else f"{within.days} days"
        if lacking:
            ends = f"{len(lacking)} end{'' if len(lacking) == 1 else 's'}"
            raise CommandError(f"{ends} of the next {ahead}, or past and undecided, with nobody who looks after it.")
        self.stdout.write(f"Every end of the next {ahead} has a renewal, a decision, or a task with an owner.")
