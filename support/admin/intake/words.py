"""Checked tickets in words for whoever decides about them; nobody has to know how a classifier works."""

from dataclasses import dataclass

from support.domain.case_events import Channel
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import Stage


@dataclass(frozen=True, slots=True)
class Badge:
    words: str
    colour: str
    icon: str = ""


_LOOKS = {
    Outcome.ACCEPT: ("green", "check_circle"),
    Outcome.REDIRECT: ("blue", "menu_book"),
    Outcome.SUGGEST: ("amber", "sell"),
    Outcome.BLOCK: ("red", "block"),
    Outcome.HOLD: ("grey", "pan_tool"),
}
VARIANTS = {"green": "success", "blue": "info", "amber": "warning", "red": "danger", "grey": "default"}
OUTCOME_VARIANTS = {one.words: VARIANTS[colour] for one, (colour, _icon) in _LOOKS.items()}
REASONS = {
    Reason.COVERED: "They have it and are covered",
    Reason.ARTICLE_FIRST: "An article answers it",
    Reason.ARTICLE_INSTEAD: "Not covered, and an article answers it",
    Reason.NOT_INCLUDED: "Not part of what they have",
    Reason.LIMIT_REACHED: "A limit is used up",
    Reason.NOT_COVERED: "No help owed on this channel",
    Reason.NOTHING_LEFT: "Prepaid help is used up",
    Reason.UNSURE: "Not sure what is meant",
    Reason.ONLY_SUGGESTED: "Still learning: only suggested",
    Reason.NOBODY_KNOWN: "Whose ticket it is isn’t known",
    Reason.UNREADABLE: "Something can’t be read",
    Reason.NOTHING_ASKED: "No request found",
    Reason.TOO_LONG: "Too long to be read by itself",
    Reason.NOT_READ: "It couldn’t be read by itself",
    Reason.ANSWER_AWAITED: "An outside answer is awaited",
    Reason.SWITCHED_OFF: "This channel isn’t checked",
}
MAKERS = {
    "minilm": "The desk’s own classifier",
    "tfidf": "The desk’s plainer classifier",
    "llm": "A language model",
    "model": "A language model",
    "outside": "A validator outside",
}
# What the button of each outcome says, and its key.
ACTS = (
    ("a", Outcome.ACCEPT, "Accept"),
    ("r", Outcome.REDIRECT, "Redirect"),
    ("u", Outcome.SUGGEST, "Suggest upgrade"),
    ("b", Outcome.BLOCK, "Block"),
)
_SURE = ((0.95, "sure"), (0.8, "quite sure"), (0.5, "likely"), (0.25, "perhaps"), (0.0, "hardly"))


def outcome_badge(value: str) -> Badge:
    outcome = Outcome(value)
    return Badge(outcome.words, *_LOOKS[outcome])


def say_reason(value: str) -> str:
    return REASONS[Reason(value)]


def say_stage(value: str) -> str:
    return Stage(value).words


def say_by(value: str) -> str:
    """ "by e-mail", "by API", "in person"."""
    words = Channel(value).words
    if value == Channel.IN_PERSON:
        return words.lower()
    return f"by {words if words.isupper() else words.lower()}"


def say_sure(confidence: float) -> str:
    """How sure, as one says it."""
    return next(words for least, words in _SURE if confidence >= least)


def say_percent(confidence: float) -> str:
    """Never 100 % of what is only nearly certain."""
    percent = min(99, round(confidence * 100)) if confidence < 1 else 100
    return f"{percent}\N{NO-BREAK SPACE}%"


def say_wanted(confidence: float) -> str:
    return "never by itself" if confidence > 1 else f"at least {say_percent(confidence)}"


def say_took(microseconds: int) -> str:
    """ "0.4 ms", "12 ms", "3.1 s"."""
    if microseconds >= 1_000_000:
        return f"{microseconds / 1_000_000:.1f}\N{NO-BREAK SPACE}s"
    if microseconds >= 10_000:
        return f"{round(microseconds / 1000)}\N{NO-BREAK SPACE}ms"
    return f"{microseconds / 1000:.1f}\N{NO-BREAK SPACE}ms"
