"""What Slack sends, read into typed values; whatever does not fit is refused here and goes no further."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from complaints.commands import GivenFile
from complaints.people import MEMBER_ID

_UNKEPT = re.compile("[\x00\ud800-\udfff]")
LARGEST_FILE = 1 << 50
"""Bytes; what says to be larger is no file, and no database counts so far."""


def whole(value: Any) -> Any:
    """Return words as every database can keep them: a NUL or half a character (a lone surrogate) becomes "\ufffd"."""
    return _UNKEPT.sub("\ufffd", value) if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(whole)]
MemberId = Annotated[str, Field(pattern=f"^{MEMBER_ID.pattern}$")]
Short = Annotated[Words, Field(max_length=255)]
Text = Annotated[Words, Field(max_length=40_000)]
State = dict[str, dict[str, dict[str, Any]]]


class BadPayload(ValueError):
    """Something that Slack never sends."""


class Read(BaseModel):
    """Base of the readers: what we don't use is left alone."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class UserPart(Read):
    id: MemberId
    team_id: str | None = None


class TeamPart(Read):
    id: str
    domain: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,63}$")] | None = None


class StatePart(Read):
    values: State = {}


class ViewPart(Read):
    """A modal or Home as the person has it in front of them."""

    id: Short
    type: Literal["modal", "home"] = "modal"
    callback_id: Short = ""
    hash: Short | None = None
    private_metadata: Annotated[str, Field(max_length=3000)] = ""
    state: StatePart = StatePart()
    root_view_id: str | None = None
    previous_view_id: str | None = None
    blocks: tuple[dict[str, Any], ...] = ()

    @property
    def depth(self) -> int:
        """Return how many modals lie on one another, this one on top."""
        if self.previous_view_id is None:
            return 1
        return 2 if self.previous_view_id == self.root_view_id else 3

    @property
    def block_ids(self) -> tuple[str, ...]:
        return tuple(str(b.get("block_id")) for b in self.blocks)

    @property
    def input_ids(self) -> tuple[str, ...]:
        """Return the blocks at which an error can be shown."""
        return tuple(str(b.get("block_id")) for b in self.blocks if b.get("type") == "input")


class OptionPart(Read):
    value: Annotated[Words, Field(max_length=300)] = ""


class ActionPart(Read):
    """One thing pressed or chosen."""

    type: str = "button"
    action_id: Short
    block_id: Short = ""
    value: Annotated[Words, Field(max_length=3000)] | None = None
    selected_option: OptionPart | None = None
    action_ts: Short = ""

    @property
    def chosen(self) -> str:
        """Return the button's value or the value of what was chosen."""
        if self.value is not None:
            return self.value
        return self.selected_option.value if self.selected_option else ""


class ChannelPart(Read):
    id: Short


class MessagePart(Read):
    """A message on which somebody pressed something, or that a message shortcut was used on."""

    ts: Short = ""
    thread_ts: Short | None = None
    user: Short | None = None
    bot_id: str | None = None
    text: Text = ""
    files: tuple[dict[str, Any], ...] = ()


class ContainerPart(Read):
    is_ephemeral: bool = False
    channel_id: str | None = None
    message_ts: str | None = None
    thread_ts: str | None = None


class Click(Read):
    """`block_actions`."""

    user: UserPart
    team: TeamPart | None = None
    trigger_id: Short = ""
    actions: Annotated[tuple[ActionPart, ...], Field(min_length=1)]
    view: ViewPart | None = None
    channel: ChannelPart | None = None
    message: MessagePart | None = None
    container: ContainerPart = ContainerPart()
    response_url: str | None = None

    @property
    def action(self) -> ActionPart:
        return self.actions[0]

    @property
    def thread(self) -> str | None:
        """
        Return the thread that the message pressed on is a reply in, if it is one.

        A message that heads a thread names its own; who presses on it in the channel would not see what is said in the thread.
        """
        ts = self.message.ts if self.message else self.container.message_ts
        thread = (self.message.thread_ts if self.message else None) or self.container.thread_ts
        return thread if thread != ts else None


class Submission(Read):
    """`view_submission` and `view_closed`."""

    user: UserPart
    team: TeamPart | None = None
    trigger_id: Short = ""
    view: ViewPart


class Typed(Read):
    """A slash command."""

    user_id: MemberId
    team_id: str | None = None
    command: Short
    text: Text = ""
    trigger_id: Short = ""
    channel_id: str | None = None
    response_url: str | None = None


class Shortcut(Read):
    """A global shortcut, or a message shortcut with its message."""

    user: UserPart
    team: TeamPart | None = None
    callback_id: Short
    trigger_id: Short = ""
    channel: ChannelPart | None = None
    message: MessagePart | None = None
    response_url: str | None = None


class Suggestion(Read):
    """`block_suggestion`: what was typed into an external select so far."""

    user: UserPart
    action_id: Short
    block_id: Short = ""
    value: Annotated[Words, Field(max_length=1000)] = ""
    view: ViewPart | None = None


class EventPart(Read):
    """An event: a message, or App Home opened."""

    type: str
    subtype: str | None = None
    user: Short | None = None
    bot_id: str | None = None
    channel: Short | None = None
    channel_type: str | None = None
    ts: Short = ""
    thread_ts: Short | None = None
    parent_user_id: Short | None = None
    text: Text = ""
    tab: str | None = None
    files: tuple[dict[str, Any], ...] = ()
    hidden: bool = False


class AuthorizationPart(Read):
    user_id: Short = ""


class Happened(Read):
    """An `event_callback`. *authorizations*: our own user, to whom it is told."""

    event: EventPart
    team_id: str | None = None
    authorizations: tuple[AuthorizationPart, ...] = ()

    @property
    def is_under_ours(self) -> bool:
        """Say whether it is a reply to a message of this app."""
        return self.event.parent_user_id in {each.user_id for each in self.authorizations}


def read(kind: type[Any], body: Any) -> Any:
    """
    Return *body* as a value of *kind*.

    Raises:
        BadPayload: naming the parts that do not fit, never their content.
    """
    try:
        return kind.model_validate(body)
    except ValidationError as error:
        places = sorted({".".join(str(p) for p in e["loc"]) for e in error.errors(include_input=False)})
        raise BadPayload(f"{kind.__name__}: {', '.join(places)[:300]}") from None


def given_files(raw: Any) -> tuple[GivenFile, ...]:
    """Return the files of a file input or a message; what has no id is left out."""
    found = []
    for item in raw if isinstance(raw, list | tuple) else ():
        if isinstance(item, dict) and isinstance(item.get("id"), str) and item["id"][:1] == "F":
            name = whole(str(item.get("name") or item.get("title") or item["id"]))[:255]
            size = item.get("size")
            found.append(
                GivenFile(
                    id=whole(item["id"])[:64],
                    name=name,
                    mimetype=whole(str(item.get("mimetype") or "application/octet-stream"))[:127],
                    size=size if isinstance(size, int) and 0 <= size <= LARGEST_FILE else 0,
                )
            )
    return tuple(found)


def unescaped(text: str) -> str:
    """Return the words of a message as they were typed: Slack sends `& < >` as entities."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
