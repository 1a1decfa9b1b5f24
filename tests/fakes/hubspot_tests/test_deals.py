"""Deals: closed and won are what the stage means in its pipeline; lines come to what they come to."""

from typing import Any

import pytest
from hubspot.crm.deals.exceptions import ApiException
from hubspot.crm.pipelines.exceptions import ApiException as OfPipelines

from tests.fakes.hubspot_tests.conftest import Portal

STATE = ("hs_is_closed", "hs_is_closed_won", "hs_is_closed_lost", "hs_deal_stage_probability", "closedate")


def test_a_deal_is_won_lost_and_reopened(portal: Portal) -> None:
    portal.stage("closedwon")
    won = portal.props(*STATE)
    assert (won["hs_is_closed"], won["hs_is_closed_won"], won["hs_is_closed_lost"]) == ("true", "true", "false")
    assert (won["hs_deal_stage_probability"], won["closedate"]) == ("1.0", "2026-03-02T09:00:00Z")
    portal.stage("closedlost")
    lost = portal.props(*STATE)
    assert (lost["hs_is_closed"], lost["hs_is_closed_won"], lost["hs_is_closed_lost"]) == ("true", "false", "true")
    portal.stage("qualifiedtobuy")
    again = portal.props(*STATE)
    assert (again["hs_is_closed"], again["hs_is_closed_won"]) == ("false", "false")


def test_a_close_date_that_is_said_is_kept(portal: Portal) -> None:
    given = {"dealstage": "closedwon", "closedate": "2026-02-27"}
    portal.hubspot.crm.deals.basic_api.update(portal.deal.id, {"properties": given})
    assert portal.props("closedate")["closedate"] == "2026-02-27T00:00:00Z"


def test_what_follows_cannot_be_written(portal: Portal) -> None:
    with pytest.raises(ApiException, match="READ_ONLY_VALUE"):
        portal.hubspot.crm.deals.basic_api.update(portal.deal.id, {"properties": {"hs_is_closed_won": "true"}})


def test_a_stage_of_no_pipeline(portal: Portal) -> None:
    with pytest.raises(ApiException, match="allowed options of pipeline default"):
        portal.stage("paid")
    with pytest.raises(ApiException, match="not a valid pipeline"):
        portal.hubspot.crm.deals.basic_api.update(portal.deal.id, {"properties": {"pipeline": "renewals"}})


def _renewals(hubspot: Any) -> Any:
    stages = [
        {"label": "Offered", "displayOrder": 0, "metadata": {"probability": "0.5"}},
        {"label": "Renewed", "displayOrder": 1, "metadata": {"probability": "1.0", "isClosed": "true"}},
    ]
    given = {"label": "Renewals", "displayOrder": 1, "stages": stages}
    return hubspot.crm.pipelines.pipelines_api.create("deals", given)


def test_another_pipeline_closes_by_its_own_stages(portal: Portal) -> None:
    made = _renewals(portal.hubspot)
    assert [one.label for one in portal.hubspot.crm.pipelines.pipelines_api.get_all("deals").results] == [
        "Sales Pipeline", "Renewals",
    ]  # fmt: skip
    given = {"pipeline": made.id, "dealstage": made.stages[1].id}
    portal.hubspot.crm.deals.basic_api.update(portal.deal.id, {"properties": given})
    assert portal.props(*STATE)["hs_is_closed_won"] == "true"


def test_a_stage_that_means_something_else_changes_its_deals(portal: Portal) -> None:
    portal.fake.advance(seconds=30)
    stages = portal.hubspot.crm.pipelines.pipeline_stages_api
    stages.update("deals", "default", "contractsent", {"metadata": {"probability": "1.0", "isClosed": "true"}})
    props = portal.props(*STATE, "hs_lastmodifieddate")
    assert props["hs_is_closed_won"] == "true"
    assert props["hs_lastmodifieddate"] == "2026-03-02T09:00:30Z"


def test_stages_are_added_and_leave_only_when_empty(portal: Portal) -> None:
    stages = portal.hubspot.crm.pipelines.pipeline_stages_api
    made = stages.create("deals", "default", {"label": "Signed", "displayOrder": 9, "metadata": {"probability": "1.0"}})
    assert made.metadata == {"probability": "1.0", "isClosed": "true"}
    assert made.id in {one.id for one in stages.get_all("deals", "default").results}
    portal.stage(made.id)
    with pytest.raises(OfPipelines, match="being referenced"):
        stages.archive("deals", "default", made.id)
    portal.stage("contractsent")
    stages.archive("deals", "default", made.id)
    assert len(stages.get_all("deals", "default").results) == 7


@pytest.mark.parametrize(
    "metadata", [{}, {"probability": "2"}, {"probability": "high"}, {"probability": "1", "won": "true"}]
)
def test_a_stage_needs_a_probability(portal: Portal, metadata: dict[str, str]) -> None:
    given = {"label": "Odd", "displayOrder": 9, "metadata": metadata}
    with pytest.raises(OfPipelines, match="metadata"):
        portal.hubspot.crm.pipelines.pipeline_stages_api.create("deals", "default", given)


def _line(portal: Portal, *names: str) -> dict[str, str]:
    api = portal.hubspot.crm.line_items.basic_api
    return dict(api.get_by_id(portal.line.id, properties=list(names)).properties)


def test_a_line_takes_from_its_product_what_it_is_not_told(portal: Portal) -> None:
    props = _line(portal, "name", "hs_sku", "price", "quantity", "amount", "hs_term_in_months")
    assert (props["name"], props["hs_sku"], props["price"]) == ("Team", "team", "990")
    assert (props["quantity"], props["amount"], props["hs_term_in_months"]) == ("10", "9900", "12")
    made = portal.hubspot.crm.line_items.basic_api.create(
        {"properties": {"hs_product_id": portal.product.id, "price": "800", "quantity": "2"}}
    )
    assert (made.properties["price"], made.properties["amount"]) == ("800", "1600")


def test_a_line_is_discounted_and_ends(portal: Portal) -> None:
    given = {"discount": "90", "hs_discount_percentage": "10", "hs_recurring_billing_start_date": "2026-03-31",
             "hs_recurring_billing_period": "P1M", "quantity": "3"}  # fmt: skip
    portal.hubspot.crm.line_items.basic_api.update(portal.line.id, {"properties": given})
    props = _line(portal, "amount", "hs_recurring_billing_end_date")
    assert (props["amount"], props["hs_recurring_billing_end_date"]) == ("2430", "2026-04-30")


@pytest.mark.parametrize(("touches", "stamp"), [(False, "2026-03-02T09:00:00Z"), (True, "2026-03-02T09:01:00Z")])
def test_whether_a_line_moves_its_deals_stamp_is_a_setting(portal: Portal, touches: bool, stamp: str) -> None:
    portal.fake.settings.lines_touch_deal = touches
    portal.fake.advance(seconds=60)
    portal.hubspot.crm.line_items.basic_api.update(portal.line.id, {"properties": {"quantity": "25"}})
    props = portal.props("hs_lastmodifieddate", "amount")
    assert (props["hs_lastmodifieddate"], props["amount"]) == (stamp, "9900")
