"""Why a cover takes part or doesn't, wins or doesn't, in sentences for whoever has to explain it to the customer."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from catalog.domain.window import Window, last_day
from support.domain.case_events import Channel
from support.domain.cover_facts import Asked, CoverFact, Scope
from support.domain.cover_terms import Aspect, ScopeKind, Source

# What is said where a thing of the kind would have had to be named, and wasn't.
UNNAMED = {
    ScopeKind.ASSET: "no asset was named",
    ScopeKind.LOCATION: "where the equipment stands was not named",
    ScopeKind.CONTACT: "none of the customer’s contacts on file was named as asking",
    ScopeKind.PRODUCT: "no product was named",
}


def lost_because(cover: CoverFact, asked: Asked) -> str:
    """Why it takes no part, in words; empty: it does."""
    return (
        _lost_by_account(cover, asked)
        or _lost_by_time(cover, asked)
        or _lost_by_scope(cover.scope, asked)
        or cover.withheld
        or (f"Nothing is left of {_listed([left.name for left in cover.left])}." if cover.used_up else "")
    )


def _lost_by_account(cover: CoverFact, asked: Asked) -> str:
    if cover.account != asked.account and not (cover.children and cover.account in asked.above):
        if cover.source is Source.WARRANTY:
            return "It is on equipment that another account has."
        return "It is another account’s, and reaches no child accounts."
    # What the account holds has its standing weighed already.
    if not asked.is_open and cover.source is not Source.TIER:
        return asked.standing_words or "The account is not open."
    return asked.shut.get(cover.account, "") if cover.account != asked.account else ""


def _lost_by_time(cover: CoverFact, asked: Asked) -> str:
    window: Window = cover.window
    if window.start is not None and window.start == window.end:
        return f"It never came into force{cover.ends_because}."
    if window.start is not None and asked.at < window.start:
        return f"It begins later, on {_moment(window.start, asked.zone)}."
    if window.end is not None and window.end <= asked.at:
        return f"It lasted {_until(window.end, asked.zone)}{cover.ends_because}."
    return ""


def _lost_by_scope(scope: Scope, asked: Asked) -> str:
    if scope.channels and asked.channel is not None and asked.channel not in scope.channels:
        return f"It is for {_listed(sorted(map(channel_words, scope.channels)))} only."
    for kind in ScopeKind:
        if not (named := scope.of(kind)):
            continue
        only = scope.said.get(kind, f"certain {kind}s")
        if asked.of(kind) is None:
            return f"It reaches {only} only, and {UNNAMED[kind]}."
        if asked.of(kind) not in named:
            return f"It reaches {only} only."
    return ""


def missed_because(judged: Iterable[tuple[CoverFact, str]], chosen: str, meant: CoverFact | None) -> str:
    """Why the one that somebody chose, or what goes on from it, doesn't apply; empty where nobody chose."""
    if not chosen:
        return ""
    found = next(((cover, lost) for cover, lost in judged if cover is meant), None)
    if found is None:
        return "What was chosen for this case is nothing that its account has."
    return f"{found[0].name} was chosen for this case, and doesn’t apply. {found[1]}"


def reasons_of(
    cover: CoverFact, ranked: Mapping[Aspect, list[CoverFact]], chosen: CoverFact | None, said: str
) -> dict[Aspect, str]:
    """Of one that is kept, for each aspect it speaks of: why it decides, or who does. `said` is the key that was chosen."""
    return {
        aspect: _won(covers, aspect, chosen, said) if covers[0] is cover else _beaten(cover, covers[0], aspect, chosen)
        for aspect, covers in ranked.items()
        if cover.speaks_of(aspect)
    }


def together(reasons: Mapping[Aspect, str]) -> str:
    """One reason for all of it stands alone; several say of what each is the reason."""
    by_words: dict[str, list[Aspect]] = {}
    for aspect, words in reasons.items():
        by_words.setdefault(words, []).append(aspect)
    if len(by_words) <= 1:
        return next(iter(by_words), "It says nothing about response, labour, parts or travel.")
    return " ".join(
        f"{_listed([one.words for one in aspects]).capitalize()}: {words}" for words, aspects in by_words.items()
    )


def _won(covers: list[CoverFact], aspect: Aspect, chosen: CoverFact | None, said: str) -> str:
    by, *others = covers
    if by.is_empty(aspect):
        return f"Nothing better applies, but nothing is promised for {by.name}."
    if by is chosen:
        return (
            "Somebody chose it for this case." if by.key == said else "It goes on from what was chosen for this case."
        )
    if by.priority is not None:
        return f"Staff have set it to come {_ordinal(by.priority)}."
    if not others:
        return "It is the only one that applies."
    if (than := _told_apart(by, others[0], aspect)) is None:
        return "It is the most generous of those that apply."
    return f"It gives the same as {others[0].name}, and {than}."


def _beaten(cover: CoverFact, by: CoverFact, aspect: Aspect, chosen: CoverFact | None) -> str:
    if cover.is_empty(aspect):
        return f"Nothing is promised for its tier; {by.name} speaks."
    if by is chosen:
        return f"{by.name} was chosen for this case."
    if by.priority is not None and by.priority != cover.priority:
        return f"{by.name} comes before it, as staff have set."
    if (than := _told_apart(by, cover, aspect)) is None:
        return f"{by.name} is more generous."
    return f"{by.name} gives the same, and {than}."


def _told_apart(by: CoverFact, other: CoverFact, aspect: Aspect) -> str | None:
    """By what one goes before another of the same generosity; None where it is more generous."""
    if other.is_empty(aspect) or by.generosity(aspect) > other.generosity(aspect):
        return None
    if by.specificity is not other.specificity:
        return "fits more closely"
    return "began first" if by.window.start != other.window.start else "is first on file"


def channel_words(channel: str) -> str:
    """ "e-mail", "phone"; a channel nobody knows any more as it is written."""
    words = Channel(channel).words if channel in set(Channel) else channel.replace("_", " ")
    return words if words.isupper() else words[:1].lower() + words[1:]


def _listed(words: Iterable[str]) -> str:
    *others, last = words
    return f"{', '.join(others)} and {last}" if others else last


def _until(end: datetime, zone: str) -> str:
    day = last_day(end, zone)
    return f"through {day.day} {day:%B %Y}" if day is not None else f"until {_moment(end, zone)}"


def _moment(at: datetime, zone: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    clock = "" if (local.hour, local.minute) == (0, 0) else f" {local:%H:%M}"
    return f"{local.day} {local:%B %Y}{clock}"


def _ordinal(number: int) -> str:
    named = {1: "first", 2: "second", 3: "third"}
    if number in named:
        return named[number]
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
