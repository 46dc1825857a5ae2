"""What somebody typed and did not send yet: kept from every submission and dispatched field, offered for 24 hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from complaints.commands import GivenFile
from complaints.ports import Drafts

LATEST = "intake"
MOST_FRESH = 500
KEPT = timedelta(hours=24)


@dataclass(frozen=True, kw_only=True)
class IntakeDraft:
    """
    A complaint being written. *token* is that of its form. *fields*: field id to what was entered. *note*: the link to
    the message it was copied from.
    """

    token: str
    policy: str = ""
    via: str = "command"
    fields: Mapping[str, Any] = field(default_factory=dict)
    files: tuple[tuple[str, GivenFile], ...] = ()
    note: str | None = None
    kept_at: datetime | None = None

    def with_page(
        self, fields: Mapping[str, Any], files: tuple[tuple[str, GivenFile], ...], page: tuple[str, ...]
    ) -> IntakeDraft:
        """Return the draft with what a page says now: a field of the page that was emptied is gone. A file input
        that was drawn again is empty, so files stay until others take their place."""
        kept = {n: v for n, v in self.fields.items() if n not in page}
        given = {n for n, _ in files}
        other = tuple((n, f) for n, f in self.files if n not in given)
        return replace(self, fields={**kept, **fields}, files=(*other, *files))


class IntakeDrafts:
    """
    The drafts of complaints: one for each form, and which was the latest.

    What was just kept may not be committed yet when the next page comes, so the last ones are remembered here too.
    """

    def __init__(self, drafts: Drafts) -> None:
        self._drafts = drafts
        self._fresh: dict[tuple[str, str], IntakeDraft] = {}

    def keep(self, member: str, draft: IntakeDraft, now: datetime) -> None:
        """Keep *draft* and remember it as the latest of *member*."""
        draft = replace(draft, kept_at=now)
        self._remember((member, draft.token), draft)
        values = {
            "token": draft.token,
            "policy": draft.policy,
            "via": draft.via,
            "fields": dict(draft.fields),
            "files": [[n, f.id, f.name, f.mimetype, f.size] for n, f in draft.files],
            "note": draft.note,
            "kept_at": now.isoformat(),
        }
        self._drafts.keep(member, f"{LATEST}:{draft.token}", values, now)
        self._drafts.keep(member, LATEST, {"token": draft.token}, now)

    def get(self, member: str, token: str, now: datetime) -> IntakeDraft:
        """Return the draft of that form, an empty one when nothing was kept."""
        found = self._drafts.get(member, f"{LATEST}:{token}", now)
        kept = _read(found, token) if found else IntakeDraft(token=token)
        fresh = self._fresh.get((member, token))
        return (
            fresh if fresh and now - _at(fresh) < KEPT and (kept.kept_at is None or _at(fresh) >= _at(kept)) else kept
        )

    def latest(self, member: str, now: datetime) -> IntakeDraft | None:
        """Return the latest complaint that *member* began and did not send, or None."""
        pointer = self._drafts.get(member, LATEST, now)
        found = self.get(member, str(pointer.get("token")), now) if pointer else None
        return found if found and (found.fields or found.files) else None

    def drop(self, member: str, token: str) -> None:
        """Forget the draft: the complaint was logged."""
        self._fresh.pop((member, token), None)
        self._drafts.drop(member, f"{LATEST}:{token}")
        self._drafts.drop(member, LATEST)

    def _remember(self, key: tuple[str, str], draft: IntakeDraft) -> None:
        self._fresh.pop(key, None)
        oldest_first = iter(list(self._fresh.items()))
        while (oldest := next(oldest_first, None)) and (
            len(self._fresh) >= MOST_FRESH or _at(draft) - _at(oldest[1]) >= KEPT
        ):
            self._fresh.pop(oldest[0])
        self._fresh[key] = draft


def _at(draft: IntakeDraft) -> datetime:
    assert draft.kept_at is not None
    return draft.kept_at


def _read(values: Mapping[str, Any], token: str) -> IntakeDraft:
    files = tuple((n, GivenFile(id=i, name=name, mimetype=m, size=s)) for n, i, name, m, s in values.get("files") or ())
    kept_at = values.get("kept_at")
    return IntakeDraft(
        token=token,
        policy=str(values.get("policy") or ""),
        via=str(values.get("via") or "command"),
        fields=values.get("fields") or {},
        files=files,
        note=values.get("note"),
        kept_at=datetime.fromisoformat(kept_at) if kept_at else None,
    )
