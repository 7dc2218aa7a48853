"""The list of requirements holds together: every number, a test that names it, a page that exists, a line that stands."""

from __future__ import annotations

import pytest
from tests.architecture.sources import ROOT
from tools.requirements import CONFIRMED, EXAMPLES, PAGE, Requirement, naming_tests, numbers, page, requirements

PROVEN = [one for one in requirements() if one.is_proven]


def test_every_number_of_the_five_sources_is_listed_once_in_order() -> None:
    assert [one.number for one in requirements()] == numbers()
    assert len(numbers()) == 83


def test_no_test_names_a_number_that_does_not_exist() -> None:
    assert set(naming_tests()) <= set(numbers())


@pytest.mark.parametrize("one", PROVEN, ids=lambda one: one.number)
def test_a_proven_requirement_has_its_page_its_test_and_its_line(one: Requirement) -> None:
    assert (ROOT / "docs" / one.page).is_file()
    node = one.test.partition("[")[0]
    named = naming_tests().get(one.number, ())
    assert node in named or (node in (EXAMPLES, CONFIRMED) and node in naming_tests().get(one.only, ()))
    assert one.without is not None
    one.without.place((ROOT / one.without.file).read_text("utf-8"))


def test_the_page_is_what_the_list_and_the_tests_say() -> None:
    assert PAGE.read_text("utf-8") == page(), "run make docs"
