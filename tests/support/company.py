"""A small company for tests: who holds which role, and a working calendar of Taiwan's."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from complaints.people import DeskPlan, RoleHolders
from complaints.ports import Customer
from complaints.workdays import Closure, WorkCalendar
from storage.calendars import load_calendar, read_calendar

TAIPEI = ZoneInfo("Asia/Taipei")

MEMBERS = {
    "sales": ("USALES1", "USALES2"),
    "quality": ("UQUAL1", "UQUAL2"),
    "prod_qa": ("UPQA",),
    "production": ("UPROD",),
    "manager_office": ("UMGR",),
    "rnd": ("URND",),
    "gm_office": ("UGMO1", "UGMO2"),
    "sales_manager": ("USMGR",),
    "deputy_gm": ("UDGM",),
    "general_manager": ("UGM",),
    "accounting": ("UACC",),
    "fg_warehouse": ("UWH",),
    "personnel": ("UHR",),
    "service": ("USVC",),
}
HEADS = {"sales": "USMGR", "quality": "UQHEAD", "production": "UPHEAD", "gm_office": "UGMOHEAD", "accounting": "UACC"}
OFFICER = "UOFFICER"

CUSTOMERS = {
    "C-0417": Customer(
        code="C-0417",
        names={"en": "North Instruments", "zh-Hant": "北方儀器", "zh-Hans": "北方仪器"},
        values={"market": "domestic", "excess_ratio": "0.05"},
    ),
    "C-0900": Customer(code="C-0900", names={"en": "Alpine Boards"}, values={"market": "foreign"}),
    "C-0808": Customer(
        code="C-0808", names={"en": "Delta Drives"}, values={"market": "domestic", "excess_ratio": "0.08"}
    ),
    "C-0333": Customer(code="C-0333", names={"en": "Harbour Radio"}, values={"market": "domestic"}),
}


def local(text: str) -> datetime:
    """Return a local Taipei time such as "2026-11-02 09:30" as an aware instant; "24:00" ends that day."""
    if text.endswith("24:00"):
        return local(text.replace("24:00", "00:00")) + timedelta(days=1)
    return datetime.fromisoformat(text).replace(tzinfo=TAIPEI)


def a_plan(**changes: object) -> DeskPlan:
    """Return the company's desk; *changes* replace single parts of the plan."""
    roles = {
        role: RoleHolders(
            id=role,
            labels={"en": role.replace("_", " ").title(), "zh-Hant": role, "zh-Hans": role},
            channel=f"C{role.upper().replace('_', '')}",
            members=members,
            head=HEADS.get(role),
        )
        for role, members in MEMBERS.items()
    }
    parts = {
        "name": "Test Boards",
        "language": "zh-Hant",
        "timezone": "Asia/Taipei",
        "officer": OFFICER,
        "fallback_channel": "CFALLBACK",
        "policies": ("pcb-manufacturer",),
        "roles": roles,
    }
    return DeskPlan(**{**parts, **changes})


def closed_at(calendar: WorkCalendar, *closures: Closure) -> WorkCalendar:
    """Return *calendar* with *closures* beside those it has."""
    return replace(calendar, closures=(*calendar.closures, *closures))


@cache
def a_calendar(country: str = "TW") -> WorkCalendar:
    """Return a country's working calendar, Monday to Friday 09:00-18:00 with lunch (D1); Taiwan's unless said."""
    return load_calendar(read_calendar({"country": country, "timezone": "Asia/Taipei"}, "calendars.main"))
