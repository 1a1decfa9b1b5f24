"""The three questions about the past, side by side: was true at T, believed at T, answered at T (DESIGN.md §4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from catalog.models import Feature
from entitlements.domain.resolution import Resolution
from entitlements.domain.saying import in_words
from entitlements.models import Account
from entitlements.queries.entitlements import entitlements_of
from entitlements.queries.merged import keys_of
from entitlements.queries.story.answers_given import Given, answers_told
from entitlements.snapshots.account import UnknownAccount
from journal.models import AuditEvent

MOST_ACTS = 20_000
MOST_LOOKS = 40  # how often the past is worked out again to find who put it right; each takes some reads
JUST_AFTER = timedelta(microseconds=1)  # a version never lands before the one it replaces, so it may land that late


@dataclass(frozen=True, slots=True)
class Cause:
    """The act since which the moment is known as it is today."""

    at: datetime
    words: str
    who: str
    reason: str
    event_id: str


@dataclass(frozen=True, slots=True)
class ThreeAnswers:
    """One feature at the moment. `believed` is None where the customer or the feature wasn't known yet."""

    feature: str
    name: str
    true: str
    believed: str | None
    answered: tuple[Given, ...]
    cause: Cause | None = None

    @property
    def put_right_later(self) -> bool:
        return self.believed != self.true

    @property
    def told_otherwise(self) -> tuple[Given, ...]:
        """Those who had been told something else than what was believed: they had not asked since it changed."""
        return tuple(given for given in self.answered if given.words != (self.believed or self.true))

    @property
    def differs(self) -> bool:
        return self.put_right_later or any(given.words != self.true for given in self.answered)


def three_answers(
    *, account: Account, at: datetime, feature: str | None = None, upto: int | None = None
) -> tuple[ThreeAnswers, ...]:
    """For every feature, or the one asked about, in the order of the plan sheet; those that differ come first.

    `upto`: the number of the last act that is looked at for who put it right; None: all there are.
    """
    true = _words(entitlements_of(account=account, at=at))
    past = _Past(account, at, upto)
    believed = past.known(at)
    names = dict(Feature.objects.values_list("key", "name"))
    wanted = [key for key in names if key in true and feature in {None, key}]
    told = answers_told(account=account, at=at, features=wanted)
    lines = [
        ThreeAnswers(
            feature=key,
            name=names[key],
            true=true[key],
            believed=believed.get(key),
            answered=told.get(key, ()),
            cause=past.put_right(key, true[key]) if believed.get(key) != true[key] else None,
        )
        for key in wanted
    ]
    return tuple(sorted(lines, key=lambda line: not line.differs))


class _Past:
    """What was known about one moment, at that moment and after each act since; worked out only where it is asked."""

    def __init__(self, account: Account, at: datetime, upto: int | None) -> None:
        self.account, self.at, self.upto = account, at, upto
        self._known: dict[datetime, Mapping[str, str]] = {}
        self._instants: Sequence[datetime] | None = None

    def known(self, known_at: datetime) -> Mapping[str, str]:
        if known_at not in self._known:
            self._known[known_at] = self._look(known_at)
        return self._known[known_at]

    def _look(self, known_at: datetime) -> Mapping[str, str]:
        try:
            return _words(entitlements_of(account=self.account, at=self.at, known_at=known_at))
        except UnknownAccount:
            return {}

    def put_right(self, feature: str, today: str) -> Cause | None:
        """The act since which the answer is today's: before it another was given, with it this one.

        Found by halving, so that years of acts take few looks; None where no act of ours shows it.
        """
        instants = self._acts()
        low, high = -1, len(instants) - 1
        if high < 0 or not self._says(instants[high], feature, today):
            return None
        while high - low > 1:
            middle = (low + high) // 2
            if len(self._known) >= MOST_LOOKS and instants[middle] + JUST_AFTER not in self._known:
                return None
            if self._says(instants[middle], feature, today):
                high = middle
            else:
                low = middle
        return self._cause(instants[high])

    def _says(self, instant: datetime, feature: str, today: str) -> bool:
        return self.known(instant + JUST_AFTER).get(feature) == today

    def _acts(self) -> Sequence[datetime]:
        """The instants of every act since that may have touched the account: its own, its parent's, the catalog's."""
        if self._instants is None:
            acts = AuditEvent.objects.filter(self._touching(), at__gt=self.at)
            self._instants = sorted(set(acts.order_by("at").values_list("at", flat=True)[:MOST_ACTS]))
        return self._instants

    def _touching(self) -> Q:
        keys = ["", *keys_of(self.account)]
        if self.account.parent is not None:
            keys.append(self.account.parent.key)
        return Q(account_key__in=keys) & (Q() if self.upto is None else Q(seq__lte=self.upto))

    def _cause(self, instant: datetime) -> Cause | None:
        acts = AuditEvent.objects.filter(self._touching(), at=instant).order_by("seq")
        event = next((act for act in acts if act.account_key == self.account.key), None) or acts.first()
        if event is None:
            return None
        words = f"{event.verb_in_words()}: {event.subject_label}"
        return Cause(event.at, words, event.actor_name, event.reason, str(event.pk))


def _words(answers: Mapping[str, Resolution]) -> Mapping[str, str]:
    return {feature: in_words(resolution) for feature, resolution in answers.items()}
