"""The lines of signed versions as the domain reads them: what each promises, and whether with the subscription."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from catalog.domain.window import Window, end_through, start_of_day
from entitlements.domain.contract_lines import LineFact, VersionFact


class ItemPromise(NamedTuple):
    """A plan or add-on × a quantity."""

    plan: int
    quantity: int
    interval: str


class OverridePromise(NamedTuple):
    """A change to one feature. `scoped`: it sleeps when the contract's subscription gives nothing."""

    feature: int
    mode: str
    unlimited: bool
    amount: int | None
    text: str
    choices: tuple[str, ...]
    scoped: bool


def item_promise(row: Any) -> ItemPromise:
    """What a line, or the item it made, promises."""
    return ItemPromise(row.plan_id, row.quantity, row.interval)


def override_promise(row: Any, *, scoped: bool) -> OverridePromise:
    """What a line, or the override it made, promises."""
    choices = tuple(row.choices or ())
    return OverridePromise(row.feature_id, row.mode, row.unlimited, row.amount, row.text, choices, scoped)


def item_facts(versions: Sequence[Any], lines: Mapping[int, Iterable[Any]]) -> tuple[VersionFact, ...]:
    """Their lines that become items; `versions` in the order in which they speak, `lines` by version."""
    return tuple(
        VersionFact(
            version.number,
            version.effective_at,
            tuple(
                LineFact(line.number, item_promise(line), line.pk, own_window(line, version.zone))
                for line in lines[version.pk]
                if line.plan_id is not None
            ),
        )
        for version in versions
    )


def override_facts(versions: Sequence[Any], lines: Mapping[int, Iterable[Any]]) -> tuple[VersionFact, ...]:
    """Their lines that become overrides.

    Such a line sleeps with the contract's subscription where a line of that version puts something into it for as long
    as the contract lasts. One that began for the whole account stays so while it promises the same.
    """
    facts, before = [], dict[int, OverridePromise]()
    for version in versions:
        carried = any(line.plan_id and not line.starts_on and not line.through_on for line in lines[version.pk])
        promised = {
            line: _settled(override_promise(line, scoped=carried), before.get(line.number))
            for line in lines[version.pk]
            if line.plan_id is None
        }
        before = {line.number: promise for line, promise in promised.items()}
        said = (LineFact(x.number, promise, x.pk, own_window(x, version.zone)) for x, promise in promised.items())
        facts.append(VersionFact(version.number, version.effective_at, tuple(said)))
    return tuple(facts)


def _settled(promise: OverridePromise, before: OverridePromise | None) -> OverridePromise:
    for_account = promise._replace(scoped=False)
    return for_account if before == for_account else promise


def own_window(line: Any, zone: str) -> Window:
    """The days a line names for itself."""
    return Window(
        start_of_day(line.starts_on, zone) if line.starts_on else None,
        end_through(line.through_on, zone) if line.through_on else None,
    )
