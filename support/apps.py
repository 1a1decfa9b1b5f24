from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    verbose_name = "Support"

    def ready(self) -> None:
        from journal import scopes, vault
        from support import ending_sources
        from support.registrations import (
            register_calendars,
            register_covers,
            register_frozen_rows,
            register_handlers,
            register_imports,
            register_policies,
            register_work,
        )
        from support.webhook_events import register_events

        register_frozen_rows()
        register_handlers()
        register_imports()
        register_calendars()
        register_policies()
        register_covers()
        register_work()
        register_events()
        ending_sources.register()
        vault.register("support.IntakeSettings.provider_key", lambda: self.get_model("IntakeSettings"), "provider_key")
        scopes.register("coverage:read", words="Look up whether a customer is covered")
        scopes.register("coverage:write", words="Agree, amend and end covers")
        scopes.register("assets:read", words="Read equipment, its warranties and its history")
        scopes.register("assets:write", words="Register, move, replace and retire equipment")
        scopes.register("cases:read", words="Read cases, their clocks and why they are due when they are")
        scopes.register("cases:write", words="Open cases and tell what happens to them")
        scopes.register("tickets:review", words="Decide tickets that were held, and read them")
        scopes.register("work:read", words="Ask what may be done for a customer; read work and visits")
        scopes.register("work:write", words="Record work and parts, schedule and close visits")
