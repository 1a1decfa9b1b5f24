"""Whom a loan would reach and what it would do for each, before anybody presses the button. Nothing here writes.

Read in batches of accounts, so that a cohort costs so many reads for each 500 of them and not for each one.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cache

from django.db.models import Count, QuerySet

from catalog.domain.values import Nature
from catalog.domain.window import Window, end_through
from catalog.models import PlanVersion
from entitlements.domain.facts import Facts, Mode, OverrideFact, Standing
from entitlements.domain.lending import Candidate, Hosting, Obstacle, obstacle_of
from entitlements.domain.policy import Verdict, holds_down, rise_in_percent
from entitlements.domain.resolve import resolve
from entitlements.models import Account, Loan, Override, SubscriptionItem
from entitlements.queries.holdings import holdings, standings
from entitlements.queries.life.hosts import host_in
from entitlements.queries.life.item_preview import Difference, differences, ended_in, facts_with
from entitlements.queries.loans import LoanPart
from entitlements.queries.policies import judge_revocation
from entitlements.queries.preview import NOT_KEPT_YET
from entitlements.queries.selling.on_sale import version_to_sell
from entitlements.queries.selling.redeemed import is_sold
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import batch_reader, batches
from journal.domain.actor import Actor

A_YEAR = timedelta(days=365)
LOOKED_AT = 200


@dataclass(frozen=True, slots=True)
class Borrower:
    """One of those a loan is meant for; `host` is the subscription a lent item would stand in, by its id."""

    account: Account
    ends_at: datetime
    obstacle: Obstacle | None = None
    host: int | None = None

    @property
    def takes_part(self) -> bool:
        return self.obstacle is None


@dataclass(frozen=True, slots=True)
class LoanEffect:
    """What an account has otherwise by its part, from the moment the part begins, or ends."""

    account: Account
    differences: tuple[Difference, ...]


def meant_for(loan: Loan) -> QuerySet[Account]:
    """The account, or everybody in the cohort, by name."""
    if loan.account_id is not None:
        return Account.objects.filter(pk=loan.account_id)
    return Account.objects.filter(cohorts__cohort=loan.cohort_id).order_by("name", "pk")


def borrowers_of(loan: Loan, *, at: datetime, accounts: Sequence[Account] | None = None) -> tuple[Borrower, ...]:
    """Who takes part if it were lent at the moment, and why the others don't; or only of these accounts."""
    chosen = list(meant_for(loan).select_related("market")) if accounts is None else accounts
    return tuple(found for chunk in batches(chosen) for found in _borrowers(loan, chunk, at=at))


def _borrowers(loan: Loan, accounts: Sequence[Account], *, at: datetime) -> list[Borrower]:
    ids = [account.pk for account in accounts]
    standing = standings(account_ids=ids, at=at)
    held = {} if loan.plan is None else holdings(account_ids=ids, at=at)
    having = _having_part(loan, ids)
    starts_at, plan = max(loan.starts_at, at), loan.plan
    end_in = cache(lambda zone: end_through(loan.through_on, zone))
    sold_in = cache(lambda market_id: plan is not None and is_sold(plan, market_id=market_id, at=starts_at))
    found = []
    for account in accounts:
        hosting, host = (None, None) if plan is None else host_in(held[account.pk])
        candidate = Candidate(
            starts_at=starts_at,
            ends_at=end_in(account.zone),
            merged=account.merged_into_id is not None,
            closed=standing[account.pk] is Standing.CLOSED,
            hosting=hosting,
            sold=None if plan is None else sold_in(account.market_id),
            has_part=account.pk in having,
        )
        found.append(Borrower(account, candidate.ends_at, obstacle_of(candidate), _if_giving(hosting, host)))
    return found


def _if_giving(hosting: Hosting | None, host: int | None) -> int | None:
    return host if hosting is Hosting.GIVING else None


def _having_part(loan: Loan, ids: Collection[int]) -> frozenset[int]:
    if loan.pk is None:
        return frozenset()
    items = loan.items.filter(subscription__account_id__in=ids).values_list("subscription__account_id", flat=True)
    overrides = loan.overrides.filter(account_id__in=ids).values_list("account_id", flat=True)
    return frozenset(items) | frozenset(overrides)


def times_lent(loan: Loan, *, account_ids: Collection[int], at: datetime) -> dict[int, int]:
    """How often each account was lent this very plan in the last year, this loan left out."""
    rows = SubscriptionItem.objects.filter(
        loan__isnull=False, plan=loan.plan, subscription__account_id__in=account_ids, recorded_at__gt=at - A_YEAR
    ).exclude(loan=loan.pk)
    counted = rows.values_list("subscription__account_id").annotate(Count("loan", distinct=True)).order_by()
    return dict(counted)


def lent_version(loan: Loan, *, at: datetime) -> PlanVersion | None:
    """The version a lent plan would have; refused where none of it is on sale."""
    return None if loan.plan is None else version_to_sell(loan.plan, at)


def effects_of_lending(loan: Loan, borrowers: Sequence[Borrower], *, at: datetime) -> list[LoanEffect]:
    """What each of those who take part has, from the beginning of the loan, that it hasn't without."""
    taking = {found.account.pk: found for found in borrowers if found.takes_part}
    catalog, when = snapshot_catalog(Reader()), max(loan.starts_at, at)
    lent = _lending(loan, taking, catalog=catalog, at=at)
    return _effects([found.account for found in taking.values()], lent, catalog=catalog, when=when)


def rises_by_lending(loan: Loan, borrowers: Sequence[Borrower], *, at: datetime) -> dict[int, Decimal]:
    """By how much, at the most of any feature, each would have more than without anything lent, in percent."""
    taking = {found.account.pk: found for found in borrowers if found.takes_part}
    catalog, when = snapshot_catalog(Reader()), max(loan.starts_at, at)
    lent, rises = _lending(loan, taking, catalog=catalog, at=at), dict[int, Decimal]()
    for account, facts in facts_of_each([found.account for found in taking.values()], catalog=catalog):
        without = resolve(replace(facts, items=tuple(item for item in facts.items if not item.lent)), at=when)
        becomes = resolve(lent(facts, account), at=when)
        rises[account.pk] = max(
            rise_in_percent(base=without[key].value, becomes=found.value, shape=found.shape)
            for key, found in becomes.items()
        )
    return rises


def _lending(
    loan: Loan, taking: Mapping[int, Borrower], *, catalog: CatalogSnapshot, at: datetime
) -> Callable[[Facts, Account], Facts]:
    version, when = lent_version(loan, at=at), max(loan.starts_at, at)

    def lent(facts: Facts, account: Account) -> Facts:
        part = taking[account.pk]
        if version is None:
            return replace(facts, overrides=(*facts.overrides, _override_fact(loan, Window(when, part.ends_at))))
        item = _lent_item(loan, part, version=version, starts_at=when, at=at)
        return facts_with(account=account, adds=[item], ends={}, facts=facts, catalog=catalog)[1]

    return lent


def effects_of_recall(parts: Sequence[LoanPart], *, starts_at: datetime, at: datetime) -> list[LoanEffect]:
    """What each account has no more, or has again, once its part is taken back."""
    overrides = {str(part.row.pk) for part in parts if not isinstance(part.row, SubscriptionItem)}
    items = {part.row.pk: at for part in parts if isinstance(part.row, SubscriptionItem)}

    def taken_back(facts: Facts, account: Account) -> Facts:
        left = tuple(fact for fact in facts.overrides if fact.id not in overrides)
        return replace(ended_in(facts, items), overrides=left)

    accounts = [part.account for part in parts]
    return _effects(accounts, taken_back, catalog=snapshot_catalog(Reader()), when=max(starts_at, at))


def _effects(
    accounts: Sequence[Account],
    becomes: Callable[[Facts, Account], Facts],
    *,
    catalog: CatalogSnapshot,
    when: datetime,
) -> list[LoanEffect]:
    found = []
    for account, facts in facts_of_each(accounts, catalog=catalog):
        after = resolve(becomes(facts, account), at=when)
        found.append(LoanEffect(account, differences(resolve(facts, at=when), after)))
    return found


def facts_of_each(
    accounts: Sequence[Account], *, catalog: CatalogSnapshot | None = None
) -> Iterator[tuple[Account, Facts]]:
    """The facts of each account in turn, read for so many of them at once."""
    catalog = catalog or snapshot_catalog(Reader())
    for chunk in batches(accounts):
        reader = batch_reader(account.pk for account in chunk)
        for account in chunk:
            yield account, snapshot_facts(account.pk, reader=reader, catalog=catalog)


def _override_fact(loan: Loan, window: Window) -> OverrideFact:
    assert loan.feature is not None  # the database says so: what lends no plan lends a feature
    return OverrideFact(
        id=NOT_KEPT_YET,
        feature=loan.feature.key,
        mode=Mode(loan.mode),
        window=window,
        value=loan.value,
        reason=loan.reason,
    )


def _lent_item(
    loan: Loan, part: Borrower, *, version: PlanVersion, starts_at: datetime, at: datetime
) -> SubscriptionItem:
    assert part.host is not None  # whoever has none takes no part
    return SubscriptionItem(
        subscription_id=part.host,
        plan=loan.plan,
        version=version,
        quantity=loan.quantity,
        starts_at=starts_at,
        ends_at=part.ends_at,
        lent=True,
        recorded_at=at,
    )


def judge_recall(loan: Loan, parts: Sequence[LoanPart], *, by: Actor, at: datetime) -> Verdict:
    """Whether this person may take it back alone: of a denial or a cap that gives something back.

    A lent plan only ever adds. Of a loan of very many parts not each is looked at: where it could give anybody
    something back, whoever may approve concessions recalls it.
    """
    lasting = [part.row for part in parts if isinstance(part.row, Override) and part.lasts(at)]
    if by.may("entitlements.approve_concession") or not lasting or not _could_give_back(loan):
        return Verdict(within=True, because="You may recall this alone.")
    if len(lasting) > LOOKED_AT:
        return Verdict(within=False, because="Someone who may approve concessions has to recall it.")
    judged = (judge_revocation(override=row, by=by, at=at) for row in lasting)
    return next((found for found in judged if not found.within), Verdict(True, "You may recall this alone."))


def _could_give_back(loan: Loan) -> bool:
    if loan.feature is None:
        return False
    shape, mode = loan.feature.shape, Mode(loan.mode)
    return holds_down(mode, shape=shape) or (mode is Mode.REPLACE and shape.nature is not Nature.GATE)
