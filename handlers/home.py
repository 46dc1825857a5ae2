"""App Home: drawn when it is opened and after one's own acts; search, filters and full lists."""

from __future__ import annotations

from complaints.views import HomeRow
from handlers.knowledge import found_entries
from handlers.listeners import Handlers
from handlers.lists import ALL, FILTERS, GROUPS, Viewer
from handlers.modals.blocks import View
from handlers.modals.home import (
    EVERY,
    FILTER,
    MOST_FOUND,
    MOST_ROWS,
    QUERY,
    SEARCH,
    SEARCH_MODAL_ID,
    closed_view,
    home_view,
    list_view,
    search_view,
)
from handlers.modals.inputs import answers_of
from handlers.modals.meta import read_meta
from handlers.payloads import Click, Happened, Submission
from handlers.turns import GUEST, Acked, Turn


def viewer(turn: Turn) -> Viewer:
    return Viewer(talk=turn.talk, member=turn.member, language=turn.language, now=turn.now)


async def publish(turn: Turn, chosen: str = ALL) -> None:
    """Draw the Home tab of this person; a guest's says only what he can do, for nothing that he pressed would be taken."""
    turn.talk.homes.add(turn.member)
    if await turn.turned_away() == GUEST:
        await turn.call("views.publish", user_id=turn.member, view=closed_view(turn.language))
        return
    groups = await turn.talk.read(viewer(turn).groups, chosen)
    zone = turn.talk.settings.plan().timezone
    view = home_view(groups, chosen=chosen, now=turn.now, language=turn.language, zone=zone)
    await turn.call("views.publish", user_id=turn.member, view=view)


async def on_home_opened(turn: Turn, happened: Happened) -> Acked:
    """Draw Home; the Messages tab of the app needs nothing."""
    if happened.event.tab in (None, "home"):
        await publish(turn)
    return None


def redraw_after_act(turn: Turn) -> None:
    """Draw Home again after somebody's own act, when it was ever opened."""
    if turn.member in turn.talk.homes:
        turn.after(publish(turn, _chosen(turn)))


def _chosen(turn: Turn) -> str:
    if turn.view is None or turn.view.type != "home":
        return ALL
    found = read_meta(turn.view.private_metadata).via
    return found if found in FILTERS else ALL


async def on_filter(turn: Turn, click: Click) -> Acked:
    """Show all, what is due soon, or what is closed."""
    chosen = click.action.chosen
    await publish(turn, chosen if chosen in FILTERS else ALL)
    return None


async def on_every(turn: Turn, click: Click) -> Acked:
    """Show all rows of a group."""
    group, _, chosen = click.action.chosen.partition(".")
    chosen = chosen if chosen in FILTERS else ALL
    await show_group(turn, group if group in GROUPS else GROUPS[0], chosen)
    return None


async def show_group(turn: Turn, group: str, chosen: str = ALL) -> None:
    found = (await turn.talk.read(viewer(turn).groups, chosen, MOST_ROWS, (group,)))[0]
    title = turn.say(f"apphome.{group}", n=found.count)
    empty = turn.say(f"apphome.empty.{group if chosen == ALL else 'filtered'}")
    view = list_view(title, found.rows, found.count, turn.language, empty=empty, with_team=group != GROUPS[0])
    await turn.show(view)


async def on_search(turn: Turn, click: Click) -> Acked:
    await turn.show(search_view(turn.language))
    return None


async def on_search_sent(turn: Turn, sent: Submission) -> Acked:
    """Look for what was typed; the results stand in the same modal."""
    query = answers_of(sent.view.state.values).words(QUERY)
    return {"response_action": "update", "view": await found_view(turn, query)}


async def found_view(turn: Turn, query: str) -> View:
    """Return the search with what was found: cases, and lines of the registers that this person may read."""
    rows = await turn.talk.read(found_rows, viewer(turn), query)
    entries = await turn.talk.read(found_entries, viewer(turn), query)
    return search_view(turn.language, query=query, rows=rows, entries=entries)


def found_rows(eyes: Viewer, query: str) -> list[HomeRow]:
    """Return the cases that *query* names (a number, an old number, a short id) or whose words have it in them; one more than are shown tells
    that there are more."""
    reader = eyes.talk.reader
    named = reader.find(query) if query else None
    lines = eyes.first_lines(lambda x: eyes.may_find(x.case_id, query), MOST_FOUND + 1, text=query) if query else []
    ids = dict.fromkeys((*((named,) if named else ()), *(line.case_id for line in lines)))
    return list(eyes.rows_of(list(ids)[: MOST_FOUND + 1]))


CLICKS: Handlers = {FILTER: on_filter, EVERY: on_every, SEARCH: on_search}
SUBMISSIONS: Handlers = {SEARCH_MODAL_ID: on_search_sent}
