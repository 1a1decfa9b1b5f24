"""The features that a system which bills says a customer has become what is had here, where the billing decides.

What was told is kept whole, so that it can be followed again when a feature gets a name there, without asking anybody.
The order of locks is connection, account, customer, as everywhere in this folder.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from catalog.models import Feature
from entitlements.actions.billed.findings import note, settle, settle_gone
from entitlements.actions.billed.following import NOTHING, PASSED_OVER, Followed
from entitlements.actions.billed.tickets import claim
from entitlements.actions.billed.unknown_features import hold_for_news, note_unknown
from entitlements.actions.billed.work import Noted
from entitlements.actions.catching_up import answers_before
from entitlements.actions.changes import Answers, journal_changes
from entitlements.actions.locking import lock_all, refuse_merged
from entitlements.actions.subscriptions import require_seller
from entitlements.domain.billed.features import DecidedFeatures, FeatureDrift, FeatureHere, decide_features
from entitlements.domain.billed.findings import ABOUT_FEATURE, FindingKind, FindingState
from entitlements.domain.billed.told import BilledCustomer, BilledFeatures
from entitlements.models import Account, BilledFeature, BillingFinding, FeaturesTold
from entitlements.queries.billed.told_features import (
    Names,
    account_here,
    features_here,
    held_by,
    keyed,
    names_of,
    open_rows,
    told_of,
)
from journal.actions.deeds import Deed, begin, keep, record
from journal.domain.actor import Actor
from journal.domain.refusal import Stale
from journal.models import Connection

CAUSE = "The billing says so"
HAD = "given by the billing"
DOUBT = "{0} has features at the billing, and nobody knows whose account it is."


@dataclass(frozen=True, slots=True)
class _Look:
    """What one look works on; `account` None: nobody knows whose the customer is."""

    row: FeaturesTold
    told: BilledFeatures
    names: Names
    account: Account | None
    rows: Sequence[BilledFeature]
    deed: Deed


@transaction.atomic
def follow_features(
    *, connection: Connection, told: BilledFeatures, ticket: int, by: Actor, at: datetime,
    customer: BilledCustomer | None = None,
) -> Followed:  # fmt: skip
    """Followed which features a customer has where it is billed: rows were opened and ended, all of them or none.

    `ticket` was taken before anybody looked (`tickets.take_features_ticket`). `customer` is who it is there, for a person
    to say whose it is; it is needed only where no account is known.
    """
    require_seller(by)
    if _row(connection, told.customer).applied >= ticket:
        return Followed(PASSED_OVER, "", applied=False)
    look = _held(connection, told, by=by, at=at)
    if not claim(look.row, ticket):
        return Followed(PASSED_OVER, "", applied=False)
    look.row.told, look.row.told_at = _kept(told), at
    look.row.save()
    return _followed(look, customer)


@transaction.atomic
def follow_features_again(*, connection: Connection, customer: str, by: Actor, at: datetime) -> Followed:
    """Followed once more what was told last of a customer's features, since what they are called changed here."""
    require_seller(by)
    before = _row(connection, customer)
    look = _held(connection, told_of(before), by=by, at=at)
    if look.row.applied != before.applied:
        return Followed(PASSED_OVER, "", applied=False)
    return _followed(look, None)


def _row(connection: Connection, customer: str, *, hold: bool = False) -> FeaturesTold:
    rows = FeaturesTold.objects.select_related("connection")
    rows = rows.select_for_update(of=("self",)) if hold else rows
    return rows.get(connection=connection, customer=customer)


def _held(connection: Connection, told: BilledFeatures, *, by: Actor, at: datetime) -> _Look:
    """Everything that is to be changed, locked: also accounts which had something by a customer that is another's now."""
    names = names_of(connection)
    told = keyed(told, names)
    hold_for_news(connection, told, names)
    account = account_here(connection, told.customer)
    ids = {row.account_id for row in open_rows(connection, told.customer)} | ({account.pk} if account else set())
    locked = lock_all(ids)
    if account is not None:
        account = locked[account.pk]
        refuse_merged(account)
    row = _row(connection, told.customer, hold=True)
    rows = list(open_rows(connection, told.customer).select_related("feature", "account").order_by("pk"))
    if {one.account_id for one in rows} - ids:
        raise Stale("The customer has just moved to another account. Look again.")
    return _Look(row, told, names, account, rows, begin(by=by, at=at))


def _kept(told: BilledFeatures) -> list[dict[str, str]]:
    """Without our keys: what a feature is called there may become another's name here."""
    return [{name: text for name, text in asdict(one).items() if name != "key"} for one in told.features]


# Doing it ---------------------------------------------------------------------------------------------------------
def _followed(look: _Look, customer: BilledCustomer | None) -> Followed:
    account, at = look.account, look.deed.at
    note_unknown(look.row.connection, look.told, look.names, deed=look.deed)
    if account is None:
        return _without_account(look, customer)
    holders = {account.pk: account} | {row.account_id: row.account for row in look.rows}
    answers = {pk: answers_before(account=holder, at=at) for pk, holder in holders.items()}
    here = features_here(look.names, answers[account.pk], at=at)
    decided = decide_features(look.told, held_by(row for row in look.rows if row.account_id == account.pk), here)
    changes = _written(look, account, decided, here)
    for key, changed in changes.items():
        _tell(key, changed, look, answers[key.pk])
    noted = [_drift(one, look.told) for one in decided.drifts]
    words = _say(changes.get(account, {}))
    return Followed(words, account.key, applied=True, findings=_noted(look, noted))


def _written(
    look: _Look, account: Account, decided: DecidedFeatures, here: Mapping[str, FeatureHere]
) -> Mapping[Account, dict[str, list[str | None]]]:
    """The rows, and what was written about whom, by the names of features."""
    changes: dict[Account, dict[str, list[str | None]]] = {}
    for row in look.rows:
        if row.account_id != account.pk or row.pk in decided.ends:
            row.ends_at = max(look.deed.at, row.starts_at)
            changes.setdefault(row.account, {})[row.feature.name] = [HAD, None]
        elif row.pk in (decided.renamed or {}):
            row.billing_id = (decided.renamed or {})[row.pk]
        else:
            continue
        keep(row, deed=look.deed)
    features = {row.key: row for row in Feature.objects.filter(key__in=[one.key for one in decided.opens])}
    for one in decided.opens:
        new = BilledFeature(
            account=account, connection=look.row.connection, customer=look.told.customer, feature=features[one.key],
            billing_id=one.billing_id, starts_at=look.deed.at,
        )  # fmt: skip
        keep(new, deed=look.deed)
        changes.setdefault(account, {})[here[one.key].name] = [None, HAD]
    return changes


def _tell(account: Account, changed: dict[str, list[str | None]], look: _Look, before: Answers) -> None:
    event = record(
        look.deed, "account:follow_features", subject=account, account_key=account.key, changes=changed
    )  # fmt: skip
    journal_changes(account=account, before=before, at=look.deed.at, cause=CAUSE, event=event)


def _say(changed: Mapping[str, Sequence[str | None]]) -> str:
    given = sorted(name for name, (_, after) in changed.items() if after is not None)
    taken = sorted(name for name, (_, after) in changed.items() if after is None)
    told = (("Given", given), ("Taken", taken))
    return "; ".join(f"{word}: {', '.join(names)}" for word, names in told if names) or NOTHING


# Telling it -------------------------------------------------------------------------------------------------------
def _without_account(look: _Look, customer: BilledCustomer | None) -> Followed:
    """Nobody knows whose it is: nothing is given, and it is doubtful only where something would be."""
    here = features_here(look.names, {}, at=look.deed.at)
    would = [one.key for one in look.told.features if one.key in here and here[one.key].by_billing]
    noted = list(_doubt(look.told, customer)) if would else []
    return Followed(NOTHING, "", applied=True, findings=_noted(look, noted))


def _doubt(told: BilledFeatures, customer: BilledCustomer | None) -> Iterator[Noted]:
    who = customer or BilledCustomer(system=told.system, id=told.customer, name=told.customer)
    theirs = {"system": who.system, "id": who.id, "name": who.name, "email": who.email, "country": who.country}
    evidence = {"theirs": theirs | {"own_id": who.own_id}, "ours": []}
    yield Noted(FindingKind.DOUBTFUL, who.id, DOUBT.format(who.name or who.id), evidence)


def _drift(one: FeatureDrift, told: BilledFeatures) -> Noted:
    theirs, ours = one.sides
    step = f"feature {one.key}: {theirs}"
    line = {"about": one.name, "theirs": theirs, "ours": ours, "step": step}
    evidence = {"lines": [line], "steps": [step], "customer": told.customer}
    return Noted(FindingKind.DRIFT, f"{ABOUT_FEATURE}{one.key}", one.words, evidence)


def _noted(look: _Look, noted: Sequence[Noted]) -> tuple[str, ...]:
    """What is about the customer alone stands under its id."""
    connection, customer = look.row.connection, look.told.customer
    kinds = (FindingKind.DOUBTFUL, FindingKind.DRIFT)
    settle_gone(connection=connection, billing_id=customer, kinds=kinds, still=noted, deed=look.deed)
    _let_go(connection, customer, {one.about for one in noted}, deed=look.deed)
    rows = [
        note(one, connection=connection, billing_id=customer, account=look.account, deed=look.deed) for one in noted
    ]
    return tuple(row.words for row in rows)


def _let_go(connection: Connection, customer: str, still: Collection[str], *, deed: Deed) -> None:
    """What somebody kept is over once both say the same, so that it is found anew where they differ again."""
    kept = BillingFinding.objects.filter(
        connection=connection, billing_id=customer, kind=FindingKind.DRIFT, state=FindingState.KEPT
    )
    for row in kept.exclude(about__in=still).select_related("account").order_by("pk"):
        settle(row, FindingState.GONE, reason="", deed=deed)
