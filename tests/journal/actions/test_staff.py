import pytest
from django.contrib.auth.models import Group

from journal.actions import staff as people
from journal.domain.refusal import Invalid, NotAllowed, Stale
from journal.models import AuditEvent, Staff
from tests.journal.factories import EPOCH, StaffFactory, person

pytestmark = pytest.mark.django_db
ADA = person("Ada", people.PERMISSION)


@pytest.fixture(autouse=True)
def roles():
    return [Group.objects.get_or_create(name=name)[0] for name in ("clerk", "judge")]


def create(**told):
    asked = {"username": "bob", "email": "bob@example.com", "roles": ["clerk"], "by": ADA, "at": EPOCH}
    return people.create_staff(**asked | told)


def test_a_member_of_staff_acts_with_the_roles_they_hold():
    actor = create(first_name="Bob", last_name="Noyce").as_actor()
    assert (actor.name, actor.roles) == ("Bob Noyce", {"clerk"})
    assert AuditEvent.objects.get().changes["roles"] == [None, ["clerk"]]


def test_nobody_signs_in_without_a_password():
    assert not create().has_usable_password()
    assert create(username="eve", password="correct horse battery").check_password("correct horse battery")


@pytest.mark.parametrize(
    ("told", "field"),
    [({"password": "12345"}, "password"), ({"roles": ["king"]}, "roles"), ({"zone": "Mars"}, "zone")],
)
def test_what_cannot_be_right_is_refused_beside_its_field(told, field):
    with pytest.raises(Invalid) as refused:
        create(**told)
    assert field in refused.value.errors


def test_roles_are_assigned_as_a_whole_and_audited_once():
    bob = create()
    for _ in range(2):
        people.assign_roles(staff=bob, roles=["judge"], by=ADA, at=EPOCH)
    assert bob.as_actor().roles == {"judge"}
    assert AuditEvent.objects.get(verb="staff:assign_roles").changes == {"roles": [["clerk"], ["judge"]]}


def test_nobody_changes_their_own_roles_or_deactivates_themselves():
    me = StaffFactory(permissions=[people.PERMISSION])
    with pytest.raises(NotAllowed, match="Someone else has to change your roles"):
        people.assign_roles(staff=me, roles=["judge"], by=me.as_actor(), at=EPOCH)
    with pytest.raises(NotAllowed, match="Someone else has to deactivate you"):
        people.deactivate(staff=me, by=me.as_actor(), at=EPOCH)


def test_who_is_deactivated_may_nothing_until_reactivated():
    bob = StaffFactory(permissions=[people.PERMISSION])
    people.deactivate(staff=bob, by=ADA, at=EPOCH)
    assert not Staff.objects.get(pk=bob.pk).as_actor().permissions
    with pytest.raises(Stale, match="deactivated already"):
        people.deactivate(staff=bob, by=ADA, at=EPOCH)
    people.reactivate(staff=bob, by=ADA, at=EPOCH)
    assert Staff.objects.get(pk=bob.pk).as_actor().permissions


def test_details_are_changed_and_told():
    bob = create()
    people.change_details(
        staff=bob, first_name="Rob", last_name="", email=bob.email, zone="Asia/Tokyo", by=ADA, at=EPOCH
    )
    event = AuditEvent.objects.get(verb="staff:change_details")
    assert event.changes == {"first_name": ["", "Rob"], "zone": ["UTC", "Asia/Tokyo"]}


def test_a_password_never_stands_in_the_audit():
    bob = create()
    people.set_password(staff=bob, password="correct horse battery", by=ADA, at=EPOCH)
    assert Staff.objects.get(pk=bob.pk).check_password("correct horse battery")
    assert AuditEvent.objects.get(verb="staff:set_password").changes == {}


def test_every_one_of_these_needs_the_permission():
    bob, eve = create(), person("Eve")
    details = {"first_name": "", "last_name": "", "email": "", "zone": "UTC"}
    for act, told in [
        (people.change_details, details),
        (people.assign_roles, {"roles": []}),
        (people.set_password, {"password": "correct horse battery"}),
        (people.deactivate, {}),
        (people.reactivate, {}),
    ]:
        with pytest.raises(NotAllowed):
            act(staff=bob, **told, by=eve, at=EPOCH)
    with pytest.raises(NotAllowed):
        create(username="mallory", by=eve)
