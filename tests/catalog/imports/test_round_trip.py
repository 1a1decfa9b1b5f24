"""What was exported comes back as it was: nothing changes, and the next export is the same, byte for byte."""

from datetime import timedelta

import pytest

from catalog.actions.billing_links import Named, set_links
from catalog.actions.bundles import create_bundle
from catalog.actions.dimensions import add_dimension
from catalog.actions.imports import upload
from catalog.actions.markets import create_market, set_window
from catalog.actions.promo_codes import CodeTerms, create_code
from catalog.domain.choice_lines import Weighed
from catalog.domain.values import Kind
from catalog.imports.rendering import Form
from catalog.imports.tables import TABLES
from catalog.models import Feature, Plan
from catalog.models.billing import Mode
from catalog.models.market import MarketUse
from catalog.models.offer import Gift
from catalog.queries.billing import Slot, links_token
from journal.domain.actor import SYSTEM
from tests.catalog.factories import AddOnFactory, StorageFactory, published_version
from tests.catalog.imports.bringing import file_of, staged, verdicts, wrong
from tests.catalog.page import import_real_page
from tests.conftest import AT

LATER = AT + timedelta(hours=1)


@pytest.fixture
def rich_catalog(db: None) -> None:
    """A real price page, and one of everything beside it; texts that a spreadsheet would take for formulas."""
    import_real_page(at=AT)
    told = {"by": SYSTEM, "at": AT}
    market = create_market(key="benelux", name="=Benelux+", countries=["NL", "BE"], **told)
    set_window(
        market=market, thing=Plan.objects.get(key="team"), use=MarketUse.SOLD, starts_at=LATER, ends_at=None, **told
    )
    used = Feature.objects.filter(kind=Kind.METERED).first()
    add_dimension(feature=used, key="model", name="@Model", choices=[Weighed("large", "Large", 5_000)], **told)
    ipv4, drain = (AddOnFactory(key=key, name=f"-{key}") for key in ("ipv4", "drain"))
    for add_on in (ipv4, drain):
        published_version(plan=add_on, at=AT, feature=StorageFactory(key=f"of_{add_on.key}"), amount=10**9)
    create_bundle(key="any_one", name="Any one", pick=1, add_ons=[ipv4, drain], note="Line one\nLine “two”", **told)
    terms = CodeTerms(gives=Gift.ADD_ON, days=30, plan=ipv4, market=market)
    create_code(code="SPRING-26", name="\tSpring", terms=terms, **told)
    slot = Slot(plan_id=ipv4.pk)
    set_links(mode=Mode.TEST, named=[Named(slot, "prod_1")], seen=links_token(mode=Mode.TEST), **told)


@pytest.mark.parametrize("form", list(Form))
def test_what_was_exported_changes_nothing_and_is_exported_the_same(form: Form, rich_catalog: None) -> None:
    for kind in TABLES:
        first = file_of(kind, form, at=LATER)
        run = staged(kind, first, at=LATER)
        assert verdicts(run) == ["same"] * run.rows.count() != [], (kind, wrong(run))
        assert file_of(kind, form, at=LATER + timedelta(days=1)) == first, kind


def test_no_cell_of_an_export_starts_a_formula(rich_catalog: None) -> None:
    for kind in TABLES:
        run = upload(kind=kind, file_name="x", data=file_of(kind, at=LATER), by=SYSTEM, at=LATER)
        cells = [cell for row in run.rows.all() for cell in row.cells]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))], kind
