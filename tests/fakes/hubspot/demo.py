"""The world that a demo begins with: four companies, three products, deals on their way; or the dealings it is told."""

from tests.fakes.dealings import Company, Deal, Dealings, Standing
from tests.fakes.hubspot.counterpart import Counterpart
from tests.fakes.hubspot.state import Record

PRODUCTS = (("Starter", "starter", 290), ("Team", "team", 990), ("Scale", "scale", 2990))
COMPANIES = (
    ("Halden Robotics", "halden-robotics.example", "Oslo"), ("Marisol Foods", "marisolfoods.example", "Valencia"),
    ("Quill & Sons", "quillandsons.example", "Leeds"), ("Nordwind Energie", "nordwind.example", "Kiel"),
)  # fmt: skip
DEALS = (  # name, company, stage, lines: product and quantity
    ("Halden: Team for the plant", 0, "contractsent", ((1, 25),)),
    ("Marisol: Scale, three sites", 1, "decisionmakerboughtin", ((2, 3), (1, 10))),
    ("Quill: Starter", 2, "qualifiedtobuy", ((0, 5),)),
    ("Nordwind: renewal", 3, "closedwon", ((1, 12),)),
)
STAGES = {Standing.OPEN: "contractsent", Standing.WON: "closedwon", Standing.LOST: "closedlost"}
KEPT = ("records", "kinds", "properties", "groups", "unique", "pipelines", "owners", "labels", "links", "ids", "drawn")
LISTENED = (
    "deal.creation", "deal.deletion", "deal.restore", "deal.merge", "deal.propertyChange:dealstage",
    "deal.propertyChange:amount", "deal.propertyChange:hs_is_closed_won", "deal.associationChange",
    "company.creation", "company.propertyChange:domain", "company.propertyChange:name", "company.deletion",
    "company.merge", "line_item.propertyChange:quantity", "line_item.propertyChange:price", "line_item.deletion",
)  # fmt: skip


def stocked(fake: Counterpart) -> None:
    owner = fake.employ("Nora", "Quist", "nora@portal.example")
    products = [
        fake.add("products", name=name, hs_sku=sku, price=price, hs_recurring_billing_period="P12M",
                 recurringbillingfrequency="annually")
        for name, sku, price in PRODUCTS
    ]  # fmt: skip
    companies = [fake.add("companies", name=name, domain=domain, city=city) for name, domain, city in COMPANIES]
    for name, company, stage, lines in DEALS:
        deal = fake.add("deals", (companies[company],), dealname=name, dealstage="qualifiedtobuy", pipeline="default",
                        deal_currency_code="EUR", hubspot_owner_id=owner["id"])  # fmt: skip
        added = [_line(fake, deal, products[product], quantity) for product, quantity in lines]
        amount = sum(float(line.values["amount"]) for line in added)
        fake.edit(deal, amount=f"{amount:g}", dealstage=stage)


def told(fake: Counterpart, dealings: Dealings) -> None:
    """A portal with these dealings, in HubSpot's words; a deal is won last, with its lines there."""
    products = {
        one.code: fake.add("products", name=one.name, hs_sku=one.code, price=one.price,
                           hs_recurring_billing_period="P12M", recurringbillingfrequency="annually")
        for one in dealings.products
    }  # fmt: skip
    companies = {one.domain: _company(fake, one) for one in dealings.companies}
    for one in dealings.deals:
        _deal(fake, one, companies[one.domain], products)


def _company(fake: Counterpart, one: Company) -> Record:
    company = fake.add("companies", name=one.name, domain=one.domain, country=one.country)
    first, _, last = one.contact.partition(" ")
    fake.add("contacts", (company,), firstname=first, lastname=last, email=one.email)
    return company


def _deal(fake: Counterpart, one: Deal, company: Record, products: dict[str, Record]) -> None:
    deal = fake.add("deals", (company,), dealname=one.name, dealstage=STAGES[Standing.OPEN], pipeline="default",
                    deal_currency_code="EUR", closedate=f"{one.starts_on}T00:00:00Z")  # fmt: skip
    lines = [
        fake.add("line_items", (deal,), hs_product_id=products[code].id, quantity=count,
                 hs_recurring_billing_start_date=one.starts_on, hs_recurring_billing_period=f"P{one.months}M")
        for code, count in one.lines
    ]  # fmt: skip
    fake.edit(deal, amount=f"{sum(float(line.values['amount']) for line in lines):g}", dealstage=STAGES[one.standing])


def _line(fake: Counterpart, deal: Record, product: Record, quantity: int) -> Record:
    return fake.add("line_items", (deal,), hs_product_id=product.id, quantity=quantity)
