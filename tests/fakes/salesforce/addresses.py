"""All that answers: importing it fills the table of routes."""

from tests.fakes.salesforce import (
    bulk,
    bulk_query,
    composite,
    describing,
    many,
    querying,
    replication,
    resources,
    sobjects,
    tooling,
)

ALL = (bulk, bulk_query, composite, describing, many, querying, replication, resources, sobjects, tooling)
