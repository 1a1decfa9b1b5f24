"""manage.py import_price_page --matrix plan_matrix.csv --features features.csv --plans plans.csv [--dry-run]"""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from catalog.actions.price_page import Imported, import_page
from catalog.domain.csv_page import PageRefused
from catalog.domain.declarations import read_declarations
from catalog.domain.matrix import Matrix, read_matrix
from catalog.domain.plan_list import PlanRow, read_plans
from catalog.domain.values import TermState
from journal.domain.actor import SYSTEM, Actor
from journal.domain.refusal import Refusal

STATE_WORDS = {
    TermState.VALUE: "say a value",
    TermState.UNLIMITED: "unlimited",
    TermState.NOT_INCLUDED: "not included",
    TermState.SET_PER_CUSTOMER: "set per customer",
    TermState.UNSETTLED: "not settled yet",
    TermState.ADD_ON: "sold as an add-on",
}


class Command(BaseCommand):
    help = "Import a price page into drafts of its plans. Nothing is written unless every cell can be read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--matrix", type=Path, required=True, help="plans × features, as CSV")
        parser.add_argument("--features", type=Path, required=True, help="what each feature is, as CSV")
        parser.add_argument("--plans", type=Path, required=True, help="the plans with their prices, as CSV")
        parser.add_argument("--as", dest="by", metavar="EMAIL", help="the member of staff who imports; else the desk")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, and write nothing")

    def handle(self, *_: Any, **given: Any) -> None:
        by = _actor(given["by"])
        matrix, plans = _read(given["matrix"], given["features"], given["plans"])
        with transaction.atomic():
            try:
                imported = import_page(matrix=matrix, plans=plans, by=by, at=timezone.now())
            except Refusal as refusal:
                raise CommandError(refusal.message) from refusal
            if given["dry_run"]:
                transaction.set_rollback(True)
        self._tell(imported, dry_run=given["dry_run"])

    def _tell(self, imported: Imported, *, dry_run: bool) -> None:
        if not imported.changed:
            self.stdout.write("Nothing changed: the catalog says what the page says already.")
        else:
            would = "Would write" if dry_run else "Wrote"
            self.stdout.write(f"{would} {imported.features} features and {imported.cells} cells.")
            for draft in imported.drafts:
                self.stdout.write(f"  {'Would open' if dry_run else 'Opened'} {draft} as a draft.")
        for state, count in imported.states.items():
            self.stdout.write(f"{count:6} cells {STATE_WORDS[state]}")
        for feature in imported.gone:
            self.stdout.write(f"{feature} is no longer on the page; its cells stay as they are.")
        blocking = [cell for cell in imported.waiting if cell.blocks]
        self.stdout.write(f"{len(blocking)} cells wait for a person before the plans can be published:")
        for cell in blocking:
            said = f"“{cell.source_text}”" if cell.source_text else "nothing is said"
            self.stdout.write(f"  {cell.plan}, {cell.feature}: {said}")


def _actor(email: str | None) -> Actor:
    if email is None:
        return SYSTEM
    staff = get_user_model().objects.filter(email__iexact=email, is_active=True).first()
    if staff is None:
        raise CommandError(f"No active member of staff has the e-mail address {email}.")
    return staff.as_actor()


def _read(matrix: Path, features: Path, plans: Path) -> tuple[Matrix, tuple[PlanRow, ...]]:
    """The three files, typed; each is refused whole, with every mistake and its place."""
    listed = _refused_in(plans, lambda file: read_plans(file))
    declared = _refused_in(features, lambda file: read_declarations(file))
    names = [plan.name for plan in listed]
    return _refused_in(matrix, lambda file: read_matrix(file, declarations=declared, known_plans=names)), listed


def _refused_in(path: Path, read: Any) -> Any:
    try:
        with path.open("rb") as file:
            return read(file)
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error
    except PageRefused as refused:
        told = "\n".join(f"  {error}" for error in refused.errors)
        raise CommandError(f"{path.name} was refused; nothing was written.\n{told}") from refused
