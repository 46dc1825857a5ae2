"""The run that changes each policy file tries the tests that belong to it."""

from __future__ import annotations

from pathlib import Path

from tests.mutation import __main__ as mutation

HERE = Path(__file__).parent / "policies"
OF_NO_POLICY = {"test_a_regulation_from_the_docs.py", "test_who_may.py"}
"""One about a file of the docs; one that asks who may of all policies, which the modules of each policy do as well."""


def test_each_module_that_walks_a_policy_is_tried_against_its_changes() -> None:
    tried = {module for policy in mutation.POLICIES.glob("*.yml") for module in mutation.tests_of(policy.stem)}

    assert {module.name for module in set(HERE.glob("test_*.py")) - tried} == OF_NO_POLICY


def test_a_module_that_builds_on_what_names_a_policy_belongs_to_it() -> None:
    names = [module.name for module in mutation.tests_of("market-dev-first-contact")]

    assert {"test_market_dev_first_contact.py", "test_market_dev_time_and_penalties.py"} <= set(names)
