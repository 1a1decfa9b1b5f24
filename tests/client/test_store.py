"""What outlives the process; and that no file, whatever stands in it, stops a product."""

import json
import logging
import multiprocessing
import os
import stat
import time

import hypothesis.strategies as st
import pytest
from hypothesis import given

from entitlement_client import FileStore
from entitlement_client.clock import DeskClock
from entitlement_client.known import Known, Step, read_known, write_known
from entitlement_client.remembering import recall
from entitlement_client.shelf import Shelf
from entitlement_client.terms import read_terms
from tests.client.fake import calls, feature, instant, relies_on, until


def stored(desk, connect, folder):
    desk.sets["acme"] = [feature("exports", **relies_on("last_known", 3600)), calls(10, used=4)]
    client = connect(store=FileStore(folder))
    client.check("acme", "exports")
    client.close()
    desk.down()
    return folder / "answers.json"


def test_a_product_that_restarts_in_an_outage_starts_with_what_was_known(desk, connect, tmp_path):
    path = stored(desk, connect, tmp_path)
    client = connect(store=FileStore(tmp_path))
    client.invalidate("acme")
    answer = client.check("acme", "exports")
    assert (answer.allowed, answer.degraded) == (True, True)
    assert client.check("acme", "calls").left == 6
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("later", [3700, -3600])
def test_too_old_or_of_no_known_age_they_are_not_believed(desk, connect, tmp_path, later):
    stored(desk, connect, tmp_path)
    clock = DeskClock(wall=lambda: time.time() + later)
    assert not connect(store=FileStore(tmp_path), clock=clock).check("acme", "exports").allowed


@pytest.mark.parametrize("time_told", [1e300, float("nan"), float("inf"), 1e12])
def test_a_time_of_no_calendar_is_not_taken_up(desk, connect, tmp_path, time_told):
    path = stored(desk, connect, tmp_path)
    told = json.loads(path.read_text())
    told["clock"]["desk"] = time_told
    path.write_text(json.dumps(told))
    client = connect(store=FileStore(tmp_path))
    assert not client.check("acme", "exports").allowed
    assert not client.check("nobody", "exports").allowed
    assert not client.consume("nobody", "calls").allowed


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"format": "other"}', b"[" * 100_000, b'{"format": "entitlement-client/answers/1"}'],
)  # fmt: skip
def test_a_broken_or_foreign_file_is_left_alone_with_a_warning(desk, connect, tmp_path, caplog, text):
    path = stored(desk, connect, tmp_path)
    path.write_bytes(text)
    (tmp_path / "waiting").mkdir(exist_ok=True)
    (tmp_path / "waiting" / "x.json").write_bytes(text)
    with caplog.at_level(logging.WARNING, "entitlement_client"):
        client = connect(store=FileStore(tmp_path))
    assert "left alone" in caplog.text or text == b"null"
    assert not client.check("acme", "exports").allowed


def test_another_desk_s_answers_are_left_alone(desk, connect, tmp_path, caplog):
    path = stored(desk, connect, tmp_path)
    path.write_text(path.read_text().replace("127.0.0.1", "127.0.0.2"))
    assert not connect(store=FileStore(tmp_path)).check("acme", "exports").allowed
    assert "another desk" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["account", "steps", "at", "entitlements", "known", "clock", "desk", "wall", "x"]), inner),
)  # fmt: skip


@given(JSON, JSON)
def test_whatever_is_stored_nothing_is_raised(known, clock):
    told = {"format": "entitlement-client/answers/1", "desk": "d", "known": known, "clock": clock}
    recall(told, desk="d", clock=DeskClock(), shelf=Shelf(None, DeskClock(), None, fresh=1, most=9))


def test_what_is_written_is_read_again():
    features = [
        feature("exports", valid_until=instant(1e9)), calls(3, sub_limits={"model.large": {"value": 1, "unlimited": False}}),
        feature("roles", kind="config", value=["a", "b"]), feature("storage", kind="capacity", value=None, unlimited=True),
    ]  # fmt: skip
    terms = read_terms({"entitlements": features})
    known = Known("acme", (Step(1e9, terms), Step(2e9, terms)), as_of=1e9, etag='"x"')
    again = read_known(json.loads(json.dumps(write_known(known))))
    assert (again.steps, again.etag, again.as_of) == (known.steps, known.etag, known.as_of)


def test_a_folder_nobody_may_write_is_no_reason_to_stop(desk, connect, tmp_path, caplog):
    (tmp_path / "file").write_text("")
    client = connect(store=FileStore(tmp_path / "file"))
    assert client.check("acme", "exports").allowed
    client.report("acme", "calls", id="a")
    assert until(lambda: "a" in desk.counted)
    client.close()
    assert "can't be written" in caplog.text


def _in_the_child(client, pipe):
    first = client.check("acme", "exports")
    client.report("acme", "calls", id="from-the-child")
    until(lambda: client.status().waiting_reports == 0)
    client.invalidate("acme")
    pipe.send((first.allowed, client.check("acme", "exports").allowed, client.check("b", "exports").allowed))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="This system doesn't fork.")
def test_after_a_fork_the_child_has_a_thread_and_connections_of_its_own(desk, connect):
    desk.sets["b"] = [feature("exports")]
    client = connect(refresh_seconds=0.05)
    client.check("acme", "exports")
    ours, theirs = multiprocessing.Pipe()
    child = multiprocessing.get_context("fork").Process(target=_in_the_child, args=(client, theirs))
    child.start()
    assert ours.poll(20)
    assert ours.recv() == (True, True, True)
    child.join(20)
    assert "from-the-child" in desk.counted
    assert client.check("acme", "exports").allowed
