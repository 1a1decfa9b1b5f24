"""A pretended Salesforce with many companies and deals, in a process of its own; it does as it is told, line by line.

python -m benchmarks.crm_there --companies 5000 --deals 1000
"""

import argparse
import json
import sys
import time
from typing import Any

from tests.fakes.salesforce.counterpart import Counterpart
from tests.fakes.salesforce.founding import INTEGRATION
from tests.fakes.salesforce.state import Settings

DAILY = 10_000_000


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--companies", type=int, default=5000)
    asked.add_argument("--deals", type=int, default=0)
    told = asked.parse_args()
    ago = [3600.0]  # all of it was written long enough ago to be settled
    fake = Counterpart(7, clock=lambda: time.time() - ago[0], settings=Settings(daily_limit=DAILY))
    companies, lines = filled(fake, told.companies, told.deals)
    ago[0] = 0.0
    fake.start()
    access = fake.state.access
    password, token = access.passwords[INTEGRATION]
    say(
        base=fake.base, organisation=fake.state.org["Id"][:15], consumer_key=access.consumer_key, user=INTEGRATION,
        consumer_secret=access.consumer_secret, password=password, token=token,
    )  # fmt: skip
    for line in sys.stdin:
        match json.loads(line):
            case {"rename": int(number)}:
                for company in companies[:number]:
                    fake.edit(company, Name=f"{fake.row(company)['Name']} renamed")
            case {"quantity": int(number), "of": int(deals)}:
                for one in lines[:deals]:
                    fake.edit(one, Quantity=number)
            case "count":
                fake.requests.clear()
        say(requests=len(fake.requests), faults=fake.faults)
    fake.stop()


def filled(fake: Counterpart, companies: int, deals: int) -> tuple[list[str], list[str]]:
    """Companies by their domains, and one deal of each of the first, won, with a line."""
    book = next(row["Id"] for row in fake.state.rows("Pricebook2") if row["IsStandard"])
    product = fake.add("Product2", Name="Team", ProductCode="TEAM", IsActive=True)
    entry = fake.add("PricebookEntry", Pricebook2Id=book, Product2Id=product, UnitPrice=10, IsActive=True)
    made = [fake.add("Account", Name=f"Company {n}", Website=f"https://c{n}.example") for n in range(companies)]
    lines = []
    for number, company in enumerate(made[:deals]):
        told: dict[str, Any] = {"Name": f"Deal {number}", "AccountId": company, "CloseDate": time.strftime("%Y-%m-%d")}
        deal = fake.add("Opportunity", StageName="Prospecting", **told)
        lines.append(
            fake.add("OpportunityLineItem", OpportunityId=deal, PricebookEntryId=entry, Quantity=5, UnitPrice=10)
        )
        fake.edit(deal, StageName="Closed Won")
    return made, lines


def say(**told: Any) -> None:
    sys.stdout.write(json.dumps(told) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
