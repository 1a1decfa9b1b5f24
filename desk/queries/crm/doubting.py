"""What is known here that makes a deal doubtful though it can be read. Nothing is written."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from catalog.domain.values import Combine, PlanKind, Scaling
from catalog.models import Plan, PlanTerm
from desk.domain.crm.deciding import Told
from desk.domain.crm.doubting import (
    Alike,
    on_several_lines,
    same_sale,
    say_held,
    say_no_standing,
    say_same,
    say_twice,
    sold_by,
)
from desk.domain.crm.findings import CrmFindingKind
from desk.domain.crm.told import Deal, DealState
from desk.domain.crm.wanted import PlanPromise, Wanted
from desk.models import CrmDeal
from desk.queries.crm.made import kept_promises
from entitlements.domain.facts import Phase, Standing
from entitlements.models import Account, AccountStanding, SubscriptionItem
from entitlements.queries.merged import merged_into
from journal.models import Connection
from journal.vendors import vendor_of


def sold_elsewhere(connection: Connection, account: Account, deal: Deal, found: Wanted) -> str:
    """Why it is the same sale as one that another CRM told of; empty where it isn't. What is only tried out is none."""
    rows = CrmDeal.objects.filter(account__in=[account, *merged_into(account)], state=DealState.WON)
    rows = rows.exclude(connection=connection).filter(connection__mode=connection.mode)
    rows = rows.exclude(Q(agreed={}) & Q(trial_made={})).select_related("connection", "contract")
    other = same_sale(deal.name, found, (_alike(row) for row in rows.order_by("pk")))
    return "" if other is None else say_same(other)


def _alike(row: CrmDeal) -> Alike:
    vendor = vendor_of(row.connection.vendor)
    promises = kept_promises(row.agreed.get("promises"))
    made = f"contract {row.contract.key}" if row.contract is not None and promises else "a longer trial"
    sells = sold_by(promises.values(), trial=bool(row.trial_made))
    return Alike(vendor.words if vendor is not None else row.connection.name, row.name, sells, made)


def doubts(account: Account, found: Wanted, row: CrmDeal | None, *, at: datetime) -> Iterator[Told]:
    """What is told of a deal that is done all the same."""
    standing = AccountStanding.objects.filter(account=account, starts_at__lte=at).order_by("-starts_at").first()
    if standing is not None and standing.standing != Standing.OPEN:
        words = say_no_standing(str(account), Standing(standing.standing).value)
        yield Told(CrmFindingKind.DOUBTED, "standing", words)
    plans = {one.what.plan for one in found.promises if isinstance(one.what, PlanPromise)}
    names = dict(Plan.objects.filter(key__in=plans).values_list("key", "name")) if plans else {}
    for key, where in _held(account, plans, row, at=at):
        yield Told(CrmFindingKind.DOUBTED, f"held {key}", say_held(names.get(key, key), where))
    for key, quantities in on_several_lines(found.promises).items():
        if _greatest_counts(key, at=at):
            yield Told(CrmFindingKind.DOUBTED, f"twice {key}", say_twice(names.get(key, key), quantities))


def _held(account: Account, plans: set[str], row: CrmDeal | None, *, at: datetime) -> Iterator[tuple[str, str]]:
    """By which contract before this deal's, or elsewhere, each plan is held; a trial is there to become a contract."""
    lasts = (Q(ends_at=None) | Q(ends_at__gt=at)) & (Q(subscription__ends_at=None) | Q(subscription__ends_at__gt=at))
    items = SubscriptionItem.objects.filter(lasts, subscription__account=account, plan__key__in=plans)
    items = items.filter(Q(contract_line__isnull=False) | ~Q(subscription__billed_by=""))
    if row is not None and row.contract_id is not None:
        after = Q(contract_line__version__contract__gte=row.contract_id)
        items = items.exclude(Q(contract_line__isnull=False) & after)
    trying = Q(subscription__phases__phase=Phase.TRIAL, subscription__phases__ends_at__gt=at)
    found: dict[str, str] = {}
    rows = items.exclude(trying).select_related("plan", "subscription", "contract_line__version__contract")
    for item in rows.order_by("pk"):
        line, subscription = item.contract_line, item.subscription
        billed = vendor_of(subscription.billed_by)
        where = f"{subscription}, billed by {billed.words if billed is not None else subscription.billed_by}"
        found.setdefault(item.plan.key, f"contract {line.version.contract.key}" if line is not None else where)
    yield from sorted(found.items())


def _greatest_counts(plan: str, *, at: datetime) -> bool:
    """Whether two items of a base plan give no more than the greater of them, of something that is sold by the unit."""
    terms = PlanTerm.objects.filter(
        version__plan__key=plan, version__plan__kind=PlanKind.PLAN, scaling=Scaling.PER_UNIT
    )
    for term in terms.exclude(feature=None).select_related("feature"):
        rule = term.feature.revisions.filter(effective_at__lte=at).order_by("-effective_at").first()  # type: ignore[union-attr]
        if rule is None or rule.combine != Combine.ADD:
            return True
    return False
