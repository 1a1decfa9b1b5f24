"""A ticket decided, before anything is written: what was read of it meets what the engine says. Nothing here writes."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from entitlements.models import Account
from support.domain.case_events import Channel
from support.domain.intake.deciding import decide
from support.domain.intake.outcomes import Decision, HelpStanding, Outcome, Question, Reason
from support.domain.intake.tickets import Attachment, Ticket
from support.domain.intake.understood import NONE_OF_THESE, Understood
from support.models import ClassifierVersion, IntakeSettings
from support.queries.cases.promising import contact_of
from support.queries.covering import About, Covering
from support.queries.intake.settings import wanted_by
from support.queries.intake.standing import Engine, engine_of, route_for
from support.queries.intake.topics import number_of_labels

TO_BE_READ = (Reason.UNSURE, Reason.ONLY_SUGGESTED, Reason.NOT_READ)


@dataclass(frozen=True, slots=True)
class Told:
    """A ticket as it was told of, with what its fields say. `feature` and `severity` are keys; "" was not given.

    `product`, `asset` and `cover` are what `open_case` takes them for. `opened_at`: when it came, if not now.
    """

    ticket: Ticket
    channel: Channel
    account: Account | None = None
    requester: str = ""
    feature: str = ""
    severity: str = ""
    source: str = ""
    external_id: str = ""
    product: str = ""
    asset: str = ""
    cover: str = ""
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of it, and by whom. `awaited`: an outside validator is to read it, so nobody has."""

    understood: tuple[Understood, ...]
    kind: str = ""
    maker: str = ""
    version: ClassifierVersion | None = None
    took_us: int = 0
    too_long: bool = False
    awaited: bool = False


@dataclass(frozen=True, slots=True)
class Decided:
    """The decision with all that it was made from. `covering` is None where nobody knows whose ticket it is."""

    told: Told
    read: Read
    question: Question
    decision: Decision
    covering: Covering | None = None


def ticket_of(subject: str, text: str, attachments: Sequence[Attachment] = ()) -> Ticket:
    """A ticket as a database can keep it: without null characters and halves of characters."""
    files = (Attachment(_kept(one.name), _kept(one.text), _kept(one.unreadable)) for one in attachments)
    return Ticket(_kept(subject).strip(), _kept(text), tuple(files))


def _kept(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


def decided(
    told: Told, read: Read, *, settings: IntakeSettings, at: datetime, about: About | None = None
) -> Decided:  # fmt: skip
    """The same for the same rows: reads the engine once for all features that may be meant.

    `about` is what the words of its fields name; without it only who asks, and by which channel, is asked about.
    """
    features = {candidate.feature for one in read.understood for candidate in one.reading.candidates}
    features |= {one.given for one in read.understood} | {told.feature}
    engine = _engine(told, features - {NONE_OF_THESE}, about=about, at=at)
    question = Question(
        understood=read.understood,
        account=told.account is not None,
        wanted=wanted_by(settings, read.version, labels=number_of_labels(settings.labels_wanted), kind=read.kind),
        unreadable=told.ticket.unreadable,
        too_long=read.too_long,
        features=engine.features,
        help=engine.help,
    )
    decision = _routed(decide(question), told, engine=engine)
    return Decided(told, read, question, _awaited(decision) if read.awaited else decision, engine.found)


def _engine(told: Told, features: set[str], *, about: About | None, at: datetime) -> Engine:
    if told.account is None:
        return Engine(HelpStanding(covered=False), {})
    about = about or About(contact=contact_of(told.account, told.requester), channel=told.channel.value)
    return engine_of(
        told.account, about=about, channel=told.channel, features=features, at=at, opened_at=told.opened_at
    )


def _routed(decision: Decision, told: Told, *, engine: Engine) -> Decision:
    """A route that a feature has of its own goes before the one of the tier; what is blocked goes to nobody."""
    if told.account is None or decision.outcome is Outcome.BLOCK:
        return decision
    features = {part.feature for part in decision.parts if part.feature and part.outcome is decision.outcome}
    if not features:
        return decision
    team, person = route_for(
        told.account, tier=engine.help.tier, channel=told.channel, features=features, routes=engine.routes
    )
    return replace(decision, team=team, person=person)


def _awaited(decision: Decision) -> Decision:
    """What nobody has read yet is held for the answer to come; what follows without reading stands."""
    if decision.outcome is not Outcome.HOLD or decision.reason not in TO_BE_READ:
        return decision
    return replace(decision, reason=Reason.ANSWER_AWAITED, words="A validator outside the desk is to answer.")
