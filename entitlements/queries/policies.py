"""The policy table as the domain judges by it, and what it says of granting or revoking an override."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from django.contrib.auth.models import Group
from django.db.models import Q

from catalog.domain.values import FeatureShape, Value
from catalog.domain.window import Window
from entitlements.domain.facts import Facts, Mode, OverrideFact, Phase
from entitlements.domain.policy import Concession, PolicyRule, Verdict, better, holds_down, rise_in_percent, verdict
from entitlements.domain.resolve import resolve
from entitlements.models import ConcessionPolicy, Override
from entitlements.queries.concessions import stretch_start
from entitlements.queries.entitlements import entitlements_of, facts_of
from entitlements.queries.preview import NOT_KEPT_YET, without_override
from entitlements.queries.times_given import line_start, times_given
from journal.domain.actor import Actor
from journal.models import Approval

APPROVES = "entitlements.approve_concession"


def policy_rules() -> tuple[PolicyRule, ...]:
    return tuple(rule_of(row) for row in ConcessionPolicy.objects.select_related("reason_code"))


def rule_of(row: ConcessionPolicy) -> PolicyRule:
    return PolicyRule(
        role=row.role,
        concession=row.concession,
        max_days=row.max_days,
        max_percent=row.max_percent,
        max_times=row.max_times,
        reason=None if row.reason_code is None else row.reason_code.key,
        approver_role=row.approver_role,
    )


def deciding_roles() -> tuple[str, ...]:
    """The roles that may approve what is beyond policy."""
    app, _, codename = APPROVES.partition(".")
    groups = Group.objects.filter(permissions__codename=codename, permissions__content_type__app_label=app)
    return tuple(groups.order_by("name").values_list("name", flat=True))


def judge_grant(
    *,
    override: Override,
    by: Actor,
    at: datetime,
    replacing: Override | None = None,
    facts: Facts | None = None,
) -> Verdict:
    """Whether the role may concede this alone: how long, how much with all that was granted before, and how often.

    What it replaces is out of the measure and the count; the two are one stretch of days, from the start of the first.
    `facts` are what it is measured by, where what is sold with it isn't kept yet.
    """
    facts = facts or facts_of(account=override.account)
    return verdict(
        policy_rules(),
        roles=by.roles,
        concession=_concession(override),
        days=_days(override, since=_stretch_start(override, replacing)),
        percent=None if override.mode == Mode.DENY else _rise(override, replacing, facts),
        times=times_given(override, replacing=replacing, facts=facts, at=at),
        reason=_reason(override),
    )


def judge_edit(*, override: Override, by: Actor, at: datetime) -> Verdict:
    """Whether the role may put it in the place of the one it follows: may it lift that one, and grant this one?"""
    assert override.follows is not None  # else there is nothing it edits
    lifting = judge_revocation(override=override.follows, by=by, at=at)
    if not lifting.within:
        return lifting
    return judge_grant(override=override, by=by, at=at, replacing=override.follows)


def judge_revocation(*, override: Override, by: Actor, at: datetime) -> Verdict:
    """Whether this person may revoke the override alone: to lift what holds a customer down is a concession too.

    Who may approve concessions may lift anything. What someone approved because it was beyond policy, nobody else
    lifts. What was within policy is lifted by a role that may grant the like for the days that remain.
    """
    if by.may(APPROVES) or not _gives_back(override, at=at):
        return Verdict(within=True, because="You may revoke this alone.")
    if _approved_beyond(override):
        return Verdict(within=False, because=f"{override.approved_by} approved it, because it was beyond policy.")
    return verdict(
        policy_rules(),
        roles=by.roles,
        concession=_concession(override),
        days=_days(override, since=max(override.starts_at, at)),
        percent=None,
        times=1,
        reason=_reason(override),
    )


def _approved_beyond(override: Override) -> bool:
    """Whether someone else approved it, alone or with the loan or the contract that made it."""
    subjects = Q(kind="override", subject_key=str(override.pk))
    if override.loan_id is not None:
        subjects |= Q(kind="loan", subject_key=str(override.loan_id))
    if override.contract_line is not None:
        subjects |= Q(kind="contract", subject_key=str(override.contract_line.version_id))
    return Approval.objects.filter(subjects, state=Approval.State.APPROVED).exists()


def _reason(override: Override) -> str | None:
    return None if override.reason_code is None else override.reason_code.key


def _concession(override: Override) -> Concession:
    return Concession.DENIAL if override.mode == Mode.DENY else Concession.OVERRIDE


def _days(override: Override, *, since: datetime) -> int | None:
    """Days begun from then to the end; None is without an end."""
    if override.ends_at is None:
        return None
    return int(-(-(override.ends_at - since).total_seconds() // 86_400))


def _stretch_start(override: Override, replacing: Override | None) -> datetime:
    if override.contract_line is not None:
        return line_start(override)
    if replacing is None or (replacing.ends_at is not None and replacing.ends_at <= override.starts_at):
        return override.starts_at
    return min(override.starts_at, stretch_start(replacing))


def _gives_back(override: Override, *, at: datetime) -> bool:
    """Whether the customer has, or may come to have, something better without it."""
    shape = override.feature.shape
    if holds_down(Mode(override.mode), shape=shape):
        return True
    if override.mode == Mode.REPLACE and better(_undisturbed(override, at=at), than=override.value, shape=shape):
        return True
    held = entitlements_of(account=override.account, at=max(override.starts_at, at))[shape.key]
    freed = without_override(override=override, at=at)[shape.key]
    return better(freed.value if freed.granted else None, than=held.value if held.granted else None, shape=shape)


def _undisturbed(override: Override, *, at: datetime) -> Value | None:
    """What there would be without any override of the feature, and without what hides it for a while: a suspension, a
    pause, or a denial, which the same person could put there and take away."""
    facts, key = facts_of(account=override.account), override.feature.key
    running = tuple(
        replace(item, phases=tuple(phase for phase in item.phases if phase[0] is not Phase.PAUSED))
        for item in facts.items
    )
    others = tuple(o for o in facts.overrides if o.feature != key)
    bare = replace(facts, standings=(), items=running, overrides=others)
    return resolve(bare, at=max(override.starts_at, at))[key].value


def _rise(override: Override, replacing: Override | None, facts: Facts) -> Decimal:
    """The most by which the override, with all others of the feature, betters what there is without any of them.

    Measured when it starts and wherever another one begins or ends while it lasts, so that no order of granting and
    no window makes a large concession out of small ones.
    """
    measure = _measure(override, replacing, facts)
    return max((measure.rise(at=instant) for instant in measure.instants()), default=Decimal(0))


def _measure(override: Override, replacing: Override | None, facts: Facts) -> "_Measure":
    shape, replaced = override.feature.shape, NOT_KEPT_YET if replacing is None else str(replacing.pk)
    # Neither a suspension, nor a subscription that is paused or hasn't begun, may hide what is promised for afterwards.
    scope = override.subscription
    start = override.starts_at if scope is None else max(override.starts_at, scope.starts_at)
    return _Measure(
        shape=shape,
        bare=replace(facts, standings=(), overrides=tuple(o for o in facts.overrides if o.feature != shape.key)),
        others=tuple(_awake((o for o in facts.overrides if o.feature == shape.key and o.id != replaced), facts)),
        asked=OverrideFact(
            id=NOT_KEPT_YET,
            feature=shape.key,
            mode=Mode(override.mode),
            window=Window(min(start, override.ends_at or start), override.ends_at),
            value=override.value,
        ),
    )


def _awake(overrides: Iterable[OverrideFact], facts: Facts) -> Iterator[OverrideFact]:
    """They speak for as long as anything is in their subscription, whether or not it gives anything just then."""
    for override in overrides:
        scope = override.scope_subscription
        held = [item.window for item in facts.items if item.subscription == scope]
        window: Window | None = override.window
        if scope is not None and held:
            start = None if any(one.start is None for one in held) else min(one.start for one in held if one.start)
            end = None if any(one.end is None for one in held) else max(one.end for one in held if one.end)
            window = override.window.intersection(Window(start, end))
        if window is not None:
            yield replace(override, scope_subscription=None, window=window)


@dataclass(frozen=True, slots=True)
class _Measure:
    """One override nobody has kept yet, beside the others of its feature and the facts without any of them."""

    shape: FeatureShape
    bare: Facts
    others: tuple[OverrideFact, ...]
    asked: OverrideFact

    def instants(self) -> set[datetime]:
        edges = {edge for other in self.others for edge in other.window.edges()}
        return {edge for edge in edges | set(self.asked.window.edges()) if self.asked.window.contains(edge)}

    def rise(self, *, at: datetime) -> Decimal:
        base = self._value(at=at)

        def over_base(*live: OverrideFact) -> Decimal:
            return rise_in_percent(base=base, becomes=self._value(*live, at=at), shape=self.shape)

        if not over_base(self.asked):
            return Decimal(0)
        return max(over_base(self.asked, *beside) for beside in self._lifting())

    def _lifting(self) -> Iterator[tuple[OverrideFact, ...]]:
        """The others without what can be revoked to let more through: caps, denials, replacements by less."""
        modes = [(o, o.mode) for o in self.others if not holds_down(o.mode, shape=self.shape)]
        lifts = tuple(o for o, mode in modes if mode is not Mode.REPLACE)
        yield lifts
        if self.asked.mode is not Mode.REPLACE:
            yield from ((*lifts, o) for o, mode in modes if mode is Mode.REPLACE)

    def _value(self, *live: OverrideFact, at: datetime) -> Value | None:
        return resolve(replace(self.bare, overrides=(*self.bare.overrides, *live)), at=at)[self.shape.key].value
