from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    name = "entitlements"
    verbose_name = "Entitlements"

    def ready(self) -> None:
        from entitlements.registrations import register_handlers
        from journal import scopes, triggers

        triggers.register(triggers.Immutable("entitlements.EntitlementChange"))
        register_handlers()
        scopes.register("entitlements:read", words="Read what accounts may do, and why")
