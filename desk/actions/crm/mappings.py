"""What won deals become, edited as a draft: its rules, its terms. Nothing of it speaks before it is switched on."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.text import slugify

from catalog.models import Feature
from desk.domain.crm.mapping import NOTHING, DealTerms, Reading, Rule, Target
from desk.domain.crm.mapping_checks import Slip, slips_of_rule, slips_of_terms
from desk.domain.crm.mapping_words import plain, say_terms
from desk.models import DealMapping, DealRule, MappingState
from desk.queries.crm.mapping import in_force, read_mapping
from desk.queries.crm.mapping_versions import draft_of, mapping_token, rules_of, say_one, sold_plans
from entitlements.domain.facts import Mode
from journal.actions.deeds import Deed, begin, keep, pending_changes, record, remove
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, Refusal, Stale
from journal.models import Connection

PERMISSION = "desk.change_deal_mapping"
MOST_RULES = 200
READINGS = {
    Target.PLAN: ("quantity", "starts", "through"),
    Target.FEATURE: ("value", "starts", "through"),
    Target.TRIAL: ("days", "through"),
    Target.NOTHING: (),
}


@transaction.atomic
def draft(*, connection: Connection, by: Actor, at: datetime) -> DealMapping:
    """Drafted what won deals become: what is in force, to be changed; a first one begins empty."""
    by.require(PERMISSION)
    lock_mappings(connection)
    mapping, _deed = _drafted(connection, like=in_force(connection), verb="deal_mapping:draft", by=by, at=at)
    return mapping


@transaction.atomic
def take_up(*, version: DealMapping, reason: str, by: Actor, at: datetime) -> DealMapping:
    """Drafted anew what a former version said; it is tried and switched on like any other."""
    by.require(PERMISSION)
    lock_mappings(version.connection)
    if version.state == MappingState.DRAFT:
        raise Refusal("That is what is being drafted.")
    told = {"version": [None, f"{version}"]}
    mapping, _deed = _drafted(
        version.connection, like=version, verb="deal_mapping:take_up", by=by, at=at, reason=reason, changes=told
    )
    return mapping


def _drafted(
    connection: Connection, *, like: DealMapping | None, verb: str, by: Actor, at: datetime, **told: Any
) -> tuple[DealMapping, Deed]:
    if (open_one := draft_of(connection)) is not None:
        raise Refusal(f"Version {open_one.number} is being drafted already. Finish it or give it up first.")
    last = DealMapping.history.filter(connection=connection).aggregate(last=Max("number"))["last"] or 0
    mapping = DealMapping(connection=connection, number=last + 1, drafted_at=at, drafted_by=by.name)
    if like is not None:
        for column in ("starts", "months", "through", "renews", "notice_days"):
            setattr(mapping, column, getattr(like, column))
    deed = begin(by=by, at=at)
    keep(mapping, deed=deed)
    for rule in rules_of(like) if like is not None else ():
        rule.pk, rule._state.adding = None, True
        rule.mapping = mapping
        keep(rule, deed=deed)
    record(deed, verb, subject=mapping, **told)
    return mapping, deed


@transaction.atomic
def set_terms(
    *, mapping: DealMapping, terms: DealTerms, by: Actor, at: datetime, seen: str | None = None
) -> DealMapping:
    """Said from when the contracts of won deals speak, how long, and what follows."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=seen)
    _refuse(slips_of_terms(terms))
    was = say_terms(read_mapping(mapping).terms)
    for name in ("starts", "months", "through"):
        setattr(mapping, name, _stored(getattr(terms, name)))
    mapping.renews, mapping.notice_days = terms.renews, terms.notice_days
    if pending_changes(mapping):
        keep(mapping, deed=deed)
        said = [" ".join(plain(one) for one in version) for version in (was, say_terms(terms))]
        record(deed, "deal_mapping:set_terms", subject=mapping, changes={"terms": said})
    return mapping


@transaction.atomic
def add_rule(*, mapping: DealMapping, rule: Rule, by: Actor, at: datetime, seen: str | None = None) -> DealRule:
    """Added a rule to a draft, after the others; its key is given, and stays from version to version."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=seen)
    last = mapping.rules.aggregate(last=Max("position"))["last"] or 0
    if last >= MOST_RULES:
        raise Refusal(f"A mapping has {MOST_RULES} rules at most. Let one rule speak of several products.")
    row = DealRule(mapping=mapping, position=last + 1, key=_free_key(mapping, rule))
    _write(row, rule)
    keep(row, deed=deed)
    record(
        deed, "deal_mapping:add_rule", subject=mapping, changes={f"rule {row.position}": [None, say_one(_read(row))]}
    )
    return row


@transaction.atomic
def edit_rule(
    *, mapping: DealMapping, key: str, rule: Rule, by: Actor, at: datetime, seen: str | None = None
) -> DealRule:
    """Said anew what a rule of a draft makes of what; it keeps its key and its place."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=seen)
    row = _rule(mapping, key)
    was = say_one(_read(row))
    _write(row, rule)
    if pending_changes(row):
        keep(row, deed=deed)
        said = {f"rule {row.position}": [was, say_one(_read(row))]}
        record(deed, "deal_mapping:edit_rule", subject=mapping, changes=said)
    return row


@transaction.atomic
def move_rule(
    *, mapping: DealMapping, key: str, up: bool, by: Actor, at: datetime, seen: str | None = None
) -> DealRule:
    """Moved a rule of a draft past its neighbour: the first that speaks of a line is the one."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=seen)
    row = _rule(mapping, key)
    rows = rules_of(mapping)
    place = next(n for n, one in enumerate(rows) if one.pk == row.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        raise Refusal(f"It is the {'first' if up else 'last'} already.")
    rows[place], rows[other] = rows[other], rows[place]
    was, words = row.position, say_one(_read(row))
    _renumber(rows, deed=deed)
    record(
        deed,
        "deal_mapping:move_rule",
        subject=mapping,
        changes={words: [f"rule {was}", f"rule {other + 1}"]},
    )
    return _rule(mapping, key)


@transaction.atomic
def remove_rule(*, mapping: DealMapping, key: str, by: Actor, at: datetime, seen: str | None = None) -> None:
    """Took a rule out of a draft; deals it has spoken of already keep what they became until they change."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=seen)
    row = _rule(mapping, key)
    words, position = say_one(_read(row)), row.position
    remove(row, deed=deed)
    _renumber(rules_of(mapping), deed=deed)
    record(deed, "deal_mapping:remove_rule", subject=mapping, changes={f"rule {position}": [words, None]})


@transaction.atomic
def discard(*, mapping: DealMapping, by: Actor, at: datetime, seen: str | None = None) -> None:
    """Gave a draft up; what is in force goes on as it is."""
    mapping, deed = open_draft(mapping, by=by, at=at, seen=seen)
    record(deed, "deal_mapping:discard", subject=mapping)
    for rule in rules_of(mapping):
        remove(rule, deed=deed)
    remove(mapping, deed=deed)


# What they have in common -------------------------------------------------------------------------------------------
def lock_mappings(connection: Connection) -> None:
    """Whoever writes a mapping of the connection does it alone."""
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)


def open_draft(mapping: DealMapping, *, by: Actor, at: datetime, seen: str | None) -> tuple[DealMapping, Deed]:
    """The draft as it stands once its connection is ours, and the deed that changes it."""
    by.require(PERMISSION)
    lock_mappings(mapping.connection)
    row = DealMapping.objects.select_related("connection").filter(pk=mapping.pk).first()
    if row is None:
        raise Stale("This draft was given up since you opened it. Look again.")
    if row.state != MappingState.DRAFT:
        raise Stale(f"Version {row.number} is no draft any more. Draft a new one to change it.")
    if seen is not None and seen != mapping_token(row):
        raise Stale
    return row, begin(by=by, at=at)


def _rule(mapping: DealMapping, key: str) -> DealRule:
    row = mapping.rules.select_related("plan", "feature").filter(key=key).first()
    if row is None:
        raise Stale("This rule was taken out of the draft since you opened it. Look again.")
    return row


def _read(row: DealRule) -> Rule:
    return next(rule for rule in read_mapping(row.mapping).rules if rule.key == row.key)


def _renumber(rows: Iterable[DealRule], *, deed: Deed) -> None:
    for position, row in enumerate(rows, start=1):
        if row.position != position:
            row.position = position
            keep(row, deed=deed)


def _free_key(mapping: DealMapping, rule: Rule) -> str:
    """After what it speaks of; never one that a rule of the connection has had, which may name what deals became."""
    named = slugify(next(iter(rule.products), "") or rule.plan or rule.feature)[:30].strip("-") or "trial"
    versions = DealMapping.history.filter(connection=mapping.connection).values("id")
    taken = set(DealRule.history.filter(mapping__in=versions).values_list("key", flat=True))
    return next(key for n in range(1, 10_000) if (key := named if n == 1 else f"{named}-{n}") not in taken)


def _write(row: DealRule, rule: Rule) -> None:
    """Put into the row what the rule says, or refuse what can't be said, beside the input at fault."""
    plan = sold_plans().get(rule.plan) if rule.target is Target.PLAN else None
    feature = Feature.objects.filter(key=rule.feature).first() if rule.target is Target.FEATURE else None
    if rule.target is Target.PLAN and plan is None and not (row.plan and row.plan.key == rule.plan):
        raise Invalid("Choose a plan or an add-on that is on sale.", field="plan")
    if rule.target is Target.FEATURE and feature is None:
        raise Invalid("Choose a feature.", field="feature")
    _refuse(slips_of_rule(rule, shape=feature.shape if feature else None))
    row.target, row.plan, row.feature = rule.target, plan or (row.plan if rule.target is Target.PLAN else None), feature
    said = [one.strip() for one in rule.products if one.strip()]
    row.products = list({one.casefold(): one for one in reversed(said)}.values())[::-1]
    row.where = [
        {"field": one.field.strip(), "values": [value.strip() for value in one.values if value.strip()]}
        for one in rule.where
    ]
    row.interval = rule.interval if plan else ""
    row.mode = rule.mode or "" if feature else ""
    unsaid = ("value",) if rule.mode is Mode.DENY else ()
    read = {name: getattr(rule, name) for name in READINGS[rule.target] if name not in unsaid}
    row.readings = {name: _stored(reading) for name, reading in read.items() if reading != NOTHING}
    row.note = rule.note.strip()


def _stored(reading: Reading) -> dict[str, str]:
    columns = ("written", "line_field", "deal_field")
    return {name: value for name in columns if (value := getattr(reading, name).strip())}


def _refuse(slips: Iterable[Slip]) -> None:
    """All of them at once, each beside its input."""
    found: dict[str, tuple[str, ...]] = {}
    for slip in slips:
        found[slip.field] = (*found.get(slip.field, ()), slip.words)
    if found:
        first = next(iter(found))
        raise Invalid(found[first][0], field=first, errors=found)
