"""What the plan sheet is made of: columns, bands of rows, and cells, as values that read nothing."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from catalog.domain.cases import GENERAL, Case
from catalog.domain.cell_editors import CellEditor
from catalog.domain.values import AtTrialEnd, Kind, PlanKind, TermState
from catalog.models import Feature, FeatureGroup, Plan, PlanTerm, PlanVersion
from catalog.queries.cells import Subject
from catalog.queries.effective import Speaking
from catalog.queries.requests import Waiting
from catalog.queries.sheet_terms import subject_key
from catalog.queries.versions import Stage


class Show(StrEnum):
    """Which edition of each plan the sheet shows."""

    NEWEST = "newest"  # the draft where there is one
    PUBLISHED = "published"  # what customers can have


@dataclass(frozen=True, slots=True)
class Column:
    """One plan, in the edition shown; a plan without such an edition keeps its column, empty."""

    plan: Plan
    version: PlanVersion | None
    stage: Stage | None
    price: str
    published: PlanVersion | None = None
    starts_at: datetime | None = None  # when a scheduled version begins
    has_draft: bool = False
    flat: bool = False  # an add-on that gives the same however many of it are bought
    waiting: Waiting | None = None  # the request to publish it, while a second person hasn't decided

    @property
    def editable(self) -> bool:
        return self.version is not None and self.version.is_draft


def anchor_of(plan: Plan, subject: Subject, case: Case) -> str:
    """Where an address can lead: the general cell of a feature has the shortest name."""
    group = [] if isinstance(subject, Feature) else ["group"]  # whose key may be a feature's too
    parts = [plan.key, *group, subject.key, *(part for part in (case.phase, case.market, case.interval) if part)]
    return "-".join(["cell", *parts])


@dataclass(frozen=True, slots=True)
class Cell:
    """What one plan says of one feature or group, in one case.

    `text` is what would be typed to say it, empty where the version says nothing of its own; `shown` is what then
    speaks all the same. `words` is either as a person reads it. `was` is what the published version says, where a draft differs.
    """

    column: Column
    subject: Subject
    case: Case
    text: str = ""
    shown: str = ""
    words: str = ""
    term: PlanTerm | None = None  # the one that speaks; None: nothing does
    heard: Speaking | None = None  # where that is not the version's own term for this very place
    changed: bool = False
    was: str = ""

    @property
    def inherited(self) -> bool:
        return self.heard is not None

    @property
    def origin(self) -> str:
        """From where it is inherited: "from Pro v3", "from the group Security"."""
        return "" if self.heard is None else self.heard.origin or "from the general cell above"

    @property
    def state(self) -> TermState | None:
        if self.heard is not None:
            return self.heard.facts.state
        return TermState(self.term.state) if self.term else None

    @property
    def source_text(self) -> str:
        """The cell as it stood on the price page, where it is the version's own."""
        return self.term.source_text if self.term and self.text else ""

    @property
    def sold_as(self) -> str:
        return str(self.term.sold_as or "") if self.term else ""

    @property
    def is_yes(self) -> bool:
        """Whether a tick can stand for the whole cell: of a gate, and of a group that only says it is included."""
        if self.heard is not None:
            return self.heard.facts.value is True and self.heard.facts.at_trial_end is AtTrialEnd.ENDS
        if self.term is None or self.state is not TermState.VALUE or self.term.at_trial_end != AtTrialEnd.ENDS:
            return False
        return self.subject.kind == Kind.GATE if isinstance(self.subject, Feature) else self.term.amount is None

    @property
    def quoted(self) -> bool:
        """Whether the page's own words must be seen beside the cell, because it is not settled what they mean."""
        return self.state is TermState.UNSETTLED and bool(self.source_text)

    @property
    def lacks_add_on(self) -> bool:
        return self.state is TermState.ADD_ON and not self.sold_as

    @property
    def anchor(self) -> str:
        return anchor_of(self.column.plan, self.subject, self.case)


@dataclass(frozen=True, slots=True)
class Row:
    """One feature or group; or, beneath it, what the versions say of it in one special case."""

    subject: Subject
    case: Case
    case_words: str
    editor: CellEditor
    cells: tuple[Cell, ...]

    @property
    def key(self) -> str:
        return subject_key(self.subject)

    @property
    def case_key(self) -> str:
        return "" if self.case == GENERAL else f"{self.case.phase}~{self.case.market}~{self.case.interval}"

    @property
    def name(self) -> str:
        return (
            f"{self.subject}, {self.case_words[:1].lower()}{self.case_words[1:]}"
            if self.case_words
            else f"{self.subject}"
        )


@dataclass(frozen=True, slots=True)
class Band:
    """One group: its own row, which is a row like any other, and those of its features."""

    group: FeatureGroup
    depth: int
    heads: tuple[Row, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    columns: tuple[Column, ...]
    bands: tuple[Band, ...]
    show: Show
    kind: PlanKind | None

    @property
    def rows(self) -> tuple[Row, ...]:
        return tuple(row for band in self.bands for row in (*band.heads, *band.rows))
