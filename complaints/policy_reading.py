"""Reads a policy from plain data: its shape, its names, its conditions; every finding at once, each with its place."""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from complaints.conditions_types import did_you_mean, shortened
from complaints.policy import Policy
from complaints.policy_findings import Finding, Loc, PolicyRefused, errors_of, path_text
from complaints.policy_references import reference_problems
from complaints.policy_symbols import Problem


def read_policy(raw: object) -> Policy:
    """Return the policy that *raw* says; PolicyRefused lists every error with its path."""
    policy, findings = examine_policy(raw)
    if policy is None or errors_of(findings):
        raise PolicyRefused(findings)
    return policy


def examine_policy(raw: object) -> tuple[Policy | None, list[Finding]]:
    """Return the policy if its shape is right, and what is wrong with it; the path of a finding is in the file's words."""
    problems: list[Problem] = []
    if not isinstance(raw, Mapping):
        return None, [Finding("error", "", "this is not a policy file: it has no keys", "Begin with `policy:`.")]
    try:
        policy = Policy.model_validate(raw, context={"problems": problems})
    except ValidationError as error:
        findings = [_finding(details, raw) for details in error.errors(include_url=False)]
        return None, _without_doubles(findings)
    problems += reference_problems(policy)
    return policy, [Finding("error", path_text(locate(loc, raw)), text) for loc, text in problems]


def locate(loc: Loc, raw: Any) -> Loc:
    """Return the part of *loc* that stands in *raw*: short forms and the tags of unions are left out."""
    found: list[str | int] = []
    for step in loc:
        if isinstance(raw, Mapping):
            key = next((key for key in raw if key == step or str(key) == str(step)), None)
            if key is not None:
                raw = raw[key]
                found.append(str(key))
        elif isinstance(raw, list | tuple) and isinstance(step, int) and step < len(raw):
            raw = raw[step]
            found.append(step)
    return tuple(found)


def _without_doubles(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))


def _finding(details: ErrorDetails, raw: Any) -> Finding:
    loc = details["loc"]
    place = path_text(locate(loc, raw))
    read = details["input"]
    match details["type"]:
        case "extra_forbidden":
            valid = keys_at(loc[:-1])
            hint = did_you_mean(str(loc[-1]), valid).strip()
            return Finding(
                "error",
                place,
                f'"{loc[-1]}" is not a key here.',
                f"{hint} Keys: {shortened(valid, 40)}.".strip(),
            )
        case "missing":
            return Finding("error", place, f'the key "{loc[-1]}" is missing here.', "Add it.")
        case "literal_error":
            wanted = str(details["ctx"]["expected"]).replace("'", "").replace(" or ", ", ")
            valid = tuple(wanted.split(", "))
            return Finding(
                "error",
                place,
                f'"{read}" is not possible here.',
                f"{did_you_mean(str(read), valid).strip()} Choices: {shortened(valid, 30)}.".strip(),
            )
        case "string_type":
            return Finding("error", place, f"{read!r} was read, a text is wanted.", "Quote it.")
        case "string_pattern_mismatch":
            return Finding(
                "error",
                place,
                f'"{read}" does not look right here.',
                f"It must match {details['ctx']['pattern']}.",
            )
        case "value_error":
            return Finding("error", place, str(details["ctx"]["error"]))
    return Finding("error", place, f"{_short(read)} was read: {details['msg'][0].lower()}{details['msg'][1:]}.")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"


def keys_at(loc: Loc) -> tuple[str, ...]:
    """Return the keys that the part at *loc* may have."""
    models = _models(Policy)
    for step in loc:
        inner = [found for model in models for found in _below(model, step)]
        models = inner or models
    keys = [key for model in models if isinstance(model, type) and issubclass(model, BaseModel) for key in _keys(model)]
    return tuple(dict.fromkeys(keys))


def _keys(model: type[BaseModel]) -> list[str]:
    return [str(info.validation_alias or name) for name, info in model.model_fields.items()]


def _below(annotation: Any, step: str | int) -> list[Any]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, info in annotation.model_fields.items():
            if (info.validation_alias or name) == step:
                return _models(info.annotation)
        return [annotation] if annotation.__name__.lower() == step else []
    if get_origin(annotation) is dict:
        return _models(get_args(annotation)[1])
    if get_origin(annotation) is tuple and isinstance(step, int):
        return _models(get_args(annotation)[0])
    return []


def _models(annotation: Any) -> list[Any]:
    """Return the models, dicts and tuples that an annotation may hold."""
    origin = get_origin(annotation)
    if origin is Annotated:
        return _models(get_args(annotation)[0])
    if origin in (Union, types.UnionType):
        return [found for part in get_args(annotation) for found in _models(part)]
    if origin in (dict, tuple) or (isinstance(annotation, type) and issubclass(annotation, BaseModel)):
        return [annotation]
    return []
