"""Many licences as they stand at an instant, read together: what a list shows costs little more than one of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from entitlements.domain.licences.activations import taking
from entitlements.domain.licences.standing import LicenceFacts, Ruling, standing_alone
from entitlements.models import Licence
from entitlements.queries.licences.reading import facts_in
from entitlements.snapshots import snapshot_catalog, snapshot_facts
from entitlements.snapshots.batch import batch_reader


@dataclass(frozen=True, slots=True)
class Seen:
    """`taken`: how many places it takes; `limit`: how many there are, None for any number."""

    ruling: Ruling
    facts: LicenceFacts
    taken: int

    @property
    def limit(self) -> int | None:
        return self.facts.limit


def seen_at(licences: Iterable[Licence], *, at: datetime) -> Mapping[int, Seen]:
    """Each by its id; the licences come with their policies and the features those count by."""
    rows = list(licences)
    if not rows:
        return {}
    accounts = {row.account_id for row in rows}
    reader = batch_reader(accounts)
    catalog = snapshot_catalog(reader)
    facts = {pk: snapshot_facts(pk, reader=reader, catalog=catalog) for pk in accounts}
    return {row.pk: _seen(facts_in(facts[row.account_id], row, at), at=at) for row in rows}


def _seen(facts: LicenceFacts, *, at: datetime) -> Seen:
    taken = taking(facts.activations, heartbeat=facts.heartbeat, at=at)
    return Seen(standing_alone(facts, at=at), facts, len(taken))
