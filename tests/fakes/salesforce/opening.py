"""Logging in: OAuth's JWT bearer, client credentials and password, SOAP's login; and who one is then."""

import base64
import binascii
import hashlib
import hmac
import re
import time
from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import jwt

from tests.fakes.salesforce.clock import stamp
from tests.fakes.salesforce.errors import RefusedPlainly, missing, refused_login, refused_soap
from tests.fakes.salesforce.routes import Reply
from tests.fakes.salesforce.state import Row, State

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
LONGEST = 300  # seconds that an assertion may be good for
SOAP_UNTIL = 64.0
PARTNER = "{urn:partner.soap.sforce.com}"
PARAMS = {
    "password": {"client_id", "client_secret", "username", "password"},
    JWT_BEARER: {"assertion"},
    "client_credentials": {"client_id", "client_secret"},
}


def answered(
    state: State, method: str, path: str, params: dict[str, str], headers: dict[str, str], body: bytes
) -> Reply:
    match (method, *path.strip("/").split("/")):
        case ("POST", "services", "oauth2", "token"):
            return Reply(body=_token(state, dict(parse_qsl(body.decode(), keep_blank_values=True)), headers))
        case ("POST", "services", "oauth2", "revoke"):
            given = dict(parse_qsl(body.decode())) | params
            if state.sessions.pop(given.get("token", ""), None) is None:
                raise refused_login("unsupported_token_type", "this token type is not supported")
            return Reply(200, b"")
        case ("POST", "services", "Soap", "u", version):
            return Reply(200, _soap_login(state, version, body).encode(), {"Content-Type": "text/xml;charset=UTF-8"})
        case ("GET", "services", "oauth2", "userinfo") | ("GET", "id", _, _):
            return Reply(body=_identity(state, headers))
    raise missing()


def _token(state: State, form: dict[str, str], headers: dict[str, str]) -> dict[str, Any]:
    grant = form.pop("grant_type", "")
    if grant not in PARAMS:
        raise refused_login("unsupported_grant_type", "grant type not supported")
    unknown = sorted(set(form) - PARAMS[grant])
    if unknown:
        raise refused_login("invalid_request", f"this counterpart knows no parameter {unknown[0]!r} here")
    if grant == JWT_BEARER:
        user = _by_assertion(state, form.get("assertion", ""))
    elif grant == "password":
        _app_known(state, form.get("client_id", ""), form.get("client_secret", ""))
        found = _by_password(state, form.get("username", ""), form.get("password", ""))
        if found is None:
            raise refused_login("invalid_grant", "authentication failure")
        user = found
    else:
        user = _by_app(state, form, headers)
    return _granted(state, user)


def _granted(state: State, user: Row) -> dict[str, Any]:
    token, url = state.opened(user["Id"]), f"https://{state.host}"
    login = "test" if state.settings.sandbox else "login"
    identity = f"https://{login}.salesforce.com/id/{state.org['Id']}/{user['Id']}"
    issued = str(int(state.clock.now().timestamp() * 1000))
    secret = state.access.consumer_secret.encode()
    signed = hmac.new(secret, (identity + issued).encode(), hashlib.sha256).digest()
    return {
        "access_token": token, "signature": base64.b64encode(signed).decode(), "scope": "api", "instance_url": url,
        "id": identity, "token_type": "Bearer", "issued_at": issued,
    }  # fmt: skip


def _app_known(state: State, key: str, secret: str) -> None:
    if key != state.access.consumer_key:
        raise refused_login("invalid_client_id", "client identifier invalid")
    if not hmac.compare_digest(secret.encode(), state.access.consumer_secret.encode()):
        raise refused_login("invalid_client", "invalid client credentials")


def _by_app(state: State, form: dict[str, str], headers: dict[str, str]) -> Row:
    """Client credentials: at the org's own domain only, for the one user the app runs as."""
    if headers.get("host", "").startswith(("login.", "test.")):
        raise refused_login("invalid_grant", "request not supported on this domain")
    key, secret = form.get("client_id", ""), form.get("client_secret", "")
    basic = headers.get("authorization", "")
    if basic.startswith("Basic "):
        try:
            key, _, secret = base64.b64decode(basic[6:], validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise refused_login("invalid_client", "invalid client credentials") from None
    _app_known(state, key, secret)
    user = state.find("User", state.access.run_as)
    if user is None or not user["IsActive"]:
        raise refused_login("invalid_grant", "no client credentials user enabled")
    return user


def _by_assertion(state: State, assertion: str) -> Row:
    """The signature is really checked, with the certificate that the app was given."""
    try:
        claims = jwt.decode(
            assertion, state.access.public_key, algorithms=["RS256"],
            options={"verify_aud": False, "verify_exp": False, "verify_iat": False, "verify_nbf": False},
        )  # fmt: skip
    except jwt.PyJWTError:
        raise refused_login("invalid_grant", "invalid assertion") from None
    if claims.get("iss") != state.access.consumer_key:
        raise refused_login("invalid_client_id", "client identifier invalid")
    own = f"https://{state.host}"
    if state.settings.external_client_app and claims.get("aud") != own:
        raise refused_login("app_not_found", "External client app is not found")
    if claims.get("aud") not in _audiences(state):
        raise refused_login("invalid_grant", "audience is invalid")
    _in_time(state, claims.get("exp"))
    user = by_username(state, str(claims.get("sub", "")))
    if user is None or user["Username"] not in state.access.approved:
        raise refused_login("invalid_grant", "user hasn't approved this consumer")
    if not user["IsActive"]:
        raise refused_login("invalid_grant", "inactive user")
    return user


def _audiences(state: State) -> set[str]:
    login = "test" if state.settings.sandbox else "login"
    return {f"https://{login}.salesforce.com", f"https://{state.host}"}


def _in_time(state: State, until: Any) -> None:
    """By the time of day, since whoever signs reads it too; the org's clock may be wrong against it."""
    left = int(until) - time.time() - state.clock.skew.total_seconds() if str(until).isdigit() else 0
    if left <= 0:
        raise refused_login("invalid_grant", "assertion has expired")
    if left > LONGEST:
        raise refused_login("invalid_grant", "expiration is too far in the future")


def by_username(state: State, name: str) -> Row | None:
    return next((row for row in state.rows("User") if row["Username"].lower() == name.lower()), None)


def _by_password(state: State, username: str, given: str) -> Row | None:
    """Whose password it is. Too many wrong ones lock the user out, with the right one too."""
    user, access = by_username(state, username), state.access
    if user is None or not user["IsActive"] or user["Username"] not in access.passwords:
        return None
    password, token = access.passwords[user["Username"]]
    right = given == password + token or (state.settings.trusted_network and given == password)
    if right and not access.locked(user["Username"], state.settings.lock_after):
        access.refused[user["Username"]] = 0
        return user
    access.refused[user["Username"]] += 1
    return None


def _soap_login(state: State, version: str, body: bytes) -> str:
    if not re.fullmatch(r"\d+\.0", version) or float(version) > SOAP_UNTIL:
        raise refused_soap("UNSUPPORTED_API_VERSION", f"SOAP login() is not available in version {version}")
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError:
        raise refused_soap("UNKNOWN_EXCEPTION", "The message is not XML") from None
    org = root.findtext(f".//{PARTNER}organizationId")
    if org is not None and org[:15] != state.org["Id"][:15]:
        raise refused_soap("INVALID_LOGIN", "Invalid organizationId")
    name, word = (root.findtext(f".//{PARTNER}{tag}", "") for tag in ("username", "password"))
    user = _by_password(state, name, word)
    if user is None:
        message = "Invalid username, password, security token; or user locked out."
        raise refused_soap("INVALID_LOGIN", message)
    return _soap_result(state, version, user)


def _soap_result(state: State, version: str, user: Row) -> str:
    session, org = state.opened(user["Id"]), state.org
    of_org, url = f"{version}/{org['Id'][:15]}", f"https://{state.host}/services/Soap"
    return f"""<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Body><loginResponse><result><metadataServerUrl>{url}/m/{of_org}</metadataServerUrl><passwordExpired>false</passwordExpired><sandbox>{str(state.settings.sandbox).lower()}</sandbox><serverUrl>{url}/u/{of_org}</serverUrl><sessionId>{session}</sessionId><userId>{user["Id"]}</userId><userInfo><organizationId>{org["Id"]}</organizationId><organizationName>{escape(org["Name"])}</organizationName><userFullName>{escape(user["Name"])}</userFullName><userId>{user["Id"]}</userId><userName>{escape(user["Username"])}</userName></userInfo></result></loginResponse></soapenv:Body></soapenv:Envelope>"""


def _identity(state: State, headers: dict[str, str]) -> dict[str, Any]:
    user = state.session(headers.get("authorization", "").removeprefix("Bearer ").strip())
    if user is None:
        raise RefusedPlainly("Bad_OAuth_Token", 403, "text/html;charset=UTF-8")
    org, url = state.org["Id"], f"https://{state.host}"
    return {
        "sub": f"https://login.salesforce.com/id/{org}/{user['Id']}", "user_id": user["Id"], "organization_id": org,
        "preferred_username": user["Username"], "username": user["Username"], "name": user["Name"],
        "display_name": user["Name"], "email": user["Email"], "email_verified": True, "active": user["IsActive"],
        "user_type": "STANDARD", "updated_at": stamp(user["LastModifiedDate"]),
        "urls": {"rest": f"{url}/services/data/v{{version}}/", "query": f"{url}/services/data/v{{version}}/query/"},
    }  # fmt: skip
