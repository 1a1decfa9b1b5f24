"""Webhooks out, by the Standard Webhooks specification: signing, retrying, and whom the desk may speak to."""
