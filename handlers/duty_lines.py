"""The lines that a duty's form already knows: one for each case of its list."""

from __future__ import annotations

from itertools import islice

from complaints.reports import kinds_of
from complaints.views_duty import prefilled_lines, span_of
from handlers.conversation import Conversation
from handlers.lists import Viewer
from handlers.modals.fields import PREFIX
from handlers.scenes import Scene

MOST_LINES, MOST_READ = 60, 240
"""Lines that a form opens with, and cases that are read for them, for some may be none of this person's to know; Slack waits
three seconds. The card lists them all."""


def lines_of_duty(talk: Conversation, scene: Scene) -> dict[str, object]:
    """Return input to text for the fields of a duty's form that take lines, as this person may see the cases. Blocks."""
    case, policy = scene.case, scene.policy
    names = [n for n in scene.stage.filled if policy.fields[n].type == "lines" and n not in case.fields]
    span = span_of(case, scene.look)
    if not names or span is None:
        return {}
    found = talk.reader.cases_of(case.policy, kinds_of(policy), what=span.what, begin=span.begin, end=span.end)
    viewer = Viewer(talk=talk, member=scene.member, language=scene.language, now=scene.world.now)
    seen = (one for case_id in found[:MOST_READ] if (one := viewer.look_at(case_id)) is not None)
    known = list(islice(seen, MOST_LINES))
    texts = {n: scene.book.lines_text(policy.fields[n], prefilled_lines(case, n, known)) for n in names}
    return {f"{PREFIX}{n}": text for n, text in texts.items() if text}
