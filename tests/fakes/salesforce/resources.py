"""The list of resources, and how much of the day's requests is left."""

from tests.fakes.salesforce.routes import Call, Reply, route


@route("GET", "/")
def resources(call: Call) -> Reply:
    names = ("sobjects", "query", "queryAll", "limits", "composite", "tooling", "jobs")
    return Reply(body={name: f"{call.root}/{name}" for name in names})


@route("GET", "/limits")
def limits(call: Call) -> Reply:
    most = call.state.settings.daily_limit
    return Reply(body={
        "DailyApiRequests": {"Max": most, "Remaining": max(0, most - call.state.used())},
        "DailyBulkV2QueryJobs": {"Max": 10000, "Remaining": 10000},
        "DailyBulkApiBatches": {"Max": 15000, "Remaining": 15000},
    })  # fmt: skip
