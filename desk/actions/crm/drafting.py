"""What a deal promises, written into the draft of a contract's version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from catalog.models import Feature, Plan
from desk.domain.crm.wanted import Agreed, PlanPromise, Promise
from entitlements.actions.contract_drafts import add_line, edit_line, remove_line, set_terms
from entitlements.domain.contract_terms import months_after
from entitlements.models import ContractLine, ContractVersion
from entitlements.models.contract import Renewal
from entitlements.models.override import override_value
from entitlements.queries.contracts.difference import difference
from entitlements.queries.contracts.versions import differs_in_terms
from entitlements.queries.contracts.wording import say_line
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal


@dataclass(frozen=True, slots=True)
class Overwritten:
    """A line that staff had changed, and that the deal says otherwise by now."""

    key: str
    number: int
    ours: str
    theirs: str


def write_lines(
    version: ContractVersion,
    promises: Mapping[str, Promise],
    *,
    was: Mapping[str, Promise],
    numbers: Mapping[str, int],
    by: Actor,
    at: datetime,
) -> tuple[dict[str, int], list[Overwritten]]:
    """Made the draft's lines what is promised; which line is which promise's, and what of staff's was overwritten.

    `was` is what the deal promised in what the draft was made from. A line whose promise is the same as then stays as it
    stands, also where staff have changed it since, or taken it out; lines of no promise are left alone.
    """
    there = {line.number: line for line in version.lines.select_related("plan", "feature").order_by("number")}
    for key, number in numbers.items():
        if key not in promises and number in there:
            remove_line(line=there[number], by=by, at=at)
    written: dict[str, int] = {}
    overwritten: list[Overwritten] = []
    for key, promise in promises.items():
        line = there.get(numbers.get(key, 0))
        if promise == was.get(key):
            written[key] = numbers[key]
        elif line is None:
            written[key] = add_line(version=version, by=by, at=at, **_promised(promise)).number
        else:
            stood, changed_here = say_line(line), key in was and not _says(line, was[key])
            line = edit_line(line=line, by=by, at=at, **_promised(promise))
            written[key] = line.number
            if changed_here and say_line(line) != stood:
                overwritten.append(Overwritten(key, line.number, stood, say_line(line)))
    return written, overwritten


def _says(line: ContractLine, promise: Promise) -> bool:
    """Whether the line stands as it was promised, or staff have changed it since."""
    if (line.starts_on, line.through_on) != (promise.starts_on, promise.through_on):
        return False
    what = promise.what
    if isinstance(what, PlanPromise):
        plan = line.plan.key if line.plan is not None else ""
        return (plan, line.quantity, line.interval) == (what.plan, what.quantity, what.interval)
    if line.feature is None or (line.feature.key, line.mode) != (what.feature, what.mode):
        return False
    return what.value is None or override_value(line, shape=line.feature.shape) == what.value


def _promised(promise: Promise) -> Any:
    told = {"note": promise.note, "starts_on": promise.starts_on, "through_on": promise.through_on}
    what = promise.what
    if isinstance(what, PlanPromise):
        plan = Plan.objects.filter(key=what.plan).first()
        if plan is None:
            raise Refusal(f"There is no plan {what.plan} any more. Name another in the mapping.")
        return told | {"plan": plan, "quantity": what.quantity, "interval": what.interval}
    feature = Feature.objects.filter(key=what.feature).first()
    if feature is None:
        raise Refusal(f"There is no feature {what.feature} any more. Name another in the mapping.")
    return told | {"feature": feature, "mode": what.mode, "value": what.value, "typed_unit": what.typed_unit}


def write_terms(
    version: ContractVersion, agreed: Agreed, *, reason: str, today: date, new_term: bool, by: Actor, at: datetime
) -> ContractVersion:
    """Said how long the draft runs. A first day that has passed is counted from, and speaks from the signing on; so is
    today for what nobody has signed yet, since that may wait for somebody until another day."""
    first, months = agreed.first_day, agreed.months
    counted = first is not None and (first < today or (first == today and version.number == 1))
    if months is not None and first is not None and not agreed.renews and months_after(first, months) <= today:
        raise Refusal(f"It would have run from {first:%-d %B %Y} for {months} months, and all of that has passed.")
    return set_terms(
        version=version,
        effective_on=first if first is not None and first > today else None,
        counted_from=first if counted else None,
        term_months=months,
        renewal=Renewal.RENEWS if agreed.renews else Renewal.ENDS,
        renewal_months=months if agreed.renews else None,
        notice_days=agreed.notice_days,
        reason=reason,
        reason_code=version.reason_code,
        new_term=new_term,
        by=by,
        at=at,
    )


def keep_terms(
    version: ContractVersion, last: ContractVersion, *, of: ContractVersion, reason: str, by: Actor, at: datetime
) -> ContractVersion:
    """Left the terms of an amendment as those of another version; it speaks no earlier than what it amends, the last."""
    to_come = last.effective_at is not None and last.effective_at > at
    return set_terms(
        version=version,
        effective_on=last.effective_on if to_come else None,
        term_months=of.term_months,
        renewal=Renewal(of.renewal),
        renewal_months=of.renewal_months,
        notice_days=of.notice_days,
        reason=reason,
        reason_code=version.reason_code,
        by=by,
        at=at,
    )


def says_nothing_new(version: ContractVersion, last: ContractVersion) -> bool:
    """Whether signing it would change nothing of what was signed last, also where other words would say the same."""
    counted = version.term_starts_at == last.term_starts_at
    if not counted or differs_in_terms(version, last=last) or _things(version) != _things(last):
        return False
    return all(one.sort == "same" for one in difference(last, version))


def _things(version: ContractVersion) -> set[tuple[Any, ...]]:
    """Of which plan or feature each line is: two plans may bear one name."""
    return set(version.lines.order_by().values_list("number", "plan", "feature"))
