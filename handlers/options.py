"""What an external select offers while somebody types: customers of the register, and a new one by its name."""

from __future__ import annotations

from collections.abc import Iterable

from complaints.ports import Customer
from handlers.harmless import is_blank
from handlers.listeners import Handlers
from handlers.modals.blocks import Block, option
from handlers.modals.fields import customer_option, new_customer_option
from handlers.modals.inputs import Option
from handlers.payloads import Suggestion
from handlers.turns import Acked, Turn

MOST_CUSTOMERS = 20


async def on_customers(turn: Turn, asked: Suggestion) -> Acked:
    """Offer the customers that match, the best first, then the typed name as a new one."""
    typed = "" if is_blank(asked.value) else asked.value.strip()
    found = await turn.talk.read(turn.talk.reader.customers, typed, MOST_CUSTOMERS) if typed else []
    return {"options": _blocks(customer_options(found, typed, turn.language))}


def customer_options(found: Iterable[Customer], typed: str, language: str) -> list[Option]:
    known = list(found)
    options = [customer_option(c, language) for c in known]
    same = {n.casefold() for c in known for n in (*c.names.values(), c.code)}
    if typed and typed.casefold() not in same:
        options.append(new_customer_option(typed, language))
    return options


def _blocks(options: Iterable[Option]) -> list[Block]:
    return [option(o.value, o.words, o.description) for o in options]


SUGGESTIONS: Handlers = {"*": on_customers}
