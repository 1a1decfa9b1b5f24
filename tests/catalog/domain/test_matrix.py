"""The plans × features matrix: every mistake has its place, and nothing is taken if there is one."""

import pytest

from catalog.domain.cells import Reading
from catalog.domain.declarations import FeatureDeclaration
from catalog.domain.matrix import Matrix, MatrixRefused, read_matrix
from catalog.domain.values import Reset, TermState
from tests.catalog.domain.shapes import BRANCHES, MAUS, SSO, STORAGE

DECLARED = [
    FeatureDeclaration(SSO, group="Security"),
    FeatureDeclaration(STORAGE, group="Storage", reset=Reset.BILLING),
    FeatureDeclaration(MAUS, group="Auth", reset=Reset.BILLING),
]
HEADER = "group,feature,usage_based,Free,Pro,note"


def read(*lines: str, header: str = HEADER) -> Matrix:
    data = "\n".join([header, *lines]).encode()
    return read_matrix(data, declarations=DECLARED, known_plans=["Free", "Pro"])


def errors_of(*lines: str, header: str = HEADER) -> str:
    with pytest.raises(MatrixRefused) as refusal:
        read(*lines, header=header)
    return "\n".join(refusal.value.errors)


def test_a_page_is_read_with_its_groups_and_notes():
    matrix = read("Security,SSO,no,no,yes,for staff", "Storage,storage,yes,500 MB,8 GB; then $0.125 per GB,")
    assert matrix.plans == ("Free", "Pro")
    sso, storage, _ = matrix.rows
    assert (sso.group, sso.note, sso.usage_based) == ("Security", "for staff", False)
    assert storage.usage_based
    assert storage.declaration is DECLARED[1]
    assert matrix.reading(feature="sso", plan="Pro") == Reading(TermState.VALUE, True, source_text="yes")


def test_declared_features_that_are_not_on_the_page_are_left_to_be_settled():
    matrix = read("Security,SSO,no,no,yes,")
    assert [row.declaration.shape.key for row in matrix.rows] == ["sso", "storage", "maus"]
    assert matrix.reading(feature="maus", plan="Free") == Reading(TermState.UNSETTLED)


def test_plans_are_found_in_any_column_and_any_capitals():
    matrix = read("yes,SSO,no,,Security,no", header="PRO,feature,free,note,group,usage_based")
    assert matrix.plans == ("Pro", "Free")
    assert matrix.reading(feature="sso", plan="Pro").value is True


def test_a_note_says_that_a_price_is_that_of_an_add_on():
    matrix = read("Security,SSO,no,no,$10 per month,sold as an add-on")
    assert matrix.reading(feature="sso", plan="Pro").state is TermState.ADD_ON


def test_a_declaration_says_that_a_price_is_that_of_an_add_on():
    declared = [FeatureDeclaration(BRANCHES, group="Database", sold_as_add_on=True)]
    data = b"group,feature,usage_based,Free,note\nDatabase,Branching,yes,$1 per branch,\n"
    matrix = read_matrix(data, declarations=declared, known_plans=["Free"])
    assert matrix.reading(feature="branches", plan="Free").state is TermState.ADD_ON


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("group,feature,usage_based,Free,Proo,note", "E1: there is no plan called 'Proo'; the plans are Free, Pro."),
        ("group,feature,usage_based,Free,Proo,note", "Row 1: the plan Pro has no column"),
        ("group,feature,usage_based,Free,Free,note", "E1: 'Free' is the name of two columns, here and in D1"),
        ("group,feature,usage_based,Free,free,note", "E1: 'free' is the name of two columns"),
        ("group,Free,usage_based,feature,Pro,remark", "Row 1: the column 'note' is missing."),
        ("group,name,usage_based,Free,Pro,note", "Row 1: the column 'feature' is missing."),
        ("group,feature,usage_based,Free,,note", "E1: this column has no name"),
        ("group,feature,usage_based,=Free,Pro,note", "D1: there is no plan called '=Free'"),
    ],
)
def test_a_wrong_header_is_refused(header, words):
    assert words in errors_of("Security,SSO,no,no,yes,", header=header)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "Storage,Storage,yes,fifty,8 GB,",
            "D2 (Free, Storage): 'fifty' is not an amount; write a number such as 500 MB",
        ),
        ("Storage,Storage,yes,500 MB,eight,", "E2 (Pro, Storage): 'eight' is not an amount"),
        ("Storage,Storage,yes,-5 GB,8 GB,", "D2 (Free, Storage): '-5 GB' is a negative amount"),
        ("Storage,Storage,yes,7 days,8 GB,", "D2 (Free, Storage): 'day' is not a unit of Storage"),
        ("Security,SSO,no,=1+1,yes,", "D2 (Free, SSO): '=1+1' looks like a formula"),
        ("Security,SSO,no,no,@SUM(A1),", "E2 (Pro, SSO): '@SUM(A1)' looks like a formula"),
        ("Security,SSO,no,no,yes,=cmd", "F2 (note): '=cmd' looks like a formula"),
        ("=1,SSO,no,no,yes,", "A2 (group): '=1' looks like a formula"),
        ("Security,=SSO,no,no,yes,", "B2 (feature): '=SSO' looks like a formula"),
        ("Security,SSO,maybe,no,yes,", "C2 (usage_based): 'maybe' is neither yes nor no"),
        ("Security,,no,no,yes,", "B2 (feature): the feature has no name"),
        ("Security,SSO,no,no,y\u200bes,", "E2 (Pro, SSO): This cell holds an invisible character"),
        ("Security,SSO,no,no,yes," + "x" * 2_001, "F2 (note): This cell holds 2,001 characters"),
        ("Security,SSO,no,no", "A2: row 2 has 4 cells, the header 6"),
        ("Security,SSO,no,no,yes,,,", "A2: row 2 has 8 cells"),
        ("Security,Own colours,no,no,yes,", "B2 (feature): 'Own colours' is not declared"),
        ("Security,Own colours,no,no,yes,", "own_colours,Own colours,Security,gate,"),
    ],
)
def test_a_wrong_row_is_refused_with_its_place(line, words):
    assert words in errors_of(line)


def test_a_header_alone_is_no_page():
    assert "there is no row" in errors_of()


def test_a_feature_that_stands_twice_is_refused():
    wrong = errors_of("Security,SSO,no,no,yes,", "Storage,Storage,yes,1 GB,2 GB,", "Security,sso,no,no,yes,")
    assert "B4 (feature): 'sso' stands in row 2 already" in wrong


def test_every_mistake_is_told_and_nothing_is_taken():
    lines = ["Storage,Storage,yes,a,b,", "Auth,MAUs,yes,c,5,", "Auth,New,no,yes,no,", "short"]
    wrong = errors_of(*lines, header="group,feature,usage_based,Free,Pro,note").splitlines()
    assert [error.split()[0].rstrip(":") for error in wrong] == ["A5", "D2", "E2", "D3", "B4"]


def test_a_page_of_mistakes_tells_the_first_fifty():
    wrong = errors_of(*(f"G,New thing {n},no,yes,no," for n in range(80))).splitlines()
    assert len(wrong) == 51
    assert wrong[-1] == "And 30 more mistakes of this kind."


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"x" * 50_000_000, "larger than 10 MB"),
        (HEADER.encode() + b"\nS\xe9curit\xe9,SSO,no,no,yes,\n", "Line 2 is not UTF-8 text"),
        (HEADER.encode("utf-16"), "UTF-16"),
        (b"", "The file is empty"),
        (HEADER.encode() + b"\nSecurity,S\0SO,no,no,yes,\n", "NUL"),
    ],
)
def test_what_is_no_page_at_all_is_refused_as_a_matrix(data, words):
    with pytest.raises(MatrixRefused, match=words):
        read_matrix(data, declarations=DECLARED, known_plans=["Free", "Pro"])
