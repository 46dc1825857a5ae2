"""conversations.*"""

from __future__ import annotations

from typing import Any

from sandbox.acts.membership import join as join_channel
from sandbox.ids import new_id
from sandbox.problems import SlackProblem
from sandbox.web_api.call import Call, invalid, method
from sandbox.web_api.paging import page_of
from sandbox.web_api.places import readable_channel, scope_family, visible_channel
from sandbox.world.channels import Channel
from sandbox.world.messages import Message

_KIND = {"public_channel": "public", "private_channel": "private", "im": "im", "mpim": "mpim"}
_READ_SCOPES = {"public": "channels:read", "private": "groups:read", "im": "im:read", "mpim": "mpim:read"}


def listed_channels(call: Call) -> list[Channel]:
    """Return the channels of the asked types that the bot can see; each type needs its own `:read` scope."""
    types = [each.strip() for each in call.text("types", "public_channel").split(",") if each.strip()]
    if any(each not in _KIND for each in types):
        raise SlackProblem("invalid_types")
    for each in types:
        call.need_scope(_READ_SCOPES[_KIND[each]])
    kinds, bot = {_KIND[each] for each in types}, call.workspace.app.bot_user_id
    return [
        channel
        for channel in call.workspace.channels.values()
        if channel.kind in kinds
        and (channel.kind == "public" or bot in channel.members)
        and not (channel.archived and call.flag("exclude_archived"))
    ]


@method("conversations.list", tier=2)
def list_(call: Call) -> dict[str, Any]:
    shown, after = page_of(call, listed_channels(call), default=100)
    bot = call.workspace.app.bot_user_id
    return {"channels": [each.as_slack(bot, with_members=True) for each in shown]} | after


@method("conversations.info", tier=3)
def info(call: Call) -> dict[str, Any]:
    channel = visible_channel(call)
    call.need_scope(f"{scope_family(channel)}:read")
    shown = channel.as_slack(call.workspace.app.bot_user_id, with_members=call.flag("include_num_members"))
    if call.flag("include_locale"):
        shown["locale"] = "en-US"
    return {"channel": shown}


@method("conversations.members", tier=4)
def members(call: Call) -> dict[str, Any]:
    channel = visible_channel(call)
    call.need_scope(f"{scope_family(channel)}:read")
    shown, after = page_of(call, channel.members, default=100)
    return {"members": shown} | after


@method("conversations.history", tier=3)
def history(call: Call) -> dict[str, Any]:
    channel = readable_channel(call)
    newest_first = [message for message in reversed(_between(call, channel)) if message.in_channel_list]
    shown, after = page_of(call, newest_first, default=100, most=999)
    more = bool(after["response_metadata"]["next_cursor"])
    answer = {"messages": [_shown(call, channel, each) for each in shown], "has_more": more, "pin_count": 0}
    return answer | (after if more else {})


@method("conversations.replies", tier=3)
def replies(call: Call) -> dict[str, Any]:
    channel = readable_channel(call)
    root = channel.messages.get(call.needed("ts"))
    if root is None:
        raise SlackProblem("thread_not_found")
    root = channel.messages.get(root.thread_ts or root.ts, root)
    inside = {message.ts for message in _between(call, channel)}
    thread = [root] + [each for each in channel.replies(root.ts) if each.ts in inside]
    shown, after = page_of(call, thread, default=1000)
    more = bool(after["response_metadata"]["next_cursor"])
    return {"messages": [_shown(call, channel, each) for each in shown], "has_more": more} | (after if more else {})


def _between(call: Call, channel: Channel) -> list[Message]:
    oldest, latest = call.text("oldest", "0"), call.text("latest")
    try:
        low, high = _stamp(oldest), _stamp(latest) if latest else "9999999999.999999"
    except ValueError:
        raise SlackProblem("invalid_ts_oldest") from None
    return channel.between(low, high, inclusive=call.flag("inclusive"))


def _stamp(given: str) -> str:
    """Return a time given as a ts or as plain seconds in the form that sorts as a string."""
    seconds, _, micros = given.partition(".")
    return f"{int(seconds):010d}.{(micros + '000000')[:6]}"


def _shown(call: Call, channel: Channel, message: Message) -> dict[str, Any]:
    shown = message.as_slack(with_metadata=call.flag("include_all_metadata"))
    thread = channel.replies(message.ts)
    if thread:
        shown |= {
            "thread_ts": message.ts,
            "reply_count": len(thread),
            "reply_users": sorted({each.author_id for each in thread}),
            "latest_reply": thread[-1].ts,
        }
    return shown


@method("conversations.open", "im:write", "mpim:write", tier=3)
def open_(call: Call) -> dict[str, Any]:
    if call.text("channel"):
        return {"channel": {"id": visible_channel(call).id}}
    ids = [each for each in call.needed("users").split(",") if each]
    if len(ids) > 8:
        raise SlackProblem("too_many_users")
    for each in ids:
        _check_openable(call, each)
    channel = call.workspace.direct_channel(ids[0]) if len(ids) == 1 else _group_of(call, ids)
    shown = channel.as_slack(call.workspace.app.bot_user_id) if call.flag("return_im") else {"id": channel.id}
    return {"no_op": False, "already_open": False, "channel": shown}


def _check_openable(call: Call, member_id: str) -> None:
    person = call.workspace.people.get(member_id)
    if person is None:
        raise SlackProblem("user_not_found")
    if person.is_bot:
        raise SlackProblem("cannot_dm_bot")
    if person.deleted:
        raise SlackProblem("user_disabled")


def _group_of(call: Call, ids: list[str]) -> Channel:
    members = sorted({call.workspace.app.bot_user_id, *ids})
    for channel in call.workspace.channels.values():
        if channel.kind == "mpim" and sorted(channel.members) == members:
            return channel
    names = "--".join(call.workspace.people[each].name for each in members)
    channel = Channel(id=new_id("G"), name=f"mpdm-{names}-1", kind="mpim", members=members)
    call.workspace.channels[channel.id] = channel
    return channel


@method("conversations.join", "channels:join", tier=3)
def join(call: Call) -> dict[str, Any]:
    channel = visible_channel(call)
    if channel.kind != "public":
        raise SlackProblem("method_not_supported_for_channel_type")
    if channel.archived:
        raise SlackProblem("is_archived")
    bot = call.workspace.app.bot_user_id
    if bot in channel.members:
        return {"channel": channel.as_slack(bot), "warning": "already_in_channel"}
    join_channel(call.desk, channel, bot)
    return {"channel": channel.as_slack(bot)}


@method("conversations.invite", tier=3)
def invite(call: Call) -> dict[str, Any]:
    channel, bot = visible_channel(call), call.workspace.app.bot_user_id
    call.need_scope(
        *(("groups:write",) if channel.kind == "private" else ("channels:manage", "channels:write.invites"))
    )
    if bot not in channel.members:
        raise SlackProblem("not_in_channel")
    if channel.archived:
        raise SlackProblem("is_archived")
    ids = [each for each in call.text("users").split(",") if each]
    if not ids:
        raise invalid("no_user")
    for each in ids:
        _check_invitable(call, channel, each)
    for each in ids:
        join_channel(call.desk, channel, each)
    return {"channel": channel.as_slack(bot)}


def _check_invitable(call: Call, channel: Channel, member_id: str) -> None:
    person = call.workspace.people.get(member_id)
    if person is None or person.deleted:
        raise SlackProblem("user_not_found")
    if member_id == call.workspace.app.bot_user_id:
        raise SlackProblem("cant_invite_self")
    if member_id in channel.members:
        raise SlackProblem("already_in_channel")
