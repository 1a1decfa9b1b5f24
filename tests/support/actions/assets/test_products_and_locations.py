import pytest

from journal.domain.actor import SYSTEM
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from support.actions.assets.held import Borne
from support.actions.assets.locations import add_location, edit_location
from support.actions.assets.products import add_product, bring_product_back, edit_product, retire_product
from support.models import Location, Product
from support.queries.assets.tokens import product_token
from tests.entitlements.factories import AccountFactory
from tests.support.equipment import press, registered

pytestmark = pytest.mark.django_db


def test_a_product_is_added_edited_retired_and_brought_back(finance, at):
    product = add_product(key=" Press_1 ", name="Press", by=finance, at=at)
    told = {"product": product, "name": "Press 1", "maker": "Halden", "by": finance, "at": at}
    for _ in range(2):
        edit_product(**told, warranty_months=12, borne=Borne(parts=100))
    retire_product(product=product, by=finance, at=at)
    with pytest.raises(Refusal, match="retired already"):
        retire_product(product=product, by=finance, at=at)
    bring_product_back(product=product, by=finance, at=at)
    row = Product.objects.get()
    assert (row.key, row.name, row.warranty_months, row.parts, row.retired_at) == ("press_1", "Press 1", 12, 100, None)
    verbs = list(AuditEvent.objects.order_by("seq").values_list("verb", flat=True))
    assert verbs == ["product:add", "product:edit", "product:retire", "product:bring_back"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"key": "press"}, "key"),
        ({"key": "P 1"}, "key"),
        ({"name": " "}, "name"),
        ({"warranty_months": 0}, "warranty_months"),
        ({"warranty_months": 601}, "warranty_months"),
        ({"borne": None}, "parts"),
        ({"borne": Borne(travel=101)}, "travel"),
    ],
)
def test_what_cant_be_is_refused_beside_the_field(said, field, at):
    press()
    told = {"key": "other", "name": "Other", "warranty_months": 12, "borne": Borne(parts=1), "by": SYSTEM, "at": at}
    with pytest.raises(Invalid) as refused:
        add_product(**told | said)
    assert refused.value.field == field


def test_warranties_that_run_stay_when_the_product_changes(at):
    product = press()
    asset = registered(AccountFactory(), product)
    edit_product(product=product, name="Press", warranty_months=1, borne=Borne(parts=1), by=SYSTEM, at=at)
    assert asset.warranties.get().months == 12


def test_a_form_that_somebody_overtook_writes_nothing(at):
    product = press()
    seen = product_token(product)
    edit_product(product=product, name="Press 2", by=SYSTEM, at=at, seen=seen)
    with pytest.raises(Stale):
        edit_product(product=product, name="Press 3", by=SYSTEM, at=at, seen=seen)


def test_products_are_for_finance_and_support(sales, at):
    with pytest.raises(NotAllowed):
        add_product(key="press", name="Press", by=sales, at=at)


def test_a_location_is_added_and_put_right(sales, at):
    account = AccountFactory(key="acme")
    told = {"address": "1 Road", "country": "nl", "zone": "Europe/Amsterdam", "by": sales, "at": at}
    location = add_location(account=account, name=" Plant 1 ", **told)
    assert (location.name, location.country, location.zone) == ("Plant 1", "NL", "Europe/Amsterdam")
    for _ in range(2):
        edit_location(location=location, name="Plant one", **told)
    assert Location.objects.get().name == "Plant one"
    verbs = AuditEvent.objects.filter(account_key="acme").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["location:add", "location:edit"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "plant 1"}, "name"),
        ({"country": "Narnia"}, "country"),
        ({"zone": "Mars/Base"}, "zone"),
    ],
)
def test_a_location_that_cant_be_is_refused_beside_the_field(said, field, at):
    account = AccountFactory()
    add_location(account=account, name="Plant 1", by=SYSTEM, at=at)
    with pytest.raises(Invalid) as refused:
        add_location(**{"account": account, "name": "Plant 2", "by": SYSTEM, "at": at} | said)
    assert refused.value.field == field


def test_who_may_not_writes_no_location(auditor, at):
    with pytest.raises(NotAllowed):
        add_location(account=AccountFactory(), name="Plant 1", by=auditor, at=at)
