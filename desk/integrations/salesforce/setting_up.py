"""Making in an organisation what isn't there yet: the object, its fields, our fields at accounts, and who may use them.

Fields that are made this way are nobody's until they are granted, so two permission sets go with them: one to write, for
the desk's user, and one to read, for an administrator to give to people. What stands already is left as it is, and what
Salesforce refuses is told beside what it is about; the rest is made all the same.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from desk.integrations.crm.port import Declined, Need, NeedState
from desk.integrations.salesforce.client import Answer, Line
from desk.integrations.salesforce.names import (
    ACCOUNT,
    OPPORTUNITY,
    PERMISSIONS,
    PERMISSIONS_WORDS,
    PRODUCT,
    READERS,
    READERS_WORDS,
    RECORD,
    RECORD_WORDS,
    RECORDS_WORDS,
    defined,
    quoted,
    selected,
)
from desk.integrations.salesforce.needed import OF_ACCOUNTS, OF_RECORDS, Wanted, needs

THERE_ALREADY = "DUPLICATE_DEVELOPER_NAME"
ALL_FIELDS = (*OF_RECORDS, *OF_ACCOUNTS)
Refused = dict[str, str]
Rights = Mapping[str, tuple[str, ...]]
TO_WRITE: Rights = {
    ACCOUNT: ("Read", "Edit", "ViewAllRecords"),
    OPPORTUNITY: ("Read", "ViewAllRecords"),
    PRODUCT: ("Read",),
    RECORD: ("Read", "Create", "Edit", "Delete"),
}
TO_READ: Rights = {ACCOUNT: ("Read",), RECORD: ("Read",)}


def set_up(line: Line) -> list[Need]:
    """Made whatever is missing and can be made; what it looks like afterwards."""
    line.forget()
    before = {one.about: one.state for one in needs(line)}
    refused: Refused = {}
    if before[RECORD] is NeedState.MISSING:
        with _told(refused, RECORD):
            _make(line, "CustomObject", RECORD, _object())
    for one in ALL_FIELDS:
        if before[one.full] is NeedState.MISSING:
            with _told(refused, one.full):
                _make(line, "CustomField", one.full, defined(one.field) if one.field else _relation())
    with _told(refused, RECORD):
        _grant(line, refused)
    line.forget()
    return [_with(one, refused.get(one.about, "")) for one in needs(line)]


@contextmanager
def _told(refused: Refused, about: str) -> Iterator[None]:
    try:
        yield
    except Declined as error:
        refused.setdefault(about, str(error))


def _make(line: Line, kind: str, name: str, meta: Mapping[str, object]) -> None:
    try:
        line.ask(f"tooling/sobjects/{kind}", method="POST", json={"FullName": name, "Metadata": meta})
    except Declined as error:
        if THERE_ALREADY not in str(error):
            raise


def _object() -> Answer:
    return {
        "label": RECORD_WORDS, "pluralLabel": RECORDS_WORDS, "deploymentStatus": "Deployed", "sharingModel": "ReadWrite",
        "nameField": {"type": "Text", "label": "Entitlement"},
        "description": "What an account may use, kept by the entitlement desk.",
    }  # fmt: skip


def _relation() -> Answer:
    return {
        "type": "MasterDetail", "label": "Account", "referenceTo": ACCOUNT, "relationshipName": "Entitlements",
        "relationshipLabel": RECORDS_WORDS, "reparentableMasterDetail": True, "writeRequiresMasterRead": True,
    }  # fmt: skip


def _grant(line: Line, refused: Refused) -> None:
    for name, words, edits in ((PERMISSIONS, PERMISSIONS_WORDS, True), (READERS, READERS_WORDS, False)):
        key = _permission_set(line, name, words)
        _grant_objects(line, key, TO_WRITE if edits else TO_READ, refused)
        _grant_fields(line, key, edits=edits, refused=refused)
        if edits:
            _assign(line, key)


def _permission_set(line: Line, name: str, words: str) -> str:
    for one in line.query(selected(["Id"], "PermissionSet", where=f"Name = {quoted(name)}")):
        return str(one["Id"])
    made = line.ask("sobjects/PermissionSet", method="POST", json={"Name": name, "Label": words})
    return str(made["id"])


def _grant_objects(line: Line, key: str, rights: Rights, refused: Refused) -> None:
    """Accounts before what hangs on them, which can't be seen without them."""
    held = {
        one["SobjectType"]
        for one in line.query(selected(["Id", "SobjectType"], "ObjectPermissions", where=f"ParentId = {quoted(key)}"))
    }
    wanted = [kind for kind in rights if kind not in held]
    records = [
        {"attributes": {"type": "ObjectPermissions"}, "ParentId": key, "SobjectType": kind}
        | {f"Permissions{word}": True for word in rights[kind]}
        for kind in wanted
    ]
    _created(line, wanted, records, refused)


def _grant_fields(line: Line, key: str, *, edits: bool, refused: Refused) -> None:
    """Those that aren't granted by this set yet."""
    where = f"ParentId = {quoted(key)}"
    held = {one["Field"] for one in line.query(selected(["Id", "Field"], "FieldPermissions", where=where))}
    wanted = [one for one in ALL_FIELDS if one.is_granted and one.full not in held]
    records = [_permission(one, key, edits=edits) for one in wanted]
    _created(line, [one.full for one in wanted], records, refused)


def _created(line: Line, abouts: Sequence[str], records: Sequence[Answer], refused: Refused) -> None:
    """In one request; what of it is refused is told beside what it is about."""
    if not records:
        return
    told = line.ask("composite/sobjects", method="POST", json={"allOrNone": False, "records": records})
    for about, answer in zip(abouts, told, strict=True):
        if not answer["success"]:
            refused.setdefault(about, "; ".join(error["message"] for error in answer["errors"]))


def _permission(wanted: Wanted, key: str, *, edits: bool) -> Answer:
    return {
        "attributes": {"type": "FieldPermissions"}, "ParentId": key, "SobjectType": wanted.kind, "Field": wanted.full,
        "PermissionsRead": True, "PermissionsEdit": edits,
    }  # fmt: skip


def _assign(line: Line, key: str) -> None:
    """To the user as whom the desk asks."""
    user = line.user()
    where = f"PermissionSetId = {quoted(key)} AND AssigneeId = {quoted(user)}"
    if not any(line.query(selected(["Id"], "PermissionSetAssignment", where=where))):
        told = {"PermissionSetId": key, "AssigneeId": user}
        line.ask("sobjects/PermissionSetAssignment", method="POST", json=told)


def _with(need: Need, words: str) -> Need:
    return (
        replace(need, words=f"{need.words}. Salesforce: {words}")
        if words and need.state is not NeedState.THERE
        else need
    )
