"""Whether a value fits its property, and the form in which it is kept: always text, empty where there is none."""

from typing import Any

from tests.fakes.hubspot import clock, kinds
from tests.fakes.hubspot.errors import Wrong, wrong_values
from tests.fakes.hubspot.state import Row, State

LONGEST = 65_536
ELSEWHERE = ("dealstage", "pipeline")  # whether a stage fits its pipeline is seen when both are known


def fitted(state: State, kind: str, given: dict[str, Any]) -> dict[str, str]:
    """The values as they are kept, or HubSpot's refusal with everything that is wrong with them."""
    kept: dict[str, str] = {}
    wrong: list[Wrong] = []
    for name, value in given.items():
        one = state.properties[kind].get(name.lower())
        if one is None or one["archived"]:
            wrong.append(Wrong(f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST", name))
            continue
        try:
            kept[one["name"]] = kept_as(state, one, _text(value))
        except _Unfit as no:
            wrong.append(Wrong(no.message, no.code, name))
    if wrong:
        raise wrong_values(wrong, state.settings.portal)
    return kept


class _Unfit(Exception):
    def __init__(self, message: str, code: str) -> None:
        self.message, self.code = message, code


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def kept_as(state: State, one: Row, text: str) -> str:
    if one["modificationMetadata"]["readOnlyValue"]:
        raise _Unfit(f'"{one["name"]}" is a read only property; its value cannot be set.', "READ_ONLY_VALUE")
    if not text:
        return ""
    match one["type"]:
        case "number":
            return _number(text)
        case "bool":
            return _one_of(text.lower(), ["true", "false"])
        case "date":
            return _dated(clock.day(text), text)
        case "datetime":
            at = clock.instant(text)
            return _dated(None if at is None else clock.iso(at), text)
        case "enumeration":
            return _chosen(state, one, text)
    if len(text) > LONGEST:
        raise _Unfit(f"The value is {len(text)} characters long; {LONGEST} are allowed.", "INVALID_LENGTH")
    return text.strip().lower() if one["name"] == "email" else text


def _number(text: str) -> str:
    try:
        float(text)
    except ValueError:
        raise _Unfit(f"{text} was not a valid number.", "INVALID_NUMBER") from None
    return text.strip()


def _dated(kept: str | None, text: str) -> str:
    if kept is None:
        raise _Unfit(f"{text} was not a valid date.", "INVALID_DATE")
    return kept


def _one_of(text: str, options: list[str]) -> str:
    if text not in options:
        raise _Unfit(f"{text} was not one of the allowed options: [{', '.join(options)}]", "INVALID_OPTION")
    return text


def _chosen(state: State, one: Row, text: str) -> str:
    if one["name"] in ELSEWHERE:
        return text
    if one["name"] == "hubspot_owner_id":
        return _one_of(text, list(state.owners))
    options = [option["value"] for option in one["options"]]
    for part in text.split(";") if one["fieldType"] == "checkbox" else [text]:
        _one_of(part, options)
    return text


def staged(state: State, values: dict[str, str]) -> None:
    """Whether the deal's stage is one of its pipeline."""
    pipeline = state.pipelines[kinds.DEAL].get(values.get("pipeline", ""))
    wrong = []
    if pipeline is None:
        wrong.append(Wrong(f"{values.get('pipeline')} is not a valid pipeline ID", "INVALID_OPTION", "pipeline"))
    elif values.get("dealstage") and values["dealstage"] not in [stage["id"] for stage in pipeline["stages"]]:
        message = f"{values['dealstage']} was not one of the allowed options of pipeline {pipeline['id']}"
        wrong.append(Wrong(message, "INVALID_OPTION", "dealstage"))
    if wrong:
        raise wrong_values(wrong, state.settings.portal)
