from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    verbose_name = "Support"

    def ready(self) -> None:
        from journal import scopes
        from support.registrations import (
            register_calendars,
            register_frozen_rows,
            register_handlers,
            register_policies,
            register_work,
        )
        from support.webhook_events import register_events

        register_frozen_rows()
        register_handlers()
        register_calendars()
        register_policies()
        register_work()
        register_events()
        scopes.register("coverage:read", words="Look up whether a customer is covered")
        scopes.register("cases:read", words="Read cases, their clocks and why they are due when they are")
        scopes.register("cases:write", words="Open cases and tell what happens to them")
