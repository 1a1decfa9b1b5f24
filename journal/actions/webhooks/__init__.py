"""Webhooks: endpoints and their secrets (`endpoints`), messages promised (`telling`), tried out and sent again
(`replaying`), carried (`carrying`) by `journal.integrations.webhook`, and cleared away (`clearing`).

Import from the modules: the audit itself tells, so this package may not load what records.
"""
