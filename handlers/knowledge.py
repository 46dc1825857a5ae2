"""What the registers know: their lines as a search shows them, to who may read them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

from complaints.register_lines import RegisterLine
from complaints.registers import is_keeper, may_read, shown_columns
from complaints.views_names import without_names
from handlers.cards.parts import bold, spaced
from handlers.lists import MOST_SOUGHT, Viewer
from handlers.modals.home import MOST_ENTRIES
from handlers.register_texts import cell_text
from handlers.report_texts import Reader
from handlers.texts import escape, fit, one_line, say

FIRST_READ, MOST_TEXT = 60, 600
SHORTEST_QUERY = 2


def found_entries(eyes: Viewer, query: str) -> list[str]:
    """Return lines of registers that have the words in them, as far as this person may read them. Blocks."""
    if len(query.strip()) < SHORTEST_QUERY:
        return []
    found: list[str] = []
    for limit in (FIRST_READ, MOST_SOUGHT):  # lines that he may not read take up no place
        lines = eyes.talk.reader.register_lines(text=query, limit=limit)
        found = list(islice(filter(None, (_entry(eyes, line, query.strip()) for line in lines)), MOST_ENTRIES + 1))
        if len(found) > MOST_ENTRIES or len(lines) < limit:
            break
    return found


def _entry(eyes: Viewer, line: RegisterLine, query: str) -> str:
    """Return a line in words; "" where it is not this person's to read, or has the words only in what is hidden."""
    found = eyes.look_at(line.case_id)
    if found is None:
        return ""
    case, look = found
    policy, world = look.world.policy(case), look.world
    register = policy.papers.registers.get(line.register)
    if register is None or not may_read(eyes.member, line, case, world):
        return ""
    look = replace(look, full=look.full or is_keeper(eyes.member, register, world))
    reader = Reader(policy=policy, plan=world.people, language=eyes.language)
    cells = []
    for column in shown_columns(eyes.member, register, case, world, full=look.full):
        text = without_names(cell_text(line, column, reader), look, policy, case)
        if text:
            cells.append((policy.label(column, eyes.language), text))
    if (
        not any(query.casefold() in text.casefold() for _, text in cells)
        and query.casefold() not in line.name.casefold()
    ):
        return ""
    head = spaced(bold(one_line(policy.label(line.register, eyes.language), 60)), one_line(line.name, 40))
    keeper = say(
        eyes.language, "apphome.register.kept_by", role=escape(world.people.role_label(register.kept_by, eyes.language))
    )
    body = "\n".join(f"{one_line(label, 60)}: {one_line(text, 200)}" for label, text in cells)
    return fit(f"{head}\n{keeper}\n{body}", MOST_TEXT)
