"""Rows → frozen domain values: the only bridge from the database into `support/domain`."""

from support.snapshots.cases import snapshot_cases
from support.snapshots.hours import NamedHours, snapshot_calendars, snapshot_hours
from support.snapshots.policies import SUPPORT_TIER, snapshot_policies, snapshot_promises, snapshot_target

__all__ = [
    "SUPPORT_TIER",
    "NamedHours",
    "snapshot_calendars",
    "snapshot_cases",
    "snapshot_hours",
    "snapshot_policies",
    "snapshot_promises",
    "snapshot_target",
]  # fmt: skip
