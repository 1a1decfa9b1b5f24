"""CloudEvents 1.0, read strictly, and held against the standard's own schema."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import jsonschema_rs
import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from entitlements.domain.usage.cloud_events import NotACloudEvent, parse_binary, parse_structured, parse_time

SCHEMA = Path(settings.BASE_DIR).parent / "shared" / "vectors" / "cloudevents_schema.json"
LEAST = {"specversion": "1.0", "id": "a-1", "source": "/shop", "type": "api_calls"}


def test_the_least_there_can_be():
    event = parse_structured(LEAST)
    assert (event.id, event.source, event.type, event.subject, event.time, event.data) == (
        "a-1", "/shop", "api_calls", "", None, None,
    )  # fmt: skip


def test_all_there_can_be():
    event = parse_structured(
        LEAST | {
            "subject": "acme", "time": "2026-03-02T10:00:00.5+01:00", "datacontenttype": "application/json",
            "dataschema": "https://shop.example/use.json", "data": {"quantity": 3}, "region": "eu", "attempt": 2,
        }
    )  # fmt: skip
    assert event.time == datetime(2026, 3, 2, 9, 0, 0, 500_000, UTC)
    assert event.data == {"quantity": 3}
    assert event.extensions == {"region": "eu", "attempt": 2}


def test_what_is_null_is_absent():
    assert (
        parse_structured(LEAST | {"subject": None, "time": None, "data_base64": None, "region": None}).extensions == {}
    )


def test_bytes_come_as_base64():
    assert parse_structured(LEAST | {"data_base64": "eyJxIjoxfQ=="}).data == b'{"q":1}'


@pytest.mark.parametrize(
    ("change", "field"),
    [
        *(({name: None}, name) for name in LEAST),
        *(({name: ""}, name) for name in LEAST),
        *(({name: 1}, name) for name in (*LEAST, "subject", "time", "datacontenttype", "dataschema")),
        ({"specversion": "0.3"}, "specversion"),
        ({"specversion": "1.0.2"}, "specversion"),
        ({"source": "/with space"}, "source"),
        ({"source": "/bad%2"}, "source"),
        ({"subject": ""}, "subject"),
        ({"id": "a\x07"}, "id"),
        ({"Region": "eu"}, "Region"),
        ({"re_gion": "eu"}, "re_gion"),
        ({"region": {"name": "eu"}}, "region"),
        ({"region": 1.5}, "region"),
        ({"datacontenttype": "json"}, "datacontenttype"),
        ({"dataschema": "use.json"}, "dataschema"),
        ({"data": 1, "data_base64": "AA=="}, "data_base64"),
        ({"data_base64": "A"}, "data_base64"),
        ({"data_base64": 3}, "data_base64"),
        ({"time": "2026-03-02"}, "time"),
    ],
)
def test_what_does_not_keep_to_the_standard_is_named(change, field):
    with pytest.raises(NotACloudEvent) as fault:
        parse_structured(LEAST | change)
    assert fault.value.field == field


@pytest.mark.parametrize(
    "source",
    ["https://u:p@[::1]:80/a?b=c#d", "mailto:a@b.example", "urn:uuid:6e8bc430", "cloudevents/spec/pull/123", "/a:b", "./a:b",
     "1-555-123-4567", "//host/x", "?q", "a%20b"],
)  # fmt: skip
def test_sources_are_references(source):
    assert parse_structured(LEAST | {"source": source}).source == source


@pytest.mark.parametrize(
    "source", ["2026-03-02T09:00", "a:b:c d", "http://[x", "http://a:b/", "#a#b", "/[", "é", "a%2"]
)
def test_what_is_no_reference(source):
    with pytest.raises(NotACloudEvent):
        parse_structured(LEAST | {"source": source})


@pytest.mark.parametrize("event", [None, [], "event", 1])
def test_an_event_is_an_object(event):
    with pytest.raises(NotACloudEvent):
        parse_structured(event)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-02T09:00:00Z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02t09:00:00z", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T10:30:00+01:30", datetime(2026, 3, 2, 9, tzinfo=UTC)),
        ("2026-03-02T09:00:00.123456789Z", datetime(2026, 3, 2, 9, 0, 0, 123_456, UTC)),
        ("2026-12-31T23:59:60Z", datetime(2027, 1, 1, tzinfo=UTC)),
    ],
)
def test_instants_by_rfc_3339(text, at):
    assert parse_time(text) == at


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-03-02", "2026-03-02T09:00:00", "2026-03-02 09:00:00Z", "20260302T090000Z", "2026-13-02T09:00:00Z",
        "2026-03-02T25:00:00Z", "2026-03-02T09:00:00+0100", "9999-12-31T23:59:60Z", "٢٠٢٦-03-02T09:00:00Z",
        "2026-03-02T09:00Z", "2026-03-02T09:00:00.Z", "2026-03-02T09:00:00+24:00",
    ],
)  # fmt: skip
def test_what_is_no_instant(text):
    with pytest.raises(NotACloudEvent):
        parse_time(text)


@given(st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_every_instant_reads_as_it_was_written(local, minutes):
    sign, zone = "-" if minutes < 0 else "+", f"{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    told = f"{local.isoformat()}{sign}{zone}"
    assert parse_time(told) == local.replace(tzinfo=UTC) - timedelta(minutes=minutes)


HEADERS = {"ce-specversion": "1.0", "CE-ID": "a-1", "Ce-Source": "/shop", "ce-type": "api_calls", "Accept": "*/*"}


def binary(**more):
    headers = HEADERS | {f"ce-{name}": value for name, value in more.items()}
    return parse_binary(headers, b"{}", content_type="application/json")


def test_attributes_in_headers():
    event = binary(subject="acme", region="eu")
    assert (event.id, event.subject, event.data, event.extensions) == ("a-1", "acme", b"{}", {"region": "eu"})


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ("Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        ("100%2525", "100%25"),
        ('"in quotes, \\"these\\""', 'in quotes, "these"'),
        ("plain", "plain"),
    ],
)
def test_headers_are_decoded_once(header, said):
    assert binary(subject=header).subject == said


@pytest.mark.parametrize("header", ["%", "50%", "%zz", "%E2%82", "%00"])
def test_headers_that_cannot_be_decoded(header):
    with pytest.raises(NotACloudEvent) as fault:
        binary(subject=header)
    assert fault.value.field == "subject"


def test_what_the_data_is_stands_in_content_type_alone():
    with pytest.raises(NotACloudEvent):
        binary(datacontenttype="application/json")
    assert not parse_binary(HEADERS, b"<use/>", content_type="text/xml").has_json


needs_schema = pytest.mark.skipif(not SCHEMA.exists(), reason="../shared/vectors/cloudevents_schema.json is not here")
values = st.one_of(
    st.none(),
    st.text(max_size=4),
    st.integers(),
    st.just("1.0"),
    st.just("2026-03-02T09:00:00Z"),
    st.text("a1:/?#[]@%.-", max_size=8),
)
names = st.sampled_from([*LEAST, "subject", "time", "datacontenttype", "dataschema", "data", "data_base64"])


@needs_schema
@given(st.dictionaries(names, values, max_size=3), st.sets(st.sampled_from(sorted(LEAST)), max_size=1))
def test_nothing_is_taken_that_the_schema_refuses(change, left_out):
    """The parser is stricter than the schema, and never laxer."""
    event = {name: value for name, value in (LEAST | change).items() if name not in left_out}
    schema = jsonschema_rs.Draft7Validator(json.loads(SCHEMA.read_text()), validate_formats=True)
    try:
        parse_structured(event)
    except NotACloudEvent:
        return
    # Null is "absent" to the JSON format, which the schema says of optional attributes only.
    assert schema.is_valid({name: value for name, value in event.items() if value is not None})


@needs_schema
def test_the_schema_s_own_examples_are_read():
    told = json.loads(SCHEMA.read_text())["properties"]
    for name, attribute in told.items():
        for example in attribute.get("examples", ()):
            assert parse_structured(LEAST | {name: example})
