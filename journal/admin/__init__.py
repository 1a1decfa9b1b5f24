"""The journal's pages, one module per page."""

from journal.admin import api_keys, approvals, audit, deliveries, jobs, staff
from journal.admin.arrivals import models as arrivals
from journal.admin.connections import models as connections
from journal.admin.webhooks import models as webhooks

__all__ = ["api_keys", "approvals", "arrivals", "audit", "connections", "deliveries", "jobs", "staff", "webhooks"]
