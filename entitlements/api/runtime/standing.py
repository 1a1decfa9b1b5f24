"""How an account stands, as the API tells it: the rule is `queries/usage/standing.py`; here what can't be asked becomes
a problem of its kind."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from entitlements.api.runtime.problems import UnknownChoice, refusal_of
from entitlements.domain.decision import UnfitQuestion
from entitlements.domain.usage.operations import UnfitUse
from entitlements.queries.account_names import Named
from entitlements.queries.usage.landing import Sources
from entitlements.queries.usage.standing import Question, Standing, standing_of, standing_then
from journal.domain.refusal import Invalid


def stands_now(account: Named, questions: Sequence[Question], *, sources: Sources, now: datetime) -> list[Standing]:
    """The answer to each question, in order. UnknownFeature, UnknownChoice and Invalid where one can't be asked."""
    with _as_problems():
        return standing_of(account, questions, sources=sources, now=now)


def stands_then(account: Named, question: Question, *, at: datetime, known_at: datetime | None) -> Standing:
    """At another moment, by the terms alone. The same, and the snapshots' UnknownAccount."""
    with _as_problems():
        return standing_then(account, question, at=at, known_at=known_at)


@contextmanager
def _as_problems() -> Iterator[None]:
    try:
        yield
    except UnfitUse as unfit:
        raise refusal_of(unfit) from None
    except UnfitQuestion as unfit:
        kind = UnknownChoice if unfit.field == "choice" else Invalid
        raise kind(str(unfit), field=unfit.field) from None
