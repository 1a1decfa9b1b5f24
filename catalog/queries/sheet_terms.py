"""The terms behind the sheet, found by the row and column in which they stand."""

from collections.abc import Iterable

from catalog.domain.cases import GENERAL, Case
from catalog.domain.values import AtTrialEnd, FeatureShape, Kind, Scaling, TermState
from catalog.models import Feature, PlanTerm, PlanVersion
from catalog.queries.cells import Subject
from catalog.queries.terms import case_of, cell_text, say_cell
from catalog.queries.vocabulary import Words


def subject_key(subject: Subject) -> str:
    """ "f12" or "g3": a feature or a group in one word, as the sheet names its rows."""
    return f"{'f' if isinstance(subject, Feature) else 'g'}{subject.pk}"


_SAID = {TermState.VALUE, TermState.UNLIMITED}


class TermBook:
    """The terms at hand, each said once; nothing in here reads the database."""

    def __init__(self, terms: Iterable[PlanTerm], *, words: Words) -> None:
        self._words = words
        self._terms: dict[tuple[int, str, Case], PlanTerm] = {}
        self._cases: dict[tuple[int, str], list[Case]] = {}
        self._texts: dict[int, str] = {}
        for term in terms:
            subject = f"f{term.feature_id}" if term.feature_id is not None else f"g{term.group_id}"
            self._terms[term.version_id, subject, case_of(term)] = term
            self._cases.setdefault((term.version_id, subject), []).append(case_of(term))

    def own(self, version: PlanVersion, subject: Subject, case: Case) -> PlanTerm | None:
        return self._terms.get((version.pk, subject_key(subject), case))

    def cases(self, versions: Iterable[PlanVersion], subject: Subject) -> list[Case]:
        """Every special case in which one of the versions has a term for the subject."""
        key = subject_key(subject)
        found = {case for version in versions for case in self._cases.get((version.pk, key), ())}
        return sorted(found - {GENERAL})

    def inheriting(self, versions: Iterable[PlanVersion]) -> list[PlanVersion]:
        """Those of the versions in which a cell can say more than what is written in it.

        They include another version, say something of a whole group, or answer a special case by the general cell.
        """
        special = any(not case.is_general for _, _, case in self._terms)
        grouped = {version for version, subject in self._cases if subject.startswith("g")}
        return [v for v in versions if special or v.includes_id is not None or v.pk in grouped]

    def is_flat(self, version: PlanVersion) -> bool:
        """Whether it gives amounts, and none of them more to whoever has several of it."""
        amounts = [term for (pk, _, _), term in self._terms.items() if pk == version.pk and term.amount is not None]
        return bool(amounts) and all(term.scaling == Scaling.FLAT for term in amounts)

    def text(self, term: PlanTerm | None) -> str:
        """The whole cell as it would be typed; empty where nothing is said."""
        if term is None:
            return ""
        if term.pk not in self._texts:
            self._texts[term.pk] = cell_text(term, self._words.vocabulary, self._measure(term))
        return self._texts[term.pk]

    def words(self, term: PlanTerm | None) -> str:
        """The cell as a person reads it, without what goes without saying; the plain answers are said by a sign."""
        if term is None or term.state not in _SAID:
            return ""
        if term.feature and term.feature.kind == Kind.GATE and term.at_trial_end == AtTrialEnd.ENDS:
            return ""
        return say_cell(term) if term.feature else self.text(term)

    def _measure(self, term: PlanTerm) -> FeatureShape | None:
        return None if term.group_id is None else self._words.measures[term.group_id]
