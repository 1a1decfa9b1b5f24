"""A world to try things on: three companies, three products with prices, opportunities open and won."""

from typing import Any

from tests.fakes.salesforce.records import created
from tests.fakes.salesforce.state import State

ACCOUNTS = (("acme", "Acme Industries", "https://acme.example"), ("globex", "Globex", "https://www.globex.example"),
            ("initech", "Initech", "https://initech.example"))  # fmt: skip
PRODUCTS = (("starter", "Starter plan", "PLAN-STARTER", 348), ("team", "Team plan", "PLAN-TEAM", 1188),
            ("support", "Premium support", "SUPPORT-PREMIUM", 2400))  # fmt: skip
# key, account, name, stage, closes on, lines: product, quantity
DEALS: tuple[tuple[str, str, str, str, str, tuple[tuple[str, int], ...]], ...] = (
    ("acme_team", "acme", "Acme: 25 seats", "Negotiation/Review", "2026-03-20", (("team", 25),)),
    ("globex_start", "globex", "Globex: first year", "Proposal/Price Quote", "2026-03-31", (("starter", 5),)),
    ("initech_talk", "initech", "Initech: first talk", "Prospecting", "2026-05-29", ()),
    ("globex_won", "globex", "Globex: support", "Closed Won", "2026-02-27", (("team", 10), ("support", 1))),
)


def made(state: State, by: str) -> dict[str, str]:
    """The ids, by short names: an account's, a product's, `price:` of it, a deal's, `line:` of it."""
    ids: dict[str, str] = {}

    def add(short: str, name: str, **fields: Any) -> None:
        ids[short] = str(created(state, state.schema[name.lower()], fields, by)["Id"])

    book = next(row["Id"] for row in state.rows("Pricebook2") if row["IsStandard"])
    for short, name, website in ACCOUNTS:
        add(short, "Account", Name=name, Website=website, Type="Customer - Direct")
        add(f"contact:{short}", "Contact", LastName=name.split()[0], FirstName="Robin", AccountId=ids[short],
            Email=f"robin@{short}.example")  # fmt: skip
    for short, name, code, price in PRODUCTS:
        add(short, "Product2", Name=name, ProductCode=code, IsActive=True)
        add(
            f"price:{short}", "PricebookEntry", Pricebook2Id=book, Product2Id=ids[short], UnitPrice=price, IsActive=True
        )
    for short, account, name, stage, closes, lines in DEALS:
        add(short, "Opportunity", Name=name, AccountId=ids[account], StageName=stage, CloseDate=closes)
        for product, quantity in lines:
            price = next(row[3] for row in PRODUCTS if row[0] == product)
            add(f"line:{short}:{product}", "OpportunityLineItem", OpportunityId=ids[short], Quantity=quantity,
                PricebookEntryId=ids[f"price:{product}"], UnitPrice=price, ServiceDate=closes)  # fmt: skip
    return ids
