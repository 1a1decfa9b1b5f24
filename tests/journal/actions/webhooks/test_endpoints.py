"""Endpoints as a person or a program keeps them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from journal.actions.webhooks import endpoints
from journal.actions.webhooks.carrying import claim, settle
from journal.actions.webhooks.endpoints import OVERLAP, edit, pause, remove, resume, rotate_secret, set_up
from journal.actions.webhooks.replaying import replay, replay_since
from journal.domain.actor import Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.domain.webhooks.outcomes import Outcome
from journal.domain.webhooks.schedule import WHOLE
from journal.domain.webhooks.signing import bytes_of
from journal.models import AuditEvent, Outbound, WebhookEndpoint, WebhookHealth, WebhookSecret
from journal.queries.webhooks import live_secrets, newest_secret
from journal.vault import unseal
from tests.journal.actions.webhooks.told import GONE, KEEPER, NO, OK, REPLAYER, tried
from tests.journal.factories import EPOCH, WebhookAttemptFactory, WebhookEndpointFactory, WebhookMessageFactory, person

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
URL = "https://shop.example/hook"


def made(**told):
    return set_up(**{"url": URL, "by": KEEPER, "at": EPOCH, **told})


def test_an_endpoint_is_set_up_with_a_secret_that_is_kept_sealed():
    endpoint, secret = made(url=" HTTPS://Shop.Example/hook ", description=" Shop ", events=["webhook.x"][:0])
    stored = WebhookEndpoint.objects.get()
    assert (stored.url, stored.description, stored.events, stored.state) == (URL, "Shop", [], "active")
    assert len(bytes_of(secret)) == 32
    sealed = WebhookSecret.objects.get().sealed
    assert secret not in sealed
    assert unseal(sealed) == secret == newest_secret(endpoint)
    event = AuditEvent.objects.get()
    assert (event.verb, event.subject_label) == ("webhook:set_up", "Shop")
    assert secret not in str(event.changes)


def test_programs_need_the_scope_and_people_the_permission():
    program = Actor(kind=ActorKind.API_KEY, key="key:1f", name="Shop", permissions=frozenset({endpoints.SCOPE}))
    assert made(by=program)
    for act in (
        lambda by: made(by=by),
        lambda by: edit(endpoint=WebhookEndpoint.objects.get(), by=by, at=EPOCH),
        lambda by: pause(endpoint=WebhookEndpoint.objects.get(), by=by, at=EPOCH),
        lambda by: resume(endpoint=WebhookEndpoint.objects.get(), by=by, at=EPOCH),
        lambda by: remove(endpoint=WebhookEndpoint.objects.get(), by=by, at=EPOCH),
        lambda by: rotate_secret(endpoint=WebhookEndpoint.objects.get(), by=by, at=EPOCH),
    ):
        with pytest.raises(NotAllowed):
            act(person("Eve", "journal.replay_webhook"))


def test_what_leads_inwards_is_refused_beside_its_field():
    with pytest.raises(Invalid, match="public internet") as refused:
        made(url="https://169.254.169.254/latest")
    assert refused.value.field == "url"
    assert not WebhookEndpoint.objects.exists()


def test_networks_of_our_own_are_open_where_the_settings_name_them(settings):
    settings.DESK_WEBHOOK_NETWORKS = ["10.20.0.0/16"]
    assert made(url="http://10.20.3.4:8080/hook")[0].url == "http://10.20.3.4:8080/hook"


def test_unknown_events_are_refused_and_so_is_to_listen_to_pings_alone():
    for wrong in (["thing.unheard_of"], ["webhook.ping"]):
        with pytest.raises(Invalid, match="no such event") as refused:
            made(events=wrong)
        assert refused.value.field == "events"


def test_what_is_left_out_of_an_edit_stays():
    endpoint, _secret = made(description="Shop", account_key="acme")
    edit(endpoint=endpoint, url="https://new.example/", by=KEEPER, at=EPOCH)
    stored = WebhookEndpoint.objects.get()
    assert (stored.url, stored.description, stored.account_key) == ("https://new.example/", "Shop", "acme")
    assert AuditEvent.objects.latest("seq").changes == {"url": [URL, "https://new.example/"]}
    edit(endpoint=endpoint, url="https://new.example", by=KEEPER, at=EPOCH)
    assert AuditEvent.objects.count() == 2, "an edit that changes nothing isn't told"


def test_while_it_is_paused_messages_wait():
    endpoint = WebhookEndpointFactory()
    message = WebhookMessageFactory(endpoint=endpoint)
    pause(endpoint=endpoint, by=KEEPER, at=EPOCH, reason="They move house")
    assert claim(endpoint_id=endpoint.pk, at=EPOCH) is None
    with pytest.raises(Refusal, match="Only an active endpoint"):
        pause(endpoint=endpoint, by=KEEPER, at=EPOCH)
    resume(endpoint=endpoint, by=KEEPER, at=EPOCH + 200 * HOUR)
    assert tried(endpoint, OK, at=EPOCH + 200 * HOUR).seq == message.seq
    with pytest.raises(Refusal, match="active already"):
        resume(endpoint=endpoint, by=KEEPER, at=EPOCH)
    verbs = AuditEvent.objects.order_by("seq").values_list("verb", "reason")
    assert list(verbs) == [("webhook:pause", "They move house"), ("webhook:resume", "")]


def test_after_it_was_switched_off_what_waits_begins_anew_but_for_what_is_too_old():
    endpoint = WebhookEndpointFactory(state="disabled")
    WebhookHealth.objects.update(failing_since=EPOCH, failures=40, resume_at=EPOCH + 999 * HOUR)
    old = WebhookMessageFactory(endpoint=endpoint, created_at=EPOCH - HOUR)
    young = WebhookMessageFactory(endpoint=endpoint, attempts=7, due_at=EPOCH + 99 * HOUR)
    at = EPOCH + WHOLE
    resume(endpoint=endpoint, by=KEEPER, at=at)
    old.refresh_from_db()
    assert (old.state, "longer than" in old.last_error) == ("dead", True)
    message = tried(endpoint, NO, at=at)
    assert (message.seq, message.attempts) == (young.seq, 1)
    assert WebhookHealth.objects.get().failing_since == at


def test_removed_it_takes_everything_with_it():
    endpoint = WebhookEndpointFactory()
    WebhookAttemptFactory(endpoint=endpoint)
    kept = WebhookMessageFactory(endpoint=WebhookEndpointFactory())
    remove(endpoint=endpoint, by=KEEPER, at=EPOCH, reason="The shop has closed")
    assert list(Outbound.objects.all()) == [kept]
    assert WebhookSecret.objects.count() == WebhookHealth.objects.count() == 1
    assert AuditEvent.objects.get().verb == "webhook:remove"
    with pytest.raises(Stale, match="was removed"):
        pause(endpoint=endpoint, by=KEEPER, at=EPOCH)


def test_a_renewed_secret_signs_beside_the_former_for_a_day():
    endpoint, former = made()
    renewed = rotate_secret(endpoint=endpoint, by=KEEPER, at=EPOCH + HOUR)
    assert renewed != former

    def signing(at):
        return [unseal(secret.sealed) for secret in live_secrets(endpoint, at=at)]

    assert signing(EPOCH + HOUR + OVERLAP - timedelta(seconds=1)) == [renewed, former]
    assert signing(EPOCH + HOUR + OVERLAP) == [renewed]


def test_of_several_renewals_the_newest_three_sign():
    endpoint, _former = made()
    renewed = [rotate_secret(endpoint=endpoint, by=KEEPER, at=EPOCH + hour * HOUR) for hour in range(1, 5)]
    signing = [unseal(secret.sealed) for secret in live_secrets(endpoint, at=EPOCH + 4 * HOUR)]
    assert signing == renewed[:-4:-1]
    assert WebhookSecret.objects.filter(ends_at=None).count() == 1
    assert not any(secret in str(list(AuditEvent.objects.values())) for secret in renewed)


def test_given_to_another_account_it_is_sent_nothing_of_the_former_one():
    there = WebhookEndpointFactory(account_key="acme")
    waiting, under_way = (WebhookMessageFactory(endpoint=there, account_key="acme") for _ in range(2))
    claimed = claim(endpoint_id=there.pk, at=EPOCH)
    edit(endpoint=there, account_key="beta", url="https://beta.example/hook", by=KEEPER, at=EPOCH)
    settle(claimed, NO, jitter=0.0, at=EPOCH)
    for row in (waiting, under_way):
        row.refresh_from_db()
        assert (row.state, row.last_error) == ("dead", "The endpoint is told of another account now.")
    late = WebhookMessageFactory(endpoint=there, account_key="acme")  # promised just then, by who hadn't seen the edit
    theirs = WebhookMessageFactory(endpoint=there, account_key="beta")
    assert tried(there, OK, at=EPOCH) == theirs
    assert Outbound.objects.get(pk=late.pk).state == "dead"
    with pytest.raises(Refusal, match="isn't told of any more"):
        replay(message=waiting, by=REPLAYER, at=EPOCH)
    assert replay_since(endpoint=there, since=EPOCH, by=REPLAYER, at=EPOCH) == 1
    assert Outbound.objects.get(state="pending") == theirs


def test_told_of_all_accounts_from_now_on_it_keeps_what_waits():
    there = WebhookEndpointFactory(account_key="acme")
    WebhookMessageFactory(endpoint=there, account_key="acme")
    edit(endpoint=there, account_key="", by=KEEPER, at=EPOCH)
    assert Outbound.objects.get().state == "pending"


def test_what_the_former_address_said_is_nothing_about_the_new_one():
    there = WebhookEndpointFactory()
    for _ in range(2):
        WebhookMessageFactory(endpoint=there)
    under_way = claim(endpoint_id=there.pk, at=EPOCH)
    asked_to_wait = replace(NO, outcome=Outcome.THROTTLED, status=429, rest=timedelta(hours=24))
    assert tried(there, asked_to_wait).state == "pending"
    edit(endpoint=there, url="https://new.example/hook", by=KEEPER, at=EPOCH)
    settle(under_way, GONE, jitter=0.0, at=EPOCH)
    there.refresh_from_db()
    health = WebhookHealth.objects.get()
    assert (there.state, health.failing_since, health.failures, health.resume_at) == ("active", None, 0, None)
    edit(endpoint=there, description="Renamed", by=KEEPER, at=EPOCH)
