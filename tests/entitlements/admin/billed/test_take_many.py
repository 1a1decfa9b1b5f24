"""Taking theirs for several: what will change is shown for each, then it becomes long work."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from entitlements.domain.billed.findings import FindingKind
from entitlements.models import BillingFinding
from journal.admin.jobs import job_url
from journal.models import Job
from tests.entitlements.admin.billed.finds import found
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.world import AT, account

pytestmark = pytest.mark.django_db


def address(*rows: BillingFinding) -> str:
    return f"{url('billingfindings_take')}?findings={','.join(str(row.pk) for row in rows)}"


def pressed(desk: Client, where: str, **given: Any) -> HttpResponse:
    return desk.post(where, {"seen": desk.get(where).context["form"]["seen"].value(), **given})


def test_it_shows_for_each_what_will_be_and_what_is(finance_desk: Client) -> None:
    said = text_of(finance_desk.get(address(found(account=account("acme")), found(account=account("beta")))))
    assert "Take what the billing says for 2 differences" in said
    for name in ("Acme", "Beta"):
        assert name in said
    assert said.count("7 × Team, by the month 5 × Team, by the month") == 2


def test_it_begins_as_long_work(finance_desk: Client) -> None:
    one, two = found(), found()
    response = pressed(finance_desk, address(one, two))
    job = Job.objects.get()
    assert (response.headers["Location"], sorted(job.payload["findings"])) == (job_url(job), [one.pk, two.pk])
    assert job.kind == "billing.take_theirs"


def test_what_is_settled_or_of_another_kind_is_left_out_and_said_to_be(finance_desk: Client) -> None:
    others = found(FindingKind.REFUSED), found(state="mended", settled_at=AT, settled_by="Ana")
    assert "2 of those chosen are left out" in text_of(finance_desk.get(address(found(), *others)))
    assert "None of these is still a difference" in text_of(finance_desk.get(address(*others)))
    assert "None of these is still to be decided" in complaints(pressed(finance_desk, address(*others)))[""][0]


def test_what_changed_since_is_shown_first(finance_desk: Client) -> None:
    row = found()
    seen = finance_desk.get(address(row)).context["form"]["seen"].value()
    BillingFinding.objects.filter(pk=row.pk).update(words="Something else")
    response = finance_desk.post(address(row), {"seen": seen})
    assert "Some of these changed" in complaints(response)[""][0]
    assert not Job.objects.exists()


def test_an_address_nobody_made_names_nothing(finance_desk: Client) -> None:
    for typed in ("", "?findings=x,,-1,99999999999999999999"):
        assert "None of these" in text_of(finance_desk.get(url("billingfindings_take") + typed))


def test_who_only_reads_is_turned_away(support_desk: Client) -> None:
    assert support_desk.get(address(found())).status_code == 403
    assert support_desk.post(address(found())).status_code == 403
