"""Stripe as the journal knows it: what a connection needs, what to do at Stripe, and who takes what arrives."""

from entitlements import billing_systems
from entitlements.actions.billed.after_runs import MEND
from entitlements.actions.billed.following import NEEDS
from entitlements.integrations.stripe import arrivals, asked, comparing, settling
from entitlements.integrations.stripe.client import (
    ACCOUNT,
    API_KEY,
    BASE,
    ON_THIS_MACHINE,
    PUSH,
    PUSH_PLANS,
    SIGNING,
    SIGNING_THIN,
    SYSTEM,
)
from entitlements.integrations.stripe.verifying import HEADER, verify
from entitlements.queries.billed.payers import WORK
from entitlements.queries.billed.runs import COMPARING, LOOKING, TAKING
from journal import jobs, vendors
from journal.domain.connection import Mode
from journal.vendors import SecretKind, Setting, Vendor

MAY = NEEDS | {"catalog.change_billinglink"}  # the links of features, as the push finds or makes them
STRIPE = Vendor(
    name=SYSTEM,
    words="Stripe",
    verify=verify,
    secrets=(
        SecretKind(
            API_KEY, "Restricted key", "Developers, API keys, “Create restricted key”, with the rights that docs/stripe.md "
            "lists. The secret key of the account works too, and may do more than the desk needs.",
            begins={Mode.LIVE: ("rk_live_", "sk_live_"), Mode.TEST: ("rk_test_", "sk_test_")},
        ),
        SecretKind(
            SIGNING, "Signing secret", "Shown at the webhook endpoint once it is added at Stripe.", verifies=True,
            begins=dict.fromkeys(Mode, ("whsec_",)),
        ),
        SecretKind(
            SIGNING_THIN, "Signing secret of a second endpoint", "Only where thin events are sent too: Stripe signs each "
            "endpoint’s messages with a secret of its own.", verifies=True, required=False,
            begins=dict.fromkeys(Mode, ("whsec_",)),
        ),
    ),
    fields=(
        Setting(
            ACCOUNT, "Account id", "Settings, Account details, at the top right.", pattern=r"acct_\w+",
            such_as="acct_1OaBcD", is_account=True,
        ),
        Setting(
            PUSH, "Push features",
            "“yes” lets the desk keep Stripe’s features, and which product carries them, as the catalog has them.",
            required=False, pattern=r"(?i)yes|no", such_as="yes",
        ),
        Setting(
            PUSH_PLANS, "Push plans and prices",
            "“yes” makes a product at Stripe for each plan and add-on that is on sale for an amount, with its prices, and a "
            "meter for what is charged beyond a limit. What people made there is left alone.",
            required=False, pattern=r"(?i)yes|no", such_as="no",
        ),
        Setting(
            WORK, "Put work on invoices",
            "“yes” puts what a customer has to pay of work, once finance hands it over, on their next invoice. Give the key "
            "the right to write invoice items first.",
            required=False, pattern=r"(?i)yes|no", such_as="yes",
        ),
        Setting(
            MEND, "Mend differences by itself each night",
            "“yes” lets the desk take what Stripe says wherever the two differ, unless it is much at once. Otherwise a person "
            "decides about each.",
            required=False, pattern=r"(?i)yes|no", such_as="no",
        ),
        Setting(
            BASE, "Address of the API", "Leave it empty: it is for trying out with a pretended Stripe on this machine.",
            required=False, pattern=ON_THIS_MACHINE, such_as="http://127.0.0.1:12111",
        ),
    ),
    mode_words="Keys for trying out begin with rk_test_ or sk_test_, live ones with rk_live_ or sk_live_.",
    trying="What is bought by it goes to accounts that it opened itself or that a person named, never to one that only has "
    "the same e-mail address or is named at the checkout; unless this whole desk is for trying out.",
    next_steps=(
        "Open Stripe, Developers, Webhooks, in the same mode, and add an endpoint with the address above.",
        "Choose the events that docs/stripe.md lists: everything about subscriptions, schedules and customers, how "
        "checkouts and payments go, and what customers are entitled to.",
        "Copy the endpoint’s signing secret, which begins with whsec_, and enter it here.",
        "Under “Billing system”, enter which price at Stripe stands for which plan, then start the comparison.",
    ),
    headers=(HEADER,),
    may=MAY,
    hidden=("client_secret", "payment_method_details", "last4", "fingerprint"),
)  # fmt: skip


def register() -> None:
    """Called once from AppConfig.ready()."""
    vendors.register(STRIPE)
    vendors.register_handler(SYSTEM, arrivals.TYPES, arrivals.take)
    jobs.register(COMPARING, comparing.HANDLER)
    jobs.register(TAKING, settling.TAKING)
    jobs.register(LOOKING, settling.LOOKING)
    billing_systems.register(SYSTEM, asked.STRIPE)
