"""The slash command: a few words that it knows, and for everything else the complaint itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence

from complaints.people import DeskPlan
from complaints.refusals import UnknownCase
from complaints.views_words import regulation_name
from handlers.act_table import BY_ID
from handlers.acts import open_act
from handlers.cards.refs import Ref
from handlers.desk import open_desk
from handlers.home import found_view, show_group, viewer
from handlers.intake_opening import Seed, open_intake
from handlers.lists import LATE, MINE, WAITING
from handlers.modals.blocks import LONGEST_SECTION, Button, actions, button_element, section
from handlers.modals.home import search_view
from handlers.modals.looks import short_blocks
from handlers.payloads import Typed, unescaped
from handlers.reports import is_asked, on_report
from handlers.texts import escape, fit, one_line
from handlers.turns import Acked, Turn

COMMAND = "/complaint"
MOST_BLOCKS = 45

WORDS: Mapping[str, tuple[str, ...]] = {
    "help": ("help", "?", "幫助", "帮助", "說明", "说明"),
    "log": ("log", "登錄", "登记", "登記"),
    "mine": ("mine", "我的"),
    "show": ("show", "看", "查看"),
    "search": ("search", "查", "搜尋", "搜索"),
    "urge": ("urge", "催辦", "催办"),
    "late": ("late", "逾期"),
    "home": ("home", "待辦", "待办"),
    "terms": ("terms", "公布", "條款", "条款"),
    "desk": ("desk", "請假", "请假", "職務", "职务"),
    "report": ("report", "報表", "报表", "月報", "月报"),
}
"""The published list: sub-command to the words that call it. Any other first word belongs to the complaint."""

MOST_ARGUMENTS: Mapping[str, int] = {
    "help": 0,
    "mine": 0,
    "late": 0,
    "home": 0,
    "terms": 0,
    "desk": 0,
    "show": 1,
    "urge": 1,
    "report": 2,
}
"""How many words may follow; with more it is the beginning of a complaint: "late delivery, 200 boards missing"."""

_BY_WORD = {word: name for name, words in WORDS.items() for word in words}


def parse(text: str) -> tuple[str, str]:
    """Return the sub-command and what follows it; words that call none are a complaint (`log`)."""
    words = unescaped(text).strip()
    first, _, rest = words.partition(" ")
    name = _BY_WORD.get(first.casefold())
    if name is None or len(rest.split()) > MOST_ARGUMENTS.get(name, len(words)) or not _fits(name, rest):
        return "log", words
    return name, rest.strip()


def _fits(name: str, rest: str) -> bool:
    """Tell whether what follows belongs to the sub-command: "report 2026-10", but not "report pages are missing"."""
    return name != "report" or is_asked(rest)


async def on_command(turn: Turn, typed: Typed) -> Acked:
    """Do what the first word says."""
    name, rest = parse(typed.text)
    return await _DO[name](turn, rest)


# --- log -------------------------------------------------------------------------------------------------------


async def _log(turn: Turn, words: str) -> Acked:
    return await open_intake(turn, Seed(via="command", words=words))


# --- lists -----------------------------------------------------------------------------------------------------


async def _mine(turn: Turn, rest: str) -> Acked:
    await show_group(turn, MINE)
    return None


async def _late(turn: Turn, rest: str) -> Acked:
    await show_group(turn, LATE)
    return None


async def _home(turn: Turn, rest: str) -> Acked:
    await show_group(turn, WAITING)
    return None


async def _search(turn: Turn, query: str) -> Acked:
    await turn.show(await found_view(turn, query) if query else search_view(turn.language))
    return None


async def _desk(turn: Turn, rest: str) -> Acked:
    await open_desk(turn)
    return None


# --- one case --------------------------------------------------------------------------------------------------


async def _show(turn: Turn, name: str) -> Acked:
    """Show a whole case where the command was typed, to this person alone; without a name the search opens."""
    if not name:
        return await _search(turn, "")
    found = await _find(turn, name)
    scene = await turn.look_at(Ref(case=found), with_words=True)
    blocks = short_blocks(scene, MOST_BLOCKS)
    return {
        "response_type": "ephemeral",
        "text": turn.say("form.case", no=one_line(scene.case.name, 60)),
        "blocks": blocks,
    }


async def _urge(turn: Turn, name: str) -> Acked:
    """Open the form that urges; without a name the person's own cases."""
    if not name:
        return await _mine(turn, "")
    await open_act(turn, BY_ID["urge"], Ref(case=await _find(turn, name)))
    return None


async def _find(turn: Turn, name: str) -> str:
    """Return the case of that name; a restricted one answers as one that isn't there, by the name that was typed."""
    found = await turn.talk.read(turn.talk.reader.find, name.split()[0][:60])
    if found is None or await turn.talk.read(viewer(turn).look_at, found) is None:
        raise UnknownCase(name=name[:60])
    return found


# --- help ------------------------------------------------------------------------------------------------------


async def _help(turn: Turn, rest: str) -> Acked:
    """List what this person may do, by the roles they hold."""
    return {"response_type": "ephemeral", "text": turn.say("help.title"), "blocks": help_blocks(turn)}


def help_blocks(turn: Turn) -> list[dict[str, object]]:
    plan = turn.talk.settings.plan()
    roles = plan.roles_of(turn.member, turn.now)
    lines = [turn.say("help.title"), turn.say("help.everyone")]
    if _published(turn):
        lines.append(turn.say("help.terms"))
    if roles:
        lines += _acts_for(turn, plan, roles)
    if plan.is_general_manager(turn.member, turn.now):
        lines.append(turn.say("help.general_manager"))
    registries = {p.policy.registry for _, p in turn.talk.policies()}
    if turn.member == plan.officer or registries & set(roles):
        lines.append(turn.say("help.registry"))
    if viewer(turn).sees_all:
        lines.append(turn.say("help.report"))
    if turn.member == plan.officer:
        lines.append(turn.say("help.officer"))
    log = Button(label=turn.say("apphome.log"), action_id="home.log", green=True)
    search = Button(label=turn.say("apphome.search"), action_id="home.search")
    return [
        *(section(line) for line in lines),
        actions(button_element(log), button_element(search), block_id="acts"),
    ]


def _acts_for(turn: Turn, plan: DeskPlan, roles: Sequence[str]) -> Iterator[str]:
    """Yield for which roles this person acts, and where their cards are: in a channel, or in direct messages."""
    for key, has_channel in (("help.roles", True), ("help.roles.direct", False)):
        names = [
            escape(plan.role_label(r, turn.language)) for r in roles if (plan.channel(r) is not None) is has_channel
        ]
        if names:
            yield turn.say(key, roles=turn.say("refusal.comma").join(names))


# --- what is published ------------------------------------------------------------------------------------------


async def _terms(turn: Turn, rest: str) -> Acked:
    """Show everybody what the regulations of this desk publish: hotlines, promises, terms (GA-09, GA-10)."""
    parts = _published(turn) or [turn.say("terms.none")]
    blocks = [section(turn.say("terms.title")), *(section(part) for part in parts[:MOST_BLOCKS])]
    return {"response_type": "ephemeral", "text": turn.say("terms.title"), "blocks": blocks}


def _published(turn: Turn) -> list[str]:
    """Return the published texts, each with its longer words; in a desk with several regulations under their names."""
    plan = turn.talk.settings.plan()
    bundles = [b for name in plan.policies if (b := turn.talk.shelf.in_force(name)) is not None]
    found: list[str] = []
    for policy in (b.policy for b in bundles if b.policy.policy.publish):
        if len(bundles) > 1:
            found.append(f"*{escape(regulation_name(policy, turn.language))}*")
        for name in dict.fromkeys(policy.policy.publish):
            more = policy.label(name, turn.language, aspect="hint")
            words = escape(policy.label(name, turn.language))
            found.append(fit(f"*{words}*\n{escape(more)}" if more else words, LONGEST_SECTION))
    return found


_DO: Mapping[str, Callable[[Turn, str], Awaitable[Acked]]] = {
    "help": _help,
    "log": _log,
    "mine": _mine,
    "show": _show,
    "search": _search,
    "urge": _urge,
    "late": _late,
    "home": _home,
    "terms": _terms,
    "desk": _desk,
    "report": on_report,
}
