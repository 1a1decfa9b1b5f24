"""The values a cover is chosen from and among: what might cover, who asks about what, and the choice.

The rule itself is `covers`; the words are `cover_reasons`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.domain.values import UNLIMITED, Amount
from catalog.domain.window import Window
from support.domain.cover_terms import SHARES, Aspect, ScopeKind, Source, Specificity


class UnfitCover(ValueError):
    """The parts of a cover contradict each other; the message says how."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What a cover is narrowed to, by id; an empty set is all of that kind. `said` words it for people."""

    assets: frozenset[int] = frozenset()
    locations: frozenset[int] = frozenset()
    contacts: frozenset[int] = frozenset()
    products: frozenset[int] = frozenset()
    channels: frozenset[str] = frozenset()
    said: Mapping[ScopeKind, str] = field(default_factory=dict)

    def of(self, kind: ScopeKind) -> frozenset[int]:
        return {
            ScopeKind.ASSET: self.assets,
            ScopeKind.LOCATION: self.locations,
            ScopeKind.CONTACT: self.contacts,
            ScopeKind.PRODUCT: self.products,
        }[kind]


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of prepaid help that a cover counts on; `blocks` where nothing more is given at zero."""

    name: str
    amount: Amount
    blocks: bool = True

    @property
    def used_up(self) -> bool:
        return self.blocks and self.amount is not UNLIMITED and self.amount <= 0


@dataclass(frozen=True, slots=True)
class CoverFact:
    """One thing that might cover. `rank` is the tier's place in the listed order, the best the greatest.

    `shares` has percents for the aspects it speaks of; `line` is whether a contract's line says it. `promised`: some
    policy says what its tier promises. `withheld` is why it doesn't speak whatever its dates say; `ends_because` goes
    on from the day it ended: ", with contract C-12". `follows` is the key of the one it goes on from, amended or renewed.
    """

    key: str
    source: Source
    name: str
    account: int
    window: Window
    tier: str | None = None
    rank: int = -1
    shares: Mapping[Aspect, int] = field(default_factory=dict)
    scope: Scope = Scope()
    children: bool = False
    line: bool = False
    priority: int | None = None
    left: tuple[Left, ...] = ()
    authorisation: str = ""
    promised: bool = True
    withheld: str = ""
    ends_because: str = ""
    follows: str = ""

    def __post_init__(self) -> None:
        if Aspect.RESPONSE in self.shares:
            raise UnfitCover("How fast somebody answers is said by a tier, not by a share.")
        if any(not 0 <= percent <= 100 for percent in self.shares.values()):
            raise UnfitCover("A cover bears from 0 to 100 percent.")
        if self.tier is not None and self.rank < 0:
            raise UnfitCover(f"The tier {self.tier!r} has no place in the order of tiers.")

    def speaks_of(self, aspect: Aspect) -> bool:
        return self.tier is not None if aspect is Aspect.RESPONSE else aspect in self.shares

    def generosity(self, aspect: Aspect) -> int:
        return self.rank if aspect is Aspect.RESPONSE else self.shares[aspect]

    def is_empty(self, aspect: Aspect) -> bool:
        """It names a tier, and nothing is promised for that one."""
        return aspect is Aspect.RESPONSE and not self.promised

    @property
    def used_up(self) -> bool:
        """Nothing is left of any prepaid help it may count on."""
        return bool(self.left) and all(left.used_up for left in self.left)

    @property
    def specificity(self) -> Specificity:
        if self.scope.assets:
            return Specificity.ASSET
        if self.scope.locations:
            return Specificity.LOCATION
        if self.line:
            return Specificity.LINE
        if self.scope.contacts:
            return Specificity.CONTACT
        return Specificity.PRODUCT if self.scope.products else Specificity.ACCOUNT

    @property
    def on_file(self) -> tuple[str, int, str]:
        """The place among all: by what it is, then by its number, so that cover:9 comes before cover:10."""
        name, _, number = self.key.partition(":")
        return name, int(number) if number.isdigit() else 0, self.key


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asks about what, at which instant. `above` are the accounts it belongs to; None was not named.

    `standing_words` say why nothing is owed where the account isn't open; `shut` are those above that aren't, each
    with its words. `zone` is the one days are said in.
    """

    account: int
    at: datetime
    above: tuple[int, ...] = ()
    is_open: bool = True
    standing_words: str = ""
    shut: Mapping[int, str] = field(default_factory=dict)
    zone: str = "UTC"
    asset: int | None = None
    location: int | None = None
    contact: int | None = None
    product: int | None = None
    channel: str | None = None
    chosen: str = ""

    def of(self, kind: ScopeKind) -> int | None:
        return {
            ScopeKind.ASSET: self.asset,
            ScopeKind.LOCATION: self.location,
            ScopeKind.CONTACT: self.contact,
            ScopeKind.PRODUCT: self.product,
        }[kind]


@dataclass(frozen=True, slots=True)
class Candidate:
    """One of them, judged: what it decides, or why it decides nothing. `reason` says both in whole sentences.

    `reasons` are the same for each aspect that it speaks of, of one that is kept.
    """

    cover: CoverFact
    kept: bool
    decides: tuple[Aspect, ...]
    reason: str
    reasons: Mapping[Aspect, str] = field(default_factory=dict)

    def why(self, aspect: Aspect) -> str:
        return self.reasons.get(aspect, self.reason)


@dataclass(frozen=True, slots=True)
class Choice:
    """Who decides each aspect, and all candidates: the deciding first, then the kept, then the lost.

    `chosen` is the key that somebody chose; `missed` says why that one doesn't apply: empty, it does, or nobody chose.
    """

    winners: Mapping[Aspect, CoverFact]
    candidates: tuple[Candidate, ...]
    missed: str = ""
    chosen: str = ""

    @property
    def response(self) -> CoverFact | None:
        """Who decides how fast somebody answers, also where nothing is promised for its tier."""
        return self.winners.get(Aspect.RESPONSE)

    @property
    def promising(self) -> CoverFact | None:
        """The same, where something is promised; None: not covered."""
        return self.response if self.response is not None and self.response.promised else None

    def borne(self, aspect: Aspect) -> int:
        """How many percent are borne of labour, parts or travel; what nobody speaks of is the customer's."""
        winner = self.winners.get(aspect)
        return 0 if winner is None else winner.shares[aspect]

    def owed(self, aspect: Aspect) -> int:
        """The customer's share in percent."""
        return 100 - self.borne(aspect)

    @property
    def authorisation(self) -> str:
        """What has to be authorised first, by all that bear some of the work."""
        asked = [self.winners[aspect].authorisation for aspect in SHARES if self.borne(aspect)]
        return " ".join(dict.fromkeys(words for words in asked if words))

    def candidate(self, key: str) -> Candidate | None:
        return next((one for one in self.candidates if one.cover.key == key), None)
