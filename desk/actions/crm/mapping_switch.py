"""A draft of what won deals become, tried on real deals, and put in force."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from desk.actions.crm.hearing import make_due
from desk.actions.crm.mappings import PERMISSION, lock_mappings, open_draft
from desk.domain.crm.mapping_checks import slips_of_rule, slips_of_terms
from desk.domain.crm.told import DealState
from desk.models import CrmDeal, DealMapping, MappingState
from desk.queries.crm.dry_runs import TRYING, at_work
from desk.queries.crm.mapping import in_force, read_mapping, shapes_of
from desk.queries.crm.mapping_versions import mapping_token, sold_plans
from entitlements.queries.contracts.wording import say_day
from journal.actions import jobs
from journal.actions.deeds import keep, record
from journal.domain.actor import Actor
from journal.domain.connection import ConnectionState
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Job

USUAL_DAYS, MOST_DAYS, AT_ONCE = 90, 730, 500
UNTRIED = "Try it on real deals first: only what was tried, as it stands now, is switched on."


@transaction.atomic
def start_trying(
    *, mapping: DealMapping, by: Actor, at: datetime, days: int = USUAL_DAYS, deal: str = "", seen: str | None = None
) -> Job:
    """Started to try a mapping on the deals won in the last so many days, or on one deal by its id there."""
    by.require(PERMISSION)
    lock_mappings(mapping.connection)
    mapping = DealMapping.objects.select_related("connection").get(pk=mapping.pk)
    connection, token = mapping.connection, mapping_token(mapping)
    if seen is not None and seen != token:
        raise Stale
    if connection.state != ConnectionState.ACTIVE:
        raise Refusal(f"{connection.name} is {ConnectionState(connection.state).words.lower()}, so nobody asks it.")
    if not deal and not 1 <= days <= MOST_DAYS:
        raise Invalid(f"Say how many days to look back, from 1 to {MOST_DAYS}.", field="days")
    if not mapping.rules.exists():
        raise Refusal("It has no rule yet, so there is nothing to try. Add one first.")
    if not deal and at_work(mapping) is not None:
        raise Refusal("It is being tried already.")
    payload = {"mapping": mapping.pk, "connection": connection.pk, "as": token, "deal": deal}
    if not deal:
        payload |= {"days": days, "first_day": (at - timedelta(days=days)).date().isoformat()}
    on = f"the deal {deal}" if deal else f"the deals of {days} days"
    title = f"Trying version {mapping.number} of what {connection.name}’s deals become on {on}"
    return jobs.start(kind=TRYING, title=title, payload=payload, by=by, at=at)


@transaction.atomic
def keep_tried(
    *, mapping: DealMapping, tried: Mapping[str, Any], tried_as: str, by: Actor, at: datetime
) -> DealMapping:
    """Kept what a dry run found, and as what the draft was tried; it counts as long as the draft says the same."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=None)
    mapping.tried, mapping.tried_at, mapping.tried_as = dict(tried), at, tried_as
    keep(mapping, deed=deed)
    record(deed, "deal_mapping:try", subject=mapping, changes={"found": [None, tried.get("summary", "")]})
    return mapping


@transaction.atomic
def switch_on(
    *,
    mapping: DealMapping,
    reason: str,
    by: Actor,
    at: datetime,
    since: date | None = None,
    seen: str | None = None,
) -> DealMapping:
    """Switched on what won deals become from now on; with a day, those won since then are taken as well."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=seen)
    if not reason.strip():
        raise Invalid("Give a reason: whoever looks at this later will ask.", field="reason")
    if not mapping.tried_as or mapping.tried_as != mapping_token(mapping):
        raise Refusal(UNTRIED)
    _refuse_faults(mapping)
    _refuse_day(mapping, since, at=at)
    former = in_force(mapping.connection)
    if former is not None:
        former.state = MappingState.FORMER
        keep(former, deed=deed)
    mapping.state, mapping.since = MappingState.IN_FORCE, since
    mapping.in_force_at, mapping.in_force_by = at, by.name
    keep(mapping, deed=deed)
    said: dict[str, Any] = {"in force": [former and f"Version {former.number}", f"Version {mapping.number}"]}
    if since is not None:
        said["deals won since"] = [None, since.isoformat()]
        _look_again(mapping, since, at=at)
    record(deed, "deal_mapping:switch_on", subject=mapping, reason=reason.strip(), changes=said)
    return mapping


def _refuse_faults(mapping: DealMapping) -> None:
    """The catalog may have changed since the rules were written."""
    read = read_mapping(mapping)
    shapes, sold = shapes_of(read), sold_plans()
    for number, rule in enumerate(read.rules, start=1):
        words = [slip.words for slip in slips_of_rule(rule, shape=shapes.get(rule.feature))]
        if rule.plan and rule.plan not in sold:
            words.append("The plan it names is not on sale any more.")
        if words:
            raise Refusal(f"Rule {number}: {words[0]}")
    for slip in slips_of_terms(read.terms):
        raise Refusal(f"The terms: {slip.words}")


def _refuse_day(mapping: DealMapping, since: date | None, *, at: datetime) -> None:
    """Nobody has seen what deals before the first day that was tried would become."""
    if since is None:
        return
    if since > at.date():
        raise Invalid("That day is still to come. Leave it empty to begin with the deals won today.", field="since")
    first = mapping.tried.get("first_day", "")
    if since.isoformat() < first:
        words = f"It was tried on deals won since {say_day(date.fromisoformat(first))}. Try more days first."
        raise Invalid(words, field="since")


def _look_again(mapping: DealMapping, since: date, *, at: datetime) -> None:
    """Those won since then that are known become due; whoever isn't known yet is read by the flow."""
    won = CrmDeal.objects.filter(connection=mapping.connection, state=DealState.WON)
    ids = list(won.filter(told__closed_on__gte=since.isoformat()).values_list("external_id", flat=True))
    for begin_at in range(0, len(ids), AT_ONCE):
        some = ids[begin_at : begin_at + AT_ONCE]
        make_due(model=CrmDeal, connection=mapping.connection, ids=some, at=at)
