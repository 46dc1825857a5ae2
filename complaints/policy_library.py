"""Rules that several regulations share: a library is laid into each policy that includes it, before the policy is read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from complaints.policy_findings import Finding

LIBRARY = "library"
NAMED = (
    "values", "roles", "fields", "tables", "stages", "routes", "clocks", "ladders", "money", "measures", "duties",
    "eight_d", "defaults", "texts", "clauses", "for_people",
)  # fmt: skip
"""Sections whose entries have names: the policy's own entry stands before the library's of the same name."""

NOT_SHARED = ("reply", "repeat")
"""Sections that each regulation writes for itself."""

Raw = Mapping[str, Any]


def is_library(raw: object) -> bool:
    """Say whether *raw* (what a policy file holds) is a library."""
    head = raw.get("policy") if isinstance(raw, Mapping) else None
    return isinstance(head, Mapping) and head.get("kind") == LIBRARY


def problems_of(raw: Raw, library: str, shared: Raw) -> list[Finding]:
    """Return what keeps *library* from being laid into *raw*: a clause id that means other words in each of them."""
    mine, theirs = _section(raw, "clauses"), _section(shared, "clauses")
    return [
        Finding(
            "error",
            f"clauses.{clause}",
            f"the library {library} has other words under the clause id {clause}.",
            f"Give the library's clause an id of its own, such as `{library} {clause}`.",
        )
        for clause in mine
        if clause in theirs and mine[clause] != theirs[clause]
    ]


def with_library(raw: Raw, shared: Raw) -> dict[str, Any]:
    """
    Return *raw* with what the library *shared* adds: its named entries, rules, restrictions, published texts, copies,
    forms and registers, and its intake pages behind the policy's own.

    What the library's intake stages fill is filled by the policy's first intake stage; a policy without an intake
    form is not asked for it.
    """
    laid = dict(raw)
    asking = _names(_section(shared, "intake").get("stages"))
    for name in NAMED:
        theirs = {k: v for k, v in _section(shared, name).items() if not (name == "stages" and k in asking)}
        if theirs:
            laid[name] = {**theirs, **_section(raw, name)}
    if rules := [*_names(raw.get("rules")), *_names(shared.get("rules"))]:
        laid["rules"] = rules
    laid["policy"] = _with_head(_section(raw, "policy"), _section(shared, "policy"))
    if papers := _with_papers(_section(raw, "papers"), _section(shared, "papers")):
        laid["papers"] = papers
    return _with_intake(laid, shared, asking)


def _with_head(mine: Raw, theirs: Raw) -> dict[str, Any]:
    joined = {key: [*_names(mine.get(key)), *_names(theirs.get(key))] for key in ("access", "publish")}
    return {**mine, **{key: found for key, found in joined.items() if found}}


def _with_papers(mine: Raw, theirs: Raw) -> dict[str, Any]:
    laid = dict(mine)
    if copies := [*_names(mine.get("copies")), *_names(theirs.get("copies"))]:
        laid["copies"] = copies
    for key in ("forms", "registers"):
        if found := {**_section(theirs, key), **_section(mine, key)}:
            laid[key] = found
    return laid


def _with_intake(laid: dict[str, Any], shared: Raw, asking: list[Any]) -> dict[str, Any]:
    """Let the first stage of the form fill what the library asks for, on pages behind the policy's own."""
    intake = _section(laid, "intake")
    first = str(next(iter(_names(intake.get("stages"))), ""))
    stages = _section(laid, "stages")
    if not asking or not isinstance(stages.get(first), Mapping):
        return laid
    stage = dict(stages[first])
    for key in ("fill", "may_fill"):
        added = [f for name in asking for f in _names(_section(_section(shared, "stages"), name).get(key))]
        if added:
            stage[key] = [*_names(stage.get(key)), *(f for f in added if f not in _names(stage.get(key)))]
    pages = [_names(page) for page in _names(intake.get("pages"))]
    asked = [name for page in pages for name in page]
    more = [[n for n in _names(page) if n not in asked] for page in _names(_section(shared, "intake").get("pages"))]
    pages += [page for page in more if page]
    return {**laid, "stages": {**stages, first: stage}, "intake": {**intake, "pages": pages}}


def _section(raw: Raw, name: Any) -> Raw:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _names(raw: Any) -> list[Any]:
    if raw is None:
        return []
    return list(raw) if isinstance(raw, list | tuple) else [raw]
