"""How cells are edited in place: whatever an editor offers, typing could have said it too."""

import pytest

from catalog.domain.cell_editors import OF_A_GROUP, CellEditor, Way, editor_of
from catalog.domain.cells import read_cell
from catalog.domain.groups import read_group_cell
from catalog.domain.values import Aggregation, Better, Choice, ConfigType, FeatureShape, Kind, TermState

CHOICES = (Choice("basic", "Basic"), Choice("custom", "Custom"), Choice("smart", "Smart, with help"))
GATE = FeatureShape("sso", "SSO", Kind.GATE)
RANKED = FeatureShape("cdn", "CDN", Kind.CONFIG, config_type=ConfigType.RANKED, better=Better.LISTED, choices=CHOICES)
SET = FeatureShape("roles", "Roles", Kind.CONFIG, config_type=ConfigType.SET, choices=CHOICES)
TEXT = FeatureShape("note", "Note", Kind.CONFIG, config_type=ConfigType.TEXT)
BYTES = FeatureShape("disk", "Disk", Kind.METERED, unit="GB", scale=10**9, aggregation=Aggregation.SUM)
DAYS = FeatureShape("logs", "Logs", Kind.CONFIG, unit="day", scale=86_400, config_type=ConfigType.DURATION)
SEATS = FeatureShape("seats", "Seats", Kind.CAPACITY, unit="seat")
CALLS = FeatureShape("calls", "Calls", Kind.METERED, unit="call", aggregation=Aggregation.SUM)
CREDITS = FeatureShape("hours", "Hours", Kind.CREDIT, unit="hour", scale=3600)
EVERY = [GATE, RANKED, SET, TEXT, BYTES, DAYS, SEATS, CALLS, CREDITS]


@pytest.mark.parametrize(
    ("shape", "way"),
    [
        (GATE, Way.TOGGLE),
        (RANKED, Way.LIST),
        (SET, Way.CHECKLIST),
        (TEXT, Way.TEXT),
        (BYTES, Way.TEXT),
        (SEATS, Way.TEXT),
    ],
)
def test_every_kind_has_the_plainest_editor(shape: FeatureShape, way: Way) -> None:
    assert editor_of(shape).way is way


@pytest.mark.parametrize("shape", EVERY, ids=lambda shape: shape.key)
def test_every_choice_offered_can_be_read(shape: FeatureShape) -> None:
    for option in editor_of(shape).options:
        if option.text:
            assert read_cell(option.text, shape=shape).state is not TermState.UNSETTLED


@pytest.mark.parametrize("shape", [BYTES, DAYS, SEATS, CALLS, CREDITS], ids=lambda shape: shape.key)
def test_every_example_of_a_hint_can_be_read(shape: FeatureShape) -> None:
    for example in editor_of(shape).hint.split("; "):
        assert read_cell(example, shape=shape).state is not TermState.UNSETTLED, example


@pytest.mark.parametrize("option", [option for option in OF_A_GROUP.options if option.text], ids=lambda o: o.text)
def test_what_is_offered_of_a_group_can_be_read(option: object) -> None:
    reading = read_group_cell(option.text, name="Security", measure=None, vocabulary=None)
    assert reading.state is not TermState.UNSETTLED


def test_a_switch_says_on_and_off_in_words_that_mean_it() -> None:
    editor = editor_of(GATE)
    assert read_cell(editor.yes, shape=GATE).value is True
    assert read_cell(editor.no, shape=GATE).state is TermState.NOT_INCLUDED


def test_the_best_choice_stands_first_and_reads_back_as_itself() -> None:
    ranked = [option for option in editor_of(RANKED).options if not option.ticked][:3]
    assert [read_cell(option.text, shape=RANKED).value for option in ranked] == ["smart", "custom", "basic"]


def ticked(editor: CellEditor) -> list[str]:
    return [option.text for option in editor.options if option.ticked]


def test_ticked_choices_can_be_joined_in_any_number() -> None:
    listed = ticked(editor_of(SET))
    assert read_cell(", ".join(listed), shape=SET).value == frozenset({"basic", "custom", "smart"})
    assert read_cell(listed[1], shape=SET).value == frozenset({"custom"})


def test_nothing_ticked_is_an_empty_list_and_not_an_empty_cell() -> None:
    assert read_cell(editor_of(SET).none, shape=SET).value == frozenset()
