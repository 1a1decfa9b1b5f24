"""Contracts as the API says them: every version with its lines, and the term that runs."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.domain.words import say_value
from entitlements.api.contract_schemas import ContractOut, LineOut, TermOut, VersionOut
from entitlements.domain.contract_terms import Term
from entitlements.models import ContractLine, ReasonCode, Subscription
from entitlements.queries.contracts.standing import ContractAt
from entitlements.queries.contracts.versions import terms_of
from entitlements.queries.contracts.wording import say_line, say_term

Lines = Mapping[int, Sequence[ContractLine]]


def render_contract(found: ContractAt, *, drafts: bool = True) -> ContractOut:
    return render_contracts([found], drafts=drafts)[0]


def render_contracts(found: Sequence[ContractAt], *, drafts: bool = True) -> list[ContractOut]:
    """Each with all it says; as many reads for any number.

    What was signed never changes, so today's lines are those of then; a draft may have changed, and is left out.
    """
    found = found if drafts else [replace(one, draft=None) for one in found]
    versions = [version for one in found for version in _versions(one)]
    lines = _lines_of(versions)
    codes = dict(ReasonCode.objects.values_list("pk", "key"))
    numbers = dict(
        Subscription.objects.filter(pk__in={one.row.subscription_id for one in found}).values_list("pk", "number")
    )
    return [_contract(one, lines, codes, numbers) for one in found]


def render_version(version: Any) -> VersionOut:
    return _version(version, _lines_of([version]), dict(ReasonCode.objects.values_list("pk", "key")))


def _versions(one: ContractAt) -> list[Any]:
    """The draft first, then the signed ones, newest first."""
    return [*([one.draft] if one.draft is not None else []), *one.versions]


def _lines_of(versions: Iterable[Any]) -> Lines:
    found: dict[int, list[ContractLine]] = defaultdict(list)
    rows = ContractLine.objects.filter(version__in=[version.pk for version in versions])
    for row in rows.select_related("plan", "feature").order_by("number"):
        found[row.version_id].append(row)
    return found


def _contract(one: ContractAt, lines: Lines, codes: Mapping[int, str], numbers: Mapping[int, int]) -> ContractOut:
    row = one.row
    return ContractOut(
        number=row.key,
        name=row.name,
        link=row.link,
        state=one.place.value,
        state_text=one.place.words,
        subscription=numbers.get(row.subscription_id),
        starts_at=one.versions[-1].effective_at if one.versions else None,
        ends_at=one.ends_at,
        notice_at=row.notice_at,
        notice_by=row.notice_by,
        term=None if one.term is None else _term(one.term, one),
        version=None if one.version is None else one.version.number,
        versions=[_version(version, lines, codes) for version in _versions(one)],
    )


def _term(term: Term, one: ContractAt) -> TermOut:
    renews = one.renews_at is not None
    terms = terms_of(one.version, at=term.starts_at)
    return TermOut(
        number=term.number,
        starts_at=term.starts_at,
        ends_at=term.ends_at,
        words=say_term(term, zone=one.zone),
        renews=renews,
        notice_until=terms.notice_until(term) if renews else None,
    )


def _version(version: Any, lines: Lines, codes: Mapping[int, str]) -> VersionOut:
    told = ("number", "state", "effective_at", "effective_on", "term_months", "renewal", "renewal_months", "zone")
    return VersionOut(
        **{name: getattr(version, name) for name in (*told, "notice_days", "reason", "signed_at", "signed_by")},
        reason_code=codes.get(version.reason_code_id),
        lines=[_line(line) for line in lines.get(version.pk, ())],
    )


def _line(line: ContractLine) -> LineOut:
    return LineOut(
        number=line.number,
        words=say_line(line),
        note=line.note,
        starts_on=line.starts_on,
        through_on=line.through_on,
        **(_item(line) if line.plan is not None else _change(line)),
    )


def _item(line: ContractLine) -> dict[str, Any]:
    assert line.plan is not None  # it is one of the two
    return {"plan": line.plan.key, "quantity": line.quantity, "interval": line.interval}


def _change(line: ContractLine) -> dict[str, Any]:
    assert line.feature is not None  # it is the other
    value = line.value
    said = "" if value is None else say_value(value, shape=line.feature.shape, typed_unit=line.typed_unit)
    return {"feature": line.feature.key, "mode": line.mode, "value_text": said}
