"""Bulk 2.0 queries: a job that reads, and its answer as CSV in parts."""

from typing import Any

from tests.fakes.salesforce.bulk import CSV, Job, job_of, opened, shown
from tests.fakes.salesforce.errors import Refused, Wrong
from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.soql import Query, parsed
from tests.fakes.salesforce.soql_run import Run
from tests.fakes.salesforce.values import written


@route("POST", "/jobs/query")
def open_query(call: Call) -> Reply:
    form = call.form("contentType", "columnDelimiter", "lineEnding", need=("operation", "query"))
    if form["operation"] not in ("query", "queryAll"):
        raise Refused(Wrong("INVALIDJOB", f"InvalidJob : Unable to find operation {form['operation']}"))
    query = parsed(form["query"])
    if query.count or query.offset or any(isinstance(one, Query) for one in query.fields):
        raise Refused(Wrong("API_ERROR", "Nested queries, OFFSET and COUNT() are not supported in Bulk V2"))
    run = Run(call.state, query, call.version, form["operation"] == "queryAll")
    chosen = run.checked()
    job = opened(call, form["operation"], {"object": run.sobject.name}, form)
    job.columns = [name for name, _ in chosen]
    job.done = [{name: written(run.value(row, steps)) for name, steps in chosen} for row in run.rows()]
    said = job.said | {"state": "UploadComplete"}
    job.said |= {"state": "JobComplete", "numberRecordsProcessed": len(job.done), "retries": 0}
    return Reply(body=said)


@route("GET", "/jobs/query/{id}")
def show_query(call: Call) -> Reply:
    return Reply(body=shown(call.state, job_of(call, "query")))


@route("PATCH", "/jobs/query/{id}")
def abort_query(call: Call) -> Reply:
    job, wanted = job_of(call, "query"), call.form(need=("state",))["state"]
    if wanted != "Aborted" or shown(call.state, job)["state"] == "JobComplete":
        raise Refused(Wrong("INVALIDJOBSTATE", f"A job that is {job.said['state']} cannot become {wanted}"))
    job.said["state"] = "Aborted"
    return Reply(body=job.said)


@route("DELETE", "/jobs/query/{id}")
def delete_query(call: Call) -> Reply:
    del call.state.jobs[job_of(call, "query").said["id"]]
    return Reply(204)


@route("GET", "/jobs/query/{id}/results", "maxRecords", "locator")
def results(call: Call) -> Reply:
    job = job_of(call, "query")
    most = call.params.get("maxRecords", "50000")
    if not most.isdigit() or int(most) < 1:
        raise Refused(Wrong("INVALID_QUERY_OPTION", f"maxRecords cannot be {most}"))
    start, size = _place(call.params.get("locator", "0"), job), int(most)
    rows: list[dict[str, Any]] = job.done[start : start + size]
    following = f"{start + size}" if start + size < len(job.done) else "null"
    headers = CSV | {"Sforce-Locator": following, "Sforce-NumberOfRecords": str(len(rows))}
    return Reply(200, job.written(rows, job.columns), headers)


def _place(locator: str, job: Job) -> int:
    if not locator.isdigit() or int(locator) > len(job.done):
        raise Refused(Wrong("INVALID_QUERY_LOCATOR", "invalid query locator"))
    return int(locator)
