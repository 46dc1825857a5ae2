"""What each branch owes by itself (its duties, its lists, its figures), and figures that add up along the tree of units (RT-26)."""

from __future__ import annotations

from complaints.duties import due_duties, open_duty
from complaints.duty_figures import belongs_to
from complaints.lives import life_of
from complaints.periods import parse_period
from complaints.reports import draw_report
from complaints.statistics import Report
from complaints.views import Look
from complaints.views_case import name_of_kind
from complaints.views_duty import duty_list, span_of
from handlers.report_texts import Reader
from tests.support.company import local
from tests.support.desks import TestDesk
from tests.support.group import STORES, stores, stores_desk

WITH_DUTIES = STORES.replace(
    "clauses:",
    """measures:
  by_store: {of: cases, from: received, hit: late is true or late is false or not known(finding), per: store, source: "1"}
duties:
  summary: {every: month, by: 5th, who: branch_head, from: cases received last month, contents: [number, by_store], source: "1"}
  visit: {upon: handle done, who: store_manager, source: "1"}
  safety: {every: month, who: clerk, source: "1"}
clauses:""",
)
DECEMBER = local("2026-12-01 09:30")


def desk() -> TestDesk:
    """Two complaints of store 1, one each of stores 2 and 3, logged in November."""
    made = stores_desk(text=WITH_DUTIES)
    for number, store in enumerate(("store1", "store1", "store2", "store3"), start=1):
        made.log("UCLERK1", f"case{number}", what="leak", store=store)
    return made


def begun(made: TestDesk) -> dict[str, str]:
    """Begin what is due in December; return the id of each task by its duty and branch."""
    made.clock.at = DECEMBER
    policy = made.bundle("").policy
    found = {}
    for due in due_duties(policy, DECEMBER, made.calendar, people=made.plan):
        made.submit(open_duty(due, "en"))
        found[f"{due.duty} {due.at[1] if due.at else '-'}"] = due.case_id
    return found


def test_a_duty_of_a_role_held_for_each_branch_begins_once_for_each() -> None:
    made = desk()

    tasks = begun(made)

    assert set(tasks) == {"summary north", "summary south", "safety -"}
    assert made.roles("summary", tasks["summary north"]) == ["branch_head:north"]
    assert made.roles("summary", tasks["summary south"]) == ["branch_head:south"]
    made.decide("USOUTH", "summary", case_id=tasks["summary south"])
    assert [made.case(c).status for c in (tasks["summary south"], tasks["summary north"])] == ["finished", "open"]


def test_its_list_holds_what_lies_under_the_branch() -> None:
    made = desk()
    task = made.case(begun(made)["summary north"])
    look = Look(world=made.desk.world(made.record, made.bundle(""), DECEMBER), language="en")
    span = span_of(task, look)
    assert span is not None

    listed = duty_list(task, span, [(made.case(f"case{n}"), look) for n in range(1, 5)], in_channel=False)

    assert [row.number for row in listed.rows] == ["202611-001", "202611-002", "202611-003"]
    assert name_of_kind(task, look, made.bundle("").policy) == "Summary North branch Dec 2026"


def test_a_duty_upon_a_case_goes_to_the_branch_of_the_case() -> None:
    made = desk()
    made.decide("UTHREE", "handle", "done", case_id="case4", finding="Wet floor")

    task = next(c for c in made.record.cases if c.startswith("duty.stores.visit"))

    assert made.roles("visit", task) == ["store_manager:store3"]


def report_of(made: TestDesk, branch: str | None = None) -> Report:
    class Record:
        def lives(self, policy: str, kinds: object, spans: object) -> list[object]:
            return [life_of(made.case(f"case{n}")) for n in range(1, 5)]

    policy = made.bundle("").policy
    world = made.desk.world(made.record, made.bundle(""), DECEMBER)
    duty = policy.duties["summary"]
    is_own = belongs_to(duty, policy, {"store": branch}, world.people) if branch else None
    return draw_report(Record(), policy, parse_period("2026-11"), world, is_own)


def test_figures_add_up_along_the_tree_of_units() -> None:
    made = desk()

    groups = {name: amount.of for name, amount in report_of(made).figure("by_store").groups}

    assert groups == {"store1": 2, "store2": 1, "store3": 1, "north": 3, "south": 1, "group": 4}
    reader = Reader(policy=stores(WITH_DUTIES).policy, plan=made.plan, language="en")
    assert [reader.group("store", name) for name in ("north", "store1")] == ["North branch with all below", "Store 1"]


def test_the_figures_of_a_branchs_duty_are_the_branchs_own() -> None:
    made = desk()

    assert report_of(made, "south").flow.received == 1
    assert report_of(made, "north").figure("by_store").amount.of == 3
