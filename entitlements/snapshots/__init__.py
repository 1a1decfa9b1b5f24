"""Rows → frozen domain values: the only bridge from the database into `entitlements/domain`.

Everything below reads own columns only and joins by id, so that the same code reads today's rows and the rows as
history had them at an instant (`known_at`).
"""

from entitlements.snapshots.account import snapshot_facts
from entitlements.snapshots.catalog import CatalogSnapshot, snapshot_catalog
from entitlements.snapshots.reading import Reader

__all__ = ["CatalogSnapshot", "Reader", "snapshot_catalog", "snapshot_facts"]
