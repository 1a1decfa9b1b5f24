"""The journal's pages, one module per page."""

from journal.admin import api_keys, approvals, audit, deliveries, jobs, staff

__all__ = ["api_keys", "approvals", "audit", "deliveries", "jobs", "staff"]
