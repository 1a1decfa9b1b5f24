"""A check while the database can't be asked: the last answer where the feature's fallback keeps it, and what it says else."""

from dataclasses import replace

from msgspec import structs

from entitlements.domain.relying import UNREACHABLE, Last, relied_on
from entitlements.queries.check.answers import NOT_ENTITLED, Checked, Weighed


def rely(checked: Checked, last: Last | None, *, holds: bool) -> Checked:
    """`checked` as it was known last, made what is answered now. `last` None: this was never answered; `holds`: nothing
    of what it rests on has ended since."""
    last = None if last is None else replace(last, holds=last.holds and holds)
    lacks = holds and checked.why == NOT_ENTITLED
    relied = relied_on(checked.terms.reliance, last, lacks=lacks)
    if relied.by_last and checked.weighed.allowed is relied.allowed:
        return structs.replace(checked, relied=relied.because)
    weighed = Weighed(relied.allowed, UNREACHABLE, checked.left)
    return structs.replace(checked, allowed=relied.allowed, weighed=weighed, relied=relied.because)
