"""The evidence about one account over a stretch of time, as tables of texts. Nothing here writes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from catalog.domain.cases import say_case
from catalog.domain.window import Window
from catalog.models import Feature, Market, PlanVersion
from catalog.queries.effective import effective_of
from catalog.queries.sheet_terms import TermBook
from catalog.queries.vocabulary import words
from entitlements.domain.explain import say_cause
from entitlements.domain.facts import Facts, Phase
from entitlements.domain.spans import Held, spans_had, spans_held
from entitlements.models import Account, Override, SubscriptionPhase
from entitlements.queries.entitlements import facts_of
from entitlements.queries.story.three_answers import three_answers


@dataclass(frozen=True, slots=True)
class Inquiry:
    """What a pack is about. `upto` is the number of the last act that had been recorded when it was drawn up."""

    account: Account
    from_on: date
    through_on: date
    window: Window  # both ends are known
    moments: tuple[datetime, ...]
    reason: str
    by: str
    at: datetime
    upto: int

    def say(self, instant: datetime | None) -> str:
        """The customer's clock with its distance from UTC, so that it can mean only one instant."""
        if instant is None:
            return ""
        return instant.astimezone(ZoneInfo(self.account.zone)).isoformat(sep=" ", timespec="seconds")


@dataclass(frozen=True, slots=True)
class Table:
    """One kind of evidence; it is one file, and one part of the page."""

    slug: str
    title: str
    about: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def held_tables(inquiry: Inquiry) -> Iterator[Table]:
    """What was bought, on which terms, in which phases, and what it came to."""
    facts = facts_of(account=inquiry.account)
    held = spans_held(facts, within=inquiry.window)
    numbers = {str(pk): str(number) for pk, number in inquiry.account.subscriptions.values_list("pk", "number")}
    yield _bought(inquiry, facts, held, numbers)
    yield _phases(inquiry)
    yield _overrides(inquiry)
    yield _entitlements(inquiry, facts)
    yield _terms(held)


def _bought(inquiry: Inquiry, facts: Facts, held: Sequence[Held], numbers: dict[str, str]) -> Table:
    rows = (
        (
            inquiry.say(span.window.start),
            inquiry.say(span.window.end),
            numbers.get(span.subscription, span.subscription),
            f"{facts.versions[span.version].plan_name} v{facts.versions[span.version].number}",
            str(span.quantity),
            "; ".join(_how(span, inquiry.account.zone)),
        )
        for span in held
    )
    return Table(
        "bought",
        "What they had bought",
        "Each plan and add-on in each version, from the first to the last instant it had it in the period.",
        ("From", "Until", "Subscription", "What", "Quantity", "How it came"),
        tuple(rows),
    )


def _how(span: Held, zone: str) -> Iterator[str]:
    if span.lent:
        yield "lent"
    if span.note:
        yield span.note
    if span.cause is not None:
        yield say_cause(span.cause, zone=zone)


_PHASES = {Phase.TRIAL: "trial", Phase.GRACE: "grace after a failed payment", Phase.PAUSED: "paused"}


def _phases(inquiry: Inquiry) -> Table:
    rows = SubscriptionPhase.objects.filter(subscription__account=inquiry.account, starts_at__lt=inquiry.window.end)
    told = (
        (
            str(row.subscription.number),
            _PHASES.get(Phase(row.phase), row.phase.replace("_", " ")),
            inquiry.say(row.starts_at),
            inquiry.say(row.ends_at),
            str(row.extended_times or ""),
            inquiry.say(row.restored_at if row.phase == Phase.GRACE else row.subscription.converted_at),
        )
        for row in rows.select_related("subscription").order_by("subscription__number", "starts_at", "pk")
        if row.ends_at is None or inquiry.window.start is None or row.ends_at > inquiry.window.start
    )
    return Table(
        "phases",
        "Trials, grace and pauses",
        "As they stand today; a trial is over when it is converted, a grace when payment comes.",
        ("Subscription", "Phase", "From", "Until", "Times extended", "Converted or paid"),
        tuple(told),
    )


def _overrides(inquiry: Inquiry) -> Table:
    rows = Override.objects.filter(
        account=inquiry.account, starts_at__lt=inquiry.window.end, requested_at__lte=inquiry.at
    )
    told = (
        (
            f"#{row.pk}",
            row.feature.name,
            row.mode.replace("_", " "),
            row.state,
            inquiry.say(row.starts_at),
            inquiry.say(row.ends_at),
            row.requested_by,
            row.approved_by,
            f"{inquiry.say(row.revoked_at)} by {row.revoked_by}" if row.revoked_at else "",
            row.reason,
            row.link,
        )
        for row in rows.select_related("feature").order_by("starts_at", "pk")
        if row.ends_at is None or inquiry.window.start is None or row.ends_at > inquiry.window.start
    )
    return Table(
        "overrides",
        "What was promised beyond, or short of, the plans",
        "Every override in force or asked for in the period.",
        (
            "Number",
            "Feature",
            "What it does",
            "State",
            "From",
            "Until",
            "Asked by",
            "Approved by",
            "Revoked",
            "Why",
            "Link",
        ),
        tuple(told),
    )


def _entitlements(inquiry: Inquiry, facts: Facts) -> Table:
    spans = spans_had(facts, within=inquiry.window, zone=inquiry.account.zone)
    return Table(
        "entitlements",
        "What they were entitled to",
        "By everything known when the pack was drawn up: what was true. One line for each stretch in which nothing changed.",
        ("Feature", "Name", "Value", "From", "Until", "By what"),
        tuple(
            (
                span.feature,
                span.name,
                span.words,
                inquiry.say(span.window.start),
                inquiry.say(span.window.end),
                span.source,
            )
            for span in spans
        ),
    )


def _terms(held: Sequence[Held]) -> Table:
    wanted = sorted({int(span.version) for span in held})
    versions = PlanVersion.objects.select_related("plan").filter(pk__in=wanted).order_by("plan__key", "number")
    features = {feature.pk: feature for feature in Feature.objects.select_related("group")}
    markets = dict(Market.objects.values_list("key", "name"))
    book, effective = TermBook((), words=words()), effective_of(versions)
    rows = []
    for version in versions:
        for (pk, case), speaking in effective[version.pk].items():
            words_of_case = "" if case.is_general else say_case(case, markets.get(case.market, case.market))
            rows.append(
                (
                    str(version),
                    features[pk].key,
                    features[pk].name,
                    words_of_case,
                    book.text(speaking.term),
                    speaking.origin,
                )
            )
    order = {feature.key: place for place, feature in enumerate(features.values())}
    return Table(
        "terms",
        "The terms of each version, in full",
        "All that can speak in a version, its own terms and those of the versions it includes. Published terms never change.",
        ("Version", "Feature", "Name", "Only", "Says", "Written"),
        tuple(sorted(rows, key=lambda row: (row[0], order[row[1]], row[3]))),
    )


def three_answers_table(inquiry: Inquiry) -> Table:
    rows = []
    for moment in inquiry.moments:
        for line in three_answers(account=inquiry.account, at=moment, upto=inquiry.upto):
            told = "; ".join(f"{one.words} ({one.told}, since {inquiry.say(one.told_at)})" for one in line.answered)
            cause = line.cause
            since = "" if cause is None else f"{inquiry.say(cause.at)}: {cause.words}, by {cause.who}"
            rows.append(
                (inquiry.say(moment), line.feature, line.name, line.true, line.believed or "not known yet", told, since)
            )
    return Table(
        "three_answers",
        "The past, three ways",
        "At each chosen moment: what was true by everything known, what was believed then, and what programs had been told.",
        ("Moment", "Feature", "Name", "Was true", "Was believed", "Was answered", "Known as it is today since"),
        tuple(rows),
    )
