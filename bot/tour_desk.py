"""A made-up company for any regulation: two people, a head and a channel for each role, and what they may fill in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from complaints.policy import LoadedPolicy
from complaints.policy_model import FieldDef
from storage.desk_file import ALWAYS

ROOT = Path(__file__).resolve().parents[1]
TEAM = "T0TOUR"
REPORTER = "UREPORTER"
OFFICER = "UTOUROFFICER"


@dataclass(frozen=True, kw_only=True)
class TourDesk:
    """The files of the company; *walk* says who plays along and what is filled in."""

    desk: Path
    workspace: Path
    customers: Path
    walk: Path


def make_tour_desk(loaded: LoadedPolicy, folder: Path) -> TourDesk:
    """Write a desk, a workspace, a register and answers for *loaded* into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    roles = list(dict.fromkeys(r for p in loaded for r in (*p.roles, p.policy.top)))
    files = {
        "desk.yml": yaml.safe_dump(_desk(loaded, roles), allow_unicode=True, sort_keys=False),
        "workspace.yml": yaml.safe_dump(_workspace(roles), allow_unicode=True, sort_keys=False),
        "customers.csv": _customers(loaded),
        "walk.json": json.dumps(_walk(loaded, roles), ensure_ascii=False),
    }
    for name, text in files.items():
        (folder / name).write_text(text, "utf-8")
    return TourDesk(
        desk=folder / "desk.yml",
        workspace=folder / "workspace.yml",
        customers=folder / "customers.csv",
        walk=folder / "walk.json",
    )


def _walk(loaded: LoadedPolicy, roles: list[str]) -> dict[str, Any]:
    """Return what the tour needs to know: who logs, who has cards, what fields may be filled with."""
    people = [*(m for role in roles for m in (*members(role), head(role))), REPORTER]
    return {"reporter": _reporter(loaded), "people": people, "answers": _answers(loaded, roles)}


def members(role: str) -> tuple[str, str]:
    """Return the member ids of a role."""
    plain = role.upper().replace("_", "")
    return f"U{plain}1", f"U{plain}2"


def head(role: str) -> str:
    return f"U{role.upper().replace('_', '')}H"


def channel(role: str) -> str:
    return f"C{role.upper().replace('_', '')}"


def _reporter(loaded: LoadedPolicy) -> str:
    """Return who logs: a member of the role that acts first, else somebody of the company."""
    policy = loaded.policy
    first = policy.intake.stages[0] if policy.intake is not None else None
    roles = policy.stages[first].who.roles() if first is not None else ()
    return members(roles[0])[0] if roles else REPORTER


def _desk(loaded: LoadedPolicy, roles: list[str]) -> dict[str, Any]:
    return {
        "name": "Tour",
        "language": "en",
        "timezone": "Asia/Shanghai",
        "officer": OFFICER,
        "fallback_channel": "CTOURDESK",
        "team": TEAM,
        "policies": [loaded.id],
        "roles": {role: _role(loaded, role) for role in roles},
        "general_manager": loaded.policy.policy.top,
        "qualifications": _qualifications(loaded),
        "calendars": {"main": {"country": "CN", "days": "mon-fri", "hours": ["09:00-12:00", "13:00-18:00"]}},
    }


def _qualifications(loaded: LoadedPolicy) -> dict[str, dict[str, str]]:
    """Return the qualifications that roles of the regulation ask for: everybody of such a role has it for good (GA-04)."""
    found: dict[str, dict[str, str]] = {}
    for policy in loaded:
        for name, role in policy.roles.items():
            if role.needs is not None:
                found.setdefault(role.needs, {}).update(dict.fromkeys((*members(name), head(name)), ALWAYS))
    return found


def _role(loaded: LoadedPolicy, role: str) -> dict[str, Any]:
    label = [loaded.policy.label(role, language) for language in ("en", "zh-Hans", "zh-Hant")]
    return {"label": label, "channel": channel(role), "members": list(members(role)), "head": head(role)}


def _workspace(roles: list[str]) -> dict[str, Any]:
    def person(id_: str) -> dict[str, Any]:
        return {"id": id_, "name": id_.lower(), "real_name": id_.title(), "locale": "en-US", "tz": "Asia/Shanghai"}

    everybody = [m for role in roles for m in (*members(role), head(role))]
    return {
        "team": {"id": TEAM, "name": "Tour", "domain": "tour"},
        "manifest": str(ROOT / "manifest.yml"),
        "people": [person(m) for m in (*everybody, REPORTER, OFFICER)],
        "channels": [
            {"id": "CTOURDESK", "name": "desk", "members": ["bot", OFFICER]},
            *({"id": channel(r), "name": f"c-{r}"[:80], "members": ["bot", *members(r), head(r)]} for r in roles),
        ],
    }


def _customers(loaded: LoadedPolicy) -> str:
    names = ("North Instruments", "Harbour Foods", "Lake Motors")
    return "code,name_en,market\n" + "".join(f"C-{n:04},{name},domestic\n" for n, name in enumerate(names, start=1))


def _answers(loaded: LoadedPolicy, roles: list[str]) -> dict[str, list[Any]]:
    """Return what may be entered, field by field; the complainant gives a name, else nobody replies or calls back."""
    found = {name: list(_of(field, policy.fields, roles)) for policy in loaded for name, field in policy.fields.items()}
    return found | ({"anonymous": ["no", "yes"]} if "anonymous" in found else {})


def _of(field: FieldDef, fields: Mapping[str, FieldDef], roles: list[str]) -> Iterator[Any]:
    """Yield what may be entered in a field, the likely first; none where the form shows what there is."""
    match field.type:
        case "number" | "money" | "ratio":
            yield from ("5", "4", "1", "2", "0", "100", "100000", "0.5")
        case "yes_no":
            yield from ("yes", "no")
        case "choice":
            yield from field.choices
        case "choices":
            yield from ([choice] for choice in field.choices)
        case "customer":
            yield "C-0001"
        case "person":
            yield from members(roles[0])
        case "unit":
            yield from roles
        case "units":
            yield from ([role] for role in roles)
        case "sample":
            yield from ("1",)
        case "lines" if field.is_list_of_people:
            yield [members(roles[0])[0]]
        case "lines":
            yield "; ".join(
                fields[column].choices[0] if kind == "choice" else _column(kind, roles)
                for column, kind in field.columns.items()
            )


def _column(kind: str, roles: list[str]) -> str:
    words = {"number": "1", "money": "100", "ratio": "100%", "date": "2026-11-02", "yes_no": "yes", "unit": roles[0], "person": members(roles[0])[0]}  # fmt: skip
    return words.get(kind, "x")
