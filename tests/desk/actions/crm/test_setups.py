"""How a CRM is synchronised is chosen by a person, never over another's choice unseen."""

import pytest

from desk.actions.crm.setups import change, setup_of
from desk.models import CrmSetup
from desk.queries.crm.setups import setup_token
from journal.domain.refusal import Invalid, NotAllowed, Refusal, Stale
from journal.models import AuditEvent
from tests.desk.mapped import crm
from tests.entitlements.world import AT

pytestmark = pytest.mark.django_db


def chosen(by, connection, **told):
    told = {"seen": setup_token(setup_of(connection)), "by": by, "at": AT} | told
    return change(connection=connection, **told)


def test_where_nobody_chose_it_is_as_usual_and_nothing_is_kept():
    setup = setup_of(crm())
    assert (setup.link_rules, setup.opens_accounts, setup.masters) == (["own_key", "domain", "name"], False, {})
    assert not CrmSetup.objects.exists()


def test_what_is_chosen_is_kept_and_told(finance):
    connection = crm()
    chosen(finance, connection, link_rules=["domain"], opens_accounts=True, masters={"name": "crm"})
    row = CrmSetup.objects.get()
    assert (row.link_rules, row.opens_accounts, row.masters) == (["domain"], True, {"name": "crm"})
    event = AuditEvent.objects.get(verb="crm_setup:change")
    assert event.subject_label == connection.name
    assert event.changes["opens_accounts"] == [None, True]


def test_what_isnt_said_stays(finance):
    connection = crm()
    chosen(finance, connection, link_rules=["domain"])
    chosen(finance, connection, opens_accounts=True)
    assert CrmSetup.objects.get().link_rules == ["domain"]


def test_nobody_writes_over_anothers_choice_unseen(finance):
    connection = crm()
    seen = setup_token(setup_of(connection))
    chosen(finance, connection, opens_accounts=True)
    with pytest.raises(Stale):
        chosen(finance, connection, seen=seen, link_rules=["domain"])


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"link_rules": ["shoe_size"]}, "can’t be found by “shoe_size”"),
        ({"link_rules": ["domain", "domain"]}, "once"),
        ({"masters": {"name": "nobody"}}, "“nobody” can’t be master of “name”"),
    ],
)
def test_what_cant_be_is_refused_beside_its_field(told, words, finance):
    with pytest.raises(Invalid, match=words) as refused:
        chosen(finance, crm(), **told)
    assert refused.value.field == next(iter(told))


def test_the_same_again_changes_nothing(finance):
    with pytest.raises(Refusal, match="Nothing would change"):
        chosen(finance, crm(), link_rules=["own_key", "domain", "name"])


def test_only_those_choose_who_may_set_a_crm_up(sales):
    with pytest.raises(NotAllowed, match="may not set up crm"):
        chosen(sales, crm(), opens_accounts=True)
