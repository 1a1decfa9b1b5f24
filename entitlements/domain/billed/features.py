"""What is to be done for what is had here to be what the billing says a customer has. Pure.

What the billing says stands here row by row, whoever decides about the feature: so a feature that the billing decides
about from some day on is had from that day on. Only gates are given by the billing. About all others the desk decides:
there a difference is told, and nothing is changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from entitlements.domain.billed.told import BilledFeatures, BilledFeatureTold

SAYS_HAS, SAYS_HAS_NOT = "has it", "doesn’t have it"


@dataclass(frozen=True, slots=True)
class FeatureHere:
    """One feature of ours, as the account has it at the instant. `called` is how it is called there, as far as linked."""

    key: str
    name: str
    is_gate: bool
    by_billing: bool  # the billing decides who has it
    granted: bool
    silenced: bool = False  # the account has nothing at all: it is suspended or closed
    called: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class HeldFeature:
    """A row that says the customer has it, by its number, and what the customer's having it is called there."""

    row: int
    billing_id: str


@dataclass(frozen=True, slots=True)
class FeatureDrift:
    """A feature about which the desk decides, and of which the billing says something else."""

    key: str
    name: str
    theirs: bool

    @property
    def words(self) -> str:
        theirs, ours = self.sides
        return f"{self.name}: the billing says the customer {theirs}, here the account {ours}"

    @property
    def sides(self) -> tuple[str, str]:
        """Theirs, then ours."""
        return (SAYS_HAS, SAYS_HAS_NOT) if self.theirs else (SAYS_HAS_NOT, SAYS_HAS)


@dataclass(frozen=True, slots=True)
class DecidedFeatures:
    """Rows to open and to end, rows whose name there changed, features nobody knows here, and what differs."""

    opens: tuple[BilledFeatureTold, ...] = ()
    ends: tuple[int, ...] = ()
    renamed: Mapping[int, str] | None = None
    unknown: tuple[BilledFeatureTold, ...] = ()
    drifts: tuple[FeatureDrift, ...] = ()


def decide_features(
    told: BilledFeatures, held: Mapping[str, HeldFeature], here: Mapping[str, FeatureHere]
) -> DecidedFeatures:
    """`held` and `here` by our keys; `told` has been looked up. A feature told twice counts once."""
    theirs = {one.key: one for one in reversed(told.features) if one.key in here}
    gates = {key: one for key, one in theirs.items() if here[key].is_gate}
    renamed = {held[key].row: one.billing_id for key, one in gates.items() if _is_renamed(held.get(key), one)}
    return DecidedFeatures(
        opens=tuple(one for key, one in sorted(gates.items()) if key not in held),
        ends=tuple(sorted(one.row for key, one in held.items() if key not in gates)),
        renamed=renamed,
        unknown=unknown_of(told),
        drifts=tuple(
            FeatureDrift(one.key, one.name, theirs=key in theirs)
            for key, one in sorted(here.items())
            if _differs(one, told=key in theirs, carried=told.carried)
        ),
    )


def unknown_of(told: BilledFeatures) -> tuple[BilledFeatureTold, ...]:
    """What nobody here knows; each once, in the order of its name there."""
    found = {name_of(one): one for one in told.features if not one.key}
    return tuple(found[name] for name in sorted(found))


def name_of(one: BilledFeatureTold) -> str:
    """How a feature that we don't know is told apart from others."""
    return one.lookup_key or one.feature


def may_be_missing(here: FeatureHere, *, told: bool) -> bool:
    """It is had here and not there, under a name it has there: worth asking whether what is billed carries it."""
    return not here.by_billing and here.granted and not told and bool(here.called)


def _is_renamed(held: HeldFeature | None, one: BilledFeatureTold) -> bool:
    return held is not None and held.billing_id != one.billing_id


def _differs(here: FeatureHere, *, told: bool, carried: frozenset[str]) -> bool:
    """What the billing doesn't sell isn't missing there; what a suspended account lacks, it lacks by our own doing."""
    if here.by_billing or here.silenced or told == here.granted:
        return False
    return told or (may_be_missing(here, told=told) and bool(here.called & carried))
