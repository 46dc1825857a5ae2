"""People in front of Bolt: real dispatch, the real procedure in memory, a Slack that refuses what Slack refuses."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.errors import SlackApiError

from complaints.case import Case
from complaints.commands import DeskCommand
from complaints.events import Recorded, RegisterEntered
from complaints.lives import Life, life_of
from complaints.overrides import in_effect
from complaints.ports import CaseLine, Customer, OpenSeat
from complaints.register_lines import RegisterLine
from complaints.statistics_rows import NOT_COUNTED
from handlers import register
from handlers.cards.refs import Ref
from handlers.conversation import Conversation
from handlers.languages import Languages
from handlers.turns import settle_later
from sandbox.problems import SlackProblem
from sandbox.rules.blocks import check_blocks
from sandbox.rules.shapes import Report
from sandbox.rules.views import check_view
from tests.support.company import CUSTOMERS
from tests.support.pcb import PcbDesk

TEAM = "T0TEST"
_SERIAL = itertools.count(1)


# --- ports in memory -----------------------------------------------------------------------------------------


@dataclass
class MemoryReader:
    """The reader's port over the record in memory. *reads* names what was asked, in order."""

    desk: PcbDesk
    threads: dict[tuple[str, str], tuple[str, int | None]] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)
    being_sent: set[str] = field(default_factory=set)

    def case(self, case_id: str) -> Case | None:
        self.reads.append("case")
        return self.desk.record.load(case_id)

    def find(self, name: str) -> str | None:
        self.reads.append("find")
        cases = self.desk.record.cases.values()
        return next((c.id for c in cases if name and name in (c.number, c.old_number, c.id)), None)

    def words(self, case_id: str) -> Mapping[str, str | None]:
        self.reads.append("words")
        return dict(self.desk.record.words)

    def log(self, case_id: str) -> list[Recorded]:
        self.reads.append("log")
        return list(self.desk.record.logs.get(case_id, ()))

    def open_seats(self, *, roles: Iterable[str], member: str) -> list[OpenSeat]:
        self.reads.append("open_seats")
        wanted = set(roles)
        found = []
        for case in self.desk.record.cases.values():
            for visit in case.open_visits:
                deadline = case.deadline_of(visit.id)
                for state in visit.seats:
                    seat = state.seat
                    if state.answer is None and (seat.member == member or (seat.role in wanted and not seat.member)):
                        due = deadline.due_at if deadline else None
                        found.append(
                            OpenSeat(
                                case_id=case.id, visit=visit.id, seat=seat.id, stage=visit.stage, role=seat.role,
                                member=seat.member, due_at=due,
                            )
                        )  # fmt: skip
        return sorted(found, key=lambda s: (s.due_at is None, s.due_at or self.desk.clock.at))

    def lines(
        self, *, reporter: str | None = None, status: Iterable[str] | None = None, policy: str | None = None,
        text: str | None = None, same: Mapping[str, Any] | None = None, since: datetime | None = None, limit: int = 50,
    ) -> list[CaseLine]:  # fmt: skip
        self.reads.append("lines")
        wanted = set(status) if status is not None else None
        found = []
        for case in reversed(self.desk.record.cases.values()):
            fits = (
                (reporter is None or case.reporter == reporter)
                and (wanted is None or case.status in wanted)
                and all(case.fields.get(n) == v for n, v in (same or {}).items())
                and (since is None or case.opened_at >= since)
                and (text is None or text.casefold() in f"{case.number} {case.fields}".casefold())
            )
            if fits:
                found.append(_line(case))
        return found[:limit]

    def cases_of(self, policy: str, kinds: Any, *, what: str, begin: datetime, end: datetime) -> list[str]:
        return self.desk.cases_of(policy, kinds, what=what, begin=begin, end=end)

    def lives(self, policy: str, kinds: Any, spans: Any) -> list[Life]:
        self.reads.append("lives")
        found = self.desk.record.cases.values()
        return [life_of(c) for c in found if c.policy == policy and c.kind in kinds and c.status not in NOT_COUNTED]

    def matters(self, policy: str, same: Any, until: datetime) -> list[Any]:
        return []

    def register_lines(self, *, text: str | None = None, limit: int = 1000, **asked: Any) -> list[RegisterLine]:
        found = []
        for case_id, log in self.desk.record.logs.items():
            case = self.desk.record.cases[case_id]
            for r in log:
                if isinstance(r.event, RegisterEntered):
                    found.append(
                        RegisterLine(
                            case_id=case_id, name=case.name, policy=case.policy, register=r.event.register, at=r.at,
                            row=r.event.row, words=self.desk.record.words,
                        )
                    )  # fmt: skip
        wanted = (text or "").lower()
        return [x for x in found if any(wanted in (x.text(c) or "").lower() for c in x.row)][:limit]

    def customers(self, text: str, limit: int = 20) -> list[Customer]:
        self.reads.append("customers")
        folded = text.casefold()
        return [c for c in CUSTOMERS.values() if any(folded in n.casefold() for n in (c.code, *c.names.values()))]

    def customer(self, code: str) -> Customer | None:
        return CUSTOMERS.get(code)

    def card(self, case_id: str, kind: str, visit: int | None = None) -> tuple[str, str] | None:
        return None

    def case_of_thread(self, channel: str, thread_ts: str) -> tuple[str, int | None] | None:
        return self.threads.get((channel, thread_ts))

    def is_being_sent(self, to: Collection[str]) -> bool:
        return bool(self.being_sent.intersection(to))


def _line(case: Case) -> CaseLine:
    clock = case.clock("case")
    return CaseLine(
        case_id=case.id, name=case.name, policy=case.policy, kind=case.kind, status=case.status,
        reporter=case.reporter, opened_at=case.opened_at, closed_at=case.closed_at,
        due_at=clock.due_at if clock and clock.ended is None else None, outcome=case.outcome, fields=case.fields,
        stages=tuple(v.stage for v in case.open_visits),
    )  # fmt: skip


@dataclass
class MemoryDrafts:
    """Drafts that go through JSON, as a database would have it, and are gone after 24 hours."""

    kept: dict[tuple[str, str], tuple[str, datetime]] = field(default_factory=dict)

    def keep(self, member: str, form: str, values: Mapping[str, Any], now: datetime) -> None:
        self.kept[member, form] = (json.dumps(dict(values)), now)

    def get(self, member: str, form: str, now: datetime) -> Mapping[str, Any] | None:
        found = self.kept.get((member, form))
        return json.loads(found[0]) if found and now - found[1] < timedelta(hours=24) else None

    def drop(self, member: str, form: str) -> None:
        self.kept.pop((member, form), None)


@dataclass
class Doubtful:
    """Messages that nobody can tell of: outbox row to address; *found*: what the officer said of them."""

    to: dict[int, str] = field(default_factory=dict)
    found: list[tuple[int, tuple[str, str] | None, str]] = field(default_factory=list)

    def send_again(self, message: int) -> bool:
        return self.to.pop(message, None) is not None

    def address_of(self, message: int) -> str | None:
        return self.to.get(message)

    def is_there(self, message: int, place: tuple[str, str] | None, actor: str, now: datetime) -> bool:
        self.found.append((message, place, actor))
        return self.to.pop(message, None) is not None


# --- Slack -----------------------------------------------------------------------------------------------------


NO_JSON = "no JSON"
"""In `StrictSlack.fails`: a proxy before Slack answers with a page of its own."""


@dataclass
class StrictSlack:
    """Slack's Web API as far as the conversation uses it; it refuses views and blocks that Slack would refuse."""

    locales: dict[str, str] = field(default_factory=dict)
    guests: set[str] = field(default_factory=set)
    deleted: set[str] = field(default_factory=set)
    teams: dict[str, str] = field(default_factory=dict)
    organisations: dict[str, str] = field(default_factory=dict)
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    stacks: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    homes: dict[str, dict[str, Any]] = field(default_factory=dict)
    ephemerals: list[dict[str, Any]] = field(default_factory=list)
    responses: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    triggers: dict[str, str] = field(default_factory=dict)
    fails: dict[str, str] = field(default_factory=dict)

    async def api_call(self, api_method: str, *, http_verb: str = "POST", **how: Any) -> dict[str, Any]:
        sent = how.get("json") or how.get("params") or {}
        self.calls.append((api_method, sent))
        if api_method in self.fails:
            code = self.fails[api_method]
            raise SlackApiError("refused", {"ok": False, "error": code} if code != NO_JSON else "upstream error")
        answer: dict[str, Any] = getattr(self, "_" + api_method.replace(".", "_"))(sent)
        return answer

    async def respond(self, url: str, message: Mapping[str, Any]) -> None:
        _check_blocks(message.get("blocks"), "message")
        self.responses.append((url, dict(message)))

    def _users_info(self, sent: dict[str, Any]) -> dict[str, Any]:
        member = sent["user"]
        user: dict[str, Any] = {
            "id": member, "locale": self.locales.get(member, "en-US"), "is_restricted": member in self.guests,
            "deleted": member in self.deleted, "team_id": self.teams.get(member, TEAM), "is_stranger": False,
        }  # fmt: skip
        if member in self.organisations:
            user["enterprise_user"] = {"enterprise_id": self.organisations[member]}
        return {"user": user}

    def _views_open(self, sent: dict[str, Any]) -> dict[str, Any]:
        member = self._member(sent["trigger_id"])
        self.stacks[member] = [self.new_view(sent["view"])]
        return {"ok": True}

    def _views_push(self, sent: dict[str, Any]) -> dict[str, Any]:
        member = self._member(sent["trigger_id"])
        self.push(member, sent["view"])
        return {"ok": True}

    def _views_update(self, sent: dict[str, Any]) -> dict[str, Any]:
        _check_view(sent["view"], "modal")
        for stack in self.stacks.values():
            for place, old in enumerate(stack):
                if old["id"] == sent["view_id"]:
                    stack[place] = {**sent["view"], "id": old["id"], "state": old.get("state", {})}
                    return {"ok": True}
        raise SlackApiError("gone", {"ok": False, "error": "not_found"})

    def _views_publish(self, sent: dict[str, Any]) -> dict[str, Any]:
        _check_view(sent["view"], "home")
        self.homes[sent["user_id"]] = {**sent["view"], "id": f"V{next(_SERIAL)}"}
        return {"ok": True}

    def _chat_postEphemeral(self, sent: dict[str, Any]) -> dict[str, Any]:
        assert sent["text"]
        _check_blocks(sent.get("blocks"), "message")
        self.ephemerals.append(sent)
        return {"ok": True}

    def _member(self, trigger: str) -> str:
        member = self.triggers.pop(trigger, None)
        if member is None:
            raise SlackApiError("late", {"ok": False, "error": "expired_trigger_id"})
        return member

    def push(self, member: str, view: dict[str, Any]) -> None:
        stack = self.stacks.setdefault(member, [])
        assert len(stack) < 3, "push_limit_reached"
        stack.append(self.new_view(view))

    def new_view(self, view: dict[str, Any]) -> dict[str, Any]:
        _check_view(view, "modal")
        return {**view, "id": f"V{next(_SERIAL)}"}


def _check_view(view: dict[str, Any], surface: str) -> None:
    try:
        check_view(json.loads(json.dumps(view)), surface)
    except SlackProblem as problem:
        raise AssertionError(f"Slack refuses the {surface}: {vars(problem)}") from problem


def _check_blocks(blocks: Any, surface: str) -> None:
    report = Report(surface=surface)
    if blocks is not None:
        check_blocks(json.loads(json.dumps(blocks)), "/blocks", report, 50)
    assert not report.faults, report.lines()


# --- people ------------------------------------------------------------------------------------------------------


class Talk:
    """A desk with a conversation in front of it."""

    def __init__(self, desk: PcbDesk | None = None, locale: str = "en-US"):
        self.desk = desk or PcbDesk()
        self.slack = StrictSlack()
        self.reader = MemoryReader(self.desk)
        self.drafts = MemoryDrafts()
        self.locale = locale
        self.languages = Languages(self.slack, default=lambda: "en", home=lambda: (TEAM, None))
        self.trouble = Doubtful()
        self.conversation = Conversation(
            desk=self.desk.desk, reader=self.reader, drafts=self.drafts, shelf=self, settings=self.desk.settings,
            clock=self.desk.clock, customer=CUSTOMERS.get, named_in=named_in, languages=self.languages,
            slack=self.slack, respond=self.slack.respond, put_in_force=lambda *what: None, trouble=self.trouble,
            arrange=self.arrange, overrides=self.desk.record.overrides,
        )  # fmt: skip
        self.app = AsyncApp(
            name="test", authorize=_authorize, request_verification_enabled=False, process_before_response=True
        )
        register(self.app, self.conversation)

    def bundle(self, digest: str) -> Any:
        return self.desk.bundle(digest)

    def arrange(self, command: DeskCommand) -> bool:
        """Take it to the desk's door and let it hold at once, as the bot does."""
        loaded = self.desk.bundle("")
        policies = {p.policy.id: p for p in (loaded.policy, *loaded.annexes.values())}
        done = self.desk.desk.arrange(command, policies).result()
        self.desk.settings.people = in_effect(self.desk.plan, self.desk.record.overrides(), self.desk.clock.at)
        return done

    def in_force(self, policy: str) -> Any:
        return self.desk.bundle("") if policy in self.desk.record.policies else None

    def person(self, member: str, locale: str | None = None) -> Person:
        self.languages.learn(member, locale=locale or self.locale)
        return Person(self, member)

    def person_known(self, member: str) -> Person:
        """Return a person of whom Slack was asked already."""
        return Person(self, member)

    async def send(self, body: dict[str, Any], *, form: bool = True) -> Any:
        """Send a payload through Bolt and return its answer."""
        if form:
            text = urlencode({"payload": json.dumps(body)}) if "type" in body else urlencode(body)
            headers = {"content-type": ["application/x-www-form-urlencoded"]}
        else:
            text, headers = json.dumps(body), {"content-type": ["application/json"]}
        response = await self.app.async_dispatch(AsyncBoltRequest(body=text, headers=headers))
        await settle_later()
        assert response.status == 200, (response.status, response.body)
        return json.loads(response.body) if response.body and response.body.startswith("{") else None


async def _authorize(**_: Any) -> AuthorizeResult:
    return AuthorizeResult(enterprise_id=None, team_id=TEAM, bot_token="xoxb-test", bot_id="B0BOT", bot_user_id="U0BOT")


def named_in(text: str) -> Customer | None:
    folded = text.casefold()
    names = [(n, c) for c in CUSTOMERS.values() for n in (c.code, *c.names.values()) if n.casefold() in folded]
    return max(names, key=lambda pair: len(pair[0]))[1] if names else None


@dataclass
class Person:
    """A member who types, presses and fills in; `seen` is the modal in front of them."""

    talk: Talk
    id: str

    @property
    def user(self) -> dict[str, str]:
        return {"id": self.id, "team_id": TEAM}

    @property
    def stack(self) -> list[dict[str, Any]]:
        return self.talk.slack.stacks.get(self.id, [])

    @property
    def seen(self) -> dict[str, Any]:
        assert self.stack, f"nothing stands open before {self.id}"
        return self.stack[-1]

    @property
    def home(self) -> dict[str, Any]:
        return self.talk.slack.homes[self.id]

    @property
    def told(self) -> str:
        """Return all words of the last message that only this person saw."""
        return words_of([m for m in self.talk.slack.ephemerals if m["user"] == self.id][-1:])

    def trigger(self) -> str:
        trigger = f"{next(_SERIAL)}.{self.id}"
        self.talk.slack.triggers[trigger] = self.id
        return trigger

    # --- typing -------------------------------------------------------------------------------------------------

    async def command(self, text: str = "", channel: str = "CANY") -> Any:
        return await self.talk.send(
            {
                "command": "/complaint", "text": text, "user_id": self.id, "team_id": TEAM, "channel_id": channel,
                "trigger_id": self.trigger(), "response_url": "https://hooks.slack.com/commands/1",
            }
        )  # fmt: skip

    async def shortcut(self, callback_id: str, message: dict[str, Any] | None = None) -> Any:
        body: dict[str, Any] = {
            "type": "message_action" if message else "shortcut", "callback_id": callback_id, "user": self.user,
            "team": {"id": TEAM, "domain": "jingting"}, "trigger_id": self.trigger(),
        }  # fmt: skip
        if message:
            body |= {"message": message, "channel": {"id": "CTALK", "name": "talk"}, "response_url": "https://x/1"}
        return await self.talk.send(body)

    async def say(self, text: str, channel: str, ts: str, **more: Any) -> Any:
        event = {"type": "message", "user": self.id, "text": text, "channel": channel, "ts": ts, **more}
        return await self._event({k: v for k, v in event.items() if v is not None})

    async def open_home(self) -> Any:
        return await self._event({"type": "app_home_opened", "user": self.id, "tab": "home", "channel": "D1"})

    async def _event(self, event: dict[str, Any]) -> Any:
        body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event": event, "event_id": "Ev1"}
        return await self.talk.send(body, form=False)

    # --- pressing -------------------------------------------------------------------------------------------------

    async def click(self, action_id: str, value: str | Ref = "-", *, on: str = "message", **more: Any) -> Any:
        """Press a button on a card (*on* message), in the top modal (modal) or on Home (home)."""
        action = {
            "type": "button", "action_id": action_id, "block_id": "b",
            "value": value.text() if isinstance(value, Ref) else value, "action_ts": f"{next(_SERIAL)}.0",
        }  # fmt: skip
        return await self.talk.send(self._click_body(action | more, on))

    async def press(self, label: str, *, on: str = "modal") -> Any:
        """Press the button with this label or action id in what the person sees."""
        view = self.home if on == "home" else self.seen
        found = [b for b in buttons_of(view["blocks"]) if label in (b["text"]["text"], b["action_id"])]
        assert found, (label, [b["text"]["text"] for b in buttons_of(view["blocks"])])
        return await self.click(found[0]["action_id"], found[0]["value"], on=on)

    async def choose(self, block_id: str, value: Any, **filled: Any) -> Any:
        """Fill an input whose change is dispatched."""
        state = self.state({**{k.replace("__", "."): v for k, v in filled.items()}, block_id: value})
        self.seen["state"] = {"values": state}
        action_id, element = next(iter(state[block_id].items()))
        action = {**element, "action_id": action_id, "block_id": block_id, "action_ts": "1.0"}
        return await self.talk.send(self._click_body(action, "modal"))

    def _click_body(self, action: dict[str, Any], on: str) -> dict[str, Any]:
        body: dict[str, Any] = {
            "type": "block_actions", "user": self.user, "team": {"id": TEAM}, "trigger_id": self.trigger(),
            "actions": [action], "response_url": "https://hooks.slack.com/actions/1",
        }  # fmt: skip
        if on == "message":
            body |= {
                "channel": {"id": "CCARD"},
                "message": {"ts": "1.1", "text": "card"},
                "container": {"type": "message", "channel_id": "CCARD", "message_ts": "1.1"},
            }
        else:
            body |= {"view": self.view_payload(on), "container": {"type": "view"}}
        return body

    def view_payload(self, on: str = "modal") -> dict[str, Any]:
        if on == "home":
            return {**self.home, "type": "home"}
        stack = self.stack
        return {
            **stack[-1], "state": self.seen.get("state") or {"values": self.state({})}, "root_view_id": stack[0]["id"],
            "previous_view_id": stack[-2]["id"] if len(stack) > 1 else None, "hash": "h1",
        }  # fmt: skip

    # --- forms ----------------------------------------------------------------------------------------------------

    def state(self, filled: Mapping[str, Any]) -> dict[str, Any]:
        """Return the state of the top modal with *filled* in it (block id to what a person enters)."""
        known = (self.seen.get("state") or {}).get("values", {})
        values: dict[str, Any] = {}
        inputs = [b for b in self.seen["blocks"] if b["type"] == "input"]
        for block in inputs:
            element = block["element"]
            entry = known.get(block["block_id"], {}).get(element["action_id"]) or initial(element)
            if block["block_id"] in filled:
                entry = entered(element, filled[block["block_id"]])
            values[block["block_id"]] = {element["action_id"]: entry}
        unknown = set(filled) - {b["block_id"] for b in inputs}
        assert not unknown, f"the form has no {sorted(unknown)}, only {[b['block_id'] for b in inputs]}"
        return values

    def fill(self, **filled: Any) -> Person:
        """Type into the top modal; `field__quantity` is the block `field.quantity`."""
        self.seen["state"] = {"values": self.state({k.replace("__", "."): v for k, v in filled.items()})}
        return self

    async def submit(self, **filled: Any) -> Any:
        """Submit the top modal and do with it what the answer says; returns the answer."""
        self.fill(**filled)
        view = self.view_payload()
        self._insist(view)
        answer = await self.talk.send(
            {
                "type": "view_submission", "user": self.user, "team": {"id": TEAM}, "trigger_id": self.trigger(),
                "view": view,
            }
        )  # fmt: skip
        self._follow(answer, view)
        return answer

    def _insist(self, view: dict[str, Any]) -> None:
        """Slack itself does not send a form while what is not optional is empty."""
        for block in (b for b in view["blocks"] if b["type"] == "input" and not b.get("optional")):
            entry = next(iter(view["state"]["values"][block["block_id"]].values()))
            filled = [v for k, v in entry.items() if k != "type" and v not in (None, "", [])]
            assert filled, f"Slack insists on {block['block_id']}"

    def _follow(self, answer: Any, view: dict[str, Any]) -> None:
        match (answer or {}).get("response_action"):
            case "errors":
                ids = {b["block_id"] for b in view["blocks"] if b["type"] == "input"}
                assert answer["errors"], "empty errors"
                assert set(answer["errors"]) <= ids, f"{set(answer['errors']) - ids} are no inputs of the form"
            case "push":
                self.talk.slack.push(self.id, answer["view"])
            case "update":
                self.stack[-1] = {**self.talk.slack.new_view(answer["view"]), "id": view["id"]}
            case "clear":
                self.stack.clear()
            case _:
                self.stack.pop()

    async def close(self) -> Any:
        """Close the top modal with Cancel."""
        body = {"type": "view_closed", "user": self.user, "team": {"id": TEAM}, "view": self.view_payload()}
        answer = await self.talk.send(body)
        self.stack.pop()
        return answer

    async def suggest(self, block_id: str, typed: str) -> list[str]:
        answer = await self.talk.send(
            {
                "type": "block_suggestion", "user": self.user, "team": {"id": TEAM}, "action_id": "value",
                "block_id": block_id, "value": typed, "view": self.view_payload(),
            }
        )  # fmt: skip
        for option in answer["options"]:
            assert 1 <= len(option["text"]["text"]) <= 75
            assert 1 <= len(option["value"]) <= 75
        return [o["value"] for o in answer["options"]]


# --- what stands in a form ---------------------------------------------------------------------------------------


def initial(element: dict[str, Any]) -> dict[str, Any]:
    """Return an untouched element as Slack sends it."""
    kind = element["type"]
    match kind:
        case "plain_text_input":
            return {"type": kind, "value": element.get("initial_value")}
        case "radio_buttons" | "static_select" | "external_select":
            return {"type": kind, "selected_option": element.get("initial_option")}
        case "checkboxes" | "multi_static_select":
            return {"type": kind, "selected_options": element.get("initial_options", [])}
        case "datepicker":
            return {"type": kind, "selected_date": element.get("initial_date")}
        case "datetimepicker":
            return {"type": kind, "selected_date_time": element.get("initial_date_time")}
        case "users_select":
            return {"type": kind, "selected_user": element.get("initial_user")}
        case "multi_users_select":
            return {"type": kind, "selected_users": element.get("initial_users", [])}
        case "file_input":
            return {"type": kind, "files": []}
    raise AssertionError(kind)


def entered(element: dict[str, Any], value: Any) -> dict[str, Any]:
    """Return an element after somebody entered *value*."""
    kind = element["type"]
    match kind:
        case "plain_text_input":
            assert value is None or len(value) <= element.get("max_length", 3000), "Slack lets nobody type more"
            return {"type": kind, "value": value}
        case "radio_buttons" | "static_select":
            known = {o["value"]: o for o in element["options"]}
            assert value is None or value in known, (value, list(known))
            return {"type": kind, "selected_option": known.get(value)}
        case "external_select":
            return {"type": kind, "selected_option": {"text": {"type": "plain_text", "text": value}, "value": value}}
        case "checkboxes" | "multi_static_select":
            return {"type": kind, "selected_options": [o for o in element["options"] if o["value"] in value]}
        case "datepicker":
            return {"type": kind, "selected_date": value}
        case "datetimepicker":
            return {"type": kind, "selected_date_time": int(value.timestamp())}
        case "users_select":
            return {"type": kind, "selected_user": value}
        case "multi_users_select":
            return {"type": kind, "selected_users": list(value)}
        case "file_input":
            return {
                "type": kind,
                "files": [{"id": f, "name": f"{f}.jpg", "mimetype": "image/jpeg", "size": 9} for f in value],
            }
    raise AssertionError(kind)


def buttons_of(blocks: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found = [e for b in blocks if b["type"] == "actions" for e in b["elements"] if e["type"] == "button"]
    return found + [b["accessory"] for b in blocks if b.get("accessory", {}).get("type") == "button"]


def labels_of(view: dict[str, Any]) -> list[str]:
    return [b["text"]["text"] for b in buttons_of(view["blocks"])]


def block_ids(view: dict[str, Any]) -> list[str]:
    return [b["block_id"] for b in view["blocks"] if b["type"] == "input"]


def has_gap(text: str) -> bool:
    """Say whether a fact is missing in *text*: braces that are no part of Slack's date tokens, or a None."""
    plain = re.sub(r"<!date\^[^>]*>", "", text)
    return "{" in plain or "None" in plain


def words_of(part: Any) -> str:
    """Return all texts in a view, message or answer."""
    if isinstance(part, list):
        return "\n".join(w for p in part if (w := words_of(p)))
    if not isinstance(part, dict):
        return ""
    own = [part["text"]] if isinstance(part.get("text"), str) else []
    return "\n".join([*own, *(w for p in part.values() if (w := words_of(p)))])
