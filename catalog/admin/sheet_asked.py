"""What the sheet's requests say, parsed: cells by the names their rows and columns bear."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.domain.cases import GENERAL, Case
from catalog.models import Feature, FeatureGroup, PlanVersion
from catalog.queries.cells import Subject
from journal.domain.refusal import Invalid, Stale

MOST = 5_000  # cells at once
LARGEST = 2**63


@dataclass(frozen=True, slots=True)
class AskedCell:
    key: str  # of the subject
    subject: Subject
    case: Case
    text: str
    version: PlanVersion
    stood: str = ""  # what the person saw there before, where the request says it


@dataclass(frozen=True, slots=True)
class Asked:
    cells: tuple[AskedCell, ...]
    tokens: Mapping[int, int]

    @property
    def plans(self) -> list[int]:
        return sorted({cell.version.plan_id for cell in self.cells})


def parse_asked(body: Mapping[str, Any], *, in_versions: bool = True) -> Asked:
    """The cells a request is about; `in_versions` says whether each names the version it stands in."""
    writes = body.get("writes")
    if not isinstance(writes, list) or not all(isinstance(write, dict) for write in writes) or len(writes) > MOST:
        raise Invalid(f"Name at most {MOST:,} cells, each as an object.")
    subjects = _subjects({str(write.get("subject")) for write in writes})
    wanted = {_whole(write.get("version")) for write in writes} if in_versions else set()
    versions = {v.pk: v for v in PlanVersion.objects.select_related("plan").filter(pk__in=wanted)}
    # One that is gone is for the action to tell, with who discarded it.
    versions |= {pk: PlanVersion(pk=pk) for pk in wanted - versions.keys()}
    cells = [
        _cell(write, subjects, versions[_whole(write["version"])] if in_versions else PlanVersion()) for write in writes
    ]
    return Asked(tuple(cells), _tokens(body) if in_versions else {})


def parse_keys(body: Mapping[str, Any], name: str) -> list[int]:
    keys = body.get(name)
    if not isinstance(keys, list) or len(keys) > MOST:
        raise Invalid(f"“{name}” is not a list of numbers.")
    return [_whole(key) for key in keys]


def _cell(write: Mapping[str, Any], subjects: Mapping[str, Subject], version: PlanVersion) -> AskedCell:
    key, text = str(write.get("subject")), write.get("text")
    if not isinstance(text, str):
        raise Invalid("A cell’s text is not text.")
    if key not in subjects:
        raise Stale("A feature you wrote about is gone; reload the sheet.")
    stood = str(write.get("was") or "")
    return AskedCell(key, subjects[key], _case(str(write.get("case") or "")), text, version, stood)


def _subjects(keys: set[str]) -> dict[str, Subject]:
    features = [int(key[1:]) for key in keys if key[:1] == "f" and _is_number(key[1:])]
    groups = [int(key[1:]) for key in keys if key[:1] == "g" and _is_number(key[1:])]
    found: dict[str, Subject] = {}
    if features:
        found |= {f"f{row.pk}": row for row in Feature.objects.select_related("group").filter(pk__in=features)}
    if groups:
        found |= {f"g{row.pk}": row for row in FeatureGroup.objects.filter(pk__in=groups)}
    return found


def _case(key: str) -> Case:
    if not key:
        return GENERAL
    parts = key.split("~")
    try:
        return Case(*parts) if len(parts) == 3 else _unknown(key)
    except ValueError as error:
        raise Invalid(str(error)) from error


def _unknown(key: str) -> Case:
    raise ValueError(f"There is no case {key!r}.")


def _tokens(body: Mapping[str, Any]) -> dict[int, int]:
    tokens = body.get("tokens")
    if not isinstance(tokens, dict):
        raise Invalid("“tokens” doesn’t say which edits of the drafts were seen.")
    return {_whole(key): _whole(edits) for key, edits in tokens.items()}


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and -LARGEST <= value < LARGEST:
        return value
    if isinstance(value, str) and _is_number(value):
        return int(value)
    raise Invalid(f"“{str(value)[:40]}” is not a whole number.")


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
