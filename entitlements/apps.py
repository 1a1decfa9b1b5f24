from django.apps import AppConfig
from django.db.models.signals import post_migrate


class EntitlementsConfig(AppConfig):
    name = "entitlements"
    verbose_name = "Entitlements"

    def ready(self) -> None:
        from entitlements import names_index
        from entitlements.fact_triggers import every_telling
        from entitlements.queries.called import called
        from entitlements.queries.check.watch import watch
        from entitlements.registrations import register_handlers
        from entitlements.webhook_events import register_events
        from journal import account_names, commits, scopes, triggers, vault

        triggers.register(triggers.Immutable("entitlements.EntitlementChange"))
        triggers.register(triggers.Immutable("entitlements.AnswerGiven"))
        triggers.register(triggers.Immutable("entitlements.CreditEntry"))
        triggers.register(triggers.Immutable("entitlements.LicenceFile"))
        triggers.register(triggers.Immutable("entitlements.UsageEvent"))
        triggers.register(triggers.Immutable("entitlements.UsageReset"))
        for telling in every_telling():
            triggers.register(telling)
        triggers.register(names_index.NamesKept())
        post_migrate.connect(names_index.install, sender=self)
        vault.register("entitlements.SigningKey.sealed", lambda: self.get_model("SigningKey"), "sealed")
        commits.listen(watch.committed)
        register_handlers()
        register_events()
        account_names.register(called)
        scopes.register("entitlements:read", words="Read what accounts may do, and why")
        scopes.register("accounts:write", words="Open, edit and import accounts")
        scopes.register("contracts:write", words="Draft, amend and sign accounts' contracts within policy")
        scopes.register("credits:write", words="Grant credits to accounts, and void them")
        scopes.register("licences:use", words="Validate, activate and release licences by their keys")
        scopes.register("licences:write", words="Issue, suspend, transfer and revoke licences")
        scopes.register("overrides:write", words="Ask for, edit and revoke overrides and loans")
        scopes.register("redemptions:write", words="Use promotional codes for accounts")
        scopes.register("renewals:read", words="Read what ends, and what was decided to become of it")
        scopes.register("seats:write", words="Assign and release accounts' seats")
        scopes.register("subscriptions:write", words="Start, change, pause and cancel accounts' subscriptions")
        scopes.register("usage:write", words="Consume, report and reserve use for accounts")
        scopes.register("usage:reset", words="Let accounts' use start again")
        scopes.register("payments:write", words="Tell that a payment failed or came")
        scopes.register("spend_caps:write", words="Set and lift accounts' caps on overage")
