"""Policies as files: reads one, reads a bundle with its annexes, and says of each finding where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from complaints.policy import LoadedPolicy, Policy
from complaints.policy_checks import check_bundle, check_policy
from complaints.policy_findings import Finding, PolicyRefused, errors_of, path_text
from complaints.policy_library import is_library, problems_of, with_library
from complaints.policy_reading import examine_policy
from storage.yaml_files import YamlText, read_yaml

__all__ = [
    "Finding",
    "PolicyRefused",
    "check_bundle",
    "check_policy",
    "examine_file",
    "examine_text",
    "load_bundle",
    "load_policy",
    "policy_files",
    "read_bundle",
]

LONGEST_LABEL = 500
"""Characters of the name of a version, with those of its libraries."""


def policy_files(folder: Path) -> dict[str, Path]:
    """Return the policy files of *folder* by id, which is the name of the file."""
    return {path.stem: path for path in sorted(folder.glob("*.yml"))}


def load_policy(path: Path) -> Policy:
    """Return the policy in the file *path*; PolicyRefused lists every error with file, line and path."""
    policy, findings = examine_file(path, checks=False)
    if policy is None or errors_of(findings):
        raise PolicyRefused(findings)
    return policy


def examine_file(path: Path, *, checks: bool = True) -> tuple[Policy | None, list[Finding]]:
    """Return the policy in the file (if its shape is right) and every finding, warnings and notes too when *checks*."""
    try:
        raw = _bytes_of(path)
    except PolicyRefused as refused:
        return None, list(refused.findings)
    beside = {name: path.with_name(f"{name}.yml") for name in included(raw)}
    missing = [name for name, library in beside.items() if not library.is_file()]
    try:
        libraries = {name: _text_of(file) for name, file in beside.items() if name not in missing}
    except PolicyRefused as refused:
        return None, list(refused.findings)
    policy, findings = examine_text(raw, str(path), checks=checks, libraries=libraries)
    for name in missing:
        text = f'there is no library "{name}" beside this file.'
        findings.append(Finding("error", "policy.includes", text, f"Add {name}.yml.", file=str(path)))
    if policy is not None and policy.id != path.stem:
        text = f'the policy says id "{policy.id}", the file is called {path.name}.'
        findings.append(Finding("error", "policy.id", text, "Use one name for both.", 1, str(path)))
    return policy, findings


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise PolicyRefused(
            [Finding("error", "", f"the file cannot be read: {error.strerror}", file=str(path))]
        ) from error


def _text_of(path: Path) -> str:
    """Return the text of a policy file. Raises PolicyRefused: it can't be read, or is no UTF-8."""
    raw = _bytes_of(path)
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        wrong = [
            Finding("error", path_text(loc), text, "", line, str(path)) for line, loc, text in read_yaml(raw).wrong
        ]
        raise PolicyRefused(wrong) from None


def examine_text(
    raw: bytes | str, name: str, *, checks: bool = True, libraries: Mapping[str, str] | None = None
) -> tuple[Policy | None, list[Finding]]:
    """
    Return the policy in *raw* and every finding; *name* stands for the file in the messages.

    *libraries*: id to text of what is laid into it.
    """
    read = read_yaml(raw)
    findings = [Finding("error", path_text(loc), text, "", line, name) for line, loc, text in read.wrong]
    if read.data is None:
        return None, findings or [Finding("error", "", "the file is empty", file=name)]
    data = read.data
    for id_, text in (libraries or {}).items():
        shared = read_yaml(text).data
        if isinstance(data, Mapping) and isinstance(shared, Mapping):
            findings += _placed(problems_of(data, id_, shared), read, name)
            data = with_library(data, shared)
    policy, wrong = examine_policy(data)
    findings += _placed(wrong, read, name)
    if policy is not None and checks and not errors_of(findings):
        findings += _placed(check_policy(policy), read, name)
    return policy, findings


def load_bundle(folder: Path, id_: str, libraries: Mapping[str, Path] | None = None) -> LoadedPolicy:
    """Return the policy *id_* of *folder* with every annex that it names, and with the *libraries* (id to file) of the desk."""
    return _bundle(_FolderTexts(folder, libraries or {}), id_, tuple(libraries or ()))


def read_bundle(texts: Mapping[str, str], id_: str) -> LoadedPolicy:
    """Return the policy *id_* from recorded texts (policy id to file content), as replicas do; the libraries among them
    are laid into it."""
    return _bundle(texts, id_, tuple(name for name in texts if name != id_ and is_library(read_yaml(texts[name]).data)))


class _FolderTexts(Mapping[str, str]):
    """The files of a folder, and some from elsewhere, as texts by policy id."""

    def __init__(self, folder: Path, along: Mapping[str, Path]) -> None:
        self.paths = policy_files(folder) | {name: path for name, path in along.items() if path.is_file()}

    def __getitem__(self, id_: str) -> str:
        return _text_of(self.paths[id_])

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


@dataclass
class _Reading:
    """A bundle while it is read: what was found so far, and what was wrong."""

    texts: Mapping[str, str]
    contents: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def text(self, id_: str, path: str) -> str | None:
        """Return the text of a policy that is called at *path*, and keep it as part of the bundle."""
        if id_ not in self.texts:
            known = ", ".join(sorted(self.texts))
            self.findings.append(Finding("error", path, f'there is no policy "{id_}".', f"Policies: {known}."))
            return None
        self.contents[id_] = self.texts[id_].replace("\r\n", "\n")
        return self.contents[id_]

    def policy(self, id_: str, libraries: Mapping[str, str]) -> Policy | None:
        text = self.text(id_, "policy.annexes")
        if text is None:
            return None
        policy, wrong = examine_text(text, f"{id_}.yml", checks=False, libraries=libraries)
        self.findings += wrong
        return policy

    def libraries(self, ids: Iterable[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for id_ in ids:
            text = self.text(id_, "policy.includes")
            if text is not None and not is_library(read_yaml(text).data):
                words = f"{id_} is no library."
                self.findings.append(Finding("error", "policy.includes", words, "Give it `policy: {kind: library}`."))
            elif text is not None:
                found[id_] = text
        return found


def _bundle(texts: Mapping[str, str], id_: str, along: tuple[str, ...]) -> LoadedPolicy:
    """Return the policy *id_* with its annexes; into the policy itself its own libraries are laid and those *along*."""
    reading = _Reading(texts)
    libraries = reading.libraries(dict.fromkeys((*included(texts.get(id_, "")), *along)))
    main = reading.policy(id_, libraries)
    if main is None or errors_of(reading.findings):
        raise PolicyRefused(reading.findings)
    annexes: dict[str, Policy] = {}
    open_ids = list(main.policy.annexes)
    while open_ids:
        next_id = open_ids.pop(0)
        if next_id != id_ and next_id not in annexes and (policy := reading.policy(next_id, {})) is not None:
            annexes[next_id] = policy
            open_ids += policy.policy.annexes
    if errors_of(reading.findings):
        raise PolicyRefused(reading.findings)
    contents = reading.contents
    label = " + ".join((main.policy.label, *(_label(name, text) for name, text in libraries.items())))
    loaded = LoadedPolicy(main, annexes, digest_of(contents), label, contents)
    if wrong := [*_too_long(label), *check_bundle(loaded)]:
        raise PolicyRefused([finding.at(f"{id_}.yml", None) for finding in wrong])
    return loaded


def _too_long(label: str) -> Iterator[Finding]:
    """PostgreSQL finds no version by a name that is longer than a third of a page."""
    if len(label) > LONGEST_LABEL:
        words = f"the version has a name of {len(label)} characters, with its libraries."
        yield Finding("error", "policy.label", words, f"Write at most {LONGEST_LABEL}.")


def included(text: bytes | str) -> tuple[str, ...]:
    """Return the libraries that a policy names itself, as far as its text can be read."""
    data = read_yaml(text).data if text else None
    head = data.get("policy") if isinstance(data, Mapping) else None
    named = head.get("includes") if isinstance(head, Mapping) else None
    return tuple(str(name) for name in named) if isinstance(named, list) else ()


def _label(id_: str, text: str) -> str:
    """Return a library with its version, as it stands in the label of a bundle."""
    return f"{id_} {read_yaml(text).data['policy'].get('label', '')}".strip()


def digest_of(contents: Mapping[str, str]) -> str:
    """Return the SHA-256 of a bundle: of each id with the SHA-256 of its text, in the order of the ids."""
    whole = hashlib.sha256()
    for id_ in sorted(contents):
        one = hashlib.sha256(contents[id_].encode()).hexdigest()
        whole.update(f"{id_} {one}\n".encode())
    return whole.hexdigest()


def _placed(findings: list[Finding], read: YamlText, name: str) -> list[Finding]:
    paths = {path_text(loc): line for loc, line in read.lines.items()}
    return [finding.at(name, _line(finding.path, paths)) for finding in findings]


def _line(path: str, lines: Mapping[str, int]) -> int | None:
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path)
