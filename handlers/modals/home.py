"""App Home: a to-do list. What waits, what is late, what was logged; absence is the good news (CARDS §12)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from complaints.views import HomeRow
from handlers.cards.rows import list_row
from handlers.lists import ALL, FILTERS, MINE, SHOWN, WAITING, Group
from handlers.modals.blocks import (
    Block,
    Button,
    View,
    actions,
    button_element,
    context,
    divider,
    header,
    modal,
    option,
    section,
    text,
)
from handlers.modals.desk import OPEN as DESK
from handlers.modals.inputs import Question, input_block
from handlers.modals.meta import Meta
from handlers.texts import say, when

HOME_ID = "home"
LIST_MODAL_ID, SEARCH_MODAL_ID = "home.list", "home.search"
LOG, SEARCH, FILTER, EVERY = "home.log", "home.search", "home.filter", "home.all"
QUERY = "query"
MOST_ROWS, MOST_FOUND, MOST_ENTRIES = 90, 20, 10


def home_view(groups: Iterable[Group], *, chosen: str, now: datetime, language: str, zone: str) -> View:
    """Return the Home tab."""
    return {
        "type": "home",
        "callback_id": HOME_ID,
        "private_metadata": Meta(via=chosen).text(),
        "blocks": list(_home_blocks(tuple(groups), chosen, now, language, zone)),
    }


def closed_view(language: str) -> View:
    """Return the Home tab of who does not belong here."""
    told = [header(say(language, "tell.guest")), section(say(language, "tell.guest.body"))]
    return {"type": "home", "callback_id": HOME_ID, "blocks": told}


def _home_blocks(groups: tuple[Group, ...], chosen: str, now: datetime, language: str, zone: str) -> Iterator[Block]:
    yield _top(chosen, language)
    for group in groups:
        if group.count or group.id in (WAITING, MINE):
            yield from group_blocks(group, chosen, language)
    yield divider()
    yield context(say(language, "apphome.updated", at=when(now, language, zone, style="at")))


def _top(chosen: str, language: str) -> Block:
    menu: Block = {
        "type": "static_select",
        "action_id": FILTER,
        "options": [option(f, say(language, f"apphome.filter.{f}")) for f in FILTERS],
        "initial_option": option(chosen, say(language, f"apphome.filter.{chosen}")),
        "placeholder": text(say(language, "apphome.filter")),
    }
    log = Button(label=say(language, "apphome.log"), action_id=LOG, green=True)
    search = Button(label=say(language, "apphome.search"), action_id=SEARCH)
    desk = Button(label=say(language, "office.button.open"), action_id=DESK)
    return actions(button_element(log), button_element(search), menu, button_element(desk), block_id="top")


def group_blocks(group: Group, chosen: str, language: str) -> Iterator[Block]:
    """Return a group: its name with the count, its rows, and the way to all of them."""
    yield header(say(language, f"apphome.{group.id}", n=group.count))
    if not group.count:
        empty = group.id if chosen == ALL else "filtered"
        yield section(say(language, f"apphome.empty.{empty}"))
    for number, row in enumerate(group.rows):
        yield row_block(row, green=number == 0 and group.id == WAITING, with_team=group.id != WAITING)
    if group.count > SHOWN:
        label = say(language, "apphome.all", n=group.count)
        yield actions(
            button_element(Button(label=label, action_id=EVERY, value=f"{group.id}.{chosen}")),
            block_id=f"all.{group.id}",
        )


def row_block(row: HomeRow, *, green: bool = False, with_team: bool = False) -> Block:
    found: Block = list_row(row, green=green, with_team=with_team).to_dict()
    return found


def list_view(
    title: str, rows: Iterable[HomeRow], count: int, language: str, *, empty: str, with_team: bool = True
) -> View:
    """Return a list in a modal; what does not fit is said, never left out in silence. *empty*: said when it is."""
    shown = [row_block(row, with_team=with_team) for row in list(rows)[:MOST_ROWS]]
    blocks = shown or [section(empty)]
    if count > len(shown) and shown:
        blocks.append(context(say(language, "apphome.more", n=count - len(shown))))
    return modal(callback_id=LIST_MODAL_ID, title=title, close=say(language, "form.close"), blocks=blocks)


def _shown(found: list[Block], most: int, language: str) -> list[Block]:
    """Return what was found, and that there is more where there is."""
    more = [context(say(language, "apphome.found_more", n=most))] if len(found) > most else []
    return [*found[:most], *more]


def search_view(
    language: str, *, query: str = "", rows: Iterable[HomeRow] | None = None, entries: Sequence[str] = ()
) -> View:
    """Return the search: number, customer, part no. or order; cases and then *entries* of registers stand below it."""
    asked = Question(
        id=QUERY,
        kind="line",
        label=say(language, "apphome.search.label"),
        placeholder=say(language, "apphome.search.placeholder"),
        value=query,
        focus=rows is None,
    )
    blocks = [input_block(asked)]
    if rows is not None:
        found = _shown([row_block(row, with_team=True) for row in rows], MOST_FOUND, language)
        if entries:
            head = say(language, "report.found_lines", n=min(len(entries), MOST_ENTRIES))
            found += [section(f"*{head}*"), *_shown([*map(section, entries)], MOST_ENTRIES, language)]
        blocks += found or [section(say(language, "apphome.found_nothing"))]
    return modal(
        callback_id=SEARCH_MODAL_ID,
        title=say(language, "apphome.search.title"),
        submit=say(language, "apphome.search.submit"),
        close=say(language, "form.close"),
        blocks=blocks,
    )
