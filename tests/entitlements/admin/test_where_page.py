"""Where overrides happen: each figure leads to the overrides it counts."""

import re

import pytest
from django.test import Client

from entitlements.domain.facts import Mode
from tests.entitlements.admin.conftest import Customer
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.factories import OverrideFactory, ReasonCodeFactory
from tests.entitlements.world import AT, DAY, GB, account

pytestmark = pytest.mark.django_db


def given(acme: Customer, **columns: object) -> None:
    told = {"account": acme.account, "feature": acme.catalog.storage, "mode": Mode.ADD, "amount": 20 * GB}
    OverrideFactory(**told | {"starts_at": AT - DAY, "approved_at": AT - DAY, "requested_as": "sales"} | columns)


def test_every_figure_is_the_length_of_the_list_it_leads_to(finance_desk: Client, acme: Customer) -> None:
    given(acme, reason_code=ReasonCodeFactory(key="beta"), requested_by="Ann")
    given(acme, ends_at=AT - DAY / 2, requested_as="")
    given(acme, feature=acme.catalog.seats, amount=2)
    page = finance_desk.get(url("where"))
    links = [link for table in page.context["tables"] for line in table["lines"] for link in _figures(line)]
    assert len(links) > 12
    for address, figure in links:
        listed = finance_desk.get(address).context["cl"].result_count
        assert (address, listed) == (address, figure)


def _figures(line: dict[str, object]) -> list[tuple[str, int]]:
    figure = line["figure"]
    return [(line["in_force"], figure.in_force), (line["granted"], figure.granted)]  # type: ignore[attr-defined,list-item]


def test_what_many_have_should_be_sold(finance_desk: Client, acme: Customer) -> None:
    for number in range(5):
        given(acme, account=account(f"a{number}"))
    assert "5 customers have it as an exception: consider an add-on." in text_of(finance_desk.get(url("where")))


def test_the_weeks_are_drawn_and_told(finance_desk: Client, acme: Customer) -> None:
    given(acme)
    page = finance_desk.get(url("where"))
    drawn = re.findall(r"<rect [^>]*height=\"([0-9.]+)\"", page.content.decode())
    assert len(drawn) == 26
    assert {float(height) for height in drawn} == {0.0, 100.0}
    assert "0 then, 1 now" in page.content.decode()


def test_without_overrides_it_says_so(finance_desk: Client, acme: Customer) -> None:
    assert "No override is in force" in text_of(finance_desk.get(url("where")))
