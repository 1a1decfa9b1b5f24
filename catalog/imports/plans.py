"""Plans and add-ons with what stands beside their cells: trial, what they include, and prices. Always of a draft."""

from collections.abc import Iterable
from typing import Any

from catalog.actions.drafts import open_draft, set_includes
from catalog.actions.naming import describe_plan
from catalog.actions.plans import LONGEST_GRACE, create_plan, drop_price, set_grace, set_price, set_trial
from catalog.domain.entries import (
    WrongEntry,
    a_currency,
    a_key,
    a_line,
    a_number,
    a_price,
    a_word,
    micros,
    optional,
    prose,
    spell_micros,
)
from catalog.domain.values import AddOnEffect, PlanKind
from catalog.imports.table import Column, Entry, Hand, Table, Texts, found, maybe
from catalog.models import Plan, PlanPrice, PlanVersion
from catalog.models.plan import Interval
from journal.domain.refusal import Refusal


def read_version(text: str) -> str:
    """ "free v2": a plan's key and the number of its version."""
    plan, _, number = text.strip().rpartition(" v")
    return f"{a_key(plan)} v{a_number(least=1)(number)}"


def newest_versions() -> dict[int, PlanVersion]:
    """The newest version of each plan, a draft where one is open, by the plan's id."""
    rows = PlanVersion.objects.select_related("plan", "includes__plan", "after_trial").order_by("number")
    return {row.plan_id: row for row in rows}


def draft_of(plan: Plan, hand: Hand) -> PlanVersion:
    """The plan's draft, opened where there is none: an import never touches what is published."""
    newest = plan.versions.select_related("plan", "includes", "after_trial").order_by("-number").first()
    return newest if newest is not None and newest.is_draft else open_draft(plan=plan, by=hand.by, at=hand.at)


_OF_A_DRAFT = ("trial_days", "after_trial", "grace_days", "wind_down_days", "includes")


class PlanTable(Table):
    key = Column("Key", a_key, of="key", note="small letters, digits and _; it never changes", required=True)
    name = Column("Name", a_line(120), of="name", note="as customers know it", required=True)
    kind = Column("Kind", a_word(PlanKind, add_on="add-on"), note="plan or add-on", required=True)
    effect = Column("Beside a plan", optional(a_word(AddOnEffect)), note="of an add-on: adds or replaces",
                    also=("effect",))  # fmt: skip
    audience = Column("For whom", prose, of="audience", also=("audience",))
    trial_days = Column("Trial, days", optional(a_number(least=1, most=3650)), note="empty: no trial")
    after_trial = Column("After the trial", optional(a_key), names="plan", note="the key of the plan that follows")
    grace_days = Column("Grace, days", optional(a_number(most=LONGEST_GRACE)),
                        note="of service after a failed payment; empty: 14")  # fmt: skip
    wind_down_days = Column("Access after leaving, days", optional(a_number(most=LONGEST_GRACE)), note="empty: none")
    includes = Column("Includes", optional(read_version), note="everything of a lower version, such as free v2")

    slug, title, own = "plans", "Plans and add-ons", "plan"
    what = "Plans and add-ons by name, with the trial and what the newest version includes."
    model = Plan

    def records(self) -> Iterable[Any]:
        self._newest = newest_versions()
        return Plan.objects.order_by("position", "pk")

    def dehydrate_kind(self, row: Plan) -> str:
        return "add-on" if row.kind == PlanKind.ADD_ON else "plan"

    def dehydrate_effect(self, row: Plan) -> str:
        return row.effect if row.kind == PlanKind.ADD_ON else ""

    def dehydrate_trial_days(self, row: Plan) -> str:
        newest = self._newest.get(row.pk)
        return str(newest.trial_days) if newest and newest.trial_days else ""

    def dehydrate_after_trial(self, row: Plan) -> str:
        newest = self._newest.get(row.pk)
        return newest.after_trial.key if newest and newest.after_trial else ""

    def dehydrate_grace_days(self, row: Plan) -> str:
        return self._days(row, "grace_days")

    def dehydrate_wind_down_days(self, row: Plan) -> str:
        return self._days(row, "wind_down_days")

    def _days(self, row: Plan, column: str) -> str:
        days = getattr(self._newest.get(row.pk), column, None)
        return "" if days is None else str(days)

    def dehydrate_includes(self, row: Plan) -> str:
        newest = self._newest.get(row.pk)
        return f"{newest.includes.plan.key} v{newest.includes.number}" if newest and newest.includes else ""

    def fit(self, after: Texts) -> Texts:
        if after["after_trial"] and not after["trial_days"]:
            raise WrongEntry("Say how many days the trial lasts, or leave out the plan that follows it.")
        add_on = after["kind"] == "add-on"
        return {**after, "effect": (after["effect"] or AddOnEffect.ADDS.value) if add_on else ""}

    def write(self, entry: Entry, hand: Hand) -> None:
        after = entry.after
        before = entry.before or {**after, **dict.fromkeys(_OF_A_DRAFT, "")}
        plan = found(Plan, after["key"]) if entry.before else self._create(after, hand)
        fixed = [self.columns[name].heading for name in ("kind", "effect") if after[name] != before[name]]
        if fixed:
            raise Refusal(f"{' and '.join(fixed)} of {plan} can't change any more. Name another one instead.")
        if any(after[name] != before[name] for name in ("name", "audience")):
            told: dict[str, Any] = {"name": after["name"], "audience": after["audience"], "reason": hand.reason}
            describe_plan(plan=plan, **told, by=hand.by, at=hand.at)
        if any(after[name] != before[name] for name in ("trial_days", "after_trial")):
            self._set_trial(plan, after, hand)
        if any(after[name] != before[name] for name in ("grace_days", "wind_down_days")):
            self._set_grace(plan, after, hand)
        if after["includes"] != before["includes"]:
            self._set_includes(plan, after, hand)

    def _create(self, after: Texts, hand: Hand) -> Plan:
        return create_plan(
            key=after["key"],
            name=after["name"],
            kind=PlanKind.ADD_ON if after["kind"] == "add-on" else PlanKind.PLAN,
            effect=AddOnEffect(after["effect"]) if after["effect"] else AddOnEffect.ADDS,
            audience=after["audience"],
            by=hand.by,
            at=hand.at,
        )

    def _set_includes(self, plan: Plan, after: Texts, hand: Hand) -> None:
        draft = draft_of(plan, hand)
        set_includes(
            version=draft,
            includes=_version(after["includes"]),
            edits=draft.edits,
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )

    def _set_trial(self, plan: Plan, after: Texts, hand: Hand) -> None:
        draft = draft_of(plan, hand)
        set_trial(
            version=draft,
            trial_days=int(after["trial_days"]) if after["trial_days"] else None,
            after_trial=maybe(Plan, after["after_trial"]),
            edits=draft.edits,
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )

    def _set_grace(self, plan: Plan, after: Texts, hand: Hand) -> None:
        draft = draft_of(plan, hand)
        set_grace(
            version=draft,
            grace_days=int(after["grace_days"]) if after["grace_days"] else None,
            wind_down_days=int(after["wind_down_days"]) if after["wind_down_days"] else None,
            edits=draft.edits,
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )

    def drop(self, after: Texts, hand: Hand) -> None:
        raise Refusal("It stays: a plan that was named keeps its name, so that nothing else is ever called so.")


def _version(said: str) -> PlanVersion | None:
    if not said:
        return None
    key, _, number = said.rpartition(" v")
    version = PlanVersion.objects.select_related("plan").filter(plan__key=key, number=int(number)).first()
    if version is None:
        raise Refusal(f"There is no {said} to include.")
    return version


class PriceTable(Table):
    plan = Column("Plan or add-on", a_key, of="version__plan__key", names="plan", note="its key", also=("plan",),
                  required=True)  # fmt: skip
    interval = Column("Paid by the", a_word(Interval), of="interval", note="month or year", also=("interval",),
                      required=True)  # fmt: skip
    currency = Column("Currency", a_currency, of="currency", note="USD, EUR …", required=True)
    amount = Column("Amount", a_price, note="25 or 0.125; contact where sales agree it", required=True)

    slug, title = "prices", "Prices"
    what = "What the newest version of each plan or add-on costs, by interval and currency."
    model = PlanPrice
    identity = ("plan", "interval", "currency")

    def records(self) -> Iterable[Any]:
        newest = [version.pk for version in newest_versions().values()]
        rows = PlanPrice.objects.filter(version__in=newest).select_related("version__plan")
        return rows.order_by("version__plan__position", "version__plan", "interval", "currency")

    def dehydrate_amount(self, row: PlanPrice) -> str:
        return spell_micros(None if row.contact else row.amount_micros)

    def write(self, entry: Entry, hand: Hand) -> None:
        after = entry.after
        draft = draft_of(found(Plan, after["plan"]), hand)
        set_price(
            version=draft,
            interval=Interval(after["interval"]),
            currency=after["currency"],
            amount_micros=micros(after["amount"]),
            edits=draft.edits,
            reason=hand.reason,
            by=hand.by,
            at=hand.at,
        )

    def drop(self, after: Texts, hand: Hand) -> None:
        draft = draft_of(found(Plan, after["plan"]), hand)
        price = draft.prices.filter(interval=after["interval"], currency=after["currency"]).first()
        if price is None:
            raise Refusal("It stays as it is: the price is gone already.")
        drop_price(price=price, edits=draft.edits, reason=hand.reason, by=hand.by, at=hand.at)
