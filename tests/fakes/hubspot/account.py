"""The portal itself, and how much of the day's calls is used. The client has no method for it: `call_api` reaches it."""

from tests.fakes.hubspot.clock import iso
from tests.fakes.hubspot.routes import Call, route
from tests.fakes.hubspot.state import Row


@route("GET", "/account-info/v3/details")
def details(call: Call) -> Row:
    return {
        "portalId": call.state.settings.portal, "accountType": "STANDARD", "timeZone": "UTC", "companyCurrency": "EUR",
        "additionalCurrencies": [], "utcOffset": "+00:00", "utcOffsetMilliseconds": 0, "uiDomain": "app.hubspot.com",
        "dataHostingLocation": "eu1",
    }  # fmt: skip


@route("GET", "/account-info/v3/api-usage/daily/private-apps")
def usage(call: Call) -> Row:
    one = {
        "name": "private-apps-api-calls-daily", "usageLimit": call.state.settings.daily_limit,
        "currentUsage": call.limits.used, "collectedAt": iso(call.state.clock.now()), "fetchStatus": "SUCCESS",
        "resetsAt": iso(call.limits.resets_at),
    }  # fmt: skip
    return {"results": [one]}
