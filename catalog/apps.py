from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"

    def ready(self) -> None:
        from journal import triggers

        triggers.register(
            triggers.Frozen("catalog.PlanVersion", when="OLD.state <> 'draft'", allow_columns=("state", "retired_at"))
        )
        for child in ("catalog.PlanTerm", "catalog.PlanPrice"):
            triggers.register(
                triggers.FrozenChild(child, parent_label="catalog.PlanVersion", fk="version", when="state <> 'draft'")
            )
        triggers.register(
            triggers.FrozenChild(
                "catalog.PriceLine",
                parent_label="catalog.PlanTerm",
                fk="term",
                when="(SELECT v.state FROM catalog_planversion v WHERE v.id = version_id) <> 'draft'",
            )
        )
        triggers.register(triggers.Immutable("catalog.Rollout"))
