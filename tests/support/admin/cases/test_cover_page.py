"""A case's page says who covers it and why; a cover is chosen by hand after seeing what that changes."""

import html
import re

import pytest
import time_machine
from django.test import Client

from entitlements.models import Account
from support.models import Case, Cover
from tests.conftest import AT
from tests.support.admin.cases.desks import address, opened, reader, the_desk
from tests.support.factories import (
    AssetFactory,
    CoverFactory,
    SlaPolicyFactory,
    SlaPolicyVersionFactory,
    WarrantyFactory,
)
from tests.support.world import START, kept

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> object:
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


@pytest.fixture
def acme() -> Account:
    found = the_desk()
    # A policy without targets: cover without a promised time.
    version = SlaPolicyVersionFactory(policy=SlaPolicyFactory(tier="email", name="E-mail"))
    version.state, version.in_force_from = "in_force", START
    kept(version)
    return Account.objects.get(pk=found["acme"])


@pytest.fixture
def support(acme: Account) -> Client:
    return reader("support")


def words(client: Client, url: str, **data: str) -> str:
    answer = client.post(url, data) if data else client.get(url)
    text = answer.content.decode()
    text = re.sub(r"<(style|script).*?</\1>", "", text, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", text)).replace("\u00a0", " ").split())


def lesser(acme: Account) -> Cover:
    return CoverFactory(account=acme, name="Basic maintenance", tier="email", parts=40)


def test_the_page_says_who_covers_it_and_why_others_don_t(support: Client, acme: Account) -> None:
    lesser(acme)
    CoverFactory(account=acme, name="Over", ends_at=AT)
    said = words(support, address("case", opened().pk))
    assert "Covered by Priority Plus What the account holds" in said
    assert "Labour we bear all of it Basic maintenance" in said
    assert "Parts we bear 40 %, the customer 60 %" in said
    assert "Over Doesn’t apply" in said
    assert "Choose a cover by hand" in said


def test_uncovered_and_unknown_are_said(support: Client) -> None:
    assert "Nothing covers it. No time is promised." in words(support, address("case", opened("bolt").pk))
    assert "Nobody knows yet whose case it is." in words(support, address("case", opened(None).pk))


def test_who_only_looks_is_offered_no_choice(support: Client) -> None:
    case = opened()
    assert "Choose a cover by hand" not in words(reader("sales"), address("case", case.pk))
    assert reader("sales").get(address("case_cover", case.pk)).status_code == 403


def test_a_cover_is_chosen_after_seeing_what_it_changes(support: Client, acme: Account) -> None:
    cover, case = lesser(acme), opened()
    url = address("case_cover", case.pk)
    told = {"cover": f"cover:{cover.pk}", "reason": "It is about the plant", "instead_of": ""}
    said = words(support, url, **told)
    assert "What this changes" in said
    assert "First response Not owed any more" in said
    assert Case.objects.get().chosen_cover == ""
    answer = support.post(url, {**told, "step": "choose"})
    assert answer.headers["Location"] == address("case", case.pk)
    said = words(support, address("case", case.pk))
    assert "Basic maintenance Cover agreed with the customer Chosen by hand" in said
    assert "“It is about the plant”" in said


def test_the_choice_is_taken_back(support: Client, acme: Account) -> None:
    cover = lesser(acme)
    case = opened(cover=f"cover:{cover.pk}")
    told = {"cover": "rule", "reason": "A mistake", "instead_of": case.chosen_cover}
    assert "First response Owed now" in words(support, address("case_cover", case.pk), **told)
    support.post(address("case_cover", case.pk), {**told, "step": "choose"})
    case.refresh_from_db()
    assert (case.chosen_cover, case.tier) == ("", "priority_plus")


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"cover": "", "reason": "Why"}, "Choose a cover, or leave it to the rule."),
        ({"cover": "tier", "reason": ""}, "Say why"),
        ({"cover": "cover:404", "reason": "Why"}, "not one of the available choices"),
        ({"cover": "rule", "reason": "Why"}, "The rule decides already."),
        ({"cover": "tier", "reason": "Why", "instead_of": "cover:3", "step": "choose"}, "Someone else changed this"),
    ],
)
def test_what_can_t_be_chosen_is_said_and_what_was_typed_stays(
    support: Client, told: dict[str, str], said: str
) -> None:
    case = opened()
    answer = support.post(address("case_cover", case.pk), told)
    assert answer.status_code == 422
    page = html.unescape(answer.content.decode())
    assert said in page
    assert told["reason"] in page
    assert Case.objects.get().chosen_cover == ""


def test_a_choice_that_no_longer_applies_is_said_on_the_page(support: Client, acme: Account) -> None:
    cover = lesser(acme)
    case = opened(cover=f"cover:{cover.pk}")
    cover.ends_at = START.replace(day=2)
    kept(cover)
    said = words(support, address("case", case.pk))
    assert "Basic maintenance was chosen for this case, and doesn’t apply." in said
    assert "What the case was promised stays." in said


def test_nobody_s_case_leads_back_to_its_page(support: Client) -> None:
    case = opened(None)
    assert support.get(address("case_cover", case.pk)).headers["Location"] == address("case", case.pk)


class TestOpening:
    url = property(lambda self: f"{address('case_open')}?account=acme")

    def told(self, **more: str) -> dict[str, str]:
        form = {"token": "desk:one", "subject": "The press stops", "severity": "normal", "channel": "phone"}
        return {**form, "opener": "customer", "source": "desk", "cover": "", **more}

    def test_the_form_offers_the_customer_s_devices(self, support: Client, acme: Account) -> None:
        AssetFactory(account=acme, serial="SN-1", name="The big one")
        AssetFactory(serial="SN-2")
        page = support.get(f"{self.url}&asset=SN-1").content.decode()
        assert '<option value="SN-1">' in page
        assert "SN-2" not in page
        assert 'name="asset" value="SN-1"' in page

    def test_the_preview_says_who_would_cover_it_and_lets_choose(self, support: Client, acme: Account) -> None:
        asset = AssetFactory(account=acme, serial="SN-1")
        warranty = WarrantyFactory(asset=asset, tier="email")
        told = self.told(asset="sn1")
        said = words(support, self.url, **told)
        assert f"Device {asset}" in said
        assert "Covered by: Priority Plus Which cover does it fall under?" in said
        said = words(support, self.url, **told | {"cover": f"warranty:{warranty.pk}"})
        assert "Covered by: Maker’s warranty" in said
        support.post(self.url, self.told(asset="sn1", cover=f"warranty:{warranty.pk}", step="open"))
        case = Case.objects.get()
        assert (case.asset, case.chosen_cover, case.tier) == (asset, f"warranty:{warranty.pk}", "email")

    @pytest.mark.parametrize("step", ["show", "open"])
    def test_an_unknown_device_is_refused_beside_its_field(self, support: Client, step: str) -> None:
        answer = support.post(self.url, self.told(asset="SN-404", step=step))
        page = html.unescape(answer.content.decode())
        assert answer.status_code == 422
        assert 'id="id_asset_error">No equipment has the serial number' in page
        assert 'value="SN-404"' in page

    @pytest.mark.parametrize("step", ["show", "open"])
    def test_a_cover_that_is_gone_is_said_above_and_left_to_the_rule(self, support: Client, step: str) -> None:
        answer = support.post(self.url, self.told(cover="cover:404", step=step))
        page = html.unescape(answer.content.decode())
        assert (answer.status_code, Case.objects.count()) == (422, 0)
        assert "This account has no cover" in page
        assert 'value="cover:404"' not in page
