"""What the customer is told along the way: a small recorded task for whoever tells, with a limit and its ladder (CC-08)."""

from __future__ import annotations

from complaints import events as e
from complaints.authority import source_of
from complaints.draft import Draft
from complaints.policy_model import Inform
from complaints.routes import open_visit
from complaints.stages import INFORM


def begin_informs(draft: Draft, happening: str) -> None:
    """Open the tasks that *happening* calls for; one that is still open is not opened twice."""
    if draft.case.kind == "duty":
        return
    for inform in draft.policy.reply.inform:
        if str(inform.upon) == happening and _is_wanted(draft, inform):
            number = draft.next_branch()
            route = f"{INFORM}{inform.what}"
            draft.emit(e.BranchOpened(branch=number, route=route, follow_up=True, source=source_of(inform)))
            open_visit(draft, number, inform.what)


def _is_wanted(draft: Draft, inform: Inform) -> bool:
    visits = [v for v in draft.case.visits.values() if v.stage == inform.what]
    if any(v.is_open for v in visits) or (visits and str(inform.upon) == "case finished"):
        return False
    return inform.when is None or inform.when.evaluate(draft.facts) is True
