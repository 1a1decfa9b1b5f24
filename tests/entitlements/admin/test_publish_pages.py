"""Publishing in steps: read before it is done, counted before it is asked, done with a reason."""

import csv
import io
import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import Group
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.actions.publishing import roll_out
from catalog.actions.terms import set_term
from catalog.domain.rollouts import Audience
from catalog.models import PlanVersion, Rollout
from entitlements.actions import publications
from entitlements.actions.cohorts import create_cohort
from entitlements.actions.rollout_changes import hand_over
from entitlements.actions.sweep import MOMENT, sweep
from entitlements.admin.publishing import steps as publishing
from entitlements.models import Account
from entitlements.queries.publishing import publications as asked
from journal.actions.deeds import begin, keep
from journal.actions.jobs import stop
from journal.actions.working import work_off
from journal.domain.actor import SYSTEM
from journal.models import Approval, Job, Staff
from tests.catalog.factories import PlanFactory, PlanVersionFactory, publish_now
from tests.entitlements.admin.conftest import SignIn
from tests.entitlements.admin.reading import complaints, text_of, url
from tests.entitlements.publishing import a_draft
from tests.entitlements.world import AT, DAY, GB, Catalog, account, catalog, publish_plan, subscribed, term, value

pytestmark = pytest.mark.django_db


@pytest.fixture
def sold(db: None) -> Catalog:
    return catalog()


@pytest.fixture
def acme(sold: Catalog) -> Account:
    found = account("acme", name="=Acme()")
    subscribed(found, sold.team)
    return found


def check(version: PlanVersion, **chosen: str) -> str:
    return url("publish_check", version.pk) + f"?{urlencode({'audience': 'now'} | chosen)}"


def press(client: Client, version: PlanVersion, *, chosen: dict[str, str] | None = None, **given: Any) -> HttpResponse:
    """Open the last step, and send its form as it stands, with a reason."""
    address = check(version, **(chosen or {}))
    form = client.get(address).context["form"]
    shown = {name: form[name].value() for name in ("edits", "seen")}
    return client.post(address, shown | {"reason": "Agreed"} | given, follow=True)


def test_the_old_address_of_the_review_leads_to_the_first_step(finance_desk: Client, sold: Catalog) -> None:
    draft = a_draft(sold, storage=200 * GB)
    shown = finance_desk.get(reverse("admin:catalog_publish", args=[draft.pk]), follow=True)
    assert shown.redirect_chain[-1][0] == url("publish", draft.pk)
    assert "Storage 100 GB 200 GB Better" in text_of(shown)


def test_a_lowering_is_called_out_in_the_first_step(finance_desk: Client, sold: Catalog) -> None:
    shown = text_of(finance_desk.get(url("publish", a_draft(sold, sso=None).pk)))
    assert "takes something away" in shown
    assert "a second person has to approve it" in shown


def test_what_blocks_is_listed_with_the_cell_to_mend(finance_desk: Client, sold: Catalog) -> None:
    draft = a_draft(sold)
    set_term(version=draft, feature=sold.storage, reading="to be settled", edits=draft.edits, by=SYSTEM, at=AT)
    page = finance_desk.get(url("publish", draft.pk)).content.decode()
    assert reverse("admin:catalog_term_edit", args=[draft.pk, sold.storage.pk]) in page


def test_each_audience_says_what_it_does(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    shown = text_of(finance_desk.get(url("publish_who", a_draft(sold, storage=200 * GB).pk)))
    assert "New customers only Nobody who has Team gains or loses anything" in shown
    assert "Everybody, now 1 account: 1 gains. Which accounts" in shown
    assert "Storage: 100 GB → 200 GB (1 account)" in shown


def test_a_chosen_cohort_is_counted_by_itself(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    subscribed(account("bravo"), sold.team)
    create_cohort(key="early", name="Early birds", accounts=[acme], by=SYSTEM, at=AT)
    address = url("publish_who", a_draft(sold, storage=200 * GB).pk) + "?audience=cohort&cohort=early"
    shown = text_of(finance_desk.get(address))
    assert "A cohort: accounts you choose 1 account: 1 gains." in shown
    assert "Everybody, now 2 accounts: 2 gain." in shown


def test_without_a_choice_that_can_stand_the_last_step_leads_back(finance_desk: Client, sold: Catalog) -> None:
    draft = a_draft(sold, storage=200 * GB)
    shown = finance_desk.get(check(draft, audience="on_date"), follow=True)
    assert shown.redirect_chain[-1][0].startswith(url("publish_who", draft.pk))
    assert complaints(shown) == {"on": ["Say on which date everybody gets it."]}


@pytest.mark.parametrize(
    ("chosen", "field", "told"),
    [
        ({"audience": "now", "on": "2026-04-01"}, "on", "has no date"),
        ({"audience": "cohort"}, "cohort", "Choose the cohort"),
        ({"audience": "on_date", "on": "2026-03-01"}, "on", "has passed"),
        ({"audience": "everybody"}, "audience", "Select a valid choice"),
    ],
)
def test_each_choice_that_cannot_stand_is_said_beside_it(
    finance_desk: Client, sold: Catalog, chosen: dict[str, str], field: str, told: str
) -> None:
    shown = finance_desk.get(check(a_draft(sold, storage=200 * GB), **chosen), follow=True)
    assert told in complaints(shown)[field][0]


def test_finance_publishes_and_reads_what_became_of_it(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    shown = press(finance_desk, a_draft(sold, storage=200 * GB))
    assert "Team v2 is published. Everybody who holds Team gets it now." in text_of(shown)
    assert "In force The very next check of any account it reaches is answered by it." in text_of(shown)
    assert value(acme, "storage", AT) == 200 * GB


def test_a_day_begins_at_midnight_in_the_readers_zone(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    Staff.objects.filter(username="finance").update(zone="Europe/Amsterdam")
    chosen = {"audience": "on_date", "on": "2026-04-01"}
    press(finance_desk, a_draft(sold, storage=200 * GB), chosen=chosen)
    assert Rollout.objects.latest("pk").effective_at.isoformat() == "2026-03-31T22:00:00+00:00"


def test_an_instant_in_the_address_means_the_same_in_every_zone(
    finance_desk: Client, sold: Catalog, acme: Account
) -> None:
    chosen = {"audience": "on_date", "at": "2026-03-31T22:00:00+00:00"}
    press(finance_desk, a_draft(sold, storage=200 * GB), chosen=chosen)
    assert Rollout.objects.latest("pk").effective_at.isoformat() == "2026-03-31T22:00:00+00:00"


def test_figures_that_changed_since_they_were_read_stop_it_and_are_shown(
    finance_desk: Client, sold: Catalog, acme: Account
) -> None:
    draft = a_draft(sold, storage=200 * GB)
    seen = json.loads(finance_desk.get(check(draft)).context["form"]["seen"].value())
    shown = press(finance_desk, draft, seen=json.dumps(seen | {"gain": 5, "reached": 5}))
    assert shown.status_code == 422
    assert "Its impact has changed since it was counted" in text_of(shown)
    again = shown.context["form"]["seen"].value()
    assert json.loads(again)["gain"] == 1  # the next press is about the figures now on show
    assert "is published" in text_of(press(finance_desk, draft, seen=again))


@pytest.mark.parametrize("seen", ["", "{}", "no json", '{"moment": "x"}'])
def test_figures_that_were_lost_on_the_way_are_asked_for_again(
    finance_desk: Client, sold: Catalog, acme: Account, seen: str
) -> None:
    assert press(finance_desk, a_draft(sold, storage=200 * GB), seen=seen).status_code == 422
    assert Rollout.objects.filter(version__number=2).count() == 0


def test_publishing_without_a_reason_is_refused(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    shown = press(finance_desk, a_draft(sold, storage=200 * GB), reason="")
    assert "reason" in complaints(shown)


def test_a_draft_edited_since_it_was_read_is_not_published(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    shown = press(finance_desk, a_draft(sold, storage=200 * GB), edits=9)
    assert "Someone else changed this" in text_of(shown)


def test_what_takes_away_is_asked_for_and_a_colleague_approves_it(
    sign_in: SignIn, sold: Catalog, acme: Account
) -> None:
    first, colleague = sign_in("finance"), _colleague()
    shown = press(first, draft := a_draft(sold, sso=None))
    assert "Someone else has to approve it now" in text_of(shown)
    request = Approval.objects.get()
    page = colleague.get(reverse("admin:journal_approval_change", args=[request.pk])).content.decode()
    assert "audience=now" in page  # the button that shows what it does
    assert "Approve the request" in text_of(colleague.get(check(draft)))
    colleague.post(reverse("admin:journal_approval_approve", args=[request.pk]), {"note": "Fine"})
    assert value(acme, "sso", AT) is None


def _colleague() -> Client:
    other = Staff.objects.create_user("finance2", email="f2@example.com", is_staff=True)
    other.groups.set(Group.objects.filter(name="finance"))
    client = Client()
    client.force_login(other)
    return client


def test_while_it_waits_nobody_asks_again(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    press(finance_desk, draft := a_draft(sold, sso=None))
    shown = text_of(finance_desk.get(check(draft)))
    assert "Withdraw your request" in shown
    assert "Ask for approval" not in shown


def test_many_losers_have_to_be_typed(
    finance_desk: Client, sold: Catalog, acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (publications, publishing):
        monkeypatch.setattr(module, "TYPED_BEYOND", 0)
    draft = a_draft(sold, sso=None)
    assert complaints(press(finance_desk, draft))["confirmed"] == ["Type 1: so many accounts lose something."]
    assert "Someone else has to approve" in text_of(press(finance_desk, draft, confirmed="1"))


def test_sales_may_read_every_step_and_publish_nothing(sign_in: SignIn, sold: Catalog, acme: Account) -> None:
    desk, draft = sign_in("sales"), a_draft(sold, storage=200 * GB)
    assert "someone who may publish plans has to publish it" in text_of(desk.get(check(draft)))
    posted = desk.post(check(draft), {"edits": draft.edits, "reason": "x", "seen": _seen(desk, draft)})
    assert posted.status_code == 403


def _seen(client: Client, draft: PlanVersion) -> str:
    return str(client.get(check(draft)).context["form"]["seen"].value())


def test_a_first_version_goes_on_sale_and_reaches_nobody(finance_desk: Client, sold: Catalog) -> None:
    draft = PlanVersionFactory(plan__name="Brand new")
    keep(term(draft, sold.sso, True), deed=begin(by=SYSTEM, at=AT))
    assert "Nobody has Brand new yet" in text_of(finance_desk.get(url("publish_who", draft.pk)))
    assert "Brand new v1 is published" in text_of(press(finance_desk, draft))


def test_the_accounts_behind_the_figures_are_listed_and_narrowed_down(
    finance_desk: Client, sold: Catalog, acme: Account
) -> None:
    draft = a_draft(sold, storage=200 * GB)
    listed = url("publish_accounts", draft.pk) + "?audience=now"
    assert "=Acme() Gains 2 March 2026, 09:00 (UTC) Storage: 100 GB → 200 GB" in text_of(finance_desk.get(listed))
    assert "No account." in text_of(finance_desk.get(f"{listed}&effect=loses"))


def test_the_list_has_pages(finance_desk: Client, sold: Catalog) -> None:
    for number in range(30):
        subscribed(account(f"a{number:02}"), sold.team)
    listed = url("publish_accounts", a_draft(sold, storage=200 * GB).pk) + "?audience=now"
    assert "30 accounts, 1 to 25 shown" in text_of(finance_desk.get(listed))
    assert "30 accounts, 26 to 30 shown" in text_of(finance_desk.get(f"{listed}&page=2"))


def test_the_file_holds_a_line_for_each_change_and_starts_no_formula(
    finance_desk: Client, sold: Catalog, acme: Account
) -> None:
    address = url("publish_csv", a_draft(sold, storage=200 * GB, sso=None).pk) + "?audience=now"
    answer = finance_desk.get(address)
    body = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    lines = list(csv.reader(io.StringIO(body)))
    assert [line[4:] for line in lines[1:]] == [
        ["Storage", "100 GB", "200 GB", "better"],
        ["Single sign-on", "on", "not included", "worse"],
    ]
    assert lines[1][1] == "'=Acme()"


def test_the_steps_also_move_customers_to_a_former_version(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    publish_now(a_draft(sold, storage=200 * GB), at=AT - DAY)
    first = sold.team.versions.get(number=1)
    assert "Storage 200 GB 100 GB Worse" in text_of(finance_desk.get(url("rollout", first.pk)))
    shown = press(finance_desk, first)
    assert "Someone else has to approve it now" in text_of(shown)


def test_a_published_version_has_nothing_to_review_any_more(finance_desk: Client, sold: Catalog) -> None:
    first = sold.team.versions.get(number=1)
    assert finance_desk.get(url("publish", first.pk)).headers["Location"] == url("publish_done", first.pk)


def test_a_draft_is_published_and_not_moved_to(finance_desk: Client, sold: Catalog) -> None:
    draft = a_draft(sold)
    assert finance_desk.get(url("rollout", draft.pk)).headers["Location"] == url("publish", draft.pk)


def test_moving_customers_later_compares_with_what_they_got_before(finance_desk: Client, sold: Catalog) -> None:
    newer = publish_now(a_draft(sold, storage=200 * GB), at=AT, audience=Audience.NEW_CUSTOMERS)
    page = text_of(finance_desk.get(url("rollout", newer.pk)))
    assert "Team v2, compared with Team v1" in page
    assert "Storage 100 GB 200 GB Better" in page


def test_what_became_of_it_shows_how_far_the_telling_is(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    sweep(at=AT - MOMENT)
    press(finance_desk, draft := a_draft(sold, storage=200 * GB))
    assert "is told within seconds" in text_of(finance_desk.get(url("publish_done", draft.pk)))
    sweep(at=AT)
    work_off(at=AT)
    assert "Done, 1 of 1 accounts" in text_of(finance_desk.get(url("publish_done", draft.pk)))


def test_a_telling_that_was_stopped_says_how_many_were_not_told(finance_desk: Client, sold: Catalog) -> None:
    draft = publish_now(a_draft(sold, storage=200 * GB), at=AT)
    job = hand_over(rollout_id=Rollout.objects.get(version=draft).pk, at=AT)
    Job.objects.filter(pk=job.pk).update(total=12, done=5)
    stop(job=job, by=SYSTEM, at=AT)
    page = text_of(finance_desk.get(url("publish_done", draft.pk)))
    assert "7 accounts were not told: what changed for them is in force" in page


def test_so_many_that_counting_is_long_work(
    finance_desk: Client, sold: Catalog, acme: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asked, "INLINE", 0)
    draft = a_draft(sold, storage=200 * GB)
    assert "So many accounts take a while to count" in text_of(finance_desk.get(check(draft)))
    finance_desk.post(url("publish_count", draft.pk) + "?audience=now")
    work_off(at=AT)
    assert "1 account: 1 gains" in text_of(finance_desk.get(check(draft)))
    shown = press(finance_desk, draft)
    assert "It is being counted once more" in text_of(shown)
    work_off(at=AT)
    assert Job.objects.count() == 2
    assert value(acme, "storage", AT) == 200 * GB


def test_a_draft_whose_base_moved_is_compared_anew(finance_desk: Client, sold: Catalog, acme: Account) -> None:
    first = sold.team.versions.get(number=1)
    publish_now(a_draft(sold, storage=50 * GB, at=AT - 2 * DAY), at=AT - 2 * DAY)
    draft = a_draft(sold, storage=200 * GB)
    roll_out(version=first, audience=Audience.NOW, effective_at=None, reason="Back", by=SYSTEM, at=AT)
    shown = text_of(finance_desk.get(url("publish", draft.pk)))
    assert "Team v3 was opened when customers got Team v2; since then they get Team v1" in shown
    assert "Storage 50 GB 100 GB Better" in shown
    assert "disabled" in finance_desk.get(check(draft)).content.decode()
    finance_desk.post(url("publish_compare", draft.pk), {"edits": draft.edits})
    assert "since then they get" not in text_of(finance_desk.get(url("publish", draft.pk)))


def test_plans_that_include_an_older_version_are_offered_drafts(finance_desk: Client, sold: Catalog) -> None:
    above = PlanFactory(name="Team plus")
    first = sold.team.versions.get(number=1)
    publish_plan(above, {sold.sso: True}, includes=first)
    newer = publish_now(a_draft(sold, storage=200 * GB), at=AT - DAY)
    assert "These include an older version of Team" in text_of(finance_desk.get(url("publish_done", newer.pk)))
    finance_desk.post(url("publish_above", newer.pk))
    assert above.versions.get(state="draft").includes == newer
