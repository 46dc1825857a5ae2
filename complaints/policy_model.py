"""The shape of a policy file, key by key (docs/policies.md is its reference); names are resolved in `complaints.policy`."""

from __future__ import annotations

from complaints.policy_fields import Count, FieldDef
from complaints.policy_head import Access, Header, Intake, Repeat, RoleDef, Text, Value, read_value
from complaints.policy_papers import Copies, Duty, Form, Measure, Money, Numbering, Papers, Register
from complaints.policy_paths import Again, Do, RouteDef, Run, Step, Together, Trigger
from complaints.policy_rules import ClockDef, Inform, Reply, Rule, Rung
from complaints.policy_stages import Attempts, CalendarRule, CopyFrom, Extension, Fill, Fills, Pause, Recusal, StageDef
from complaints.policy_terms import (
    ALWAYS,
    DEFAULT_DECISIONS,
    Computed,
    FieldType,
    Id,
    Names,
    NoticeKind,
    People,
    Upons,
    When,
    as_tuple,
    one_or_many,
)

__all__ = [
    "ALWAYS",
    "DEFAULT_DECISIONS",
    "Access",
    "Again",
    "Attempts",
    "CalendarRule",
    "ClockDef",
    "Computed",
    "Copies",
    "CopyFrom",
    "Count",
    "Do",
    "Duty",
    "Extension",
    "FieldDef",
    "FieldType",
    "Fill",
    "Fills",
    "Form",
    "Header",
    "Id",
    "Inform",
    "Intake",
    "Measure",
    "Money",
    "Names",
    "NoticeKind",
    "Numbering",
    "Papers",
    "Pause",
    "People",
    "Recusal",
    "Register",
    "Repeat",
    "Reply",
    "RoleDef",
    "RouteDef",
    "Rule",
    "Run",
    "Rung",
    "StageDef",
    "Step",
    "Text",
    "Together",
    "Trigger",
    "Upons",
    "Value",
    "When",
    "as_tuple",
    "one_or_many",
    "read_value",
]
