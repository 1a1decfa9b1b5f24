"""Bulk 2.0: many records as one CSV, done in the background; what became of each is another CSV."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.salesforce import records, removal
from tests.fakes.salesforce.clock import stamp
from tests.fakes.salesforce.errors import Refused, Wrong, missing, unsimulated
from tests.fakes.salesforce.routes import Call, Reply, route
from tests.fakes.salesforce.schema import SObject
from tests.fakes.salesforce.state import State, named

DELIMITERS = {"BACKQUOTE": "`", "CARET": "^", "COMMA": ",", "PIPE": "|", "SEMICOLON": ";", "TAB": "\t"}
ENDS = {"LF": "\n", "CRLF": "\r\n"}
OPERATIONS = ("insert", "update", "upsert", "delete", "hardDelete")
CSV = {"Content-Type": "text/csv"}


@dataclass
class Job:
    """A job of either kind, and what came of it."""

    said: dict[str, Any]
    delimiter: str
    end: str
    data: str = ""
    polls: int = 0
    done: list[dict[str, str]] = field(default_factory=list)
    failed: list[dict[str, str]] = field(default_factory=list)
    unprocessed: list[dict[str, str]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)

    def written(self, rows: list[dict[str, str]], columns: list[str]) -> bytes:
        text = io.StringIO()
        writer = csv.DictWriter(text, columns, delimiter=self.delimiter, lineterminator=self.end, quoting=csv.QUOTE_ALL)
        writer.writeheader()
        writer.writerows(rows)
        return text.getvalue().encode()


def opened(call: Call, operation: str, more: dict[str, Any], form: dict[str, Any]) -> Job:
    delimiter, end = form.get("columnDelimiter", "COMMA"), form.get("lineEnding", "LF")
    if delimiter not in DELIMITERS or end not in ENDS or form.get("contentType", "CSV") != "CSV":
        raise Refused(Wrong("INVALIDJOB", "InvalidJob : columnDelimiter, lineEnding or contentType is none of ours"))
    now = stamp(call.state.clock.now())
    said = {
        "id": call.state.ids("750"), "operation": operation, "createdById": call.by, "createdDate": now,
        "systemModstamp": now, "state": "Open", "concurrencyMode": "Parallel", "contentType": "CSV",
        "apiVersion": float(call.version), "lineEnding": end, "columnDelimiter": delimiter,
    } | more  # fmt: skip
    job = Job(said, DELIMITERS[delimiter], ENDS[end])
    call.state.jobs[said["id"]] = job
    return job


def job_of(call: Call, kind: str) -> Job:
    found = call.state.jobs.get(call["id"])
    if found is None or (found.said["operation"] in ("query", "queryAll")) != (kind == "query"):
        raise missing()
    return found


def shown(state: State, job: Job) -> dict[str, Any]:
    """A job that is done may say for a while that it is not."""
    if job.said["state"] == "JobComplete" and job.polls < state.settings.bulk_polls:
        job.polls += 1
        return job.said | {"state": "InProgress"}
    return job.said


@route("POST", "/jobs/ingest")
def open_ingest(call: Call) -> Reply:
    form = call.form(
        "externalIdFieldName", "contentType", "columnDelimiter", "lineEnding", need=("object", "operation")
    )
    sobject, operation = named(call.state, form["object"]), form["operation"]
    if operation not in OPERATIONS:
        raise Refused(Wrong("INVALIDJOB", f"InvalidJob : Unable to find operation {operation}"))
    more: dict[str, Any] = {"object": sobject.name}
    if operation == "upsert":
        more["externalIdFieldName"] = records.external(sobject, form.get("externalIdFieldName") or "").name
    job = opened(call, operation, more, form)
    job.said["contentUrl"] = f"services/data/v{call.version}/jobs/ingest/{job.said['id']}/batches"
    return Reply(body=job.said)


@route("PUT", "/jobs/ingest/{id}/batches")
def upload(call: Call) -> Reply:
    job = job_of(call, "ingest")
    if job.said["state"] != "Open" or job.data:
        raise Refused(Wrong("INVALIDJOBSTATE", "Upload is allowed once, while the job is Open"))
    job.data = call.raw.decode()
    return Reply(201)


@route("PATCH", "/jobs/ingest/{id}")
def change_ingest(call: Call) -> Reply:
    job, wanted = job_of(call, "ingest"), call.form(need=("state",))["state"]
    if wanted not in ("UploadComplete", "Aborted") or job.said["state"] != "Open":
        raise Refused(Wrong("INVALIDJOBSTATE", f"A job that is {job.said['state']} cannot become {wanted}"))
    said = job.said | {"state": wanted}
    job.said["state"] = wanted
    if wanted == "UploadComplete":
        ingested(call, job)
    return Reply(body=said)


@route("GET", "/jobs/ingest/{id}")
def show_ingest(call: Call) -> Reply:
    return Reply(body=shown(call.state, job_of(call, "ingest")))


@route("GET", "/jobs/ingest")
def list_ingest(call: Call) -> Reply:
    raise unsimulated("the list of jobs")


@route("DELETE", "/jobs/ingest/{id}")
def delete_ingest(call: Call) -> Reply:
    del call.state.jobs[job_of(call, "ingest").said["id"]]
    return Reply(204)


def ingested(call: Call, job: Job) -> None:
    """Row by row, each for itself; a column that is none ends the job before the first."""
    sobject = named(call.state, job.said["object"])
    rows = list(csv.DictReader(io.StringIO(job.data), delimiter=job.delimiter))
    job.columns = list(rows[0]) if rows else []
    counts = {"numberRecordsProcessed": len(rows), "numberRecordsFailed": 0, "retries": 0, "totalProcessingTime": 1}
    unknown = [name for name in job.columns if not _known(sobject, name)]
    if unknown:
        job.unprocessed = rows
        message = f"InvalidBatch : Field name not found : {unknown[0]}"
        job.said |= counts | {"state": "Failed", "errorMessage": message, "numberRecordsProcessed": 0}
        return
    for row in rows:
        try:
            key, new = _done(call, job, sobject, row)
            job.done.append({"sf__Id": key, "sf__Created": str(new).lower()} | row)
        except Refused as no:
            why = "; ".join(f"{one.code}:{one.message}:{' '.join(one.fields or ())} --" for one in no.wrongs)
            job.failed.append({"sf__Id": row.get("Id", ""), "sf__Error": why} | row)
    job.said |= counts | {"state": "JobComplete", "numberRecordsFailed": len(job.failed)}
    job.said["systemModstamp"] = stamp(call.state.clock.now())


def _known(sobject: SObject, name: str) -> bool:
    outer, _, inner = name.partition(".")
    return sobject.find(name) is not None or bool(inner and sobject.by_parent(outer))


def _given(row: dict[str, str], leave: str) -> dict[str, Any]:
    """An empty cell says nothing; `#N/A` says: emptied."""
    given: dict[str, Any] = {}
    for name, text in row.items():
        if text == "" or name.lower() == leave.lower():
            continue
        value = None if text == "#N/A" else text
        outer, _, inner = name.partition(".")
        given[outer] = {inner: value} if inner else value
    return given


def _done(call: Call, job: Job, sobject: SObject, row: dict[str, str]) -> tuple[str, bool]:
    operation = job.said["operation"]
    if operation == "insert":
        return records.created(call.state, sobject, _given(row, ""), call.by)["Id"], True
    if operation == "upsert":
        field = job.said["externalIdFieldName"]
        key = next((text for name, text in row.items() if name.lower() == field.lower()), "")
        made, new = records.upserted(call.state, sobject, field, key, _given(row, field), call.by)
        return made["Id"], new
    found = records.by_key(call.state, sobject, row.get("Id", ""))
    if operation == "update":
        records.changed(call.state, sobject, found, _given(row, "Id"), call.by)
    else:
        (removal.removed if operation == "delete" else removal.erased)(call.state, sobject, found, call.by)
    return found["Id"], False


@route("GET", "/jobs/ingest/{id}/successfulResults")
def successful(call: Call) -> Reply:
    job = job_of(call, "ingest")
    return Reply(200, job.written(job.done, ["sf__Id", "sf__Created", *job.columns]), CSV)


@route("GET", "/jobs/ingest/{id}/failedResults")
def failed(call: Call) -> Reply:
    job = job_of(call, "ingest")
    return Reply(200, job.written(job.failed, ["sf__Id", "sf__Error", *job.columns]), CSV)


@route("GET", "/jobs/ingest/{id}/unprocessedrecords")
def unprocessed(call: Call) -> Reply:
    job = job_of(call, "ingest")
    return Reply(200, job.written(job.unprocessed, job.columns), CSV)
