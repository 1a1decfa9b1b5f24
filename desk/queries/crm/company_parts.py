"""An account as the fields of its company in a CRM: plans, where it stands, what renews, what help is owed, what sells."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse

from catalog.queries.instants import say_until
from desk.domain.crm.outgoing import COMPANY, COMPANY_FIELDS, Out, Outgoing, fitted
from desk.domain.crm.upselling import Trial, Used, near_limits, signals
from desk.queries.crm.entitlement_parts import day_of, last_day_of
from desk.queries.crm.gathered import Gathered
from entitlements.domain.facts import Facts, ItemFact, Standing
from entitlements.domain.lifecycle import State
from entitlements.models import Account, Override
from entitlements.queries.concessions import Place, place_of, words_of
from entitlements.queries.contracts.wording import say_day
from entitlements.queries.holdings import HeldItem, HeldSubscription
from support.domain.coverage import CoverState
from support.queries.covering import Covering, covering
from support.queries.covering_again import choices_ahead
from support.queries.one_line import line_of

STANDINGS = {Standing.SUSPENDED: "Suspended", Standing.CLOSED: "Closed"}
SPEAKING = (Place.IN_FORCE, Place.TO_COME)


@dataclass(frozen=True, slots=True)
class Ahead:
    """What renews or ends next: the day that is said, and the sentence."""

    at: datetime
    on: date
    words: str


@dataclass(frozen=True, slots=True)
class Told:
    """The company's record, and until when it says the same if nobody does anything."""

    outgoing: Outgoing
    until: datetime | None


def company_part(
    account: Account, *, facts: Facts, uses: Sequence[Used], company: str, gathered: Gathered
) -> Told:  # fmt: skip
    at, zone, standing = gathered.at, account.zone, gathered.standings[account.pk]
    every = gathered.held[account.pk]
    held = tuple(one for one in every if one.live) if standing is not Standing.CLOSED else ()
    given = held if standing is Standing.OPEN else ()
    trials, renewals = (
        [one for one in given if one.in_trial],
        sorted(_ahead(given, account, facts, gathered), key=_soon),
    )
    overrides = _overrides(account, gathered)
    values: dict[str, Out] = {
        "account_key": account.key,
        "plan": ", ".join(dict.fromkeys(_times(item) for one in held for item in one.plans)),
        "add_ons": ", ".join(_counted(item for one in held for item in one.items if item.live and not item.is_plan)),
        "phase": STANDINGS.get(standing) or _phase(every, held),
        "trial_ends_on": min((last_day_of(end, zone) for one in trials if (end := one.trial_ends_at)), default=None),
        "renews_on": renewals[0].on if renewals else None,
        "renewal": renewals[0].words if renewals else None,
        **_help(account, facts, gathered),
        "open_overrides": len(overrides),
        "overrides": "\n".join(f"{row.feature.name}: {words_of(row)}" for row in overrides) or None,
        "near_limits": near_limits(uses),
        "upsell": _upsell(uses, trials, account, at=at),
        "desk_link": settings.DESK_URL + reverse("admin:desk_account", args=[account.key]),
        "written_at": at,
    }
    covered_until = values.pop("covered_until")
    outgoing = Outgoing(COMPANY, account.key, company, fitted(COMPANY_FIELDS, values))
    instants = [*_edges(every), *_edges_of_overrides(account, gathered), *(one.at for one in renewals)]
    if isinstance(covered_until, datetime):
        instants.append(covered_until)
    return Told(outgoing, min((one for one in instants if one > at), default=None))


def cleared(company: str, *, at: datetime) -> Outgoing:
    """A company that is no longer an account of ours: everything that was written there is emptied."""
    return Outgoing(COMPANY, "", company, fitted(COMPANY_FIELDS, {"written_at": at}))


def _times(item: HeldItem) -> str:
    return _so_many(item.quantity, item.plan)


def _so_many(quantity: int, name: str) -> str:
    return name if quantity == 1 else f"{quantity} × {name}"


def _counted(items: Iterable[HeldItem]) -> list[str]:
    """Each once, with how many of it all subscriptions hold together, in the order in which they stand."""
    held: Counter[str] = Counter()
    for item in items:
        held[item.plan] += item.quantity
    return [_so_many(quantity, name) for name, quantity in held.items()]


def _phase(every: Iterable[HeldSubscription], held: Sequence[HeldSubscription]) -> str:
    """Each state once, in the order in which states are listed; of what is over only where nothing is held."""
    states = {one.state for one in held} or {one.state for one in every}
    return ", ".join(state.words for state in State if state in states) or "Nothing bought"


def _ahead(
    held: Iterable[HeldSubscription], account: Account, facts: Facts, gathered: Gathered
) -> Iterator[Ahead]:  # fmt: skip
    """The next renewal or end of each subscription; of a contract's, that of the term that runs."""
    bases = _bases(facts, gathered.at)
    for one in held:
        plans = " and ".join(dict.fromkeys(item.plan for item in one.plans)) or f"Subscription {one.number}"
        contract = gathered.contract_of.get(one.id)
        if contract is not None:
            yield from _of_contract(contract, gathered)
        elif one.window.end is not None:
            yield _ends(f"{plans} lasts", one.window.end, account.zone)
        elif not (one.in_trial and not one.with_card) and (base := bases.get(str(one.id))) is not None:
            at = base.periods.renewal(since=gathered.at + datetime.resolution) if base.periods else None
            if at is not None:
                on = day_of(at, account.zone)
                yield Ahead(at, on, f"{plans} renews on {say_day(on)}")


def _bases(facts: Facts, at: datetime) -> Mapping[str, ItemFact]:
    """The plan of each subscription by which it renews."""
    plans = (item for item in facts.items if item.window.contains(at) and not item.lent)
    return {item.subscription: item for item in plans if not _is_add_on(item, facts)}


def _is_add_on(item: ItemFact, facts: Facts) -> bool:
    return facts.versions[item.pinned].kind != "plan"


def _of_contract(key: str, gathered: Gathered) -> Iterator[Ahead]:
    end = gathered.contract_ends.get(key)
    if end is not None:
        what = f"{end.label[:1].upper()}{end.label[1:]}"
        ends = _ends(f"{what} lasts" if not end.then else f"The term of {end.label} runs", end.at, end.account.zone)
        yield Ahead(end.at, ends.on, f"{ends.words}. {end.then}".strip() if end.then else ends.words)


def _ends(what: str, end: datetime, zone: str) -> Ahead:
    return Ahead(end, last_day_of(end, zone), f"{what} {say_until(end, zone=zone)}")


def _soon(one: Ahead) -> tuple[datetime, str]:
    return one.at, one.words


def _overrides(account: Account, gathered: Gathered) -> list[Override]:
    """Those in force and to come, in the order in which they begin."""
    rows = gathered.reader.rows(Override, account_id=account.pk)
    found = [row for row in rows if place_of(row, at=gathered.at) in SPEAKING]
    for row in found:
        row.feature = gathered.catalog.features[row.feature_id]
    return sorted(found, key=lambda row: (row.starts_at, row.pk))


def _help(account: Account, facts: Facts, gathered: Gathered) -> dict[str, Out]:
    """Whether support is owed now; `covered_until` is when that is another than now."""
    at = gathered.at
    found = covering(
        account,
        at=at,
        facts=facts,
        billed=True,
        catalog=gathered.catalog,
        policies=gathered.policies,
        allowances=gathered.allowances,
        uncovered=gathered.is_uncovered(account),
    )
    line, until = line_of(found, promises=gathered.promises, at=at), _changes_at(found, at)
    covered = line.state != CoverState.NOT_COVERED
    ending = f", {say_until(until, zone=account.zone)}" if until is not None and covered else ""
    return {"coverage": line.words + ending, "covered": covered, "covered_until": until}


def _changes_at(found: Covering, at: datetime) -> datetime | None:
    """The first later moment at which another tier, or none, is owed."""
    now = found.choice.response
    for moment, choice in choices_ahead(found, at=at):
        then = choice.response
        if (then and then.tier) != (now and now.tier):
            return moment
    return None


def _upsell(uses: Sequence[Used], trials: Iterable[HeldSubscription], account: Account, *, at: datetime) -> str | None:
    today = at.astimezone(ZoneInfo(account.zone)).date()
    tried = [
        Trial(
            plan=" and ".join(dict.fromkeys(item.plan for item in one.plans)),
            ends_on=last_day_of(one.trial_ends_at, account.zone),
            with_card=one.with_card,
        )
        for one in trials
        if one.trial_ends_at is not None
    ]
    return "\n".join(signals(uses, tried, today=today)) or None


def _edges(held: Iterable[HeldSubscription]) -> Iterator[datetime]:
    """When anything of the subscriptions begins or ends."""
    for one in held:
        yield from one.window.edges()
        yield from (at for at in (one.phase_ends_at, one.trial_ends_at) if at is not None)
        for item in one.items:
            yield from item.window.edges()


def _edges_of_overrides(account: Account, gathered: Gathered) -> Iterator[datetime]:
    for row in gathered.reader.rows(Override, account_id=account.pk):
        yield from (at for at in (row.starts_at, row.ends_at, row.revoked_at) if at is not None)


def daily(number: int, *, at: datetime) -> datetime:
    """A day later, spread over four hours, so that what nobody tells of is looked at in any case."""
    return at + timedelta(hours=20, minutes=number * 7919 % 240)
