"""All the tables there are: the catalog's own, and those that the apps above bring, each with a permission of its own.

The catalog's stand in the order in which a new catalog is imported: what is named stands before what names it.
"""

from collections.abc import Mapping
from datetime import datetime

from catalog.imports.features import FeatureTable, GroupTable
from catalog.imports.links import LinkTable
from catalog.imports.markets import MarketTable, WindowTable
from catalog.imports.offers import BundleTable, CodeTable
from catalog.imports.plans import PlanTable, PriceTable
from catalog.imports.rules import DimensionTable, RuleTable
from catalog.imports.sheet import SheetTable
from catalog.imports.table import NAMED, Table

TABLES: Mapping[str, type[Table]] = {
    table.slug: table
    for table in (
        MarketTable,
        GroupTable,
        FeatureTable,
        DimensionTable,
        RuleTable,
        PlanTable,
        PriceTable,
        SheetTable,
        WindowTable,
        BundleTable,
        CodeTable,
        LinkTable,
    )
}


_brought: dict[str, type[Table]] = {}


def register_table(table: type[Table]) -> None:
    """Called once by each app above that has records to import, through `import_jobs.register_imports_of`."""
    if {**TABLES, **_brought}.get(table.slug, table) is not table:
        raise ValueError(f"The table {table.slug!r} is registered already.")
    _brought[table.slug] = table
    if table.own:
        NAMED[table.own] = table.model


def known_tables() -> Mapping[str, type[Table]]:
    return {**TABLES, **_brought}


def table_of(slug: str, *, at: datetime) -> Table:
    return known_tables()[slug](at)
