from functools import partial

import pytest

from journal.actions.notices import tell
from journal.models import Notice, Outbound
from journal.vault import unseal
from tests.journal.factories import EPOCH
from tests.journal.side_by_side import at_once

WORDS = {"recipient": "bob@example.com", "subject": "A trial ends", "body": "On Friday.", "kind": "trial_ending"}


def test_a_notice_and_its_email_are_one(db):
    notice = tell(**WORDS, once_key="trial:1", account_key="acme", at=EPOCH)
    mail = Outbound.objects.get()
    assert (mail.destination, mail.account_key, mail.once_key) == ("bob@example.com", "acme", "notice:trial:1")
    assert mail.payload == {"subject": notice.subject, "body": notice.body}


def test_nobody_is_told_twice(db):
    assert tell(**WORDS, once_key="trial:1", at=EPOCH) is not None
    assert tell(**WORDS, once_key="trial:1", at=EPOCH) is None
    assert (Notice.objects.count(), Outbound.objects.count()) == (1, 1)


def test_a_secret_stands_in_no_row_that_is_kept(db):
    tell(**WORDS | {"body": "Your key: {secret}."}, secret="el_1234", once_key="k", at=EPOCH)
    payload = Outbound.objects.get().payload
    assert Notice.objects.get().body == "Your key: •••."
    assert payload["body"] == "Your key: {secret}."
    assert "el_1234" not in str(payload)
    assert unseal(payload["sealed"]) == "el_1234"


def test_a_subject_cannot_forge_headers(db):
    notice = tell(**WORDS | {"subject": "Hello\nBcc: all@example.com"}, once_key="k", at=EPOCH)
    assert notice.subject == "Hello Bcc: all@example.com"


@pytest.mark.django_db(transaction=True)
def test_of_several_hands_telling_at_once_one_does():
    outcomes = at_once(*[partial(tell, **WORDS, once_key="k", at=EPOCH)] * 4)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NoneType"] * 3 + ["Notice"]
    assert Outbound.objects.count() == 1
