"""Features that customers have where they are billed and that nobody knows here: one finding each, not one a customer.

Every customer may meet the same one, so whoever has news of them waits at the connection first.
"""

from collections.abc import Iterator

from django.db.models import QuerySet

from entitlements.actions.billed.findings import note, settle
from entitlements.actions.billed.work import Noted
from entitlements.domain.billed.features import name_of, unknown_of
from entitlements.domain.billed.findings import ABOUT_FEATURE, FindingKind, FindingState
from entitlements.domain.billed.told import BilledFeatures, BilledFeatureTold
from entitlements.models import BillingFinding
from entitlements.queries.billed.told_features import Names
from journal.actions.deeds import Deed
from journal.models import Connection


def hold_for_news(connection: Connection, told: BilledFeatures, names: Names) -> None:
    """Lock the connection where a finding is to be opened or mended; before any account is."""
    standing = _findings(connection).filter(state__in=(FindingState.OPEN, FindingState.KEPT))
    about = set(standing.values_list("about", flat=True))
    if any(noted.about not in about for noted in _unknown(told)) or any(_known_now(connection, names)):
        Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def note_unknown(connection: Connection, told: BilledFeatures, names: Names, *, deed: Deed) -> None:
    """Note what nobody knows, and settle what is known by now, whoever has it."""
    for noted in _unknown(told):
        note(noted, connection=connection, billing_id="", account=None, deed=deed)
    for row in _known_now(connection, names):
        settle(row, FindingState.MENDED, reason="", deed=deed)


def _unknown(told: BilledFeatures) -> list[Noted]:
    return [_noted(name_of(one), one) for one in unknown_of(told)]


def _noted(name: str, one: BilledFeatureTold) -> Noted:
    """The words name no customer, so that each who has it says the same."""
    theirs = {"feature": one.feature, "lookup_key": one.lookup_key}
    words = f"Customers have the feature {name} at the billing, and it stands for nothing here"
    return Noted(FindingKind.UNLINKED, f"{ABOUT_FEATURE}{name}", words, {"theirs": theirs, "ours": None})


def _known_now(connection: Connection, names: Names) -> Iterator[BillingFinding]:
    for row in _findings(connection).filter(state=FindingState.OPEN).order_by("pk"):
        theirs = row.evidence["theirs"]
        if names.key(BilledFeatureTold("", theirs["feature"], theirs["lookup_key"])):
            yield row


def _findings(connection: Connection) -> QuerySet[BillingFinding]:
    return BillingFinding.objects.filter(
        connection=connection, kind=FindingKind.UNLINKED, billing_id="", about__startswith=ABOUT_FEATURE
    )
