"""No tables: Django tells an app that migrations have run only if it has a models module (see apps.py)."""
