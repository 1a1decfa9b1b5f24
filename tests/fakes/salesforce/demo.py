"""An org of the demo: the dealings that it is told, in Salesforce's words."""

from typing import Any

from tests.fakes.dealings import Deal, Dealings, Standing
from tests.fakes.salesforce.counterpart import Counterpart

MONTHS = "Term_Months__c"  # how long, as many orgs note it
STAGES = {Standing.OPEN: "Negotiation/Review", Standing.WON: "Closed Won", Standing.LOST: "Closed Lost"}
KEPT = ("tables", "schema", "ids", "drawn")


def stocked(fake: Counterpart, dealings: Dealings) -> None:
    fake.custom_field(f"Opportunity.{MONTHS}", "Number", precision=3, scale=0)
    book = next(row["Id"] for row in fake.state.rows("Pricebook2") if row["IsStandard"])
    prices = {one.code: (_priced(fake, book, one.code, one.name, one.price), one.price) for one in dealings.products}
    accounts = {one.domain: _account(fake, one) for one in dealings.companies}
    for deal in dealings.deals:
        _made(fake, deal, accounts[deal.domain], prices)


def _priced(fake: Counterpart, book: str, code: str, name: str, price: int) -> str:
    product = fake.add("Product2", Name=name, ProductCode=code, IsActive=True)
    return fake.add("PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=price, IsActive=True)


def _account(fake: Counterpart, one: Any) -> str:
    key = fake.add("Account", Name=one.name, Website=f"https://www.{one.domain}", BillingCountry=one.country)
    first, _, last = one.contact.partition(" ")
    fake.add("Contact", FirstName=first, LastName=last or first, Email=one.email, AccountId=key)
    return key


def _made(fake: Counterpart, deal: Deal, account: str, prices: dict[str, tuple[str, int]]) -> None:
    """It is won last, with its lines there: nobody hears of a deal that is won and empty."""
    told: dict[str, Any] = {"Name": deal.name, "AccountId": account, "CloseDate": deal.starts_on, MONTHS: deal.months}
    key = fake.add("Opportunity", StageName=STAGES[Standing.OPEN], **told)
    for code, count in deal.lines:
        entry, price = prices[code]
        fake.add("OpportunityLineItem", OpportunityId=key, PricebookEntryId=entry, Quantity=count, UnitPrice=price,
                 ServiceDate=deal.starts_on)  # fmt: skip
    fake.edit(key, StageName=STAGES[deal.standing])
