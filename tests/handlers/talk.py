"""People in front of Bolt: real dispatch, the real procedure in memory, a Slack that refuses what Slack refuses."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest

from complaints.commands import DeskCommand
from complaints.overrides import in_effect
from complaints.ports import Customer
from handlers import register
from handlers.cards.refs import Ref
from handlers.conversation import Conversation
from handlers.languages import Languages
from handlers.turns import settle_later
from tests.handlers.filled import buttons_of, entered, initial, words_of
from tests.handlers.memory import Doubtful, MemoryDrafts, MemoryReader
from tests.handlers.strict_slack import SERIAL, TEAM, StrictSlack
from tests.support.company import CUSTOMERS
from tests.support.pcb import PcbDesk


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
        trigger = f"{next(SERIAL)}.{self.id}"
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
        body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1", "event": event, "event_id": "Ev1",
                "authorizations": [{"team_id": TEAM, "user_id": "UBOT", "is_bot": True}]}  # fmt: skip
        return await self.talk.send(body, form=False)

    # --- pressing -------------------------------------------------------------------------------------------------

    async def click(self, action_id: str, value: str | Ref = "-", *, on: str = "message", **more: Any) -> Any:
        """Press a button on a card (*on* message), in the top modal (modal) or on Home (home)."""
        action = {
            "type": "button", "action_id": action_id, "block_id": "b",
            "value": value.text() if isinstance(value, Ref) else value, "action_ts": f"{next(SERIAL)}.0",
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
