"""What may be told to a customer once a person has decided their ticket. Nothing here writes."""

from collections.abc import Iterable, Sequence

from support.domain.intake.outcomes import Article, Decision, Offered, Outcome, Part, Plays, Reason
from support.domain.intake.tickets import Request
from support.domain.intake.understood import Understood
from support.domain.intake.words import customer_words
from support.models import HelpArticle, IntakeDecision

REFUSED = "Thank you for your message. We can’t take up this request."
MOST = 3  # articles or offers
SAID = Understood(Request(""))  # whatever they wrote: a customer is told what helps, not what they said


def words_afterwards(row: IntakeDecision, outcome: Outcome, labels: Sequence[str | None] | None) -> str:
    """What the person’s outcome means for the customer; empty where nobody knows what to point them to.

    Where the desk had come to the same, what it said stands. An article or an offer is that of the features the person
    named, else of those by which the desk would have come to this outcome.
    """
    if row.outcome == outcome:
        return row.customer_words
    if outcome is Outcome.BLOCK:
        return REFUSED
    if outcome is Outcome.ACCEPT:
        return customer_words(Decision(outcome, Reason.COVERED, ""))
    parts = tuple(_redirected(row, labels) if outcome is Outcome.REDIRECT else _offered(row, labels))
    return customer_words(Decision(outcome, parts[0].reason, "", parts[:MOST])) if parts else ""


def _named(labels: Sequence[str | None] | None) -> list[str]:
    return list(dict.fromkeys(label for label in labels or () if label))


def _redirected(row: IntakeDecision, labels: Sequence[str | None] | None) -> Iterable[Part]:
    known = HelpArticle.objects.filter(feature__key__in=_named(labels), retired_at__isnull=True)
    articles = [Article(one.title, one.url, Plays(one.plays)) for one in known.order_by("feature__name")]
    if not articles:
        proposed = [part["article"] for part in row.parts if part["article"]]
        articles = [Article(one["title"], one["url"], Plays(one["plays"])) for one in proposed]
    for article in dict.fromkeys(articles):
        yield Part(SAID, Outcome.REDIRECT, Reason.ARTICLE_FIRST, "", article=article)


def _offered(row: IntakeDecision, labels: Sequence[str | None] | None) -> Iterable[Part]:
    features = row.engine.get("features") or {}
    said = [features[label]["offers"] for label in _named(labels) if label in features]
    offers = [one for one in said if one] or [part["offers"] for part in row.parts if part["offers"]]
    if not offers and (whole := (row.engine.get("help") or {}).get("offers")):
        offers = [whole]
    for one in offers:
        offered = tuple(Offered(**each) for each in one)
        yield Part(SAID, Outcome.SUGGEST, Reason.NOT_INCLUDED, "", offers=offered)
