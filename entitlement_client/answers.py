"""What a check answers, whoever asked: the client over HTTP, or the desk in its own process."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from entitlement_client.fallbacks import DENY, Fallback

Source = Literal["live", "cache", "fallback"]


@dataclass(frozen=True, slots=True)
class Offer:
    """A plan or an add-on that would allow what was refused."""

    plan: str
    name: str
    kind: str
    prices: tuple[str, ...] = ()
    buy_url: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """May this account do this, why, and how much is left. Amounts are whole numbers of the feature's smallest unit.

    `because` is for people and `why` for programs (null where it is allowed). `source`: asked just now, remembered, or
    by the fallback. `degraded`: the desk could not be asked, and this is what its fallback says. Not `certain`: allowed
    only if the limits that only the desk knows (a seat's, a subject's, a parent's) leave room.
    """

    account: str
    feature: str
    allowed: bool
    because: str
    why: str | None
    value: Any
    unlimited: bool
    limit: int | None
    used: int | None
    left: int | None
    as_of: datetime
    valid_until: datetime | None
    source: Source
    degraded: bool = False
    fallback: Fallback = DENY
    certain: bool = True
    offers: tuple[Offer, ...] = ()

    def __bool__(self) -> bool:
        """`if client.check(…):` means what it says."""
        return self.allowed


class Denied(Exception):
    """It isn't allowed; `answer` says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.feature} is refused to {answer.account}: {answer.because}.")
        self.answer = answer


class Checker(Protocol):
    """Whoever can be asked: a Client, or the desk itself where the product runs in its process."""

    def check(
        self,
        account: str,
        feature: str,
        *,
        quantity: int | None = None,
        choice: str = "",
        subject: str = "",
        point: str = "",
    ) -> Answer: ...


def problem_of(answer: Answer) -> dict[str, Any]:
    """A refusal as a problem document (RFC 9457), to be sent with status 403 as application/problem+json."""
    return {
        "type": "about:blank",
        "title": "Not included",
        "status": 403,
        "detail": f"{answer.feature} is refused: {answer.because}.",
        "code": answer.why or "refused",
        "why": answer.why,
        "because": answer.because,
        "feature": answer.feature,
        "degraded": answer.degraded,
        "offers": [
            {
                "plan": one.plan,
                "name": one.name,
                "kind": one.kind,
                "prices": list(one.prices),
                "buy_url": one.buy_url,
            }
            for one in answer.offers
        ],
    }
