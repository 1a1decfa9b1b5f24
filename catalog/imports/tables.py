"""All the tables there are, in the order in which a new catalog is imported: what is named stands before what names it."""

from collections.abc import Mapping
from datetime import datetime

from catalog.imports.features import FeatureTable, GroupTable
from catalog.imports.links import LinkTable
from catalog.imports.markets import MarketTable, WindowTable
from catalog.imports.offers import BundleTable, CodeTable
from catalog.imports.plans import PlanTable, PriceTable
from catalog.imports.rules import DimensionTable, RuleTable
from catalog.imports.sheet import SheetTable
from catalog.imports.table import Table

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


def table_of(slug: str, *, at: datetime) -> Table:
    return TABLES[slug](at)
