"""What an account's page says of webhooks, and what a webhook's page says of its account."""

from django.urls import reverse

from entitlements.models import Account
from tests.entitlements.world import AT, account
from tests.journal.admin.pages import text, url
from tests.journal.factories import WebhookEndpointFactory, WebhookMessageFactory

VIEW, ACCOUNTS = "journal.view_webhookendpoint", "entitlements.view_account"


def test_an_account_shows_its_webhooks_and_what_was_told_of_it_last(signed_in):
    acme = account()
    own = WebhookEndpointFactory(description="Their own", account_key=acme.key)
    WebhookMessageFactory(endpoint=own, account_key=acme.key, state="dead")
    WebhookMessageFactory(endpoint=WebhookEndpointFactory(description="The shop"), account_key=acme.key)
    WebhookMessageFactory(endpoint=own, account_key="globex", payload={"type": "thing.lost"})
    tab = reverse("admin:desk_account_keys", args=[acme.key])
    page = text(signed_in(VIEW, ACCOUNTS).get(tab))
    for words in ("Their own", "The shop", "Given up", url("webhookendpoint_change", own.pk)):
        assert words in page
    assert "thing.lost" not in page
    assert "Their own" not in text(signed_in(ACCOUNTS).get(tab))


def test_a_webhook_of_a_merged_account_says_where_that_went(signed_in):
    acme, duplicate = account(), account("acme2")
    own = WebhookEndpointFactory(account_key=duplicate.key)
    browser = signed_in(VIEW, "journal.manage_webhooks")
    assert "was merged into" not in text(browser.get(url("webhookendpoint_change", own.pk)))
    Account.objects.filter(pk=duplicate.pk).update(merged_into=acme, merged_at=AT)
    page = text(browser.get(url("webhookendpoint_change", own.pk)))
    assert "Acme2 was merged into another account." in page
    assert "<code>acme</code>" in page
    form = {"url": "https://shop.example/", "account": duplicate.key, "which": "all"}
    refused = browser.post(url("webhookendpoint_set_up"), form)
    assert "write “acme”" in str(refused.context["form"].errors["account"])
