"""Cases over HTTP under covers: what they are about, who covers them and why, and the choice by hand."""

from typing import Any

import pytest

from support.models import Case
from tests.support.api.cases.calling import CASES as URL
from tests.support.api.cases.calling import Caller
from tests.support.casework import holder, opened, policy, world
from tests.support.factories import AssetFactory, CoverFactory, ProductFactory

pytestmark = pytest.mark.django_db
CASE = {"subject": "The press stops", "severity": "high", "account": "acme", "opened_at": "2026-03-02T09:00:00Z"}


@pytest.fixture
def acme() -> Any:
    account = world()
    policy("priority")
    return account


def test_a_case_says_what_it_is_about_and_who_covers_it(caller: Caller, acme: Any) -> None:
    asset = AssetFactory(account=acme, serial="SN-1", product=ProductFactory(key="press"), name="The big one")
    cover = CoverFactory(account=acme, name="Maintenance", tier="priority")
    told = caller.post(URL, {**CASE, "asset": "press:sn1"}).json()
    assert told["asset"] == {"product": "press", "serial": asset.serial, "name": "The big one"}
    assert (told["product"], told["tier"], told["chosen_cover"]) == ("press", "priority", "")
    assert (told["covered_by"], told["cover_name"]) == (f"cover:{cover.pk}", "Maintenance")
    again = caller.get(f"{URL}/{told['number']}").json()
    assert (again["asset"], again["covered_by"]) == (told["asset"], told["covered_by"])


def test_without_an_account_the_case_is_of_who_has_the_device(caller: Caller, acme: Any) -> None:
    AssetFactory(account=acme, serial="SN-1")
    told = caller.post(URL, {**CASE, "account": "", "requester": "jo@elsewhere.example", "asset": "SN-1"})
    assert told.json()["account"] == "acme"
    AssetFactory(account=holder("bolt"), serial="SN-1")  # now two have one of that number
    nobody = caller.post(URL, {**CASE, "account": "", "asset": "SN-1"})
    assert (nobody.status_code, nobody.json()["errors"][0]["field"]) == (422, "asset")


@pytest.mark.parametrize(
    ("told", "code", "field"),
    [
        ({"product": "nothing"}, "unknown_product", "product"),
        ({"asset": "SN-404"}, "unknown_asset", "asset"),
        ({"asset": "SN-9"}, "foreign_asset", "asset"),
        ({"cover": "cover:404"}, "unknown_cover", "cover"),
        ({"cover": "over"}, "cover_not_applying", "cover"),
        ({"cover": "x" * 41}, "invalid", "cover"),
    ],
)
def test_what_isn_t_there_or_not_theirs_is_refused_at_its_field(
    caller: Caller, acme: Any, told: dict[str, str], code: str, field: str
) -> None:
    AssetFactory(serial="SN-9")
    over = CoverFactory(account=acme, tier="priority", ends_at="2026-02-01T00:00:00Z")
    told = {name: f"cover:{over.pk}" if value == "over" else value for name, value in told.items()}
    answer = caller.post(URL, {**CASE, **told})
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert field in answer.json()["errors"][0]["field"]
    assert not Case.objects.exists()


def test_everything_that_might_cover_it_comes_with_its_reason(caller: Caller, acme: Any) -> None:
    cover = CoverFactory(account=acme, name="Maintenance", tier="priority", authorisation="Ask Ana.")
    CoverFactory(account=acme, name="Over", parts=50, labour=None, ends_at="2026-02-01T00:00:00Z")
    told = caller.get(f"{URL}/{opened(acme).number}/cover").json()
    assert (told["covered_by"], told["chosen"], told["missed"]) == (f"cover:{cover.pk}", "", "")
    assert (told["authorisation"], told["judged_at"]) == ("Ask Ana.", "2026-03-02T09:00:00Z")
    assert [(one["name"], one["applies"], one["decides"]) for one in told["candidates"]] == [
        ("Maintenance", True, ["response", "labour"]), ("Standard", True, []), ("Over", False, []),
    ]  # fmt: skip
    assert told["candidates"][1]["reason"] == "Maintenance is more generous."
    assert (told["candidates"][0]["labour"], told["candidates"][2]["parts"]) == (100, 50)


def test_nobody_s_case_has_no_candidates(caller: Caller, acme: Any) -> None:
    told = caller.get(f"{URL}/{opened(None).number}/cover").json()
    assert (told["covered_by"], told["candidates"]) == ("", [])


def test_a_cover_is_chosen_and_the_choice_taken_back(caller: Caller, acme: Any) -> None:
    cover, case = CoverFactory(account=acme, tier="priority"), opened(acme)
    url = f"{URL}/{case.number}/cover"
    told = caller.post(url, {"cover": "tier", "reason": "They said so"}, method="put").json()
    assert (told["chosen"], told["covered_by"]) == ("tier", "tier")
    again = caller.post(url, {"cover": "tier", "reason": "Once more"}, method="put")
    assert (again.status_code, case.promises.count()) == (200, 2)
    back = caller.post(url, {"cover": "", "reason": "A mistake"}, method="put").json()
    assert (back["chosen"], back["covered_by"]) == ("", f"cover:{cover.pk}")


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ({"cover": "cover:404", "reason": "Why"}, "unknown_cover"),
        ({"cover": "tier", "reason": ""}, "invalid"),
        ({"cover": "tier", "reason": "  "}, "invalid"),
        ({"reason": "Why"}, "invalid"),
    ],
)
def test_a_choice_that_can_t_be_is_refused(caller: Caller, acme: Any, told: dict[str, str], code: str) -> None:
    answer = caller.post(f"{URL}/{opened(acme).number}/cover", told, method="put")
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_who_may_only_read_chooses_nothing(acme: Any) -> None:
    reading = Caller("cases:read")
    url = f"{URL}/{opened(acme).number}/cover"
    assert reading.get(url).status_code == 200
    assert reading.post(url, {"cover": "tier", "reason": "Why"}, method="put").status_code == 403


class TestIntake:
    def told(self, caller: Caller, **more: str) -> Any:
        event = {
            "source": "tickets", "id": "e-1", "ticket": "4711", "event": "opened", "at": "2026-03-02T09:00:00Z",
            "subject": "The press stops", "severity": "high", **more,
        }  # fmt: skip
        return caller.post("/api/v1/case-events", event).json()["results"][0]

    def test_an_event_names_the_device_and_the_cover(self, caller: Caller, acme: Any) -> None:
        asset = AssetFactory(account=acme, serial="SN-1")
        CoverFactory(account=acme, tier="priority")
        assert self.told(caller, asset="SN-1", cover="tier")["outcome"] == "accepted"
        case = Case.objects.get()
        assert (case.account, case.asset, case.product, case.chosen_cover) == (acme, asset, asset.product, "tier")

    def test_what_isn_t_there_is_refused_at_its_field(self, caller: Caller, acme: Any) -> None:
        told = self.told(caller, account="acme", asset="SN-404")
        assert (told["outcome"], told["code"], list(told["errors"])) == ("refused", "unknown_asset", ["asset"])

    def mail(self, caller: Caller, **more: Any) -> Any:
        message = {
            "from": "jo@acme.example", "subject": "The press stops", "text": "It does.",
            "message_id": "<1@acme.example>", **more,
        }  # fmt: skip
        return caller.post("/api/v1/case-mail", message)

    def test_a_gateway_says_what_a_message_is_about(self, caller: Caller, acme: Any) -> None:
        AssetFactory(account=acme, serial="SN-1")
        told = self.mail(caller, asset="SN-1").json()
        assert (told["outcome"], told["case"]["asset"]["serial"]) == ("opened", "SN-1")
        refused = self.mail(caller, message_id="<2@acme.example>", asset="SN-404")
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "asset")

    def test_a_sender_s_headers_choose_no_cover(self, caller: Caller, acme: Any) -> None:
        AssetFactory(account=acme, serial="SN-1")
        told = self.mail(caller, headers={"Cover": "tier", "Asset": "SN-1", "Product": "press"}).json()["case"]
        assert (told["chosen_cover"], told["asset"], told["product"]) == ("", None, None)
