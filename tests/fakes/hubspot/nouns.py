"""Every noun that has addresses: they are in the table of `routes` once their modules are imported, which is here."""

from tests.fakes.hubspot import (
    account,
    basic,
    batches,
    definitions,
    labels,
    links,
    merging,
    owners,
    pipelines,
    schemas,
    searching,
    subscriptions,
)

NOUNS = (
    account, basic, batches, definitions, labels, links, merging, owners, pipelines, schemas, searching, subscriptions,
)  # fmt: skip
