"""What follows a ticket in sentences: one for staff, and what of it may be told to the customer.

Staff read why, by name. A customer reads what happens next and what helps, never how sure anybody was, nor what was
only proposed.
"""

from collections.abc import Iterable, Sequence

from support.domain.cover_words import say_list
from support.domain.intake.outcomes import (
    Article,
    Decision,
    FeatureStanding,
    HelpStanding,
    Offered,
    Outcome,
    Part,
    Reason,
)

MOST_NAMED = 3
LONGEST_NAMED = 300


def nobody_known() -> str:
    return "Nobody knows whose ticket this is, so a person decides."


def nothing_asked() -> str:
    return "No request was found in it, so a person reads it."


def too_long() -> str:
    return "It is longer, or asks for more, than is read by itself, so a person reads it."


def unreadable(reasons: Sequence[str]) -> str:
    """ "Something of it can’t be read (photo.png: a picture; …), so a person looks at it."."""
    named = "; ".join(_short(reason) for reason in reasons[:MOST_NAMED])
    more = f"; and {len(reasons) - MOST_NAMED} more" if len(reasons) > MOST_NAMED else ""
    return f"Something of it can’t be read ({named}{more}), so a person looks at it."


def not_read(failed: str) -> str:
    return f"What is asked wasn’t read by itself ({_short(failed)}), so a person decides."


def unknown_feature(key: str) -> str:
    return f"A field names “{_short(key)}”, which isn’t in the catalog, so a person decides."


def nothing_meant() -> str:
    return "Nothing in the catalog is surely meant by this, so a person decides."


def perhaps_owed(owed: HelpStanding) -> str:
    """Why nobody is turned away, though help isn't owed by what was named."""
    return f"{_sentence(owed.perhaps)} Nobody is turned away for that, so a person decides."


def perhaps_theirs(standing: FeatureStanding) -> str:
    said = f"“{standing.name}” isn’t theirs at the moment. {_sentence(standing.withheld)}"
    return f"{said} Nobody is turned away for that, so a person decides."


def nothing_gives(standing: FeatureStanding) -> str:
    return (
        f"Perhaps “{standing.name}” is meant, which they don’t have and nothing on sale gives; "
        "words alone refuse nothing, so a person decides."
    )


def unsure(part: Part) -> str:
    return f"Not sure enough of what is meant, so a person decides; proposed: {_proposed(part)}."


def only_suggested(part: Part) -> str:
    return f"Too few labelled tickets yet to act by words alone, so a person decides; proposed: {_proposed(part)}."


def _proposed(part: Part) -> str:
    return f"{part.outcome.words[:1].lower()}{part.outcome.words[1:]}. {part.words}".rstrip(".")


def nothing_left(owed: HelpStanding) -> str:
    """What is used up, what would give more, and where help is still owed."""
    more = f"; more comes with {say_offers(owed.offers)}" if owed.offers else ""
    return f"Nothing is left of “{owed.used_up}”, and it blocks{more}{_elsewhere(owed)}."


def not_covered(owed: HelpStanding) -> str:
    more = f"; {say_offers(owed.offers)} would give it" if owed.offers else " and nothing on sale gives it"
    return f"Nobody owes them help on this channel{_aside(owed.why)}{more}{_elsewhere(owed)}."


def article_instead(owed: HelpStanding, article: Article) -> str:
    return (
        f"Nobody owes them help on this channel{_aside(owed.why)}; "
        f"the article “{article.title}” answers it{_elsewhere(owed)}."
    )


def by_feature(standing: FeatureStanding, outcome: Outcome, reason: Reason) -> str:
    """What follows a request for one feature, and why."""
    name, why = f"“{standing.name}”", _aside(standing.why)
    if reason is Reason.LIMIT_REACHED:
        return f"The limit of {name} is reached{why}; {say_offers(standing.offers)} would raise it."
    if outcome is Outcome.SUGGEST:
        return f"They don’t have {name}{why}; {say_offers(standing.offers)} would give it."
    if outcome is Outcome.REDIRECT and standing.article is not None:
        return f"They have {name}{why}, and the article “{standing.article.title}” is offered first."
    if outcome is Outcome.ACCEPT:
        return f"They have {name}{why} and are covered on this channel."
    return f"They don’t have {name}{why} and nothing on sale gives it."


def say_offers(offers: Sequence[Offered]) -> str:
    """ "Team or Gold support"; of many the first three."""
    names = [f"“{offer.name}”" for offer in offers[:MOST_NAMED]]
    *before, last = names or [""]
    return f"{', '.join(before)} or {last}" if before else last


def _elsewhere(owed: HelpStanding) -> str:
    return f"; they are covered by {say_channels(owed.other_channels)}" if owed.other_channels else ""


def say_channels(channels: Iterable[str]) -> str:
    """ "e-mail and web form": names as they stand inside a sentence."""
    return say_list(one if one[1:] != one[1:].lower() else one.lower() for one in channels)


def _aside(why: str) -> str:
    return f" ({_short(why).rstrip('.')})" if why.strip() else ""


def _sentence(text: str) -> str:
    return f"{_short(text).rstrip('.')}."


def _short(text: str) -> str:
    """On one line, and no longer than a sentence bears."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_NAMED else f"{line[: LONGEST_NAMED - 1]}…"


# What may be told to the customer

_HELD = {
    Reason.UNREADABLE: "Not everything you sent could be read here. A colleague will look at it and answer you.",
    Reason.NOTHING_ASKED: "Please tell us in a few words what you need. A colleague will look at your message either way.",
    Reason.NOBODY_KNOWN: "Please tell us which account this is about. A colleague will look at your message either way.",
}


def customer_words(decision: Decision) -> str:
    """What may be told to the customer: polite, with the article, the offer or the channel that helps.

    A held ticket says nothing of what was proposed, since nobody has decided it.
    """
    if decision.outcome is Outcome.HOLD:
        said = _HELD.get(decision.reason, "A colleague will look at your request and answer you.")
        return f"Thank you for your message. {said}"
    if decision.reason is Reason.NOTHING_LEFT:
        told = ["Your prepaid help is used up, so we can’t take up this request.", *_more_help(decision)]
    elif decision.reason in (Reason.NOT_COVERED, Reason.ARTICLE_INSTEAD):
        told = _told_uncovered(decision)
    else:
        told = _told_of_parts(decision)
    return " ".join(["Thank you for your message.", *dict.fromkeys(told)])


def _told_uncovered(decision: Decision) -> list[str]:
    told = ["Help on this channel isn’t part of what you have."]
    if decision.article is not None:
        told.append(_read(decision.article))
    return [*told, *_more_help(decision)]


def _more_help(decision: Decision) -> Iterable[str]:
    if decision.channels:
        yield f"You can reach us by {say_channels(decision.channels)}."
    if decision.offers:
        yield f"{say_offers(decision.offers)} would give you more help."


def _told_of_parts(decision: Decision) -> list[str]:
    told = ["We have taken up your request."] if decision.outcome is Outcome.ACCEPT else []
    for part in decision.parts:
        told += _told_of(part, "What" if len(decision.parts) == 1 else "Some of what")
    return told or ["What you asked for isn’t part of what you have."]


def _told_of(part: Part, what: str) -> Iterable[str]:
    if part.outcome is Outcome.REDIRECT and part.article is not None:
        yield _read(part.article)
    elif part.reason is Reason.LIMIT_REACHED:
        yield f"You have reached a limit of what you have; {say_offers(part.offers)} would raise it."
    elif part.outcome is Outcome.SUGGEST:
        yield f"{what} you asked for isn’t part of what you have; {say_offers(part.offers)} would give it."
    elif part.outcome is Outcome.BLOCK:
        yield f"{what} you asked for isn’t part of what you have, and we have nothing on sale that gives it."


def _read(article: Article) -> str:
    return f"This article answers it: “{article.title}”, {article.url}"
