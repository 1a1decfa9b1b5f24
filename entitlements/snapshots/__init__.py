"""Rows → frozen domain values: the only bridge from the database into `entitlements/domain`.

Everything below reads own columns only and joins by id, so that the same code reads today's rows and the rows as
history had them at an instant (`known_at`).
"""

from entitlements.snapshots.account import paid_windows, snapshot_facts
from entitlements.snapshots.catalog import CatalogSnapshot, snapshot_catalog
from entitlements.snapshots.reading import Reader

__all__ = ["CatalogSnapshot", "Reader", "paid_windows", "snapshot_catalog", "snapshot_facts"]
