"""Addresses of messages in the workspace."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Links:
    """Knows the addresses of messages as soon as it is known where the workspace is."""

    base: str | None = None

    def __call__(self, channel: str, ts: str) -> str | None:
        return f"{self.base.rstrip('/')}/archives/{channel}/p{ts.replace('.', '')}" if self.base else None
