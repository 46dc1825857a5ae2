"""Events and cases come back from JSON as they went in."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import Struct
from msgspec.structs import fields

from complaints import events as e
from complaints.case import Answer, Branch, Case, CaseFile, Deadline, Link, Question, SeatState, Visit, copy_case
from storage import codec
from storage.types import NaiveInstant, from_text, to_text
from tests.storage import acts

plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
values = st.dictionaries(st.text(max_size=6), plain, max_size=4)
zones = st.sampled_from([UTC, timezone(timedelta(hours=8)), timezone(-timedelta(hours=3, minutes=30))])
instants = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1), timezones=zones)  # noqa: DTZ001 - hypothesis takes bounds without a zone

st.register_type_strategy(datetime, instants)
st.register_type_strategy(dict, values)


def made_of(cls: type) -> st.SearchStrategy[Any]:
    """Return values of a kind of the log, each field of its type."""
    hints = get_type_hints(cls)
    return st.builds(cls, **{f.name: of_type(hints[f.name]) for f in fields(cls)})


def of_type(hint: Any) -> st.SearchStrategy[Any]:
    if hint == e.FieldValues:
        return values
    if hint is Any:
        return plain
    if isinstance(hint, type) and issubclass(hint, Struct):
        return made_of(hint)
    args = getattr(hint, "__args__", ())
    if args and getattr(hint, "__origin__", None) is dict:
        return st.dictionaries(of_type(args[0]), of_type(args[1]), max_size=3)
    if args and getattr(hint, "__origin__", None) is list:
        return st.lists(of_type(args[0]), max_size=3)
    if args and getattr(hint, "__origin__", None) is tuple:
        return st.lists(of_type(args[0]), max_size=3).map(tuple)
    if args:  # a union with None
        return st.one_of([st.none() if a is type(None) else of_type(a) for a in args])
    return st.from_type(hint)


def kinds_of_events() -> dict[str, type[e.Event]]:
    """Return every kind of event there is, whatever module it stands in."""
    return {kind.__name__: kind for kind in e.Event.__subclasses__()}


@pytest.mark.parametrize("kind", sorted(kinds_of_events()))
@settings(max_examples=12, deadline=None, database=None)
@given(data=st.data())
def test_every_event_comes_back_as_it_went_in(kind: str, data: st.DataObject) -> None:
    event = data.draw(made_of(kinds_of_events()[kind]))

    body = codec.event_to_json(event)

    assert codec.event_from_json(kind, body) == event
    assert codec.event_to_json(codec.event_from_json(kind, body)) == body


def test_an_unknown_kind_of_event_is_named() -> None:
    with pytest.raises(codec.UnknownEvent, match=r"'CaseSold'.*start the version that wrote it"):
        codec.event_from_json("CaseSold", "{}")


def test_an_event_that_does_not_fit_its_kind_is_named() -> None:
    with pytest.raises(codec.BrokenEvent, match="CaseClosed"):
        codec.event_from_json("CaseClosed", '{"outcome": 3}')


@pytest.mark.parametrize(
    "event",
    [
        e.WaitingBegun(visit=1, reason={}, until=acts.NOW.replace(tzinfo=None)),
        e.StepFired(
            deadline=1, step="s", as_="reminder", told=(),
            next_steps=(e.Step(id="t", at=acts.NOW, send_at=acts.NOW.replace(tzinfo=None), as_="reminder"),),
        ),
    ],
)  # fmt: skip
def test_an_event_with_a_naive_instant_is_refused(event: e.Event) -> None:
    with pytest.raises(NaiveInstant):
        codec.event_to_json(event)


def a_full_case() -> Case:
    at = acts.NOW
    case = Case(id="c1", policy="p", bundle="b", kind="complaint", reporter="U1", opened_at=at)
    step = e.Step(id="s", at=at, send_at=at, as_="reminder", tell=("quality",), rung=2)
    for n, ended in enumerate(["done", None, "returned", None], start=1):
        answer = Answer(decision="approve", by="U2", at=at) if ended else None
        seats = (SeatState(seat=e.Seat(id=1, role="quality"), answer=answer),)
        case.visits[n] = Visit(
            id=n, branch=1, stage=f"s{n}", round=1, opened_at=at, seats=seats, ended=ended, filled=("a",)
        )
        case.deadlines[n] = Deadline(
            id=n, clock="stage", visit=n, starts_at=at, due_at=at, limit="2 days", provisional=False,
            calendar_version="v", steps=() if ended else (step,), ended=ended,
        )  # fmt: skip
    case.branches[1] = Branch(id=1, route="main", bound={"unit": "a"})
    case.questions[1] = Question(id=1, visit=1, by="U1", to="U2", words={"$words": "w"}, at=at)
    case.files["F1"] = CaseFile(id="F1", name={"$words": "f"}, mimetype="image/png", size=3, by="U1")
    case.links = (Link(other="c2", link="repeat"),)
    case.fields = {"a": ["1", True, None], "w": {"$words": "w"}, "名": "王小明"}
    case.happened, case.urges, case.people = {"s1 done": at}, {"1": at}, ("U1", "U2")
    return case


def test_a_case_comes_back_as_it_went_in_whatever_is_over() -> None:
    case = a_full_case()
    past = codec.past_of(case.visits.values(), case.deadlines.values())

    state = codec.case_to_json(case)
    parts = [(name, codec.part_to_json(part)) for (name, _), part in reversed(past.items())]

    assert codec.case_from_json(state, parts) == case
    assert list(codec.case_from_json(state, parts).visits) == [1, 2, 3, 4]
    assert sorted(json.loads(state)["visits"]) == ["2", "4"]


def test_a_copy_of_a_case_shares_no_container() -> None:
    case = a_full_case()
    copy = copy_case(case)
    assert copy == case

    for field in fields(copy):
        if isinstance(getattr(copy, field.name), dict):
            getattr(copy, field.name).clear()

    assert case == a_full_case()


@given(at=instants)
@settings(deadline=None, database=None)
def test_instants_as_text_are_in_the_order_of_time(at: datetime) -> None:
    later = at + timedelta(microseconds=1)

    assert from_text(to_text(at)) == at
    assert len(to_text(at)) == 27
    assert to_text(at) < to_text(later)
