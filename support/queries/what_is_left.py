"""What is left of an account's prepaid help, as a lookup says it: each in all and by channel, and one line of it all."""

from collections.abc import Iterable, Sequence

from catalog.domain.values import UNLIMITED
from support.domain.case_events import Channel
from support.domain.cover_reasons import channel_words
from support.queries.allowances.balances import BalanceLine
from support.queries.answers import PrepaidLine, PrepaidPart

NO_LIMIT = "Not limited: no prepaid help is counted for this customer."


def prepaid_lines(balances: Iterable[BalanceLine]) -> tuple[PrepaidLine, ...]:
    return tuple(
        PrepaidLine(
            key=line.key,
            name=line.name,
            state="overdrawn" if line.overdrawn else "used_up" if line.used_up else "left",
            left=line.words,
            words=line.one_line,
            parts=tuple(PrepaidPart(part.channel, part.name, part.left_words, part.of_words) for part in line.parts),
            goes_at=line.goes_at,
            goes=line.goes,
        )
        for line in balances
    )


def left_in_a_line(balances: Sequence[BalanceLine], *, channel: str | None) -> str:
    """ "Support hours: 14 h left by phone, 30 h in all. Incidents: used up."; for any channel where none is asked."""
    if not balances:
        return NO_LIMIT
    return " ".join(f"{line.name}: {_left_of(line, channel)}." for line in balances)


def left_on(balances: Sequence[BalanceLine], channel: Channel) -> str:
    """What is left for one channel, short: "Support hours: 14 h left of 80 h"; empty: nothing is counted."""
    return "; ".join(f"{line.name}: {_on_channel(line, channel)}" for line in balances)


def _on_channel(line: BalanceLine, channel: str) -> str:
    part = line.part(channel)
    if part is None or part.of is UNLIMITED or line.overdrawn or line.used_up:
        return line.one_line
    if part.left is not UNLIMITED and part.left <= 0:
        return f"used up ({part.of_words})"
    left = line.words if line.left is not UNLIMITED and _less(line, part.left) else part.left_words
    return f"{left} left of {part.of_words}"


def _left_of(line: BalanceLine, channel: str | None) -> str:
    part = None if channel is None else line.part(channel)
    if part is None or part.of is UNLIMITED or line.overdrawn or line.used_up:
        return line.one_line
    by = f"by {channel_words(part.channel)}"
    if part.left is not UNLIMITED and part.left <= 0:
        return f"nothing left {by}, {line.words} in all"
    if line.left is not UNLIMITED and _less(line, part.left):
        return f"{line.words} left {by}, as in all"
    return f"{part.left_words} left {by}, {line.words} in all"


def _less(line: BalanceLine, part: object) -> bool:
    """A channel's part is no more than there is in all."""
    return line.left is not UNLIMITED and (part is UNLIMITED or line.left < part)  # type: ignore[operator]
