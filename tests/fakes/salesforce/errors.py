"""What Salesforce says when it refuses: a list of errors in its own form, or the form of OAuth and of SOAP."""

import json
from dataclasses import dataclass
from html import escape
from typing import Any

JSON = "application/json;charset=UTF-8"


@dataclass(frozen=True)
class Wrong:
    """One error: for a whole request under `errorCode`, for one record of many under `statusCode`."""

    code: str
    message: str
    fields: tuple[str, ...] | None = None  # None: the form has no such key

    def of_request(self) -> dict[str, Any]:
        said: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        return said if self.fields is None else said | {"fields": list(self.fields)}

    def of_record(self) -> dict[str, Any]:
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields or ())}


class Refused(Exception):
    """An answer other than 2xx."""

    def __init__(self, *wrongs: Wrong, status: int = 400, headers: dict[str, str] | None = None) -> None:
        super().__init__("; ".join(f"{one.code}: {one.message}" for one in wrongs))
        self.wrongs, self.status, self.headers = wrongs, status, headers or {}
        self.type = JSON

    def body(self) -> bytes:
        return json.dumps([one.of_request() for one in self.wrongs]).encode()


class RefusedPlainly(Refused):
    """A refusal in another form than the API's: a page, an XML fault, OAuth's JSON."""

    def __init__(self, text: str, status: int, type: str = "text/html;charset=UTF-8") -> None:
        super().__init__(Wrong("COUNTERPART_PLAIN", text), status=status)
        self.text, self.type = text, type

    def body(self) -> bytes:
        return self.text.encode()


def refused_login(error: str, description: str, status: int = 400) -> RefusedPlainly:
    return RefusedPlainly(json.dumps({"error": error, "error_description": description}), status, JSON)


def refused_soap(code: str, message: str) -> RefusedPlainly:
    """A fault comes with status 500, as SOAP has it."""
    said = escape(message)
    return RefusedPlainly(
        '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
        'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:sf="urn:fault.partner.soap.sforce.com" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><soapenv:Fault>'
        f"<faultcode>sf:{code}</faultcode><faultstring>{code}: {said}</faultstring><detail>"
        f'<sf:LoginFault xsi:type="sf:LoginFault"><sf:exceptionCode>{code}</sf:exceptionCode>'
        f"<sf:exceptionMessage>{said}</sf:exceptionMessage></sf:LoginFault></detail>"
        "</soapenv:Fault></soapenv:Body></soapenv:Envelope>",
        500,
        "text/xml;charset=UTF-8",
    )


def missing() -> Refused:
    return Refused(Wrong("NOT_FOUND", "The requested resource does not exist"), status=404)


def no_column(name: str, entity: str) -> Wrong:
    return Wrong("INVALID_FIELD", f"No such column '{name}' on sobject of type {entity}")


def no_session() -> Refused:
    return Refused(Wrong("INVALID_SESSION_ID", "Session expired or invalid"), status=401)


def over_limit() -> Refused:
    return Refused(Wrong("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), status=403)


LOCKED = Wrong("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record or 1 records", ())


def unsimulated(what: str, status: int = 400) -> Refused:
    """Said plainly, so that no test rests on what this counterpart does not do."""
    return Refused(Wrong("COUNTERPART_UNSIMULATED", f"This counterpart does not simulate {what}."), status=status)
