from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate, pre_migrate


class JournalConfig(AppConfig):
    name = "journal"
    verbose_name = "Journal"

    def ready(self) -> None:
        from journal import scopes, senders, triggers, vault
        from journal.actions.outbound import EMAIL
        from journal.integrations import email

        triggers.register(triggers.Immutable("journal.AuditEvent"))
        triggers.register(triggers.Immutable("journal.AuditSeal"))
        triggers.register(triggers.ImmutableVersions())
        triggers.register(triggers.Frozen("journal.Approval", when="OLD.state <> 'pending'", called="decided"))
        senders.register(EMAIL, email.send)
        scopes.register("webhooks:write", words="Set up webhook endpoints, and send messages again")
        vault.register(
            "journal.ConnectionSecret.sealed", lambda: apps.get_model("journal", "ConnectionSecret"), "sealed"
        )
        vault.register("journal.WebhookSecret.sealed", lambda: apps.get_model("journal", "WebhookSecret"), "sealed")
        pre_migrate.connect(triggers.uninstall_before_migrations, sender=self)
        post_migrate.connect(triggers.reinstall_after_migrations, sender=self)
