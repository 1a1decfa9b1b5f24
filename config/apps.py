"""Wiring that needs Django's app registry."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db import connections
from django.db.models.signals import post_migrate
from django.utils import timezone


class DeskAdminConfig(AdminConfig):
    default_site = "config.admin_site.DeskSite"


class RolesConfig(AppConfig):
    name = "config"
    label = "roles"
    verbose_name = "Roles"

    def ready(self) -> None:
        from django.contrib import admin
        from django.contrib.auth.models import Group

        from config.roles import install

        post_migrate.connect(install, sender=self)
        post_migrate.connect(install_reminders, sender=self)
        admin.site.unregister(Group)  # roles are the table in config/roles.py, not a form


def install_reminders(*, using: str, plan: Sequence[Any] = (), **_: Any) -> None:
    """A fresh desk announces the usual ends; a desk that has ever had a table of its own keeps it.

    Asked only when a migration has run, not whenever a database is emptied, and not on the way back.
    """
    from entitlements.actions.reminders import install_usual
    from entitlements.models import Reminder

    if plan and Reminder._meta.db_table in connections[using].introspection.table_names():
        install_usual(at=timezone.now())
