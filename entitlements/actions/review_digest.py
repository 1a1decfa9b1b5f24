"""The weekly digest: what of the overrides needs a look, to whoever looks after the customers, and to finance."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse

from entitlements.domain.reviewing import Section
from entitlements.queries.review.queue import Looked, review_queue
from journal.actions.notices import tell
from journal.models import Notice, Staff

KIND = "review_digest"
FINANCE = "finance"
LINES = 10  # of one section; the address leads to all of them


def tell_digests(*, at: datetime) -> int:
    """Told everybody concerned what of the overrides needs a look, once in a week of the calendar; how many were told.

    Whoever has nothing to look at hears nothing. Told late, or asked to tell twice, nobody is told twice.
    """
    people = _to_be_told(at=at)
    if not people:
        return 0
    lines = review_queue(at=at).lines
    mine = _by_owner(lines)
    told = [_tell(person, lines if finance else mine[person.pk], finance=finance, at=at) for person, finance in people]
    return sum(told)


def _to_be_told(*, at: datetime) -> list[tuple[Staff, bool]]:
    """Everybody who owns an account or is of finance, and hasn't been told this week; whether they are of finance."""
    reachable = Staff.objects.filter(is_active=True).exclude(email="")
    finance = set(reachable.filter(groups__name=FINANCE).values_list("pk", flat=True))
    concerned = reachable.filter(accounts__isnull=False).distinct() | reachable.filter(pk__in=finance).distinct()
    keys = {_once_key(person, at=at): person for person in concerned}
    done = set(Notice.objects.filter(once_key__in=list(keys)).values_list("once_key", flat=True))
    return [(person, person.pk in finance) for key, person in keys.items() if key not in done]


def _once_key(person: Staff, *, at: datetime) -> str:
    year, week, _day = at.isocalendar()
    return f"digest:{year}-W{week:02}:{person.pk}"


def _by_owner(lines: Iterable[Looked]) -> Mapping[int, list[Looked]]:
    found: dict[int, list[Looked]] = defaultdict(list)
    for line in lines:
        if line.override.account.owner_id is not None:
            found[line.override.account.owner_id].append(line)
    return found


def _tell(person: Staff, lines: Iterable[Looked], *, finance: bool, at: datetime) -> bool:
    lines = list(lines)
    if not lines:
        return False
    whose = "" if finance else "mine"
    said = {
        "name": person.name(),
        "finance": finance,
        "sections": list(_sections(lines, owner=whose, listed=not finance)),
        "address": address(owner=whose),
    }
    count = f"{len(lines)} override{'' if len(lines) == 1 else 's'} need{'s' if len(lines) == 1 else ''} a look"
    notice = tell(
        recipient=person.email,
        subject=count if finance else f"Your customers: {count}",
        body=render_to_string("emails/review_digest.txt", {**said, "count": count}),
        once_key=_once_key(person, at=at),
        kind=KIND,
        at=at,
    )
    return notice is not None


def _sections(lines: list[Looked], *, owner: str, listed: bool) -> Iterator[dict[str, Any]]:
    counts = Counter(section for line in lines for section in line.sections)
    for section in Section:
        own = [line for line in lines if section in line.sections]
        if own:
            yield {
                "words": section.words,
                "advice": section.advice,
                "count": counts[section],
                "address": address(section=section, owner=owner),
                "lines": own[:LINES] if listed else [],
                "more": max(len(own) - LINES, 0) if listed else 0,
            }


def address(**asked: str) -> str:
    """Where that part of the queue is seen."""
    wanted = urlencode({name: value for name, value in asked.items() if value})
    path = reverse("admin:entitlements_review")
    return settings.DESK_URL + path + (f"?{wanted}" if wanted else "")
