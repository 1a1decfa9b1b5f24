import pytest

from journal.domain.actor import SYSTEM, Actor, ActorKind
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale

ADA = Actor(kind=ActorKind.STAFF, key="staff:1", name="Ada", permissions=frozenset({"desk.open_door"}))


def test_an_actor_may_do_what_their_permissions_name_and_nothing_else():
    assert ADA.may("desk.open_door")
    assert not ADA.may("desk.open_safe")


def test_the_desk_itself_may_do_everything():
    SYSTEM.require("desk.open_safe")


def test_a_refusal_says_who_may_not_do_what_and_how_to_mend_it():
    with pytest.raises(NotAllowed, match=r"Ada may not open safe. Ask someone whose role allows it"):
        ADA.require("desk.open_safe")


@pytest.mark.parametrize("part", ["key", "name"])
def test_an_actor_without_a_key_or_a_name_cannot_be_built(part):
    with pytest.raises(ValueError, match="needs a key and a name"):
        Actor(**{"kind": ActorKind.STAFF, "key": "k", "name": "n", part: ""})


def test_a_refusal_names_its_field():
    assert Refusal("Choose a later day.", field="ends_at").errors == {"ends_at": ("Choose a later day.",)}
    assert Refusal("No.").errors == {"": ("No.",)}


def test_several_faults_stand_each_beside_its_field():
    refusal = Invalid("Two faults.", errors={"a": ("One.",), "": ("Two.",)})
    assert refusal.errors == {"a": ("One.",), "": ("Two.",)}


def test_a_stale_form_is_told_in_words():
    assert "Someone else changed this since you opened it" in Stale().message


def test_each_refusal_has_a_code_of_its_own():
    codes = [kind.code for kind in (Refusal, *Refusal.__subclasses__()) if kind.__module__ == Refusal.__module__]
    assert len(set(codes)) == len(codes)
