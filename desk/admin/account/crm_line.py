"""The line of an account's head that says which company of a CRM it is, and when the two were last in step."""

from desk.admin.crm.words import VIEW_COMPANY, page_there, record_url, say_age
from desk.in_view import AccountInView
from desk.models import CrmCompany
from desk.queries.crm.listing import first_company_of
from desk.slots import Line
from journal.admin.connections.pages import vendor_words


def crm_line(view: AccountInView) -> Line | None:
    """ "Salesforce: Acme Inc, in step 2 minutes ago"; nothing where it is in no CRM, or it isn't theirs to see."""
    if not view.moment.now or not view.may(VIEW_COMPANY):
        return None
    company = first_company_of(view.account)
    if company is None:
        return None
    words = f"{company}, {_standing(company, view)}"
    there = page_there(company.connection, company)
    return Line(vendor_words(company.connection), words, url=record_url(company), there=there)


def _standing(company: CrmCompany, view: AccountInView) -> str:
    if company.failed:
        return "and what changed there couldn’t be taken in"
    if company.write_failed:
        return "and what changed here couldn’t be written there"
    moments = [one for one in (company.told_at, company.written_at) if one is not None]
    return f"in step {say_age(max(moments), at=view.now)}" if moments else "not looked at yet"
