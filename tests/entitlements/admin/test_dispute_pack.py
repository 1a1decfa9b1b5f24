"""The pages of the dispute pack: asked for, shown with its sum, downloaded."""

import pytest
from django.test import Client

from entitlements.actions.overrides import revoke
from entitlements.domain.facts import Mode
from entitlements.evidence.packing import unpacked
from journal.domain.actor import SYSTEM
from journal.models import AuditEvent
from tests.entitlements.admin.conftest import Customer, SignIn
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.factories import overridden
from tests.entitlements.world import AT, DAY, GB, account

pytestmark = pytest.mark.django_db
ASKED = {"from_on": "2026-02-01", "through_on": "2026-03-31", "reason": "Ticket 7", "moments": "2026-02-25 09:00"}


@pytest.fixture
def auditor_desk(sign_in: SignIn) -> Client:
    return sign_in("auditor")


def drawn(desk: Client, **asked: str) -> str:
    """The address of the pack that was drawn up."""
    response = desk.post(url("account_pack", "acme"), {**ASKED, **asked})
    assert response.status_code == 302, complaints(response)
    return str(response["Location"])


def test_the_form_says_what_it_is_and_that_it_is_told(auditor_desk: Client, acme: Customer) -> None:
    response = auditor_desk.get(url("account_pack", "acme"))
    said = text_of(response)
    assert "Nothing changes for the customer. That you made it stands in the audit" in said
    assert response.context["form"].initial == {"from_on": "2026-02-20", "through_on": "2026-03-02"}


def test_the_pack_is_shown_with_its_sum_and_downloaded(auditor_desk: Client, acme: Customer) -> None:
    page = auditor_desk.get(drawn(auditor_desk))
    event = AuditEvent.objects.get(verb="account:dispute_pack")
    checksum = event.changes["checksum"][1]
    assert checksum in text_of(page)
    assert "25 February 2026 09:00 (Amsterdam)" in text_of(page)
    file = auditor_desk.get(page.context["file"])
    assert file["Content-Type"] == "application/zip"
    assert f"dispute-pack-acme-{event.seq}.zip" in file["Content-Disposition"]
    assert unpacked(file.content)[1] == checksum


def test_packs_drawn_up_before_are_listed(auditor_desk: Client, acme: Customer) -> None:
    where = drawn(auditor_desk)
    page = auditor_desk.get(url("account_pack", "acme"))
    assert "about 1 February 2026 through 31 March 2026: Ticket 7" in text_of(page)
    assert where in page.content.decode()


def test_what_has_changed_since_is_said_in_place_of_the_file(auditor_desk: Client, acme: Customer) -> None:
    override = overridden(acme.account, acme.catalog.storage, Mode.ADD, 20 * GB, at=AT - DAY)
    where = drawn(auditor_desk)
    revoke(override=override, reason="Fell through", by=SYSTEM, at=AT)
    response = auditor_desk.get(f"{where}file/", follow=True)
    assert response.redirect_chain[0][0] == where
    assert "changes what this pack would say" in text_of(response)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({"reason": ""}, "reason"),
        ({"from_on": "2027-01-01", "through_on": "2027-02-01"}, "from_on"),
        ({"through_on": "2025-01-01"}, "through_on"),
        ({"moments": "one day"}, "moments"),
        ({"moments": "2099-01-01 09:00"}, "moments"),
    ],
)
def test_what_cant_be_drawn_up_is_said_beside_the_field(
    auditor_desk: Client, acme: Customer, asked: dict[str, str], field: str
) -> None:
    response = auditor_desk.post(url("account_pack", "acme"), {**ASKED, **asked})
    assert response.status_code == 422
    assert list(complaints(response)) == [field]
    assert not AuditEvent.objects.filter(verb="account:dispute_pack").exists()


def test_only_finance_and_auditors_come_here(sign_in: SignIn, acme: Customer) -> None:
    statuses = {
        role: sign_in(role).get(url("account_pack", "acme")).status_code
        for role in ("finance", "auditor", "sales", "support", "administrator")
    }
    assert statuses == {"finance": 200, "auditor": 200, "sales": 403, "support": 403, "administrator": 403}


def test_another_customers_pack_is_not_found(auditor_desk: Client, acme: Customer) -> None:
    where = drawn(auditor_desk)
    account("other")
    assert auditor_desk.get(where.replace("/acme/", "/other/")).status_code == 404
    assert auditor_desk.get(where.replace("/acme/", "/other/") + "file/").status_code == 404
