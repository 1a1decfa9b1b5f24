"""The account itself, as far as anybody asks for it."""

from tests.fakes.stripe.routes import Call, route
from tests.fakes.stripe.state import Row


@route("GET", "/v1/account", "AccountRetrieveCurrentParams")
def retrieve_account(call: Call) -> Row:
    return {"id": "acct_counterpart", "object": "account", "country": call.state.settings.country, "type": "standard"}
