"""Which weeks and which channel figures are for, as an address says it; what can't be is taken for the usual."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from support.domain.case_events import Channel
from support.queries.intake.spans import Span

PERIODS = {2: "this week and last", 4: "4 weeks", 12: "12 weeks", 26: "half a year", 52: "a year"}
USUAL = 12


def span_of(asked: Mapping[str, str], *, now: datetime, zone: str) -> Span:
    typed = asked.get("weeks", "")
    weeks = int(typed) if typed in {str(one) for one in PERIODS} else USUAL
    channel = asked.get("channel", "")
    return Span.latest(
        weeks, now=now, zone=zone, channel=Channel(channel) if channel in set(Channel) else None
    )  # fmt: skip


def week_of(asked: Mapping[str, str], span: Span) -> int | None:
    """By the number of the week in its span, counted from 1."""
    typed = asked.get("week", "")
    known = typed.isascii() and typed.isdecimal() and len(typed) < 4 and 1 <= int(typed) <= len(span.starts)
    return int(typed) - 1 if known else None


def rows_url(span: Span, name: str, week: int | None = None, *, action: str = "") -> str:
    """`action`: only those of which the machine made this outcome."""
    asked = {"figure": name, **query_of(span), **({"action": action} if action else {})}
    if week is not None:
        asked["week"] = str(week + 1)
    return f"{reverse('admin:intake_figure_rows')}?{urlencode(asked)}"


def query_of(span: Span) -> dict[str, str]:
    channel = {"channel": span.channel.value} if span.channel else {}
    return {"weeks": str(len(span.starts)), **channel}
