from django.apps import AppConfig


class SupportConfig(AppConfig):
    name = "support"
    verbose_name = "Support"

    def ready(self) -> None:
        from journal import scopes

        scopes.register("coverage:read", words="Look up whether a customer is covered")
