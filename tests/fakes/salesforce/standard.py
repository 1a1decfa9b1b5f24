"""The standard objects, as far as an integration of contracts meets them."""

from tests.fakes.salesforce.schema import Field, SObject, bare, fixed, owned

INDUSTRIES = ("Banking", "Consulting", "Education", "Energy", "Healthcare", "Manufacturing", "Technology", "Other")
ACCOUNT_TYPES = ("Prospect", "Customer - Direct", "Customer - Channel", "Other")
DEAL_TYPES = ("Existing Customer - Upgrade", "Existing Customer - Replacement", "New Customer")
# label, closed, won, probability
STAGES = (
    ("Prospecting", False, False, 10), ("Qualification", False, False, 10), ("Needs Analysis", False, False, 20),
    ("Value Proposition", False, False, 50), ("Id. Decision Makers", False, False, 60),
    ("Perception Analysis", False, False, 70), ("Proposal/Price Quote", False, False, 75),
    ("Negotiation/Review", False, False, 90), ("Closed Won", True, True, 100), ("Closed Lost", True, False, 0),
)  # fmt: skip


def objects() -> dict[str, SObject]:
    """A new org's, by their small names."""
    made = (
        account(), contact(), opportunity(), line(), product(), pricebook(), entry(), user(), organization(), stage(),
        custom_object(), custom_field(),
    )  # fmt: skip
    return {one.name.lower(): one for one in made}


def account() -> SObject:
    return owned("Account", "001").add(
        Field("Name", required=True, label="Account Name"),
        Field("Type", "picklist", values=ACCOUNT_TYPES, restricted=False, label="Account Type"),
        Field("Industry", "picklist", values=INDUSTRIES, restricted=False),
        Field("AccountNumber", length=40), Field("Website", "url"), Field("Phone", "phone", length=40),
        Field("Description", "textarea", length=32000), Field("AnnualRevenue", "currency", scale=0),
        Field("NumberOfEmployees", "int"), Field("BillingStreet", "textarea"), Field("BillingCity", length=40),
        Field("BillingState", length=80), Field("BillingPostalCode", length=20), Field("BillingCountry", length=80),
        Field("ParentId", "reference", to="Account", parent="Parent", children="ChildAccounts"),
        fixed("MasterRecordId", "reference", to="Account", parent="MasterRecord"),
    )  # fmt: skip


def contact() -> SObject:
    return owned("Contact", "003").add(
        Field("FirstName", length=40), Field("LastName", length=80, required=True), fixed("Name", length=121),
        Field("Email", "email", length=80), Field("Phone", "phone", length=40), Field("Title", length=128),
        Field("AccountId", "reference", to="Account", parent="Account", children="Contacts", on_delete="cascade"),
    )  # fmt: skip


def opportunity() -> SObject:
    return owned("Opportunity", "006", plural="Opportunities").add(
        Field("Name", length=120, required=True),
        Field("AccountId", "reference", to="Account", parent="Account", children="Opportunities", on_delete="cascade"),
        Field("StageName", "picklist", required=True, label="Stage"),  # its values are rows: OpportunityStage
        Field("CloseDate", "date", required=True, label="Close Date"), Field("Amount", "currency"),
        Field("Probability", "percent", precision=3, scale=0), Field("NextStep", length=255),
        Field("Type", "picklist", values=DEAL_TYPES, restricted=False), Field("Description", "textarea", length=32000),
        Field("Pricebook2Id", "reference", to="Pricebook2", parent="Pricebook2", on_delete="refuse"),
        fixed("IsClosed", "boolean", label="Closed"), fixed("IsWon", "boolean", label="Won"),
        fixed("HasOpportunityLineItem", "boolean", default=False), fixed("TotalOpportunityQuantity", "double"),
    )  # fmt: skip


def line() -> SObject:
    return bare("OpportunityLineItem", "00k", "Opportunity Product").add(
        Field("OpportunityId", "reference", to="Opportunity", parent="Opportunity", children="OpportunityLineItems",
              on_delete="cascade", required=True, update=False),
        Field("PricebookEntryId", "reference", to="PricebookEntry", parent="PricebookEntry", required=True,
              update=False, on_delete="refuse"),
        fixed("Product2Id", "reference", to="Product2", parent="Product2"), fixed("ProductCode"), fixed("Name", length=376),
        Field("Quantity", "double", required=True), Field("UnitPrice", "currency", required=True, label="Sales Price"),
        fixed("ListPrice", "currency"), fixed("TotalPrice", "currency"), Field("ServiceDate", "date", label="Date"),
        Field("Description", length=255, label="Line Description"),
    )  # fmt: skip


def product() -> SObject:
    return bare("Product2", "01t", "Product").add(
        Field("Name", required=True, label="Product Name"), Field("ProductCode", label="Product Code"),
        Field("Description", "textarea", length=4000), Field("IsActive", "boolean", default=False),
        Field("Family", "picklist", values=("None",), restricted=False),
    )  # fmt: skip


def pricebook() -> SObject:
    return bare("Pricebook2", "01s", "Price Book").add(
        Field("Name", required=True), Field("IsActive", "boolean", default=False),
        fixed("IsStandard", "boolean", default=False), Field("Description", length=255),
    )  # fmt: skip


def entry() -> SObject:
    return bare("PricebookEntry", "01u", "Price Book Entry", "Price Book Entries").add(
        Field("Pricebook2Id", "reference", to="Pricebook2", parent="Pricebook2", children="PricebookEntries",
              required=True, update=False, on_delete="cascade"),
        Field("Product2Id", "reference", to="Product2", parent="Product2", children="PricebookEntries",
              required=True, update=False, on_delete="cascade"),
        Field("UnitPrice", "currency", required=True), Field("IsActive", "boolean", default=False), fixed("Name"),
        fixed("ProductCode"),
    )  # fmt: skip


def user() -> SObject:
    return bare("User", "005", delete=False).add(
        Field("Username", length=80, required=True, unique=True), Field("FirstName", length=40),
        Field("LastName", length=80, required=True), fixed("Name", length=121), Field("Email", "email", length=128),
        Field("IsActive", "boolean", default=True), Field("Title", length=80),
    )  # fmt: skip


def organization() -> SObject:
    return bare("Organization", "00D", create=False, delete=False).add(
        Field("Name", length=80, required=True), fixed("IsSandbox", "boolean"), fixed("InstanceName", length=5),
        fixed("OrganizationType", length=40), Field("PrimaryContact", length=80),
    )  # fmt: skip


def stage() -> SObject:
    return bare("OpportunityStage", "01J", create=False, update=False, delete=False).add(
        fixed("MasterLabel"), fixed("ApiName"), fixed("IsActive", "boolean"), fixed("IsClosed", "boolean"),
        fixed("IsWon", "boolean"), fixed("DefaultProbability", "percent"), fixed("SortOrder", "int"),
    )  # fmt: skip


def custom_object() -> SObject:
    return bare("CustomObject", "01I", "Custom Object", tooling=True).add(
        fixed("DeveloperName", length=80), fixed("NamespacePrefix", length=15), fixed("FullName")
    )


def custom_field() -> SObject:
    return bare("CustomField", "00N", "Custom Field", tooling=True).add(
        fixed("DeveloperName", length=80), fixed("TableEnumOrId", length=40), fixed("NamespacePrefix", length=15),
        fixed("FullName"),
    )  # fmt: skip
