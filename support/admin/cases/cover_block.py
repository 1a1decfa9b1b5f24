""" "Covered by" of a case: who decides what, everybody who might have, and why each won or lost."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse

from catalog.queries.instants import say_instant
from support.domain.case_events import CaseState
from support.domain.cover_terms import SHARES, Aspect
from support.domain.covers import Candidate, Choice
from support.models import Case, CasePromise
from support.queries.cases.choosing import ShownCover, shown_cover, stands_for
from support.queries.policy_history import tier_choices

MOST_SHOWN = 12
SPACE = "\N{NO-BREAK SPACE}"


@dataclass(frozen=True, slots=True)
class CandidateLine:
    """One of them for a reader: what it would give, how it stands, and why."""

    key: str
    name: str
    source: str
    gives: str
    badge: tuple[str, str]
    reason: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ShareLine:
    """How much of one aspect is borne, and by which cover; the rest is the customer's."""

    name: str
    words: str
    cover: str


def cover_block(case: Case, promise: CasePromise | None, *, at: datetime, may: bool) -> dict[str, Any]:
    """The same reads however many covers there are."""
    shown = shown_cover(case, at=at, last=promise)
    lines = list(candidate_lines(shown.choice, chosen=case.chosen_cover, tiers=tier_choices()))
    return {
        "name": shown.cover_name,
        "source": next((line.source for line in lines if line.key == shown.covered_by), ""),
        "known": case.account is not None,
        "chosen": case.chosen_cover,
        "chosen_name": chosen_name(shown, lines),
        "missed": shown.missed,
        "shares": list(_shares(shown.choice)) if shown.choice is not None else [],
        "authorisation": shown.authorisation,
        "lines": lines[:MOST_SHOWN],
        "more": len(lines[MOST_SHOWN:]),
        "judged": say_instant(shown.at, zone=case.account.zone if case.account else "UTC"),
        "asset": case.asset,
        "product": case.product,
        "url": reverse("admin:support_case_cover", args=[case.pk]) if may and case.account is not None else "",
        "device_url": reverse("admin:support_case_device", args=[case.pk]) if _nameable(case, may=may) else "",
    }


def _nameable(case: Case, *, may: bool) -> bool:
    return may and case.state != CaseState.CANCELLED


def chosen_name(shown: ShownCover, lines: Iterable[CandidateLine]) -> str:
    """What somebody chose, where that isn't what decides how fast somebody answers."""
    if not shown.case.chosen_cover or shown.missed or stands_for(shown.covered_by, shown.case.chosen_cover):
        return ""
    return next((line.name for line in lines if line.chosen), "")


def candidate_lines(choice: Choice | None, *, chosen: str, tiers: dict[str, str]) -> Iterator[CandidateLine]:
    for one in () if choice is None else choice.candidates:
        cover = one.cover
        yield CandidateLine(
            key=cover.key,
            name=cover.name,
            source=cover.source.words,
            gives=say_given(one, tiers=tiers),
            badge=_badge(one),
            reason=one.reason,
            chosen=cover.key == chosen,
        )


def say_given(one: Candidate, *, tiers: dict[str, str]) -> str:
    """ "Gold, labour 100 %, parts 50 %"."""
    cover = one.cover
    tier = [] if cover.tier is None else [tiers.get(cover.tier, cover.tier)]
    shares = [f"{aspect.value}{SPACE}{cover.shares[aspect]}{SPACE}%" for aspect in SHARES if aspect in cover.shares]
    return ", ".join([*tier, *shares])


def _badge(one: Candidate) -> tuple[str, str]:
    if one.decides:
        decided = ", ".join(aspect.value for aspect in one.decides)
        return f"Decides {decided}", "green"
    return ("Applies", "blue") if one.kept else ("Doesn’t apply", "grey")


def _shares(choice: Choice) -> Iterator[ShareLine]:
    for aspect in SHARES:
        if (winner := choice.winners.get(aspect)) is not None:
            yield ShareLine(aspect.words, say_borne(choice, aspect), winner.name)


def say_borne(choice: Choice, aspect: Aspect) -> str:
    """ "we bear all of it", "we bear 80 %, the customer 20 %", "the customer bears it"."""
    borne = choice.borne(aspect)
    if borne in (0, 100):
        return "we bear all of it" if borne else "the customer bears it"
    return f"we bear {borne} %, the customer {100 - borne} %"
