from django.apps import AppConfig


class EntitlementsConfig(AppConfig):
    name = "entitlements"
    verbose_name = "Entitlements"

    def ready(self) -> None:
        from entitlements.registrations import register_handlers
        from journal import scopes, triggers

        triggers.register(triggers.Immutable("entitlements.EntitlementChange"))
        triggers.register(triggers.Immutable("entitlements.AnswerGiven"))
        register_handlers()
        scopes.register("entitlements:read", words="Read what accounts may do, and why")
        scopes.register("accounts:write", words="Open, edit and import accounts")
        scopes.register("contracts:write", words="Draft, amend and sign accounts' contracts within policy")
        scopes.register("overrides:write", words="Ask for, edit and revoke overrides and loans")
        scopes.register("redemptions:write", words="Use promotional codes for accounts")
        scopes.register("subscriptions:write", words="Start, change, pause and cancel accounts' subscriptions")
        scopes.register("usage:write", words="Tell what was used in accounts' trials")
        scopes.register("payments:write", words="Tell that a payment failed or came")
        scopes.register("spend_caps:write", words="Set and lift accounts' caps on overage")
