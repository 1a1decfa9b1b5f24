"""Which tickets a figure of intake counts: each set by its name, so that a figure and its rows can't differ.

Nothing here writes.
"""

from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce, Lower, NullIf

from support.domain.intake.measuring import DEFLECTING, SETTLING
from support.domain.intake.outcomes import Outcome, Reason
from support.domain.intake.settings import VALIDATOR, Stage
from support.models import Case as SupportCase
from support.models import IntakeDecision
from support.queries.intake.spans import Span

TICKETS = ~Q(stage=Stage.ASKED)
# Whoever opens a case with the check before them has decided already: nothing was held, and nothing put to the proof.
AT_ONCE = Q(settled_at__isnull=False, settled_at=F("at"), settled_by=F("asked_by"))
BY_ITSELF = TICKETS & ~Q(outcome=Outcome.HOLD) & Q(resumed_at__isnull=True) & ~AT_ONCE
HELD = TICKETS & (Q(outcome=Outcome.HOLD) | Q(resumed_at__isnull=False)) & ~AT_ONCE
OPEN = Q(stage__in=[Stage.HELD, Stage.WAITING])
BY_A_PERSON = (
    Q(settled_at__isnull=False)
    & (Q(resumed_at__isnull=True) | ~Q(settled_by=VALIDATOR) | Q(resumed_at__lt=F("settled_at")))
    & ~AT_ONCE
)
STANDS_DEFLECTED = Q(settled_outcome__in=DEFLECTING) | Q(settled_outcome="", outcome__in=DEFLECTING)
SAMPLES = TICKETS & Q(sampled=True)
SAID = Q(machine__isnull=False)
SETS: dict[str, Q] = {
    "tickets": TICKETS,
    **{f"outcome_{one.value}": TICKETS & Q(outcome=one) for one in Outcome},
    "by_itself": BY_ITSELF,
    "held": HELD,
    "at_once": TICKETS & AT_ONCE,
    "open": TICKETS & OPEN,
    "waited": HELD & Q(settled_at__isnull=False),
    **{f"reason_{one.value}": TICKETS & Q(outcome=Outcome.HOLD, reason=one) for one in Reason},
    "reviewed": TICKETS & BY_A_PERSON & SAID,
    "agreed": TICKETS & BY_A_PERSON & Q(machine=F("settled_outcome")),
    "disagreed": TICKETS & BY_A_PERSON & SAID & ~Q(machine=F("settled_outcome")),
    "samples": SAMPLES,
    "samples_reviewed": SAMPLES & BY_A_PERSON,
    "samples_wrong": SAMPLES & BY_A_PERSON & ~Q(settled_outcome=F("outcome")),
    "deflecting": STANDS_DEFLECTED,
    "deflected": STANDS_DEFLECTED & Q(known=True, followed=False, over=True),
    "followed": STANDS_DEFLECTED & Q(followed=True),
    "unknown": STANDS_DEFLECTED & Q(followed=False) & ~Q(known=True, over=True),
    "handled": TICKETS & Q(case__isnull=False) & ~STANDS_DEFLECTED,
    "read": TICKETS & Q(read_us__gt=0),
}
BY_MACHINE = frozenset({"reviewed", "agreed", "disagreed"})
BY_CASES = frozenset({"deflecting", "deflected", "followed", "unknown"})


def rows_of(name: str, span: Span, *, week: int | None = None) -> QuerySet[IntakeDecision]:
    """The rows that a figure counts."""
    found = span.rows(week)
    if name in BY_MACHINE:
        found = with_machine(found)
    if name in BY_CASES:
        found = with_cases(found, span)
    return found.filter(SETS[name])


def with_machine(rows: QuerySet[IntakeDecision]) -> QuerySet[IntakeDecision]:
    """`machine`: what it decided; of a ticket that was held with one request, what it proposed. Else it said nothing."""
    said = NullIf(KT("parts__0__proposed"), Value("null"))  # SQLite reads a null inside of JSON as this word
    proposed = When(Q(outcome=Outcome.HOLD, parts__1__isnull=True), then=said)
    decided = When(~Q(outcome=Outcome.HOLD), then=F("outcome"))
    return rows.annotate(machine=Case(decided, proposed, default=Value(None), output_field=CharField()))


def with_cases(rows: QuerySet[IntakeDecision], span: Span) -> QuerySet[IntakeDecision]:
    """`followed`: the same person of the same account opened another case in time; `known`: that can be told at all;
    `over`: the time is. A check that was followed by the same ticket isn't counted beside it.
    """
    until = ExpressionWrapper(OuterRef("at") + SETTLING, output_field=DateTimeField())
    cases = SupportCase.objects.order_by().alias(who=Lower("requester")).filter(
        account=OuterRef("account"), who=Lower(OuterRef("requester")), opened_at__gt=OuterRef("at"),
        opened_at__lte=until,
    )  # fmt: skip
    again = IntakeDecision.objects.order_by().filter(
        account=OuterRef("account"), at__gte=OuterRef("at"), at__lte=until, pk__gt=OuterRef("pk"),
        text_digest=OuterRef("text_digest"),
    )  # fmt: skip
    told = Q(account__isnull=False) & ~Q(requester="")
    return rows.filter(STANDS_DEFLECTED).exclude(Q(stage=Stage.ASKED) & Exists(again)).annotate(
        known=told,
        over=Q(at__lt=span.now - SETTLING),
        followed=Exists(
            cases.filter(opened_at__lte=span.now).exclude(pk=Coalesce(OuterRef("case_id"), Value(0)))
        ),
    )  # fmt: skip
