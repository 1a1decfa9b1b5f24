"""What changed and what was deleted between two times: whole minutes, thirty days back at most."""

from datetime import datetime, timedelta

from tests.fakes.salesforce import clock
from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.state import named

BACK = timedelta(days=30)


def _span(call: Call) -> tuple[datetime, datetime]:
    found = [clock.moment(call.params.get(name, "")) for name in ("start", "end")]
    if None in found:
        raise Refused(Wrong("INVALID_REPLICATION_DATE", "start and end have to be times with a zone"))
    start, end = (one.replace(second=0, microsecond=0) for one in found if one)
    if end <= start:
        raise Refused(Wrong("INVALID_REPLICATION_DATE", "startDate before endDate"))
    if start < call.state.clock.now() - BACK:
        raise Refused(Wrong("INVALID_REPLICATION_DATE", "startDate cannot be more than 30 days ago"))
    return start, end


@route("GET", "/sobjects/{object}/updated", "start", "end")
def updated(call: Call) -> Reply:
    sobject, (start, end) = named(call.state, call["object"]), _span(call)
    rows = [row for row in call.state.rows(sobject.name) if start <= row["SystemModstamp"] < end]
    covered = clock.stamp(min(end, call.state.clock.now()))
    return Reply(body={"ids": [row["Id"] for row in rows], "latestDateCovered": covered})


@route("GET", "/sobjects/{object}/deleted", "start", "end")
def deleted(call: Call) -> Reply:
    sobject, (start, end) = named(call.state, call["object"]), _span(call)
    rows = [
        row
        for row in call.state.rows(sobject.name, deleted=True)
        if row["IsDeleted"] and start <= row["SystemModstamp"] < end
    ]
    return Reply(body={
        "deletedRecords": [{"id": row["Id"], "deletedDate": clock.stamp(row["SystemModstamp"])} for row in rows],
        "earliestDateAvailable": clock.stamp(call.state.clock.now() - BACK),
        "latestDateCovered": clock.stamp(min(end, call.state.clock.now())),
    })  # fmt: skip
