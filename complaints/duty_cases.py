"""Cases that begin with a duty, and duties that begin with a case: a failed line of an inspection, an arrival."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from complaints.commands import CLOCK, OpenCase
from complaints.draft import Draft
from complaints.duties import held_for
from complaints.policy import Policy
from complaints.policy_model import Duty


def begin_duties(draft: Draft, happening: str) -> None:
    """Begin the duties that the policy sets upon what happened, each once for this happening of this case."""
    if draft.case.kind == "duty":
        return
    for name, duty in draft.policy.duties.items():
        if str(duty.upon) == happening:
            held = held_for(duty, draft.policy)
            value = draft.case.fields.get(held[0]) if held is not None else None
            fields = {held[0]: value} if held is not None and value is not None else {}
            case_id = f"duty.{draft.case.policy}.{name}.{draft.case.id}.{draft.case.seq}"
            draft.spawned.append(
                OpenCase(
                    actor=CLOCK, key=f"{case_id}:open", case_id=case_id, policy=draft.case.policy, fields=fields, via="clock",
                    kind="duty", duty=name, period=draft.case.name, parent=draft.case.id, language=draft.case.language,
                    bundle=draft.case.bundle,
                )
            )  # fmt: skip


def open_from_lines(draft: Draft, duty: Duty, actor: str) -> None:
    """
    Begin what the duty `opens`: a case for each line that was filled in, with the fields that the line names (IN-21);
    one case where the duty has no lines.

    The cases belong to who did the duty, are linked to it, and go on without it.
    """
    if duty.opens is None:
        return
    for number, fields in enumerate(_openings(draft, duty), start=1):
        child = f"{draft.case.id}.{number}"
        is_main = duty.opens in draft.policy.main_routes()
        draft.spawned.append(
            OpenCase(
                actor=actor, key=f"{child}:open", case_id=child, policy=draft.case.policy, fields=fields, via="parent",
                parent=draft.case.id, link="duty", kind="complaint" if is_main else "sub",
                stage=None if is_main and len(draft.policy.main_routes()) == 1 else duty.opens,
                language=draft.case.language, bundle=draft.case.bundle,
            )
        )  # fmt: skip


def _openings(draft: Draft, duty: Duty) -> Iterator[dict[str, Any]]:
    filled = {fill.name: draft.case.fields.get(fill.name) for fill in duty.fill}
    names = lines_of(duty, draft.policy)
    if not names:
        yield _plain(filled, draft.policy)
    for name in names:
        for line in filled.get(name) or ():
            yield _plain(line, draft.policy)


def lines_of(duty: Duty, policy: Policy) -> tuple[str, ...]:
    """Return the fields of a duty's form that take lines."""
    return tuple(f.name for f in duty.fill if policy.fields[f.name].type == "lines")


def _plain(values: Mapping[str, Any], policy: Policy) -> dict[str, Any]:
    """Return what is no words and a field of the case: people's words stay with the duty."""
    return {
        name: value
        for name, value in values.items()
        if name in policy.fields and not policy.fields[name].is_computed and value not in (None, "")
        and not (isinstance(value, dict) and "$words" in value)
    }  # fmt: skip
