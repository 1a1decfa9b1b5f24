from django.apps import AppConfig


class DeskConfig(AppConfig):
    name = "desk"
    verbose_name = "Desk"

    def ready(self) -> None:
        from desk.integrations.crm import dry_run
        from desk.integrations.hubspot.registration import register as register_one_crm
        from desk.integrations.salesforce.registration import register as register_other_crm
        from desk.registrations import (
            register_account_page,
            register_connection_page,
            register_contract_notes,
            register_merging,
        )

        register_account_page()
        register_connection_page()
        register_contract_notes()
        register_merging()
        dry_run.register()
        register_one_crm()
        register_other_crm()
