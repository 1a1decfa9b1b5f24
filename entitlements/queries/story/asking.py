"""Which programs asked what an account may do, and when each was last told something new."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max

from entitlements.models import Account, AnswerGiven
from entitlements.queries.merged import merged_into

MOST = 100


@dataclass(frozen=True, slots=True)
class Asker:
    """An API key by its name; `told_at` is when it last got an answer unlike the one before."""

    name: str
    told_at: datetime
    answers: int


def askers_of(*, account: Account) -> tuple[Asker, ...]:
    """The programs that were told about the account, or one merged into it, the latest first; two reads."""
    rows = AnswerGiven.objects.filter(account__in=[account, *merged_into(account)]).order_by()
    told = rows.values("told").annotate(last=Max("told_at"), answers=Count("pk")).order_by("-last", "told")
    return tuple(Asker(row["told"], row["last"], row["answers"]) for row in told[:MOST])
