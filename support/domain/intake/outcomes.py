"""What may follow a ticket, what the engine says of each feature, and the decision, as values. The rule is `deciding`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from support.domain.intake.understood import Understood


class Outcome(StrEnum):
    """In the order in which a ticket of several requests takes them; the first there is speaks for the ticket."""

    BLOCK = "block"
    HOLD = "hold"
    ACCEPT = "accept"
    SUGGEST = "suggest"
    REDIRECT = "redirect"

    @property
    def words(self) -> str:
        return {
            "block": "Blocked",
            "hold": "Held for a person",
            "accept": "Accepted",
            "suggest": "Upgrade suggested",
            "redirect": "Redirected to self-service",
        }[self.value]


class Reason(StrEnum):
    """Why an outcome; a code for programs, kept with every decision. They never change their meaning."""

    COVERED = "covered"  # accept: the customer has the feature and is covered on this channel
    ARTICLE_FIRST = "article_first"  # redirect: an article answers this, covered or not
    ARTICLE_INSTEAD = "article_instead"  # redirect: not covered, and an article answers it
    NOT_INCLUDED = "not_included"  # suggest or block: the feature isn't part of what the customer has
    LIMIT_REACHED = "limit_reached"  # suggest: the feature's limit is used up
    NOT_COVERED = "not_covered"  # suggest or block: nobody owes help on this channel
    NOTHING_LEFT = "nothing_left"  # block: prepaid help is used up, and blocks
    UNSURE = "unsure"  # hold: no outcome is sure enough
    ONLY_SUGGESTED = "only_suggested"  # hold: too few labelled tickets yet to act by a classifier
    NOBODY_KNOWN = "nobody_known"  # hold: whose ticket it is isn't known
    UNREADABLE = "unreadable"  # hold: something of it can't be read
    NOTHING_ASKED = "nothing_asked"  # hold: no request was found in it
    TOO_LONG = "too_long"  # hold: longer than is read
    NOT_READ = "not_read"  # hold: the classifier failed, was late, or answered nonsense
    ANSWER_AWAITED = "answer_awaited"  # hold: an outside validator is to answer
    SWITCHED_OFF = "switched_off"  # accept: intake doesn't check tickets of this channel


class Plays(StrEnum):
    """When an article is offered."""

    FIRST = "first"  # before a case, covered or not
    INSTEAD = "instead"  # where nobody owes help


@dataclass(frozen=True, slots=True)
class Article:
    title: str
    url: str
    plays: Plays


@dataclass(frozen=True, slots=True)
class Offered:
    """A plan or an add-on on sale in the customer's market that would give what is missing."""

    key: str
    name: str
    words: str = ""
    add_on: bool = False


@dataclass(frozen=True, slots=True)
class FeatureStanding:
    """What the entitlement engine says of one feature of this account now.

    `withheld` is why it isn't granted though it may well be theirs, in a sentence: then nobody is refused by it.
    """

    key: str
    name: str
    granted: bool
    why: str = ""
    limit_reached: bool = False
    offers: tuple[Offered, ...] = ()
    article: Article | None = None
    withheld: str = ""


@dataclass(frozen=True, slots=True)
class HelpStanding:
    """What help is owed on the ticket's channel now. `used_up` is the prepaid help of which nothing is left, and blocks.

    `perhaps` is why help may be owed though it isn't by what was named, in a sentence: neither the channel nor a balance
    stands in the way, but that no device was named, that the account is suspended, or that its help begins later.
    """

    covered: bool
    why: str = ""
    used_up: str = ""
    other_channels: tuple[str, ...] = ()  # those on which help is owed, in words
    offers: tuple[Offered, ...] = ()
    tier: str = ""
    team: str = ""
    person: str = ""
    perhaps: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """How sure one has to be for each action, from 0 to 1; `acting` is whether a classifier may act at all yet."""

    accept: float = 0.80
    redirect: float = 0.90
    suggest: float = 0.90
    acting: bool = False

    def of(self, outcome: Outcome) -> float:
        return {Outcome.ACCEPT: self.accept, Outcome.REDIRECT: self.redirect, Outcome.SUGGEST: self.suggest}[outcome]


@dataclass(frozen=True, slots=True)
class Question:
    """All that a decision is made from. `account` False: nobody knows whose ticket it is."""

    understood: tuple[Understood, ...]
    account: bool = True
    features: Mapping[str, FeatureStanding] = field(default_factory=dict)
    help: HelpStanding = HelpStanding(covered=False)
    wanted: Wanted = Wanted()
    unreadable: tuple[str, ...] = ()
    too_long: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """What follows one request. `feature` is the surest that leads there; `confidence` that of the outcome, summed.

    `proposed` is what would follow, were one sure enough, where it is held.
    """

    understood: Understood
    outcome: Outcome
    reason: Reason
    words: str
    feature: str = ""
    confidence: float = 0.0
    proposed: Outcome | None = None
    article: Article | None = None
    offers: tuple[Offered, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """What follows the ticket, why in words, and what follows each of its requests.

    `channels` are those on which help is owed, where it isn't on this one.
    """

    outcome: Outcome
    reason: Reason
    words: str
    parts: tuple[Part, ...] = ()
    team: str = ""
    person: str = ""
    article: Article | None = None
    offers: tuple[Offered, ...] = ()
    channels: tuple[str, ...] = ()
