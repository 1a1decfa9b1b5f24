from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalog"

    def ready(self) -> None:
        from catalog.registrations import register_handlers
        from journal import triggers

        register_handlers()

        triggers.register(
            triggers.Frozen("catalog.PlanVersion", when="OLD.state <> 'draft'", allow_columns=("state", "retired_at"))
        )
        for child in ("catalog.PlanTerm", "catalog.PlanPrice"):
            triggers.register(
                triggers.FrozenChild(child, parent_label="catalog.PlanVersion", fk="version", when="state <> 'draft'")
            )
        for grandchild in ("catalog.PriceLine", "catalog.SubLimit"):
            triggers.register(
                triggers.FrozenChild(
                    grandchild,
                    parent_label="catalog.PlanTerm",
                    fk="term",
                    when="(SELECT v.state FROM catalog_planversion v WHERE v.id = version_id) <> 'draft'",
                )
            )
        triggers.register(
            triggers.Frozen("catalog.Rollout", when="1 = 1", allow_columns=("cancelled_at",), called="published")
        )
