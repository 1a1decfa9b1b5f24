"""What a person asks of Stripe from a page, now; and what stood in the way, in words that say what to do.

What is followed is followed as it is when Stripe tells it: by the connection. Who asked for it stands in the audit.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from urllib.parse import quote

from entitlements.actions.billed.following import Followed
from entitlements.actions.billed.looking import ask_about, ask_for
from entitlements.billing_systems import BillingSystem
from entitlements.domain.billed.findings import FindingKind
from entitlements.integrations.stripe import drift
from entitlements.integrations.stripe.client import ACCOUNT, BASE, Declined, KeyRefused, NotThere
from entitlements.integrations.stripe.features import look_at_features
from entitlements.integrations.stripe.following import follow_subscription
from entitlements.integrations.stripe.push import Pushed, push_catalog
from entitlements.models import BilledSubscription, BillingFinding
from journal.domain.actor import Actor
from journal.domain.connection import ConnectionState, Mode
from journal.domain.receiving import Later
from journal.domain.refusal import Refusal
from journal.models import Connection
from journal.queries.connections import SecretMissing

DASHBOARD = "https://dashboard.stripe.com"
PAGES = {"sub_": "subscriptions", drift.CUSTOMER: "customers", "price_": "prices", "prod_": "products"}


def look_again(*, finding: BillingFinding, by: Actor, at: datetime) -> str:
    """Look at what a finding is about as it stands at Stripe now, and make what is held agree; or only compare them,
    where it is a difference that a person has to decide."""
    connection, thing = finding.connection, finding.billing_id
    if not thing:
        raise Refusal("It is about no one customer there, so there is nothing to look at. It goes once it is linked.")
    with _in_words(connection):
        ask_about(finding=finding, by=by, at=at)
        if thing.startswith(drift.CUSTOMER):
            return _say(look_at_features(connection, thing, at=at))
        if finding.kind == FindingKind.DRIFT:
            still = drift.look_only(connection, thing, at=at)
            return f"It still differs. {still.words}." if still is not None else "Nothing differs any more."
        return _say(follow_subscription(connection, thing, at=at))


def look_at(*, billed: BilledSubscription, by: Actor, at: datetime) -> str:
    """The same for one subscription, from its account's page."""
    with _in_words(billed.connection):
        ask_for(billed=billed, by=by, at=at)
        return _say(follow_subscription(billed.connection, billed.billing_id, at=at))


def take_theirs(*, finding: BillingFinding, by: Actor, at: datetime) -> str:
    """Make what the desk has what Stripe says now, though it may say something else than when it was found."""
    with _in_words(finding.connection):
        return _say(drift.take_theirs(finding, by=by, at=at))


def push_again(*, finding: BillingFinding, by: Actor, at: datetime) -> str:
    """Tell Stripe anew what the catalog has; what it takes now is mended, what it doesn't take stays among the findings."""
    with _in_words(finding.connection):
        ask_about(finding=finding, by=by, at=at)
        return _say_pushed(push_catalog(finding.connection, at=at))


def page_of(*, connection: Connection, thing: str) -> str:
    """Where Stripe's own pages show it; nothing where the connection is with a pretended Stripe, which has none."""
    page = next((words for begins, words in PAGES.items() if thing.startswith(begins)), "")
    if not page or connection.settings.get(BASE):
        return ""
    account = connection.settings.get(ACCOUNT, "")
    mode = "" if connection.mode == Mode.LIVE else "test"
    return "/".join(part for part in (DASHBOARD, account, mode, page, quote(thing, safe="")) if part)


@contextmanager
def _in_words(connection: Connection) -> Iterator[None]:
    """Whatever Stripe answers but what was asked for is a Refusal that says so, and what to do."""
    if connection.state != ConnectionState.ACTIVE:
        raise Refusal(f"{connection.name} is {ConnectionState(connection.state).words.lower()}, so nobody asks Stripe.")
    try:
        yield
    except Later as later:
        soon = max(int(later.after.total_seconds()), 1)
        wait = f"{soon} second{'' if soon == 1 else 's'}" if soon < 60 else f"{-(-soon // 60)} minutes"
        raise Refusal(f"{later.why}. Nothing was changed. Try again in about {wait}.") from None
    except NotThere as gone:
        raise Refusal(
            f"Stripe has it no longer, or never had it in this mode, so nothing was changed. {gone}"
        ) from None
    except (KeyRefused, Declined, SecretMissing) as refused:
        raise Refusal(f"Nothing was changed. {refused}") from None


def _say(followed: Followed) -> str:
    still = f" Still to be looked at: {'; '.join(followed.findings)}." if followed.findings else ""
    return f"{followed.words}.{still}"


def _say_pushed(done: Pushed) -> str:
    if done.refused:
        return f"Stripe still doesn’t take everything: {'; '.join(done.refused.values())}"
    number = (
        len(done.offered) + len(done.made) + len(done.renamed) + len(done.tied) + len(done.untied) + len(done.linked)
    )
    return "Stripe has everything as the catalog has it." + (f" {number} things were put right." if number else "")


STRIPE = BillingSystem(look_again, look_at, take_theirs, push_again, page_of)
