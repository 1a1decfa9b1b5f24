"""Every noun that has addresses: they are in the table of `routes` once their modules are imported, which is here."""

from tests.fakes.stripe import (
    account,
    catalog,
    changes,
    checkout,
    clocks,
    customers,
    endpoints,
    entitlements,
    events,
    features,
    invoice_items,
    invoices,
    items,
    meters,
    payment_methods,
    portal,
    schedules,
    subscriptions,
)

NOUNS = (
    account, catalog, changes, checkout, clocks, customers, endpoints, entitlements, events, features, invoice_items,
    invoices, items, meters, payment_methods, portal, schedules, subscriptions,
)  # fmt: skip
