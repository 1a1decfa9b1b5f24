"""Functions that run only for accounts that may."""

import pytest

from entitlement_client import Denied, problem_of, requires
from tests.client.fake import off
from tests.loops import in_a_loop


@pytest.fixture
def client(desk, connect):
    desk.sets["acme"].append(off("sso"))
    return connect()


def test_it_runs_where_it_may_and_is_denied_where_not(client):
    @requires("exports", account="customer", checker=client)
    def export(kind, customer="acme"):
        """Writes a file."""
        return kind

    @requires("sso", account=lambda customer: customer, checker=client)
    def sign_on(customer):
        raise AssertionError("It ran.")

    assert export("csv") == export("csv", customer="acme") == "csv"
    assert export.__doc__ == "Writes a file."
    with pytest.raises(Denied, match="sso is refused to acme: it is not included") as denied:
        sign_on("acme")
    assert denied.value.answer.why == "not_entitled"


def test_so_much_must_be_left(client):
    @requires("calls", account=lambda pages: "acme", quantity=lambda pages: pages, checker=client)
    def print_out(pages):
        return pages

    assert print_out(10) == 10
    with pytest.raises(Denied):
        print_out(11)


def test_async_functions_are_guarded_without_holding_up_the_loop(client):
    @requires("exports", account="customer", checker=client)
    async def export(customer):
        return customer

    @requires("sso", account="customer", checker=client)
    async def sign_on(customer):
        raise AssertionError("It ran.")

    assert in_a_loop(export("acme")) == "acme"
    with pytest.raises(Denied):
        in_a_loop(sign_on("acme"))


def test_the_point_names_the_function_unless_told(client):
    asked = []

    class Checker:
        def check(self, **question):
            asked.append(question["point"])
            return client.check(**question)

    def export(customer): ...

    requires("exports", account="customer", checker=Checker())(export)("acme")
    requires("exports", account="customer", checker=Checker(), point="job")(export)("acme")
    assert asked == [f"{__name__}.{export.__qualname__}", "job"]


def test_what_could_never_work_is_refused_where_it_is_written(client):
    with pytest.raises(TypeError, match="has no parameter 'customer'"):
        requires("exports", account="customer", checker=client)(lambda account: account)

    def pages(customer):
        yield customer

    with pytest.raises(TypeError, match="is a generator"):
        requires("exports", account="customer", checker=client)(pages)


def test_the_problem_document_says_why_and_what_would_help(desk, client):
    client.check("acme", "exports")
    problem = problem_of(client.consume("acme", "calls", 11))
    assert (problem["status"], problem["why"], problem["because"]) == (403, "limit_reached", "nothing is left of it")
    assert problem["offers"][0]["buy_url"] == "https://shop.example"
