"""Wiring that needs Django's app registry."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.db.models.signals import post_migrate


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
        admin.site.unregister(Group)  # roles are the table in config/roles.py, not a form
