"""What is known of one account: the desk's last word, and what it said will follow."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from entitlement_client.answers import Answer
from entitlement_client.instants import moment, read_instant, write_instant
from entitlement_client.terms import Term, read_terms, write_term

FARTHEST = 30 * 86_400  # seconds ahead: further off, an end is looked up when it is nearer
STEPS = 3  # of what follows


class Step(NamedTuple):
    """The terms from an instant on."""

    at: float
    terms: Mapping[str, Term]


class Known:
    """Never changed but for `asked_at` and the answers it has given; what is newly heard is another one.

    `as_of`: when the desk last confirmed it, by its own clock. `steps`: now, and what follows; none for an account that
    the desk doesn't know.
    """

    __slots__ = ("account", "answers", "as_of", "asked_at", "etag", "foreseen_at", "said_at", "steps")

    def __init__(
        self, account: str, steps: tuple[Step, ...], *, as_of: float, etag: str = "", foreseen_at: float | None = None
    ) -> None:
        self.account, self.steps, self.as_of, self.etag, self.foreseen_at = account, steps, as_of, etag, foreseen_at
        self.asked_at = as_of
        self.said_at: datetime = moment(as_of)
        self.answers: dict[tuple[str, int | None], tuple[float, Answer]] = {}

    @property
    def unknown(self) -> bool:
        return not self.steps

    def confirmed(self, as_of: float) -> "Known":
        """Nothing has changed."""
        found = Known(self.account, self.steps, as_of=as_of, etag=self.etag, foreseen_at=self.foreseen_at)
        found.asked_at = self.asked_at
        return found

    def followed_by(self, steps: Iterable[Step], *, at: float) -> "Known":
        found = Known(self.account, (self.steps[0], *steps), as_of=self.as_of, etag=self.etag, foreseen_at=at)
        found.asked_at = self.asked_at
        return found

    def used(self, feature: str, told: Any) -> "Known":
        """The desk has just told how far the account has come with one feature."""
        first = self.steps[0]
        found = Known(
            self.account,
            (Step(first.at, {**first.terms, feature: first.terms[feature].with_use(told)}), *self.steps[1:]),
            as_of=self.as_of, etag=self.etag, foreseen_at=self.foreseen_at,
        )  # fmt: skip
        found.asked_at = self.asked_at
        return found

    def says_the_same(self, terms: Mapping[str, Term]) -> bool:
        """Whether only use has changed, so that what follows is the same."""
        mine = self.steps[0].terms if self.steps else {}
        return mine.keys() == terms.keys() and all(
            mine[name].with_use(None) == term.with_use(None) for name, term in terms.items()
        )

    def term_at(self, feature: str, now: float) -> Term | None:
        """The latest term that has begun, with how far the account has come. It may be over; `in_force` says so."""
        if not self.steps:
            return None
        first = found = self.steps[0].terms.get(feature)
        for step in self.steps[1:]:
            if step.at > now:
                break
            found = step.terms.get(feature, found)
        if found is not first and first is not None and found is not None:
            return replace(found, use=first.used_at(now))
        return found

    def next_end(self) -> float | None:
        """When the last of the steps ends, in any of its terms."""
        ends = [term.valid_until for term in self.steps[-1].terms.values() if term.valid_until is not None]
        return min((end for end in ends if end > self.steps[-1].at), default=None)


def in_force(term: Term, now: float) -> bool:
    return term.valid_until is None or now < term.valid_until


def write_known(known: Known) -> dict[str, Any]:
    """As it is stored."""
    return {
        "account": known.account,
        "etag": known.etag,
        "as_of": write_instant(known.as_of),
        "steps": [
            {"at": write_instant(step.at), "entitlements": [write_term(term) for term in step.terms.values()]}
            for step in known.steps
        ],
    }


def read_known(told: Mapping[str, Any]) -> Known:
    """ValueError, KeyError or TypeError for what isn't one."""
    steps = tuple(Step(_instant(step["at"]), read_terms(step)) for step in told["steps"])
    if not steps or not isinstance(told["account"], str) or not isinstance(told["etag"], str):
        raise ValueError("There is nothing known in this.")
    return Known(told["account"], steps, as_of=_instant(told["as_of"]), etag=told["etag"])


def _instant(told: Any) -> float:
    found = read_instant(told)
    if found is None:
        raise ValueError("An instant is missing.")
    return found
