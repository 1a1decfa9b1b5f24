"""What a sheet of response targets may say, and how each fault of it is named. No database."""

import pytest

from support.actions.promise_sheet import SheetRefused, address, read_promise_sheet, slug
from support.domain.targets import TargetUnit
from tests.support.world import SHEET

HEADER = "severity,meaning,Standard,Priority\n"
URGENT = '1. Urgent,all is down,"1 hour, 24/7 x 365","1 hour, 24/7 x 365"\n'


def faults(text):
    with pytest.raises(SheetRefused) as refused:
        read_promise_sheet(text.encode() if isinstance(text, str) else text)
    return refused.value.faults


def test_the_real_promise_is_read_whole():
    sheet = read_promise_sheet(SHEET.read_bytes())
    assert [(each.position, each.key, each.name) for each in sheet.severities] == [
        (1, "urgent", "Urgent"), (2, "high", "High"), (3, "normal", "Normal"), (4, "low", "Low"),
    ]  # fmt: skip
    assert [(tier.key, tier.name, len(tier.targets)) for tier in sheet.tiers] == [
        ("standard", "Standard", 4), ("priority", "Priority", 4), ("priority_plus", "Priority Plus", 4),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("tier", "severity", "amount", "unit"),
    [
        ("standard", "urgent", 60, TargetUnit.MINUTES),
        ("standard", "high", 240, TargetUnit.BUSINESS_MINUTES),
        ("standard", "normal", 1, TargetUnit.BUSINESS_DAYS),
        ("standard", "low", 2, TargetUnit.BUSINESS_DAYS),
        ("priority", "urgent", 60, TargetUnit.MINUTES),
        ("priority", "high", 120, TargetUnit.BUSINESS_MINUTES),
        ("priority", "normal", 1, TargetUnit.BUSINESS_DAYS),
        ("priority", "low", 2, TargetUnit.BUSINESS_DAYS),
        ("priority_plus", "urgent", 60, TargetUnit.MINUTES),
        ("priority_plus", "high", 120, TargetUnit.MINUTES),
        ("priority_plus", "normal", 720, TargetUnit.BUSINESS_MINUTES),
        ("priority_plus", "low", 1, TargetUnit.BUSINESS_DAYS),
    ],
)
def test_every_cell_of_the_real_promise(tier, severity, amount, unit):
    sheet = read_promise_sheet(SHEET.read_bytes())
    targets = next(each for each in sheet.tiers if each.key == tier).targets
    target = next(each for each in targets if each.severity == severity).target
    assert (target.amount, target.unit) == (amount, unit)


def test_the_words_of_the_page_are_kept():
    sheet = read_promise_sheet(SHEET.read_bytes())
    assert sheet.tiers[0].targets[1].source_text == "4 business hours, Monday - Friday"


def test_a_byte_order_mark_and_blank_last_rows_do_no_harm():
    sheet = read_promise_sheet(b"\xef\xbb\xbf" + (HEADER + URGENT + ",,,\n\n").encode())
    assert len(sheet.severities) == 1


def test_an_unreadable_target_is_named_by_its_cell():
    (fault,) = faults(HEADER + '1. Urgent,all,"1 hour, 24/7 x 365","soon"\n')
    assert fault.startswith("D2 (Priority, Urgent): 'soon' is not a response target")


def test_every_fault_is_told_at_once():
    told = faults(HEADER + "1. Urgent,all,soon,later\n2. High,some,,=1+1\n")
    assert [fault.split(" ")[0] for fault in told] == ["C2", "C3", "D2", "D3"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "holds no severity"),
        (HEADER, "holds no severity"),
        ("what,meaning,Standard\n1. Urgent,x,y\n", "A1 and B1 must read severity and meaning"),
        ("severity,meaning\n1. Urgent,x\n", "C1: name at least one support tier"),
        ("severity,meaning,Standard,standard\n1. Urgent,x,y,z\n", "D1 is the same tier as C1"),
        ("severity,meaning,24x7\n1. Urgent,x,y\n", "C1: '24x7' is not the name of a tier"),
        (HEADER + URGENT + URGENT, "A3 is the same severity as A2"),
        (HEADER + URGENT.replace("1. Urgent", "1."), "A2: '1.' is not a severity"),
        (HEADER + URGENT.replace("all is down", "=cmd()"), "B2: the meaning looks like a formula"),
        (HEADER + "1. Urgent,x,1 hour, 24/7\n2. High,x,y\n", "Row 3 has 3 cells, the header has 4"),
        (HEADER + '1. Urgent,"x,y,z\n', "not a table"),
        (HEADER + URGENT * 60, "at most 49"),
        ("severity,meaning,Standard\n1. Urgent,\x00,y\n", "characters no sheet has"),
        (b"severity,meaning,Standard\n1. Urgent,\xff\xfe,y\n", "Line 2 is not UTF-8"),
        (b"x" * 1_000_001, "larger than 1 MB"),
    ],
)
def test_a_malformed_sheet_is_refused_in_words(text, words):
    assert any(words in fault for fault in faults(text))


def test_cells_are_named_as_a_spreadsheet_names_them():
    assert [address(0, 1), address(25, 2), address(26, 3), address(701, 4)] == ["A1", "Z2", "AA3", "ZZ4"]


def test_a_name_becomes_a_key():
    assert [slug("Priority Plus"), slug("E-mail"), slug("24x7"), slug("")] == ["priority_plus", "e_mail", "", ""]
