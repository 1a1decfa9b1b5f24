"""What every table of catalog records has in common.

The columns are a django-import-export Resource: each says how one thing of a record is written in a file, and the
Resource renders the records with them. Reading goes the other way through the same columns. Writing does not: the
library saves rows past every guard and without history, so here each table names the actions that write its rows
(docs/adr/0011).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, TypeAlias

from django.db import models
from import_export.fields import Field
from import_export.resources import Resource
from import_export.widgets import Widget

from catalog.domain.entries import Reader, WrongEntry, spell_instant, spell_word
from catalog.models import Feature, FeatureGroup, Market, Plan
from journal.domain.actor import Actor
from journal.domain.refusal import Refusal

Texts: TypeAlias = dict[str, str]
NAMED: dict[str, type[models.Model]] = {"group": FeatureGroup, "feature": Feature, "market": Market, "plan": Plan}


@dataclass(frozen=True, slots=True)
class Hand:
    """On whose behalf rows are written, when, and why."""

    by: Actor
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One row on its way: `before` is what stands there, None where nothing does."""

    number: int
    key: str
    before: Texts | None
    after: Texts


@dataclass(slots=True)
class Written:
    """What became of many rows written at once: a sentence for each that was, a refusal for each that wasn't."""

    told: dict[int, str] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)


class Said(Widget):
    """A value of ours as a file says it, and back to the one way of saying it."""

    def __init__(self, read: Reader) -> None:
        super().__init__()
        self.read = read

    def clean(self, value: Any, row: Any = None, **kwargs: Any) -> str:
        return self.read("" if value is None else str(value))

    def render(self, value: Any, obj: Any = None, **kwargs: Any) -> str:
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case datetime():
                return spell_instant(value)
            case StrEnum():
                return spell_word(value)
            case _:
                return str(value)


class Column(Field):
    """One column. `of` is where a record keeps it; `names` says whose keys stand in it; `note` is for the template."""

    def __init__(
        self,
        heading: str,
        read: Reader,
        *,
        of: str = "",
        note: str = "",
        names: str = "",
        also: Sequence[str] = (),
        required: bool = False,
    ) -> None:
        super().__init__(attribute=of or None, column_name=heading, widget=Said(read))
        self.heading, self.note, self.names, self.also, self.required = heading, note, names, also, required

    def read(self, text: str) -> str:
        said: str = self.widget.clean(text)
        return said

    def settled(self, text: str) -> str:
        """What stands there, as a file would be read; text that nobody could write in a file is left as it is."""
        try:
            return self.read(text)
        except WrongEntry:
            return text


class Table(Resource):
    """The records of one kind. `identity` are the columns by which a row of a file finds its record."""

    slug: ClassVar[str]
    title: ClassVar[str]
    what: ClassVar[str]
    model: ClassVar[type[models.Model]]
    identity: ClassVar[tuple[str, ...]] = ("key",)
    together: ClassVar[bool] = False  # all rows in one act
    singly: ClassVar[bool] = False  # each row stands for itself, so many are never written in one transaction
    step: ClassVar[int] = 100  # rows that are written in one transaction where they don't stand or fall together
    own: ClassVar[str] = ""  # the name under which other columns name these records
    permission: ClassVar[str] = "catalog.import_catalog"
    where: ClassVar[str] = "the catalog"  # what such records stand in, as its readers call it
    undo_note: ClassVar[str] = ""

    def __init__(self, at: datetime) -> None:
        super().__init__()
        self.at = at

    @property
    def view(self) -> str:
        return view_of(type(self))

    @property
    def columns(self) -> Mapping[str, Column]:
        found: Mapping[str, Column] = self.fields
        return found

    def records(self) -> Iterable[Any]:
        """What is exported, in the order of the file."""
        return self.model._default_manager.all()

    def standing(self, keys: Collection[str] | None = None) -> dict[str, Texts]:
        """What stands there, as a file would say it, by the key of the row; at least what has these keys, if any."""
        said = (self.said(record) for record in self.records())
        return {self.identify(texts): texts for texts in said}

    def said(self, record: Any) -> Texts:
        texts = zip(self.columns, self.export_resource(record), strict=True)
        said = {name: self.columns[name].settled(str(text)) for name, text in texts}
        try:
            return self.fit(said)
        except WrongEntry:
            return said

    def export_field(self, field: Column, instance: Any, **kwargs: Any) -> str:
        """Whatever way a record keeps it, a file says it in the one way it is read."""
        return field.settled(str(super().export_field(field, instance, **kwargs)))

    def identify(self, texts: Mapping[str, str]) -> str:
        return " · ".join(texts.get(name, "") for name in self.identity)

    def tokens(self) -> dict[str, Any]:
        """What must still be so when the import is applied, beyond the rows themselves."""
        return {}

    def fit(self, after: Texts) -> Texts:
        """The row as it will stand, once all its cells are known; WrongEntry where they contradict each other."""
        return after

    def in_order(self, entries: Sequence[Entry]) -> Sequence[Entry]:
        """The order in which rows can be written."""
        return entries

    def hold(self, entries: Sequence[Entry]) -> None:
        """Lock what will be written, in one order, before any of it is: for records that others write at any time."""

    def write(self, entry: Entry, hand: Hand) -> None:
        """Bring one record in line with its row; raises the action's refusal."""
        raise NotImplementedError

    def drop(self, after: Texts, hand: Hand) -> None:
        """Take away a record an import made."""
        raise Refusal("It stays: records of this kind aren't taken away.")

    def write_together(self, entries: Sequence[Entry], hand: Hand, tokens: Mapping[str, Any]) -> Written:
        """Bring all records in line with their rows in one act."""
        raise NotImplementedError

    def undo_together(self, entries: Sequence[Entry], hand: Hand) -> Written:
        """Put back what one act wrote, newest first; what was edited since stays."""
        raise NotImplementedError


def view_of(table: type[Table]) -> str:
    """The permission to see such records."""
    return f"{table.model._meta.app_label}.view_{table.model._meta.model_name}"


def found(model: type[models.Model], key: str, *, by: str = "key") -> Any:
    """The record of that key, for an action; a row that named it was checked, but that was a while ago."""
    row = model._default_manager.filter(**{by: key}).first()
    if row is None:
        raise Refusal(f"There is no {model._meta.verbose_name} {key} any more.")
    return row


def maybe(model: type[models.Model], key: str) -> Any:
    return found(model, key) if key else None
