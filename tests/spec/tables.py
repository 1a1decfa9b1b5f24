"""Facts written as ASCII tables, so that a rule and its example fit on one screen.

Each row is a source: `plan Pro`, `lent Pro`, `add-on Extra` hold an item (rows of one name are the cells of one
version); `version Pro v2` writes cells nobody holds yet; `rollout Pro v2`, `phase Pro`, `trial Pro`, `hold Pro`,
`use Pro` (the feature, in its trial), `override 88`, `billed Stripe` (what it says the account has), `standing` and
`rule` say what their columns say.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal

from catalog.domain.rollouts import Audience, RolloutFact
from catalog.domain.values import (
    UNLIMITED,
    AddOnEffect,
    Aggregation,
    AtTrialEnd,
    Better,
    Choice,
    Combine,
    ConfigType,
    Enforcement,
    FeatureShape,
    GivenBy,
    Kind,
    ParentRule,
    PlanKind,
    Reset,
    Scaling,
    TermState,
    Value,
)
from catalog.domain.window import Window
from entitlements.domain import resolve as resolver
from entitlements.domain.facts import (
    BilledFeatureFact,
    Facts,
    FeatureFact,
    FeatureRule,
    Hold,
    ItemFact,
    Mode,
    OverrideFact,
    Phase,
    Standing,
    TermFact,
    VersionFact,
)
from entitlements.domain.resolve import Resolution

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
SHAPES = {
    shape.key: shape
    for shape in (
        FeatureShape("sso", "SSO", Kind.GATE),
        FeatureShape("seats", "Seats", Kind.CAPACITY, unit="seat"),
        FeatureShape("storage", "Storage", Kind.CAPACITY, unit="GB", scale=10**9),
        FeatureShape("projects", "Projects", Kind.CAPACITY),
        FeatureShape("calls", "Calls", Kind.METERED, aggregation=Aggregation.SUM),
        FeatureShape("delay", "Delay", Kind.CONFIG, "second", 1, None, ConfigType.DURATION, Better.LESS),
        FeatureShape(
            "tier", "Tier", Kind.CONFIG, config_type=ConfigType.RANKED, better=Better.LISTED,
            choices=(Choice("bronze", "Bronze"), Choice("silver", "Silver"), Choice("gold", "Gold")),
        ),
        FeatureShape(
            "roles", "Roles", Kind.CONFIG, config_type=ConfigType.SET,
            choices=(Choice("owner", "Owner"), Choice("dev", "Developer"), Choice("guest", "Guest")),
        ),
        FeatureShape("motto", "Motto", Kind.CONFIG, config_type=ConfigType.TEXT),
    )
}  # fmt: skip
STATES = {
    "no": TermState.NOT_INCLUDED,
    "custom": TermState.SET_PER_CUSTOMER,
    "sold": TermState.ADD_ON,
    "vague": TermState.UNSETTLED,
    "unlimited": TermState.UNLIMITED,
}


def rows(text: str) -> list[dict[str, str]]:
    """The lines of an ASCII table as dictionaries of its header."""
    lines = [line.split("#")[0] for line in text.splitlines() if line.split("#")[0].strip()]
    header, *body = [[cell.strip() for cell in line.split("|")] for line in lines]
    assert all(len(cells) <= len(header) for cells in body), "a row is wider than its header"
    return [dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=True)) for cells in body]


def instant(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def known_instant(text: str) -> datetime:
    return instant(text) or LONG_AGO


def window(row: dict[str, str]) -> Window:
    return Window(instant(row.get("from", "")), instant(row.get("until", "")))


def value(text: str, feature: str) -> Value | None:
    """What a cell of the table means for its feature: amounts stand in smallest units."""
    shape = SHAPES[feature]
    if text in ("", "none"):
        return None
    if text == "unlimited":
        return UNLIMITED
    if text in ("on", "off"):
        return text == "on"
    if shape.config_type is ConfigType.SET:
        return frozenset() if text == "nobody" else frozenset(text.split("+"))
    if shape.config_type in {ConfigType.RANKED, ConfigType.TEXT}:
        return text
    return Decimal(text)


def windows(text: str) -> tuple[Window, ...]:
    """ "always", "never", or stretches such as "2026-02-01..2026-03-01, 2026-06-01.."."""
    if text == "never":
        return ()
    stretches = (stretch.split("..") for stretch in text.split(","))
    return tuple(Window(instant(start.strip()), instant(end.strip())) for start, end in stretches)


def scaling(per: str) -> Scaling:
    """ "unit", a feature whose seats multiply it, or "each of" one whose seats have it each."""
    if per in ("", "unit"):
        return Scaling.PER_UNIT if per else Scaling.FLAT
    return Scaling.EACH_SEAT_OF if per.startswith("each of ") else Scaling.PER_SEAT_OF


def afterwards(kept: str) -> tuple[AtTrialEnd, int | None]:
    """What is kept after a trial: nothing, for so many "7 days", or what was "used"."""
    if not kept:
        return AtTrialEnd.ENDS, None
    return (AtTrialEnd.KEPT_IF_USED, None) if kept == "used" else (AtTrialEnd.KEPT_FOR, int(kept.split()[0]))


def term(row: dict[str, str], number: int) -> TermFact:
    state = STATES.get(row["value"], TermState.VALUE)
    per = row.get("per", "")
    at_trial_end, kept_days = afterwards(row.get("kept", ""))
    return TermFact(
        id=str(number),
        feature=row["feature"],
        state=state,
        value=value(row["value"], row["feature"]) if state is TermState.VALUE else None,
        phase=Phase(row["phase"]) if row.get("phase") else None,
        market=row.get("market") or None,
        interval=row.get("interval") or None,
        depth=int(row.get("depth") or 0),
        group_distance=int(row.get("group") or 0),
        group_name="Premium" if row.get("group") else "",
        scaling=scaling(per),
        seats_of="" if per in ("", "unit") else per.removeprefix("each of "),
        reset=Reset(row["reset"]) if row.get("reset") else None,
        enforcement=Enforcement(row.get("limit") or "hard"),
        overage_percent=int(row["overage"]) if row.get("overage") else None,
        provided=windows(row["provided"]) if row.get("provided") else (Window(),),
        at_trial_end=at_trial_end,
        kept_days=kept_days,
    )


@dataclass
class Draft:
    """Facts in the making; one method for each kind of row."""

    items: dict[str, ItemFact] = field(default_factory=dict)
    versions: dict[str, VersionFact] = field(default_factory=dict)
    rollouts: list[RolloutFact] = field(default_factory=list)
    overrides: list[OverrideFact] = field(default_factory=list)
    said: list[BilledFeatureFact] = field(default_factory=list)
    standings: list[tuple[datetime, Standing]] = field(default_factory=list)
    rules: dict[str, list[FeatureRule]] = field(default_factory=dict)

    def cell(self, kind: str, name: str, row: dict[str, str]) -> None:
        plan, _, number = name.partition(" v")
        version_id = f"{plan} v{number or 1}"
        if version_id not in self.versions:
            self.versions[version_id] = VersionFact(
                id=version_id,
                plan=plan,
                plan_name=plan,
                number=int(number or 1),
                kind=PlanKind.ADD_ON if kind == "add-on" else PlanKind.PLAN,
                effect=AddOnEffect(row.get("mode") or "adds") if kind == "add-on" else AddOnEffect.ADDS,
            )
        known = self.versions[version_id]
        if row["feature"]:
            self.versions[version_id] = replace(known, terms=(*known.terms, term(row, len(known.terms))))
        if kind != "version" and plan not in self.items:
            self.items[plan] = ItemFact(
                id=plan,
                subscription=row.get("subscription") or plan,
                plan=plan,
                pinned=version_id,
                quantity=int(row.get("quantity") or 1),
                window=window(row),
                interval=row.get("paid") or None,
                lent=kind == "lent",
            )

    def rollout(self, name: str, row: dict[str, str]) -> None:
        plan, _, number = name.partition(" v")
        audience = Audience(row["mode"].replace(" ", "_"))
        order = len(self.rollouts)
        moves = frozenset() if audience is Audience.NEW_CUSTOMERS else {f"{plan} v{n}" for n in range(1, int(number))}
        at = known_instant(row.get("from", ""))
        self.rollouts.append(RolloutFact(str(order), plan, name, audience, at, order, frozenset(moves)))

    def phase(self, name: str, row: dict[str, str]) -> None:
        item = self.items[name]
        self.items[name] = replace(item, phases=(*item.phases, (Phase(row["value"]), window(row))))

    def trial(self, name: str, row: dict[str, str]) -> None:
        item = self.items[name]
        self.items[name] = replace(item, trial_lapses_at=instant(row["until"]))
        self.versions[item.pinned] = replace(self.versions[item.pinned], after_trial=row["value"] or None)

    def use(self, name: str, row: dict[str, str]) -> None:
        item = self.items[name]
        self.items[name] = replace(item, used_in_trial=item.used_in_trial | {row["feature"]})

    def hold(self, name: str, row: dict[str, str]) -> None:
        self.items[name] = replace(self.items[name], holds=(Hold(window(row), row.get("value", "")),))

    def override(self, name: str, row: dict[str, str]) -> None:
        self.overrides.append(
            OverrideFact(
                id=name,
                feature=row["feature"],
                mode=Mode(row["mode"]),
                window=window(row),
                value=value(row["value"], row["feature"]),
                scope_subscription=row.get("subscription") or None,
            )
        )

    def billed(self, name: str, row: dict[str, str]) -> None:
        fact = BilledFeatureFact(str(len(self.said) + 1), row["feature"], window(row), system=name.lower(), label=name)
        self.said.append(fact)

    def rule(self, row: dict[str, str]) -> None:
        known = self.rules.setdefault(row["feature"], [])
        last = known[-1] if known else FeatureRule(LONG_AGO)
        last = replace(last, effective_at=known_instant(row.get("from", "")))
        mode = row["mode"]
        if mode in set(Combine):
            last = replace(last, combine=Combine(mode))
        elif mode in set(ParentRule):
            last = replace(last, parent_rule=ParentRule(mode))
        elif mode in set(GivenBy):
            last = replace(last, given_by=GivenBy(mode))
        elif mode == "reset":
            last = replace(last, default_reset=Reset(row["value"]))
        else:
            last = replace(last, kept_when_suspended=mode == "kept")
        known.append(last)

    def take(self, row: dict[str, str]) -> None:
        kind, _, name = row["source"].partition(" ")
        if kind in ("plan", "lent", "add-on", "version"):
            self.cell(kind, name, row)
        elif kind == "standing":
            self.standings.append((known_instant(row.get("from", "")), Standing(row["value"])))
        elif kind == "rule":
            self.rule(row)
        else:
            getattr(self, kind)(name, row)


def table(text: str, *, market: str | None = None, parent: Facts | None = None, zone: str = "UTC") -> Facts:
    """The facts of one account, as the rows say."""
    draft = Draft()
    for row in rows(text):
        draft.take(row)
    features = {key: FeatureFact(shape, tuple(draft.rules.get(key, ()))) for key, shape in SHAPES.items()}
    return Facts(
        account="acme" if parent is None else "acme-child",
        market=market,
        features=features,
        versions=draft.versions,
        rollouts=tuple(draft.rollouts),
        items=tuple(draft.items.values()),
        overrides=tuple(draft.overrides),
        billed=tuple(draft.said),
        standings=tuple(draft.standings),
        parent=parent,
        zone=zone,
    )


def resolve(facts: Facts, *, at: str = "2026-01-15") -> dict[str, Resolution]:
    return resolver.resolve(facts, at=known_instant(at))


def answer(facts: Facts, feature: str, *, at: str = "2026-01-15") -> Value | None:
    return resolve(facts, at=at)[feature].value


def reasons(facts: Facts, feature: str, *, at: str = "2026-01-15") -> list[str]:
    """ "Team v1: the base", and so on: each candidate with its rule, those lost in brackets."""
    told = resolve(facts, at=at)[feature].because
    return [f"{c.name}: {c.rule}" if c.kept else f"({c.name}: {c.rule})" for c in told]


def course(facts: Facts, feature: str, days: str) -> list[Value | None]:
    """The answers on the days, one after the other."""
    return [answer(facts, feature, at=day) for day in days.split()]
