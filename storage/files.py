"""Bytes of evidence in the data folder, by their SHA-256."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CHUNK_BYTES = 1 << 20


class FileStore:
    """Files under `<folder>/files/ab/abcdef…`: written once, whole or not at all, never changed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "files"

    def write(self, chunks: bytes | Iterable[bytes]) -> tuple[str, int]:
        """Keep bytes and return (SHA-256 in hex, size). Durable on return; the same bytes twice are kept once."""
        self._folder.mkdir(parents=True, exist_ok=True)
        digest, size = sha256(), 0
        handle, name = tempfile.mkstemp(dir=self._folder, prefix="coming-")
        try:
            with os.fdopen(handle, "wb") as file:
                for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
                    file.write(chunk)
                    digest.update(chunk)
                    size += len(chunk)
                file.flush()
                os.fsync(file.fileno())
            self._take_place(Path(name), self.path(digest.hexdigest()))
        except BaseException:
            with suppress(FileNotFoundError):
                os.unlink(name)
            raise
        return digest.hexdigest(), size

    def _take_place(self, coming: Path, place: Path) -> None:
        place.parent.mkdir(exist_ok=True)
        coming.replace(place)
        for folder in (place.parent, self._folder):
            _flush_folder(folder)

    def path(self, digest: str) -> Path:
        """Return where the bytes of that digest are, or would be. Raises: ValueError for what is no digest."""
        if not _DIGEST.fullmatch(digest):
            raise ValueError(f"{digest!r} is no SHA-256 in hex")
        return self._folder / digest[:2] / digest

    def exists(self, digest: str) -> bool:
        return self.path(digest).is_file()

    def read(self, digest: str) -> bytes:
        """Return the bytes. Raises: FileNotFoundError (erased, or never stored)."""
        return self.path(digest).read_bytes()

    def chunks(self, digest: str) -> Iterator[bytes]:
        """Yield the bytes piece by piece."""
        with self.path(digest).open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk

    def erase(self, digest: str) -> bool:
        """Remove the bytes for good; False if there were none. The caller knows that no other case names them."""
        path = self.path(digest)
        try:
            path.unlink()
        except FileNotFoundError:
            return False
        _flush_folder(path.parent)
        return True


def _flush_folder(folder: Path) -> None:
    """Make names in *folder* survive a power loss (where the system lets folders be opened)."""
    with suppress(PermissionError, IsADirectoryError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
