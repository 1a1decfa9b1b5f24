"""Whose word counts about a customer."""

import pytest

from desk.domain.crm.masters import USUAL, Master, MasterField, Sides, Verdict, judge, read_masters


@pytest.mark.parametrize(
    ("theirs", "ours", "before", "told", "desk", "crm"),
    [
        ("acme", "acme", "acme", False, "same", "same"),
        ("", "acme", "beta", False, "same", "same"),  # empty is no word
        ("beta", "acme", None, False, "same", "take"),  # the first time that it speaks of the account
        ("beta", "acme", "beta", False, "same", "tell"),  # it always differed; or staff changed it here
        ("beta", "acme", "beta", True, "tell", "tell"),  # a person was told, and it still differs
        ("beta", "acme", "acme", False, "tell", "take"),
    ],
)
def test_a_field(theirs, ours, before, told, desk, crm):
    sides = Sides(theirs, ours, before, told)
    assert judge(sides, Master.DESK) is Verdict(desk)
    assert judge(sides, Master.CRM) is Verdict(crm)


def test_what_nobody_chose_is_as_usual():
    assert read_masters({"name": "crm", "owner": "nobody", "colour": "crm"}) == dict(USUAL) | {
        MasterField.NAME: Master.CRM
    }
    assert read_masters(None) == USUAL
