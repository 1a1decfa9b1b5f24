"""A mapping tried on the deals a CRM has, as long work: which changed is asked page by page, then they are fetched, so
many at once, and each is told what it would become. What the desk would refuse is found by doing it and undoing it, one
deal at a time; nothing of it stays.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from desk.actions.crm.mapping_switch import keep_tried
from desk.actions.crm.mappings import PERMISSION
from desk.actions.crm.rehearsing import refusal_of
from desk.domain.crm.dry_run import add_counts, say_summary
from desk.domain.crm.told import Deal, DealState
from desk.integrations.crm.opening import opened
from desk.integrations.crm.port import Declined, FieldsRead, Kind, LoginRefused, system_of
from desk.models import DealMapping, MappingState
from desk.queries.crm.dry_runs import TRYING, heard_of, rows_of
from desk.queries.crm.judging import ReadMapping
from desk.queries.crm.mapping import fields_read
from desk.queries.crm.mapping_versions import mapping_token
from desk.queries.crm.trying import TriedDeal, try_on
from journal import jobs
from journal.actions.connections import as_actor
from journal.domain.actor import Actor
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Refusal
from journal.jobs import JobHandler, Outcome, Planned
from journal.models import Connection, Job, JobItem
from journal.queries.connections import SecretMissing

AT_ONCE, MOST = 25, 5_000
CHANGED = "The draft was changed while it was being tried. Try it again."


@dataclass(frozen=True, slots=True)
class Heard:
    """The ids of deals that may be among those asked for, and where the next page goes on; empty with the last."""

    ids: tuple[str, ...]
    until: datetime | None = None
    after: str = ""


@dataclass(frozen=True, slots=True)
class Fetched:
    """The deals as they stand there, by their ids; and of those that are meant, tried as if won, what would be refused."""

    deals: Mapping[str, Deal]
    meant: tuple[Deal, ...]
    refused: Mapping[str, str]


def ask(*, job: Job, item: JobItem | None, cursor: str, at: datetime) -> Heard | Fetched:
    """What the CRM is asked in this step: which deals changed, or how some of them stand."""
    mapping = mapping_of(job)
    if item is None and job.payload["deal"]:
        return Heard((job.payload["deal"],))
    if item is not None:
        of_deal, of_line = fields_read(mapping)
        with in_words(), opened(mapping.connection, at=at) as crm:
            found = crm.deals(item.payload["ids"], fields=FieldsRead(of_deal, of_line))
        return _rehearsed(job, mapping, found, at=at)
    with in_words(), opened(mapping.connection, at=at) as crm:
        told = job.result.get("until")
        until = datetime.fromisoformat(told) if told else crm.now()
        since = until - (job.asked_at - _first_moment(job))
        page = crm.changed(Kind.DEAL, since=since, until=until, after=job.result.get("after", ""))
        return Heard(tuple(hint.id for hint in page.hints), until, page.after)


def _rehearsed(job: Job, mapping: DealMapping, found: Mapping[str, Deal], *, at: datetime) -> Fetched:
    """Each in a transaction of its own, so that nobody waits for all of them."""
    meant = tuple(_as_won(job, deal) for deal in found.values() if _is_meant(job, deal))
    told: dict[str, Any] = {"mapping": mapping, "read": ReadMapping.of(mapping), "by": as_actor(mapping.connection)}
    return Fetched(found, meant, {deal.id: deal.unsure or refusal_of(deal=deal, **told, at=at) for deal in meant})


def plan(*, job: Job, cursor: str, at: datetime, seen: Heard) -> tuple[Sequence[Planned], str | None]:
    """Write down whom to fetch, so many at once; a deal that is heard of twice stands there once."""
    there = heard_of(job)
    fresh = [id for id in dict.fromkeys(seen.ids) if id not in there][: MOST - len(there)]
    goes_on = bool(seen.after) and len(there) + len(fresh) < MOST
    job.result |= {
        "after": seen.after,
        "until": seen.until.isoformat() if seen.until else "",
        "cut": len(there) + len(fresh) if seen.after and not goes_on else 0,
    }
    return list(_units(fresh)), "more" if goes_on else None


def _units(ids: Sequence[str]) -> Iterator[Planned]:
    for begin in range(0, len(ids), AT_ONCE):
        some = ids[begin : begin + AT_ONCE]
        words = f"The deal {some[0]}" if len(some) == 1 else f"{len(some)} deals, from {some[0]} on"
        yield Planned(f"deals:{some[0]}", words, {"ids": list(some)})


def act(*, job: Job, item: JobItem, by: Actor, at: datetime, seen: Fetched) -> Outcome:
    """Tell what each of them would become; nothing but the run itself is written."""
    mapping = mapping_of(job)
    if mapping_token(mapping) != job.payload["as"]:
        raise Refusal(CHANGED)
    rows = try_on(connection=mapping.connection, mapping=mapping, deals=seen.meant, refused=seen.refused, at=at)
    item.payload |= {"rows": [_row(mapping.connection, one, seen.deals) for one in rows.deals]}
    item.save(update_fields=["payload"])
    if not seen.meant:
        return Outcome.passed_over("None of them was won in these days.")
    words = say_summary((one.would.value, one.because) for one in rows.deals)
    return Outcome.done(f"{words[:1].upper()}{words[1:]}.")


def _is_meant(job: Job, deal: Deal) -> bool:
    if job.payload["deal"]:
        return deal.state is not DealState.GONE
    first = date.fromisoformat(job.payload["first_day"])
    return deal.state is DealState.WON and deal.closed_on is not None and deal.closed_on >= first


def _as_won(job: Job, deal: Deal) -> Deal:
    """One that a person named is tried as if it were won, whatever it is."""
    return replace(deal, state=DealState.WON) if job.payload["deal"] else deal


def _row(connection: Connection, tried: TriedDeal, seen: Mapping[str, Deal]) -> dict[str, Any]:
    """What is kept of it for the page."""
    deal = tried.deal
    system = system_of(connection.vendor)
    return {
        "id": deal.id,
        "name": deal.name or deal.id,
        "link": deal.link or (system.page_of(connection, Kind.DEAL, deal.id) if system else ""),
        "state": seen.get(deal.id, deal).state.value,
        "closed_on": deal.closed_on.isoformat() if deal.closed_on else "",
        "sold": [f"{line.quantity.normalize():f} × {line.name or line.product}" for line in deal.lines],
        "would": tried.would.value,
        "because": tried.because,
        "account": tried.account,
        "lines": list(tried.lines),
        "told": list(tried.told),
        "earlier": tried.earlier,
        "agreed": tried.agreed,
        "approved": tried.approved,
    }


def finish(*, job: Job, by: Actor, at: datetime) -> None:
    """Add up what was found; of a run over many deals that all could be read, the draft remembers it."""
    outcomes = [(row["would"], row["because"]) for row in rows_of(job)]
    counts = add_counts({would: 1} for would, _ in outcomes)
    summary = say_summary(outcomes) if outcomes else "no deal was won in these days"
    job.result |= {"counts": counts, "summary": summary, "words": f"{summary[:1].upper()}{summary[1:]}."}
    if job.failed or job.payload["deal"]:
        return
    mapping = mapping_of(job)
    if mapping.state == MappingState.DRAFT:
        told = {"job": job.pk, "counts": counts, "summary": summary, "first_day": job.payload["first_day"]}
        keep_tried(mapping=mapping, tried=told, tried_as=job.payload["as"], by=by, at=at)


def mapping_of(job: Job) -> DealMapping:
    """The mapping that is tried, while its connection can be asked."""
    found = DealMapping.objects.select_related("connection").filter(pk=job.payload["mapping"]).first()
    if found is None:
        raise Refusal("The draft was given up meanwhile.")
    if found.connection.state != ConnectionState.ACTIVE:
        standing = ConnectionState(found.connection.state).words.lower()
        raise Refusal(f"{found.connection.name} is {standing}, so nobody asks it.")
    return found


def _first_moment(job: Job) -> datetime:
    first = date.fromisoformat(job.payload["first_day"])
    return datetime(first.year, first.month, first.day, tzinfo=job.asked_at.tzinfo)


@contextmanager
def in_words() -> Iterator[None]:
    """What trying again doesn't change is a Refusal that says what to do."""
    try:
        yield
    except (LoginRefused, Declined, SecretMissing) as error:
        raise Refusal(str(error)) from None


HANDLER = JobHandler("Trying what won deals become", PERMISSION, plan, act, finish, ask)


def register() -> None:
    """Called once from AppConfig.ready()."""
    jobs.register(TRYING, HANDLER)
