"""What is written to a CRM: which fields a company has there, and which each of its entitlements.

The names are ours; each CRM's folder spells them as that CRM has them. A part is one record there: the company itself
(`COMPANY`), or one entitlement by its feature's key. Whether it is written is decided by its digest alone, so that what
is told twice moves nothing; `written_at` is no part of that.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum
from hashlib import blake2b
from typing import TypeAlias

COMPANY = "@company"  # as a part; no feature has such a key
Out: TypeAlias = str | bool | int | Decimal | date | datetime | None
HUNDREDTH = Decimal("0.01")


class Sort(StrEnum):
    """What a field holds, as both CRMs can have it. `KEY` is unique there, and is what is written by. Numbers have two
    decimals at most."""

    KEY = "key"
    TEXT = "text"
    LONG = "long"
    LINK = "link"
    NUMBER = "number"
    PERCENT = "percent"
    DAY = "day"
    MOMENT = "moment"
    YES_NO = "yes_no"


@dataclass(frozen=True, slots=True)
class OutField:
    """`name` is ours, in small letters; `words` its label there; `longest` of texts, in characters."""

    name: str
    words: str
    sort: Sort
    help: str
    longest: int = 255


# The account's key is no KEY there: a company is written by its own id, and whoever copies one there mustn't be stopped.
COMPANY_FIELDS = (
    OutField("account_key", "Desk account", Sort.TEXT, "The key of the account in the entitlement desk.", 64),
    OutField("plan", "Plan", Sort.TEXT, "The plans that the account has now."),
    OutField("add_ons", "Add-ons", Sort.TEXT, "The add-ons that it has now, with how many of each."),
    OutField(
        "phase", "Phase", Sort.TEXT, "In trial, active, past due, paused, ended; or that it is suspended or closed."
    ),
    OutField("trial_ends_on", "Trial ends on", Sort.DAY, "The last day of the running trial."),
    OutField(
        "renews_on", "Renews or ends on", Sort.DAY, "When what is held renews, or its last day, whichever is next."
    ),
    OutField("renewal", "Renewal", Sort.TEXT, "What renews or ends then, and by when notice has to be given."),
    OutField("coverage", "Support coverage", Sort.TEXT, "Whether support is owed, how fast, and until when."),
    OutField("covered", "Covered now", Sort.YES_NO, "Whether support is owed now."),
    OutField("open_overrides", "Open overrides", Sort.NUMBER, "How many changes were granted beside the plan."),
    OutField("overrides", "Overrides", Sort.LONG, "Each of them, with its last day.", 5000),
    OutField("near_limits", "Nearing limits", Sort.NUMBER, "How many limits are used to 80 % or more."),
    OutField("upsell", "Upsell signals", Sort.LONG, "What nears its limit, and when it will be reached.", 5000),
    OutField("desk_link", "In the entitlement desk", Sort.LINK, "The account’s page in the desk."),
    OutField("written_at", "Desk wrote at", Sort.MOMENT, "When the desk wrote these fields last."),
)
ENTITLEMENT_FIELDS = (
    OutField("key", "Entitlement key", Sort.KEY, "Account and feature, such as acme.api_calls.", 140),
    OutField("name", "Entitlement", Sort.TEXT, "The feature, in the customer’s words.", 80),
    OutField("granted", "Included", Sort.YES_NO, "Whether the account has it now."),
    OutField("amount", "Amount", Sort.TEXT, "How much of it, as the plan sheet says it."),
    OutField("limit", "Limit", Sort.NUMBER, "The limit in the unit; empty where there is none."),
    OutField("used", "Used", Sort.NUMBER, "How much of it was used in the running period, in the unit."),
    OutField("left", "Left", Sort.NUMBER, "How much of it is left, in the unit; of credits, their balance."),
    OutField("unit", "Unit", Sort.TEXT, "What limit, use and rest are counted in.", 40),
    OutField("used_percent", "Used %", Sort.PERCENT, "Of the limit."),
    OutField("resets_on", "Resets on", Sort.DAY, "When use starts again at nothing."),
    OutField("reached_on", "Limit reached on", Sort.DAY, "When the limit will be reached if use goes on as it does."),
    OutField("source", "Granted by", Sort.TEXT, "The plan, add-on or override that gives it."),
    OutField("ends_on", "Ends on", Sort.DAY, "The last day of it as it is, where one is known."),
    OutField("signal", "Signal", Sort.TEXT, "A sentence for sales: 82 % of API calls, limit reached about 24 March."),
    OutField("written_at", "Desk wrote at", Sort.MOMENT, "When the desk wrote this record last."),
)
UNCOUNTED = frozenset({"written_at"})  # differs each time, and is no news by itself


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One record as it should stand. `key` is the account's, or the entitlement's; `company` is its id there.

    `removed`: the entitlement is nobody's any more, so that its record goes.
    """

    part: str
    key: str
    company: str
    fields: Mapping[str, Out] = field(default_factory=dict)
    removed: bool = False

    @property
    def name(self) -> str:
        """By what it is remembered once it was written: of an account, whatever key it has; else by its own."""
        return COMPANY if self.part == COMPANY else self.key

    @property
    def digest(self) -> str:
        """The same for what says the same; empty for what is removed."""
        if self.removed:
            return ""
        counted = {name: plain(value) for name, value in sorted(self.fields.items()) if name not in UNCOUNTED}
        said = json.dumps([self.key, self.company, counted], ensure_ascii=False, separators=(",", ":"))
        return blake2b(said.encode(), digest_size=12).hexdigest()


def fitted(fields: Sequence[OutField], values: Mapping[str, Out]) -> dict[str, Out]:
    """The values as the fields can hold them: texts cut to their length, numbers to two decimals, downwards, so that what
    is near a limit never seems to be there; what isn't said is empty, or no. KeyError where a value has no field."""
    known = {one.name: one for one in fields}
    unknown = values.keys() - known.keys()
    if unknown:
        raise KeyError(f"There is no field {sorted(unknown)[0]!r}.")
    return {name: _fit(one, values.get(name)) for name, one in known.items()}


def _fit(one: OutField, value: Out) -> Out:
    if one.sort is Sort.YES_NO:
        return bool(value)  # a box can't be empty everywhere
    if isinstance(value, str):
        return value if len(value) <= one.longest else f"{value[: one.longest - 1]}…"
    if isinstance(value, Decimal):
        return value.quantize(HUNDREDTH, ROUND_FLOOR)
    if isinstance(value, datetime):
        return value.replace(microsecond=0)
    return value


def plain(value: Out) -> str | bool | None:
    """A value as text that is the same for the same; yes and no, and what is empty, stay as they are."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
