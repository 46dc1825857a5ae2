"""Policies as files: reads one, reads a bundle with its annexes, and says of each finding where it stands."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from complaints.policy import LoadedPolicy, Policy
from complaints.policy_checks import check_bundle, check_policy
from complaints.policy_findings import Finding, PolicyRefused, errors_of, path_text
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
        raw = path.read_bytes()
    except OSError as error:
        return None, [Finding("error", "", f"the file cannot be read: {error.strerror}", file=str(path))]
    policy, findings = examine_text(raw, str(path), checks=checks)
    if policy is not None and policy.id != path.stem:
        text = f'the policy says id "{policy.id}", the file is called {path.name}.'
        findings.append(Finding("error", "policy.id", text, "Use one name for both.", 1, str(path)))
    return policy, findings


def examine_text(raw: bytes | str, name: str, *, checks: bool = True) -> tuple[Policy | None, list[Finding]]:
    """Return the policy in *raw* and every finding; *name* stands for the file in the messages."""
    read = read_yaml(raw)
    findings = [Finding("error", path_text(loc), text, "", line, name) for line, loc, text in read.wrong]
    if read.data is None:
        return None, findings or [Finding("error", "", "the file is empty", file=name)]
    policy, wrong = examine_policy(read.data)
    findings += _placed(wrong, read, name)
    if policy is not None and checks and not errors_of(findings):
        findings += _placed(check_policy(policy), read, name)
    return policy, findings


def load_bundle(folder: Path, id_: str) -> LoadedPolicy:
    """Return the policy *id_* of *folder* with every annex that it names."""
    return _bundle(_FolderTexts(folder), id_)


def read_bundle(texts: Mapping[str, str], id_: str) -> LoadedPolicy:
    """Return the policy *id_* from recorded texts (policy id to file content), as replicas do."""
    return _bundle(texts, id_)


class _FolderTexts(Mapping[str, str]):
    """The files of a folder as texts by policy id."""

    def __init__(self, folder: Path) -> None:
        self.paths = policy_files(folder)

    def __getitem__(self, id_: str) -> str:
        return self.paths[id_].read_text("utf-8-sig")

    def __iter__(self) -> Iterator[str]:
        return iter(self.paths)

    def __len__(self) -> int:
        return len(self.paths)


def _bundle(texts: Mapping[str, str], id_: str) -> LoadedPolicy:
    policies: dict[str, Policy] = {}
    contents: dict[str, str] = {}
    findings: list[Finding] = []
    open_ids = [id_]
    while open_ids:
        next_id = open_ids.pop(0)
        if next_id in policies:
            continue
        if next_id not in texts:
            known = ", ".join(sorted(texts))
            findings.append(
                Finding("error", "policy.annexes", f'there is no policy "{next_id}".', f"Policies: {known}.")
            )
            continue
        contents[next_id] = texts[next_id].replace("\r\n", "\n")
        policy, wrong = examine_text(contents[next_id], f"{next_id}.yml", checks=False)
        findings += wrong
        if policy is not None:
            policies[next_id] = policy
            open_ids += policy.policy.annexes
    if id_ not in policies or errors_of(findings):
        raise PolicyRefused(findings)
    main = policies.pop(id_)
    loaded = LoadedPolicy(main, policies, digest_of(contents), main.policy.label, contents)
    if wrong := check_bundle(loaded):
        raise PolicyRefused([finding.at(f"{id_}.yml", None) for finding in wrong])
    return loaded


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
