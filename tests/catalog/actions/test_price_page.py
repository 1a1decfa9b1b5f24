"""Importing a price page: the real one whole, and small ones that change."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.actions.terms import set_term
from catalog.domain.declarations import read_declarations
from catalog.domain.values import TermState
from catalog.models import Feature, Plan, PlanPrice, PlanTerm, PlanVersion
from journal.domain.actor import Actor
from journal.domain.refusal import Invalid, NotAllowed
from journal.models import AuditEvent
from tests.catalog.factories import AddOnFactory, PlanTermFactory, publish_now
from tests.catalog.page import FEATURES, PLANS, import_real_page, import_small_page, import_text, small_matrix

pytestmark = pytest.mark.django_db
DEARER = b"plan,price_per_month_usd,audience\nFree,0,everybody\nPro,30,production\n"


def cell(plan: str, feature: str) -> PlanTerm:
    return PlanTerm.objects.filter(version__plan__key=plan, feature__key=feature).latest("version__number")


def test_the_real_page_becomes_sixty_features_on_four_drafts(at: datetime) -> None:
    imported = import_real_page(at=at)

    assert (Feature.objects.count(), PlanTerm.objects.count(), imported.cells) == (60, 240, 240)
    assert imported.drafts == ("Free v1", "Pro v1", "Team v1", "Enterprise v1")
    assert not PlanVersion.objects.exclude(state="draft").exists()


def test_the_real_page_keeps_what_it_leaves_open(at: datetime) -> None:
    imported = import_real_page(at=at)
    counted = {state: PlanTerm.objects.filter(state=state).count() for state in TermState}

    assert imported.states == counted
    assert counted == {
        TermState.VALUE: 145,
        TermState.UNLIMITED: 9,
        TermState.NOT_INCLUDED: 49,
        TermState.SET_PER_CUSTOMER: 18,
        TermState.UNSETTLED: 8,
        TermState.ADD_ON: 11,
    }
    assert sum(waiting.blocks for waiting in imported.waiting) == 8 + 11


def test_no_cell_of_the_real_page_loses_its_words(at: datetime) -> None:
    import_real_page(at=at)
    assert cell("pro", "database_size").source_text == "8 GB included; then $0.125 per GB"
    assert cell("pro", "database_size").price_lines.get().amount_micros == 125_000
    assert cell("team", "log_drain").price_lines.count() == 3
    assert set(PlanTerm.objects.filter(source_text="").values_list("feature__key", flat=True)) == {"support_tier"}


def test_the_prices_of_the_plans_are_kept(at: datetime) -> None:
    import_real_page(at=at)
    prices = PlanPrice.objects.values_list("version__plan__key", "amount_micros", "contact")
    assert set(prices) == {
        ("free", 0, False),
        ("pro", 25_000_000, False),
        ("team", 599_000_000, False),
        ("enterprise", None, True),
    }


def test_importing_the_same_page_again_changes_nothing(at: datetime) -> None:
    import_real_page(at=at)
    before = (AuditEvent.objects.count(), PlanTerm.history.count(), Feature.history.count())
    again = import_real_page(at=at + timedelta(days=1))

    assert not again.changed
    assert (AuditEvent.objects.count(), PlanTerm.history.count(), Feature.history.count()) == before


def test_only_the_cells_that_changed_on_the_page_are_written(at: datetime) -> None:
    import_small_page(at=at)
    again = import_small_page(at=at, pro_storage="10 GB")

    assert (again.cells, again.drafts) == (1, ())
    assert cell("pro", "storage").value == Decimal(10 * 10**9)
    assert not cell("pro", "storage").price_lines.exists()
    changes = AuditEvent.objects.filter(verb="plan_version:import").latest("seq").changes
    assert changes == {"storage": ["8 GB, then $0.10 per GB", "10 GB"]}


def test_what_a_person_settled_stays_settled(finance: Actor, at: datetime) -> None:
    import_small_page(at=at, pro_sso="Coming soon")
    term = cell("pro", "sso")
    set_term(version=term.version, feature=term.feature, reading="no", edits=1, by=finance, at=at)

    assert not import_small_page(at=at, pro_sso="Coming soon").changed
    assert cell("pro", "sso").state == TermState.NOT_INCLUDED


def test_a_published_plan_gets_a_draft_only_where_the_page_differs(at: datetime) -> None:
    import_small_page(at=at)
    for version in PlanVersion.objects.all():
        publish_now(version, at=at)

    assert not import_small_page(at=at).changed
    again = import_small_page(at=at, pro_sso="no")
    assert again.drafts == ("Pro v2",)
    assert (cell("pro", "sso").state, cell("pro", "storage").value) == ("not_included", Decimal(8 * 10**9))


def test_a_feature_that_left_the_page_keeps_its_cells_and_is_named(at: datetime) -> None:
    import_small_page(at=at)
    declared = read_declarations(FEATURES)
    shorter = small_matrix().replace(b"Security,SSO,no,no,yes,\n", b"")
    for declarations in (declared, declared[:1]):  # whether it is still declared or not
        again = import_text(matrix=shorter, declarations=declarations, plans=PLANS, at=at)
        assert (again.gone, again.changed, cell("pro", "sso").state) == (("SSO",), False, "value")


def test_a_feature_that_was_never_on_the_page_is_not_missed(at: datetime) -> None:
    import_small_page(at=at)
    PlanTermFactory(version=PlanVersion.objects.first())
    assert import_small_page(at=at).gone == ()


def test_a_new_price_opens_a_draft_too(at: datetime) -> None:
    import_small_page(at=at)
    publish_now(PlanVersion.objects.get(plan__key="pro"), at=at)
    again = import_small_page(at=at, plans=DEARER)
    assert (again.drafts, again.cells, again.prices) == (("Pro v2",), 0, 1)


def test_an_import_takes_the_drafts_first_and_the_audit_last(at: datetime) -> None:
    import_small_page(at=at)
    with CaptureQueriesContext(connection) as captured:
        import_small_page(at=at, pro_sso="no", pro_storage="10 GB", plans=DEARER.replace(b"production", b"shops"))
    asked = [query["sql"] for query in captured]
    writes = [n for n, sql in enumerate(asked) if sql.startswith(("INSERT", "UPDATE", "DELETE")) and '"catalog_' in sql]
    drafts = [n for n, sql in enumerate(asked) if 'FROM "catalog_planversion"' in sql]
    heads = [n for n, sql in enumerate(asked) if '"journal_audithead"' in sql]
    assert drafts[0] < writes[0]
    assert writes[-1] < heads[0]


def test_a_page_whose_plans_are_not_listed_is_refused(at: datetime) -> None:
    AddOnFactory(key="pro")
    with pytest.raises(Invalid, match="is an add-on here"):
        import_small_page(at=at)
    assert not PlanTerm.objects.exists()


def test_sales_may_not_import_a_page(sales: Actor, at: datetime) -> None:
    with pytest.raises(NotAllowed):
        import_small_page(at=at, by=sales)
    assert not Plan.objects.exists()
