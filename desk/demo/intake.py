"""The intake of the demo: how it is set, what it was taught, and what it made of tickets. No classifier runs at its loading."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from catalog.models import Feature
from desk.demo.customers import Customer, Fate
from desk.demo.intake_examples import EXAMPLES, NONE_OF_THESE
from desk.demo.intake_texts import CHAT, MAIL, WEB, WRITTEN, Written
from desk.demo.lives import DAY, Act
from desk.demo.purchases import holding
from desk.demo.sla import DESK, ESCALATIONS
from entitlements.models import Account
from journal.actions.deeds import begin, keep
from journal.domain.actor import SYSTEM, Actor
from support.actions.cases.intake import mildest_severity
from support.actions.intake.articles import set_article, set_route
from support.actions.intake.editing import set_intake
from support.actions.intake.recording import check_ticket, take_ticket
from support.actions.intake.settling import settle_ticket
from support.domain.intake.outcomes import Outcome, Plays
from support.domain.intake.settings import Stage, TaughtBy
from support.domain.intake.tickets import Attachment, Request
from support.domain.intake.understood import Candidate, Reading, Understood
from support.models import ExamplePhrase, IntakeDecision, Team
from support.queries.intake.deciding import Read, Told, ticket_of

HOUR = timedelta(hours=1)
MAKER = "told by the demo"
ARTICLES = (
    ("log_retention_api_database", "How long logs are kept", Plays.FIRST),
    ("team_members", "Inviting a colleague", Plays.FIRST),
    ("custom_domains", "A domain of your own", Plays.INSTEAD),
    ("max_file_upload_size", "Large files in parts", Plays.FIRST),
)
LABELLED, FIRST_DAY, LAST_DAY = 110, 37, 19  # tickets of the weeks in which it only suggested, all reviewed
EVERY = 11  # one in so many was read wrongly


def tickets(people: Sequence[Customer], *, by: Actor, now: datetime) -> list[Act]:
    """Every act of the intake at its moment."""
    acts = [Act(now - 38 * DAY, partial(_set_up, by=by)), Act(now - LAST_DAY * DAY, partial(_review, people, by, now))]
    kept = {customer.plan for customer in people if customer.fate is Fate.PAYING}
    for number, written in enumerate(WRITTEN, start=52001):
        if written.whose is None or written.whose[0] in kept:  # a small demo may have nobody on a plan
            acts += _told(written, people, number=str(number), by=by, now=now)
    return acts


def _set_up(at: datetime, *, by: Actor) -> None:
    set_intake(checked=[one.value for one in (WEB, MAIL, CHAT)], sampled_percent=20, by=SYSTEM, at=at)
    features = {row.key: row for row in Feature.objects.all()}
    for key, title, plays in ARTICLES:
        url = f"https://help.desk.example/{key.replace('_', '-')}"
        set_article(feature=features[key], title=title, url=url, plays=plays, by=SYSTEM, at=at)
    teams = {row.key: row for row in Team.objects.all()}
    set_route(team=teams[DESK], by=SYSTEM, at=at)
    set_route(team=teams[ESCALATIONS], tier="priority_plus", to_manager=True, by=SYSTEM, at=at)
    deed = begin(by=by, at=at)
    said = [(features.get(key), text) for key, texts in EXAMPLES.items() for text in texts]
    for feature, text in [*said, *((None, text) for text in NONE_OF_THESE)]:
        row = ExamplePhrase(feature=feature, text=text, taught_by=TaughtBy.STAFF, added_at=at, added_by=by.name)
        keep(row, deed=deed)


def _review(people: Sequence[Customer], by: Actor, now: datetime, at: datetime) -> None:
    """Tickets of its first weeks, asked about beforehand and reviewed by hand: what it acts by since."""
    accounts = holding(people, "team") or holding(people, "pro")
    for place, (key, text) in enumerate(_labelled()):
        days = FIRST_DAY - place * (FIRST_DAY - LAST_DAY) / LABELLED
        when, read_as = now - days * DAY, "storage" if place % EVERY == 0 else key
        account = accounts[place % len(accounts)]
        told = Told(ticket_of("", text), MAIL, account, source="helpdesk", external_id=str(51001 + place))
        read = _read(((text, ((read_as, 0.7 if read_as != key else 0.86 + place % 12 / 100),)),))
        row = check_ticket(told, read, by=by, at=when)
        _label(row, key, by=by, at=when + 2 * HOUR)


def _labelled() -> list[tuple[str, str]]:
    """The first phrases of each feature in turn, as somebody writes them."""
    turns = (list(EXAMPLES.items())[place % len(EXAMPLES)] + (place // len(EXAMPLES),) for place in range(LABELLED))
    return [(key, f"Hello, a question of ours: {texts[turn % len(texts)]} Thank you.") for key, texts, turn in turns]


def _label(row: IntakeDecision, key: str, *, by: Actor, at: datetime) -> None:
    """Written past the action, which opens cases: these were answered before the desk had them."""
    proposed = row.parts[0]["proposed"] or row.outcome
    right = row.parts[0]["feature"] == key
    row.stage, row.settled_at, row.settled_by, row.labels = Stage.SETTLED, at, by.name, [key]
    row.settled_outcome = proposed if right and proposed != Outcome.HOLD else Outcome.ACCEPT
    keep(row, deed=begin(by=by, at=at))


def _told(
    written: Written, people: Sequence[Customer], *, number: str, by: Actor, now: datetime
) -> Iterator[Act]:  # fmt: skip
    came = now - written.ago * HOUR
    yield Act(came, partial(_take, written, people, number, by))
    if written.settled is not None:
        hours, outcome, labels = written.settled
        yield Act(came + hours * HOUR, partial(_settle, number, Outcome(outcome), labels, by))


def _take(written: Written, people: Sequence[Customer], number: str, by: Actor, at: datetime) -> None:
    account, requester = _whose(written, people)
    text = "\n\n".join(text for text, _ in written.requests)
    name, _, why = written.unreadable.partition(": ")
    files = (Attachment(name, unreadable=why),) if name else ()
    told = Told(
        ticket_of(written.subject, text, files), written.channel, account, requester=requester, feature=written.given,
        source="helpdesk", external_id=number,
    )  # fmt: skip
    read = _read(written.requests, given=written.given)
    opening = {"subject": written.subject, "severity": mildest_severity()}
    take_ticket(told, read, opening=opening, keeps=not written.given, by=by, at=at)


def _settle(number: str, outcome: Outcome, labels: Sequence[str | None], by: Actor, at: datetime) -> None:
    row = IntakeDecision.objects.get(external_id=number, source="helpdesk")
    settle_ticket(decision=row, outcome=outcome, labels=labels, by=by, at=at)


def _read(requests: Sequence[tuple[str, Sequence[tuple[str, float]]]], *, given: str = "") -> Read:
    understood = (
        Understood(
            Request(text), Reading(tuple(Candidate(key, sure, text if key else "") for key, sure in found)), given=given
        )
        for text, found in requests
    )
    return Read(tuple(understood), kind="minilm", maker=MAKER, took_us=6_000)


def _whose(written: Written, people: Sequence[Customer]) -> tuple[Account | None, str]:
    if written.whose is None:
        return None, "curious@unknown.example"
    plan, place = written.whose
    accounts = holding(people, plan)
    account = accounts[place % len(accounts)]
    return account, next(each.email for each in people if each.key == account.key)
