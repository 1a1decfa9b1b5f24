"""Changes of covers that wait for a second person."""

from collections.abc import Collection

from journal.models import Approval
from support.models import Cover

KIND = "cover_change"


def pending_change(cover: Cover) -> Approval | None:
    """The request about it that somebody has yet to decide."""
    return pending_changes([cover.pk]).get(cover.pk)


def pending_changes(covers: Collection[int]) -> dict[int, Approval]:
    """The same for many, by cover; one read."""
    keys = [str(pk) for pk in covers]
    rows = Approval.objects.filter(kind=KIND, subject_key__in=keys, state=Approval.State.PENDING)
    return {int(row.subject_key): row for row in rows}
