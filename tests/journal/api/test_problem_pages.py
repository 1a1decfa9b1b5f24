"""Every problem the API can answer is explained, and its `type` leads there."""

import ast
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

import config.api  # noqa: F401 — every app's routes, and with them the statuses of their refusals
from config.api_errors import DETAILS
from journal.api.problem_pages import problem_types
from journal.api.problems import status_of, type_of
from journal.domain.refusal import Refusal

APPS = ("config", "journal", "catalog", "entitlements", "support", "desk")
ON_SCREENS_ONLY = {
    "approval_does_not_fit": "publishing is done on screens",
    "bad_cells": "cells are typed into the plan sheet",
    "base_moved": "publishing is done on screens",
    "drawn_otherwise": "packs are drawn on screens",
    "impact_differs": "publishing is done on screens",
    "other_now": "a check that was shown is taken on screens",
    "sheet_refused": "promises are imported on screens",
}


@cache
def codes() -> dict[str, str]:
    """Every code the source can put into a problem document, and the file that does."""
    trees = ((path, ast.parse(path.read_text())) for app in APPS for path in (settings.BASE_DIR / app).rglob("*.py"))
    return {code: str(path.relative_to(settings.BASE_DIR)) for path, tree in trees for code in _codes_in(path, tree)}


def _codes_in(path: Path, tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.ClassDef(body=body):
                yield from (code for statement in body for code in _named_code(statement))
            case ast.Call(keywords=keywords) if "api" in path.parts or "config" in path.parts:
                for word in keywords:
                    if word.arg == "code" and isinstance(word.value, ast.Constant):
                        yield word.value.value


def _named_code(statement: ast.stmt) -> Iterator[str]:
    match statement:
        case ast.Assign(targets=[ast.Name(id="code")], value=ast.Constant(value=str(code))):
            yield code
        case ast.AnnAssign(target=ast.Name(id="code"), value=ast.Constant(value=str(code))):
            yield code


def refusals(kind: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from refusals(narrower)


def test_every_code_of_the_source_is_explained():
    known = problem_types().keys() | ON_SCREENS_ONLY.keys()
    assert {code: path for code, path in codes().items() if code not in known} == {}
    assert {code for code, _detail in DETAILS.values()} <= known


def test_nothing_is_explained_that_cannot_happen():
    of_ninja = {"bad_request", *(code for code, _detail in DETAILS.values())}
    assert problem_types().keys() <= codes().keys() | of_ninja
    assert ON_SCREENS_ONLY.keys() <= codes().keys()


def test_each_is_explained_with_the_status_it_has():
    here = [kind for kind in refusals() if kind.__module__.partition(".")[0] in APPS]
    told = {kind.code: status_of(kind.__new__(kind)) for kind in here if kind.code in problem_types()}
    assert told == {code: problem_types()[code].status for code in told}
    assert len(told) > 30


@pytest.mark.parametrize("code", sorted(problem_types()))
def test_the_type_of_a_problem_leads_to_its_page(code):
    address = type_of(code).removeprefix(settings.DESK_URL)
    page = Client().get(address)
    assert page.status_code == HTTPStatus.OK
    assert f"<h1><code>{code}</code></h1>" in page.content.decode()


def test_the_list_leads_to_every_page():
    page = Client().get("/problems/").content.decode()
    assert all(f'href="/problems/{code}"' in page for code in problem_types())


def test_an_unknown_code_has_no_page():
    assert Client().get("/problems/unheard_of").status_code == 404
