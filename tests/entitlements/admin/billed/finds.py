"""One finding of each kind, as it is found, and sending the forms about it."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BillingFinding
from journal.admin.base import version_of
from tests.entitlements.admin.reading import url
from tests.entitlements.factories import BillingFindingFactory
from tests.entitlements.world import AT

LINE = {"about": "Team", "theirs": "7 × Team, by the month", "ours": "5 × Team, by the month", "step": "become si_1 7"}
EVIDENCE: dict[FindingKind, dict[str, Any]] = {
    FindingKind.UNLINKED: {"theirs": {"price": "price_1", "product": "prod_1", "lookup_key": "team-monthly"}, "ours": None},
    FindingKind.DOUBTFUL: {
        "theirs": {"system": "console", "id": "cus_1", "name": "Acme BV", "email": "bea@acme.example", "country": "NL",
                   "own_id": ""},
        "ours": ["acme", "beta"],
    },
    FindingKind.NOT_SOLD: {"theirs": "3 × Team", "ours": "Team isn’t sold in the Netherlands."},
    FindingKind.REFUSED: {"ours": "The account is closed."},
    FindingKind.PUSH: {"theirs": "Console said no."},
    FindingKind.DRIFT: {"lines": [LINE], "steps": ["become si_1 7"]},
}  # fmt: skip
ABOUT = {FindingKind.UNLINKED: "price_1", FindingKind.DOUBTFUL: "cus_1", FindingKind.NOT_SOLD: "team",
         FindingKind.PUSH: "feature sso"}  # fmt: skip


def found(kind: FindingKind = FindingKind.DRIFT, *, days: int = 3, **more: Any) -> BillingFinding:
    told = {"about": ABOUT.get(kind, ""), "evidence": EVIDENCE[kind], "words": f"Of {kind.value}, 7 × Team is billed"}
    when = AT - timedelta(days=days)
    row = BillingFindingFactory(kind=kind, first_at=when, last_at=AT, **{**told, **more})
    return BillingFinding.objects.get(pk=row.pk)


def page(row: BillingFinding, name: str = "change") -> str:
    return url(f"billingfinding_{name}", row.pk)


def send(desk: Client, row: BillingFinding, name: str, **given: Any) -> HttpResponse:
    """Fill in the form as it is opened now, and press its button."""
    return desk.post(page(row, name), {"seen": version_of(row), **given})


def again(row: BillingFinding) -> BillingFinding:
    return BillingFinding.objects.get(pk=row.pk)
