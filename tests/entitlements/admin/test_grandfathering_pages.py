"""Who is on which version: the plans, one plan's versions, the accounts of one version, and the file."""

from typing import Any

import pytest
from django.test import Client

from catalog.domain.rollouts import Audience
from catalog.models import PlanVersion
from entitlements.actions.holds import hold
from entitlements.models import SubscriptionItem
from journal.domain.actor import SYSTEM
from tests.catalog.factories import PlanVersionFactory
from tests.entitlements.admin.conftest import Customer, SignIn
from tests.entitlements.admin.reading import text_of, url
from tests.entitlements.world import AT, DAY, GB, account, publish_plan, subscribed

pytestmark = pytest.mark.django_db


def second(acme: Customer, **whom: Any) -> PlanVersion:
    """Team v2: 50 GB, 20 seats, and no more single sign-on or smart CDN."""
    sold = acme.catalog
    gives = {sold.storage: 50 * GB, sold.seats: 20}
    return publish_plan(sold.team, gives, **({"at": AT - DAY, "audience": Audience.NEW_CUSTOMERS} | whom))


def test_every_plan_is_listed_with_how_many_hold_it(acme: Customer, finance_desk: Client) -> None:
    page = text_of(finance_desk.get(url("grandfathering_plans")))
    assert "Free Plan 0 1 published" in page
    assert "Team Plan 1 1 published" in page


def test_without_a_published_plan_the_page_says_what_to_do(finance_desk: Client) -> None:
    assert "Open a draft on the plan sheet" in text_of(finance_desk.get(url("grandfathering_plans")))


def test_a_plan_says_who_has_what_why_and_what_they_keep(acme: Customer, finance_desk: Client) -> None:
    second(acme)
    page = text_of(finance_desk.get(url("grandfathering", acme.catalog.team.pk)))
    assert "Team v2 On sale Who has it now Nobody" in page
    assert "Team v1 Earlier version Who has it now 1 account Why 1 bought it" in page
    assert "Keeps what is no longer sold 3 things" in page
    assert "Storage goes down from 100 GB to 50 GB" in page
    assert "Move customers to Team v2" in page


def test_a_plan_says_by_which_publication_they_were_moved_and_who_is_held(acme: Customer, finance_desk: Client) -> None:
    hold(item=SubscriptionItem.objects.get(), until=AT + DAY, reason="Contract", by=SYSTEM, at=AT - 2 * DAY)
    subscribed(account("other"), acme.catalog.team, at=AT - 2 * DAY)
    second(acme, audience=Audience.NOW)
    page = text_of(finance_desk.get(url("grandfathering", acme.catalog.team.pk)))
    assert "1 moved to it by the publication of 1 March 2026 09:00 (UTC)" in page
    assert "1 held until 3 Mar 2026 09:00 (UTC): Contract" in page


def test_the_accounts_of_a_version_stand_by_name_with_their_reason(acme: Customer, finance_desk: Client) -> None:
    version = acme.catalog.team.versions.get()
    for number in range(30):
        subscribed(account(f"more-{number:02}", name=f"More {number:02}"), acme.catalog.team)
    page = finance_desk.get(url("version_holders", version.pk))
    rows = [held.row.subscription.account.name for held, _why, _page in page.context["rows"]]
    assert (rows[0], len(rows), page.context["later"]) == ("Acme", 25, 2)
    assert "31 accounts have Team v1 now" in text_of(page)
    rest = finance_desk.get(url("version_holders", version.pk), {"page": 2})
    assert next(held.row.subscription.account.name for held, *_ in rest.context["rows"]) == "More 24"
    assert (rest.context["earlier"], rest.context["later"]) == (1, 0)


@pytest.mark.parametrize("number", ["99", "zero", "-1", "9" * 30])
def test_a_page_that_isnt_there_is_said_or_passed_over(acme: Customer, finance_desk: Client, number: str) -> None:
    page = finance_desk.get(url("version_holders", acme.catalog.team.versions.get().pk), {"page": number})
    assert page.status_code == 200
    assert ("no further page" in text_of(page)) == (number == "99")


def test_a_version_nobody_has_says_so(acme: Customer, finance_desk: Client) -> None:
    assert "Nobody has Free v1 now" in text_of(
        finance_desk.get(url("version_holders", acme.catalog.free.versions.get().pk))
    )


def test_whoever_fell_back_is_listed_and_cant_be_held(tried: Customer, finance_desk: Client) -> None:
    item = SubscriptionItem.objects.get()
    item.subscription.phases.update(ends_at=AT - DAY)
    page = finance_desk.get(url("version_holders", tried.catalog.free.versions.get().pk))
    assert "fell back to it after a trial" in text_of(page)
    assert [holdable for *_, holdable in page.context["rows"]] == [""]


def test_the_file_has_a_line_for_each_and_starts_no_formula(acme: Customer, finance_desk: Client) -> None:
    subscribed(account("evil", name="=HYPERLINK()"), acme.catalog.team)
    answer = finance_desk.get(url("version_holders_csv", acme.catalog.team.versions.get().pk))
    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "account,name,plan version,quantity,since,why,kind of account"
    assert lines[1] == "evil,'=HYPERLINK(),Team v1,1,2026-02-20T09:00:00+00:00,bought it,Customer"
    assert len(lines) == 3


def test_who_may_not_move_or_hold_reads_without_the_links(acme: Customer, sign_in: SignIn) -> None:
    second(acme)
    support = sign_in("support")
    assert "Move customers" not in text_of(support.get(url("grandfathering", acme.catalog.team.pk)))
    listed = support.get(url("version_holders", acme.catalog.team.versions.get(number=1).pk))
    assert "Keep on it" not in text_of(listed)


def test_a_draft_has_no_holders(acme: Customer, finance_desk: Client) -> None:
    draft = PlanVersionFactory(plan=acme.catalog.team)
    assert finance_desk.get(url("version_holders", draft.pk)).status_code == 404
