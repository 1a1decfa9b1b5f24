"""What is learnt from a few examples, and that a head is a value."""

import io

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from support.domain.intake.understood import NONE_OF_THESE, Topic
from support.intake.calibration import FEW
from support.intake.head import Head, HeadUnreadable
from support.intake.training import MOST_ALONE, Taught, calibrate, examples_of, train
from tests.support.intake.fake import BACKUPS, NOTHING, SSO, TOPICS, WordEncoder, topic

NONE = [Taught(text, NONE_OF_THESE) for text in NOTHING]
ENCODER = WordEncoder()


def test_a_name_always_counts_as_an_example() -> None:
    assert examples_of(SSO)[:2] == ("Single sign-on", "SSO")
    assert examples_of(topic("a", "a", "b")) == ("a", "b")
    head = train(ENCODER, [topic("invoices"), topic("holidays")])
    assert ENCODER.encode(["invoices"]) @ head.direction("invoices") > 0


def test_features_are_found_and_nothing_is_found_in_nothing() -> None:
    head = train(ENCODER, TOPICS, NONE)
    found = head.confidences(ENCODER.encode(["my backup restore failed", "invoice with wrong vat"]))
    assert found[0].argmax() == 0
    assert found[1].argmax() == len(TOPICS)
    assert found[:, :-1].max() <= MOST_ALONE
    assert (found.sum(axis=1) <= 1 + 1e-9).all()


def test_staff_teach_what_examples_left_open() -> None:
    asked = ENCODER.encode(["the dump from tuesday please"])
    before = train(ENCODER, TOPICS, NONE).confidences(asked)[0, 0]
    taught = [Taught(f"the dump from {day}", "backups") for day in ("monday", "tuesday", "friday", "sunday")]
    assert train(ENCODER, TOPICS, [*NONE, *taught]).confidences(asked)[0, 0] > before + 0.2


def test_the_same_words_said_often_are_one_example() -> None:
    """Else it would be judged on the very words it had learnt, and be sure of all that is like them."""
    once = [*NONE, Taught("Nightly dump is gone", "backups"), Taught("We are away until Monday", NONE_OF_THESE)]
    often = [Taught(text, one.label) for one in once for text in (one.text, f" {one.text.upper()} ", one.text)]
    assert train(ENCODER, TOPICS, often).digest == train(ENCODER, TOPICS, once).digest


def test_learning_takes_one_core() -> None:
    threadpool_limits(limits=2)  # or whatever the machine has
    train(ENCODER, TOPICS, NONE)
    assert {one["num_threads"] for one in threadpool_info()} == {1}


def test_what_was_taught_of_a_feature_that_is_gone_is_none_of_these() -> None:
    head = train(ENCODER, TOPICS, [Taught("send me a fax", "fax"), Taught("fax is broken", "fax")])
    assert head.labels == ("backups", "sso", "storage", NONE_OF_THESE)


@pytest.mark.parametrize("topics", [[], [BACKUPS], [topic("a"), topic("b")]])
@pytest.mark.parametrize("taught", [[], NONE])
def test_a_small_catalog_is_learnt_as_far_as_it_goes(topics: list[Topic], taught: list[Taught]) -> None:
    head = train(ENCODER, topics, taught)
    assert head.features == tuple(one.key for one in topics)
    if topics:
        assert head.confidences(ENCODER.encode(["a backup"])).max() <= max(FEW, MOST_ALONE)


def test_too_few_examples_never_make_it_sure() -> None:
    head = train(ENCODER, [topic("backup"), topic("login")])
    assert head.confidences(ENCODER.encode(["backup"]))[0, :-1].max() <= FEW


def test_cases_that_were_judged_say_how_sure_it_may_be() -> None:
    head = train(ENCODER, TOPICS)
    right = [Taught(f"restore backup {number}", "backups") for number in range(40)]
    wrong = [Taught(f"login with okta {number}", NONE_OF_THESE) for number in range(40)]
    found = calibrate(ENCODER, head, right + wrong).confidences(ENCODER.encode(["restore backup 7"]))[0]
    assert found[0] > 0.3
    assert calibrate(ENCODER, head, right[:5]) is head


def test_a_head_reads_the_same_again_from_its_bytes() -> None:
    head = train(ENCODER, TOPICS, NONE)
    again = Head.from_bytes(head.to_bytes())
    asked = ENCODER.encode(["okta login", "bucket full", "vat"])
    assert (again.digest, again.labels, again.encoder) == (head.digest, head.labels, ENCODER.digest)
    assert (again.confidences(asked) == head.confidences(asked)).all()
    assert train(ENCODER, TOPICS, NONE).digest == head.digest
    assert train(ENCODER, TOPICS).digest != head.digest


def test_other_bytes_are_no_head() -> None:
    pickled, whole = io.BytesIO(), train(ENCODER, TOPICS).to_bytes()
    np.savez(pickled, format=np.array([object()]), allow_pickle=True)
    for data in (b"", b"nothing", whole[:200], whole[: len(whole) // 2], pickled.getvalue()):
        with pytest.raises(HeadUnreadable):
            Head.from_bytes(data)
