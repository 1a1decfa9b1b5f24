"""Bundles and promotional codes."""

from collections.abc import Iterable
from typing import Any

from catalog.actions.bundles import create_bundle, edit_bundle, end_bundle
from catalog.actions.promo_codes import CodeTerms, create_code, edit_code, stop_code
from catalog.domain.amounts import UnreadableCell
from catalog.domain.cells import read_cell
from catalog.domain.entries import (
    WrongEntry,
    a_key,
    a_line,
    a_number,
    a_word,
    an_instant,
    optional,
    prose,
    read_instant,
    some_keys,
    yes_no,
)
from catalog.domain.promotions import spell_code
from catalog.domain.values import Nature, TermState, Value
from catalog.domain.words import say_value
from catalog.imports.table import Column, Entry, Hand, Table, Texts, found, maybe
from catalog.models import Bundle, Feature, Market, Plan, PromoCode
from catalog.models.offer import Gift
from catalog.queries.promotions import given_value
from journal.domain.refusal import Refusal

_MODES = {"": "", "replace": "replace", "add": "add", "at least": "at_least"}


def read_mode(text: str) -> str:
    said = " ".join(text.replace("_", " ").split()).casefold()
    if said not in _MODES:
        raise WrongEntry(f"“{text.strip()[:40]}” is not one of: replace, add, at least.")
    return said


def read_code(text: str) -> str:
    spelled = spell_code(text)
    if not 3 <= len(spelled) <= 40:
        raise WrongEntry(f"“{text.strip()[:40]}” is no code; write capital letters, digits and dashes: SPRING-26.")
    return spelled


class BundleTable(Table):
    key = Column("Key", a_key, of="key", note="small letters, digits and _; it never changes", required=True)
    name = Column("Name", a_line(120), of="name", required=True)
    pick = Column("Choose", a_number(least=1, most=1_000), of="pick", note="how many of its add-ons", required=True,
                  also=("pick",))  # fmt: skip
    add_ons = Column("Add-ons", some_keys, names="plan", note="their keys, divided by commas", required=True)
    starts = Column("From", optional(an_instant), of="starts_at")
    ends = Column("Until", optional(an_instant), of="ends_at")
    note = Column("Note", prose, of="note")

    slug, title = "bundles", "Bundles"
    what = "Any so many of these add-ons, sold as one thing."
    model = Bundle

    def records(self) -> Iterable[Any]:
        return Bundle.objects.prefetch_related("options__add_on").order_by("key")

    def dehydrate_add_ons(self, row: Bundle) -> str:
        return ", ".join(option.add_on.key for option in row.options.all())

    def write(self, entry: Entry, hand: Hand) -> None:
        after = entry.after
        told: dict[str, Any] = {
            "name": after["name"],
            "pick": int(after["pick"]),
            "add_ons": [found(Plan, key) for key in after["add_ons"].split(", ")],
            "note": after["note"],
            "starts_at": _moment(after["starts"]),
            "ends_at": _moment(after["ends"]),
            "by": hand.by,
            "at": hand.at,
        }
        if entry.before is None:
            create_bundle(key=after["key"], **told)
        else:
            edit_bundle(bundle=found(Bundle, after["key"]), reason=hand.reason, **told)

    def drop(self, after: Texts, hand: Hand) -> None:
        end_bundle(bundle=found(Bundle, after["key"]), reason=hand.reason, by=hand.by, at=hand.at)


class CodeTable(Table):
    code = Column("Code", read_code, of="code", note="SPRING-26", required=True)
    name = Column("Name", a_line(120), of="name", required=True)
    gives = Column("Gives", a_word(Gift, add_on="add-on"), note="trial, add-on or override", required=True)
    plan = Column("Plan or add-on", optional(a_key), of="plan__key", names="plan", note="its key", also=("plan",))
    quantity = Column("Quantity", optional(a_number(least=1, most=10_000)), note="of an add-on")
    feature = Column("Feature", optional(a_key), of="feature__key", names="feature", note="of an override: its key")
    mode = Column("How", read_mode, note="of an override: replace, add or at least", also=("mode",))
    value = Column("Value", a_line(500), note="of an override: in the feature's words, such as 20 GB")
    days = Column("Days", a_number(least=1, most=3660), of="days", note="how long what it gives lasts", required=True)
    starts = Column("From", optional(an_instant), of="starts_at")
    ends = Column("Until", optional(an_instant), of="ends_at")
    most = Column("Redemptions at most", optional(a_number(least=1)), of="max_redemptions", note="empty: no limit",
                  also=("max redemptions",))  # fmt: skip
    each = Column("Per customer", optional(a_number(least=1)), of="max_per_account", note="1 unless said otherwise",
                  also=("max per account",))  # fmt: skip
    market = Column("Market", optional(a_key), of="market__key", names="market", note="its key; empty: everywhere")
    stopped = Column("Stopped", yes_no)

    slug, title = "codes", "Promotional codes"
    what = "Words a customer types to get a timed trial, add-on or amount."
    model = PromoCode
    identity = ("code",)

    def records(self) -> Iterable[Any]:
        return PromoCode.objects.select_related("plan", "feature", "market").order_by("code")

    def dehydrate_gives(self, row: PromoCode) -> str:
        return "add-on" if row.gives == Gift.ADD_ON else row.gives

    def dehydrate_quantity(self, row: PromoCode) -> str:
        return str(row.quantity) if row.gives == Gift.ADD_ON else ""

    def dehydrate_mode(self, row: PromoCode) -> str:
        return row.mode.replace("_", " ")

    def dehydrate_value(self, row: PromoCode) -> str:
        value = given_value(row)
        if row.feature is None or value is None:
            return ""
        return say_value(value, shape=row.feature.shape, typed_unit=row.typed_unit)

    def dehydrate_stopped(self, row: PromoCode) -> str:
        return "yes" if row.stopped_at else "no"

    def fit(self, after: Texts) -> Texts:
        if after["gives"] != Gift.OVERRIDE:
            stray = next((name for name in ("feature", "mode", "value") if after[name]), None)
            if stray:
                raise WrongEntry(
                    f"Only a code that gives an override has “{self.columns[stray].heading}”; leave it empty."
                )
            quantity = (after["quantity"] or "1") if after["gives"] == "add-on" else ""
            return {**after, "quantity": quantity, "each": after["each"] or "1"}
        feature = Feature.objects.filter(key=after["feature"]).first()
        if feature is None:
            raise WrongEntry("A code that gives an override names the key of its feature.")
        value, unit = _value(after["value"], feature)
        said = say_value(value, shape=feature.shape, typed_unit=unit)
        return {**after, "value": said, "quantity": "", "each": after["each"] or "1"}

    def write(self, entry: Entry, hand: Hand) -> None:
        after, before = entry.after, entry.before
        if before is not None and (before["stopped"], after["stopped"]) == ("yes", "no"):
            raise Refusal(f"{after['code']} is stopped and can't be taken up again. Make another code.")
        row = None if before is None else found(PromoCode, after["code"], by="code")
        told: dict[str, Any] = {"name": after["name"], "terms": self._terms(after), "by": hand.by, "at": hand.at}
        if row is None:
            row = create_code(code=after["code"], **told)
        else:
            row = edit_code(code=row, reason=hand.reason, **told)
        if after["stopped"] == "yes" and row.stopped_at is None:
            stop_code(code=row, reason=hand.reason, by=hand.by, at=hand.at)

    def _terms(self, after: Texts) -> CodeTerms:
        feature = maybe(Feature, after["feature"])
        value, unit = _value(after["value"], feature) if feature else (None, "")
        return CodeTerms(
            gives=Gift(after["gives"].replace("-", "_")),
            days=int(after["days"]),
            plan=maybe(Plan, after["plan"]),
            quantity=int(after["quantity"] or 1),
            feature=feature,
            mode=_MODES[after["mode"]],
            value=value,
            typed_unit=unit,
            market=maybe(Market, after["market"]),
            starts_at=_moment(after["starts"]),
            ends_at=_moment(after["ends"]),
            max_redemptions=int(after["most"]) if after["most"] else None,
            max_per_account=int(after["each"]),
        )

    def drop(self, after: Texts, hand: Hand) -> None:
        stop_code(code=found(PromoCode, after["code"], by="code"), reason=hand.reason, by=hand.by, at=hand.at)


def _value(text: str, feature: Feature) -> tuple[Value, str]:
    """What an override gives, in the feature's words, and the unit it was typed in."""
    if feature.shape.nature is Nature.GATE and not text:
        return True, ""
    try:
        reading = read_cell(text, shape=feature.shape)
    except UnreadableCell as unreadable:
        raise WrongEntry(str(unreadable)) from None
    if reading.state not in {TermState.VALUE, TermState.UNLIMITED} or reading.value is None:
        raise WrongEntry(f"“{text[:40]}” doesn't say how much of {feature} the code gives.")
    return reading.value, reading.typed_unit


def _moment(text: str) -> Any:
    return read_instant(text) if text else None
