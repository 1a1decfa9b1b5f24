"""A desk for a while: its tables are made straight from the models, without the story of how they came to be."""

from tests.journeys.settings import *  # noqa: F403

MIGRATION_MODULES = dict.fromkeys(("admin", "auth", "catalog", "contenttypes", "desk", "entitlements", "journal"))
MIGRATION_MODULES |= dict.fromkeys(("sessions", "simple_history", "support"))
