"""What a publication would do to whom, before anybody presses the button. Nothing here writes.

A version (a draft, or one that exists already) × an audience × an instant × a cohort: which accounts does it reach,
and what do they gain or lose at the instant it reaches them. The rules stand in `domain/impact.py`; this reads the
rows, a fixed number of times for each 500 accounts.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from catalog.domain.rollouts import Audience, Publication, RolloutFact
from catalog.models import FeatureRevision, MarketWindow, PlanVersion
from entitlements.domain.figures import Effects, FeatureLine, Figures, Tally
from entitlements.domain.impact import Comparison
from entitlements.in_use import in_use_by
from entitlements.queries.accounts import internal_ids
from entitlements.queries.publishing.reached import members_and_below, moved_by, reachable
from entitlements.snapshots import CatalogSnapshot, Reader, snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import batch_reader, batches

INLINE = 5_000  # so many accounts are counted while somebody waits; more are counted as long work
PROPOSED = "proposed"


@dataclass(frozen=True, slots=True)
class Impact:
    """What one choice does, as the facts stand at `figures.moment`."""

    publication: Publication
    figures: Figures
    lines: tuple[FeatureLine, ...]


def impact(
    *, version: PlanVersion, audience: Audience, effective_at: datetime | None, cohort_key: str = "", at: datetime
) -> Impact:
    """The figures for one audience."""
    return impacts(version=version, choices=[Publication(audience, effective_at, version.edits, cohort_key)], at=at)[0]


def impacts(*, version: PlanVersion, choices: Sequence[Publication], at: datetime) -> tuple[Impact, ...]:
    """The figures for several audiences, from one reading of the accounts."""
    tallies, internal = [Tally() for _ in choices], internal_ids()
    for number, account, effects in _effects(version, choices, ids=_ids(version, choices, at=at), at=at):
        tallies[number].count(effects, internal=account in internal)
    return tuple(
        Impact(choice, tally.figures(moment=at), tally.lines()) for choice, tally in zip(choices, tallies, strict=True)
    )


def tally_for(*, version: PlanVersion, choice: Publication, account_ids: Collection[int], at: datetime) -> Tally:
    """The counts for some of the accounts: a unit of long work."""
    tally, internal = Tally(), internal_ids()
    for _number, account, effects in _effects(version, [choice], ids=sorted(account_ids), at=at):
        tally.count(effects, internal=account in internal)
    return tally


def effects_on(*, version: PlanVersion, choice: Publication, at: datetime) -> Iterator[tuple[int, Effects]]:
    """Every account that is reached, by id, with what it gains and loses."""
    for _number, account, effects in _effects(version, [choice], ids=_ids(version, [choice], at=at), at=at):
        yield account, effects


def _effects(
    version: PlanVersion, choices: Sequence[Publication], *, ids: Sequence[int], at: datetime
) -> Iterator[tuple[int, int, Effects]]:
    """(number of the choice, account, effects) for every account that each choice reaches."""
    catalog = snapshot_catalog(Reader())
    proposals = [proposed_rollout(version, choice, catalog, at=at) for choice in choices]
    edges = catalog_edges()
    compared = [Comparison(proposed=fact, before=catalog.rollouts, edges=edges) for fact in proposals]
    members = {choice.cohort_key: _members(choice.cohort_key) for choice in choices if choice.cohort_key}
    # The versions that can come to be held are found by the rollouts, so the proposed ones stand among them.
    ahead = replace(catalog, rollouts=(*catalog.rollouts, *proposals))
    for chunk in batches(ids):
        reader, used = batch_reader(chunk), in_use_by(chunk, at=at)
        for account in chunk:
            facts = snapshot_facts(account, reader=reader, catalog=ahead)
            for number, (choice, comparison) in enumerate(zip(choices, compared, strict=True)):
                if choice.cohort_key and account not in members[choice.cohort_key]:
                    continue
                effects = comparison.of(facts, in_use=used.get(account))
                if effects is not None:
                    yield number, account, effects


def _ids(version: PlanVersion, choices: Sequence[Publication], *, at: datetime) -> list[int]:
    if all(not choice.audience.moves for choice in choices):
        return []
    return list(reachable(version=version, at=at).values_list("pk", flat=True))


def proposed_rollout(
    version: PlanVersion, choice: Publication, catalog: CatalogSnapshot, *, at: datetime
) -> RolloutFact:
    moves = moved_by(version) if choice.audience.moves else []
    return RolloutFact(
        id=PROPOSED,
        plan=version.plan.key,
        version=str(version.pk),
        audience=choice.audience,
        effective_at=choice.effective_at or at,
        order=max((rollout.order for rollout in catalog.rollouts), default=0) + 1,
        moves_from=frozenset(map(str, moves)),
        cohort=choice.cohort_key,
    )


def _members(cohort_key: str) -> set[int]:
    """Whoever is in the cohort, and who may inherit from them."""
    return set(members_and_below(cohort_key).values_list("pk", flat=True))


def catalog_edges() -> list[datetime]:
    """Every instant at which the catalog by itself may change an answer: rules of features, windows of markets."""
    found: set[datetime] = set(FeatureRevision.objects.values_list("effective_at", flat=True))
    windows: Iterable[tuple[datetime | None, ...]] = MarketWindow.objects.values_list(
        "starts_at", "ends_at", "limits_from"
    )
    found |= {instant for window in windows for instant in window if instant is not None}
    return sorted(found)
