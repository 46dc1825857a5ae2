"""Routes that nobody has to take: somebody who may opens one from the case's More…, fills in its form, and a card comes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.tour_desk import members
from sandbox.client import Form
from tests.stories.conversation import Story
from tests.stories.walking import walked

pytestmark = pytest.mark.walk


def open_route(story: Story, who: str, route: str, **fields: str) -> None:
    """Open the case with `/complaint show`, press the row of *route* in More… and send its form."""
    rows = story._rows_of_case(who, story.case)
    row = next(b for b in rows.blocks if str((b.get("accessory") or {}).get("value", "")).endswith(f"|{route}"))
    form: Form = rows.click(row["accessory"]["action_id"], block_id=row["block_id"]).view()
    story.done(form, {f"field.{name}": value for name, value in fields.items()})


@pytest.mark.capabilities("RT-14")
def test_the_centre_queries_orders_and_supervises(tmp_path: Path) -> None:
    """auto-dealer-dcrc 七, 重点2: 查询、交办、督办."""

    def then(story: Story) -> None:
        for route, said in (("query", "query_words"), ("order", "order_words"), ("supervise", "supervision_words")):
            by = {"order_by": "2027-12-31"} if route == "order" else {}
            open_route(story, members("dcrc")[0], route, **{said: f"Made by hand: {route}"}, **by)
        assert set(story.waits_at()) == {"answer_query", "carry_order", "answer_supervision"}

    done = walked("auto-dealer-dcrc", tmp_path, then=then)

    assert all(done.sees(f"Made by hand: {route}") for route in ("query", "order", "supervise"))


@pytest.mark.capabilities("LP-16")
def test_misconduct_is_reported_with_its_evidence_and_ruled(tmp_path: Path) -> None:
    """instrument-after-sales 3.3.2."""

    def then(story: Story) -> None:
        open_route(
            story,
            members("service_admin")[0],
            "staff_measure",
            misconduct="extortion",
            offender=members("service_engineer")[0],
            misconduct_evidence="Made by hand: a receipt",
        )
        assert story.waits_at() == ["misconduct_ruling"]

    done = walked("instrument-after-sales", tmp_path, then=then)

    assert done.sees("Made by hand: a receipt")
