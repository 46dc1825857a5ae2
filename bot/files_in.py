"""Files of a case: fetched after the commit, stored by their SHA-256, shown in the home thread, gone with its erasure."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import structlog

from bot.delivery import HOME_CARD
from bot.office import Office
from bot.reporting import world_for_figures
from bot.slack_errors import CHANNEL, GONE, TOKEN, Permanent, SlackError
from bot.slack_files import SlackFiles
from bot.threads import Blocking, in_threads
from bot.times import Machine, SystemMachine, wait_until_set
from complaints.commands import CaseCommand, StoreFile
from complaints.ports import Told, WaitingFile
from complaints.refusals import Refusal
from complaints.restricted import restricted_to

log = structlog.get_logger(__name__)

ACTOR = "desk"
SWEEP_SECONDS = 5.0
GAP_SECONDS = 0.25
"""Every commit wakes it, and few bring a file: it looks no more often than so, and leaves the processor to clicks."""
DELETE_SECONDS = 15.0
"""How often it is asked whether something was erased: that is done from the command line, which wakes nobody."""
BATCH = 20
MOST_ATTEMPTS = 12
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 5.0, 900.0
HOME_SECONDS = 1.0
"""How long a file is left alone whose case has no home card yet."""
CHUNK_BYTES = 1 << 20


class FileQueue(Protocol):
    """Which files wait, read from the record; *upload* and *shared* are operational and not rebuilt."""

    def to_fetch(self, limit: int) -> Sequence[WaitingFile]:
        """Return files that were given and are neither stored nor missed."""

    def to_share(self, limit: int) -> Sequence[WaitingFile]:
        """Return stored files that were not shared yet and whose words were not erased."""

    def to_delete(self, limit: int) -> Sequence[WaitingFile]:
        """Return erased files of which an upload of ours may still be at Slack."""

    def deleted(self, given: WaitingFile) -> None:
        """Note that our upload is at Slack no more."""

    def uploading(self, given: WaitingFile, upload: str) -> bool:
        """Note the id of an upload before it is shown; False if another bot went on with the file meanwhile."""

    def shared(self, given: WaitingFile) -> None:
        """Note that the file is shown in the home thread by that upload."""

    def given_up(self, given: WaitingFile) -> None:
        """Note that the file will not be shown."""


class Blobs(Protocol):
    """Bytes by their SHA-256 (`storage.files.FileStore`)."""

    def write(self, chunks: bytes | Iterable[bytes]) -> tuple[str, int]: ...
    def path(self, digest: str) -> Path: ...


class HomeThread(Protocol):
    """Finds where the files of a case may be shown."""

    def __call__(self, case_id: str) -> tuple[str, str] | None:
        """Return channel and ts of the case's home card; None while there is none before the right eyes."""


@dataclass(frozen=True)
class HomeOfCase:
    """
    Knows the home card of a case; of a restricted one only that of somebody who may know of it: neither the card in the
    channel where it stood before, nor one that went to the desk officer because it could not be delivered.
    """

    office: Office

    def __call__(self, case_id: str) -> tuple[str, str] | None:
        reader = self.office.store.reader
        case = reader.case(case_id)
        if case is None:
            return None
        bundle = self.office.store.shelf.bundle(case.bundle)
        allowed = restricted_to(case, world_for_figures(self.office, bundle, self.office.clock.now()))
        if allowed is None:
            return reader.card(case_id, HOME_CARD)
        return next((found for m in sorted(allowed) if (found := reader.card(case_id, HOME_CARD, None, m))), None)


class Submits(Protocol):
    def submit(self, command: CaseCommand) -> Future[Told]: ...


class FilesIn:
    """
    The worker. Each file is guarded by itself and tried again with growing pauses.

    *is_mine*: of several bots one does this; asked, in a thread, before each sweep.
    """

    def __init__(
        self, *, queue: FileQueue, blobs: Blobs, desk: Submits, home: HomeThread, slack: SlackFiles, folder: Path,
        is_mine: Callable[[], bool], machine: Machine | None = None, call: Blocking | None = None,
        sweep_seconds: float = SWEEP_SECONDS,
    ) -> None:  # fmt: skip
        self._queue, self._blobs, self._desk, self._home = queue, blobs, desk, home
        self._slack, self._folder, self._is_mine = slack, folder, is_mine
        self._machine, self._call = machine or SystemMachine(), call or in_threads()
        self._sweep_seconds = sweep_seconds
        self._pauses: dict[str, tuple[int, float]] = {}
        self._next_deleting = 0.0
        self._do = {"fetch": self._fetch, "share": self._share, "delete": self._delete}
        self._woken = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin, in the running loop."""
        self._loop = asyncio.get_running_loop()
        self._task = self._loop.create_task(self._run(), name="files")

    def wake(self) -> None:
        """Look for files soon. Thread-safe."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._woken.set)

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.sweep()
            except Exception as error:
                log.error("sweep for files failed", exc_info=error)
            await self._machine.sleep(GAP_SECONDS)
            await wait_until_set(self._woken, self._machine, self._sweep_seconds)

    async def sweep(self) -> None:
        """Fetch, share and delete what waits and is not paused, unless another bot does."""
        if not await self._call(self._is_mine):
            return
        for given in await self._call(self._queue.to_fetch, BATCH + len(self._pauses)):
            await self._guarded("fetch", given)
        for given in await self._call(self._queue.to_share, BATCH + len(self._pauses)):
            await self._guarded("share", given)
        if self._machine.monotonic() >= self._next_deleting:
            self._next_deleting = self._machine.monotonic() + DELETE_SECONDS
            for given in await self._call(self._queue.to_delete, BATCH + len(self._pauses)):
                await self._guarded("delete", given)

    async def _guarded(self, what: str, given: WaitingFile) -> None:
        key = f"{what} {given.file}"
        attempts, until = self._pauses.get(key, (0, 0.0))
        if self._machine.monotonic() < until:
            return
        self._pauses.pop(key, None)
        try:
            await self._do[what](given)
        except SlackError as error:
            await self._failed(what, given, error, attempts)
        except Exception as error:
            self._pause(key, attempts)
            log.error(f"could not {what} a file", exc_info=error, file=given.file, case=given.case_id)

    async def _failed(self, what: str, given: WaitingFile, error: SlackError, attempts: int) -> None:
        """
        Give up what will never work or was tried for hours; a refused token is nobody's fault but ours. What is to be
        erased is never given up, nor what is to be shown in a channel that is archived or without the bot: it may come back.
        """
        is_ours = isinstance(error, Permanent) and error.kind == TOKEN
        is_away = isinstance(error, Permanent) and error.kind == CHANNEL and error.error not in GONE
        if what == "delete" and isinstance(error, Permanent):
            log.error("an erased file is still at Slack", file=given.file, case=given.case_id, error=str(error))
        elif what == "share" and is_away:
            log.warning("its channel takes no file now", file=given.file, case=given.case_id, error=str(error))
        elif not is_ours and (isinstance(error, Permanent) or attempts + 1 >= MOST_ATTEMPTS):
            await self._give_up(what, given, str(error))
            return
        self._pause(f"{what} {given.file}", 0 if is_ours else attempts)
        log.info(f"could not {what} a file yet", file=given.file, case=given.case_id, error=str(error))

    def _pause(self, key: str, attempts: int) -> None:
        seconds = min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2.0 ** min(attempts, MOST_ATTEMPTS))
        self._leave_alone(key, seconds, attempts + 1)

    def _leave_alone(self, key: str, seconds: float, attempts: int = 0) -> None:
        """What is left alone takes no place in a batch: as many more are asked for, so that it holds up no other file."""
        self._pauses[key] = (attempts, self._machine.monotonic() + seconds)

    async def _give_up(self, what: str, given: WaitingFile, why: str) -> None:
        log.warning(f"gave up to {what} a file", file=given.file, case=given.case_id, error=why)
        if what == "fetch":
            await self._tell(given, sha256=None, size=0, why=why)
        else:
            await self._call(self._queue.given_up, given)

    # --- fetching -----------------------------------------------------------------------------------------

    async def _fetch(self, given: WaitingFile) -> None:
        found = await self._slack.info(given.file)
        path = await self._slack.download(found, self._folder)
        try:
            if found.size and path.stat().st_size != found.size:
                raise SlackError("fewer bytes than Slack has")
            digest, size = await self._call(self._keep, path)
        finally:
            path.unlink(missing_ok=True)
        await self._tell(given, sha256=digest, size=size, why="")

    def _keep(self, path: Path) -> tuple[str, int]:
        return self._blobs.write(_chunks(path))

    async def _tell(self, given: WaitingFile, *, sha256: str | None, size: int, why: str) -> None:
        """Record the outcome. A case that takes no file any more (closed, erased) is no fault."""
        key = f"file:{given.file}:{sha256 or 'missed'}"
        command = StoreFile(
            actor=ACTOR, key=key, case_id=given.case_id, file=given.file, sha256=sha256, size=size, why=why
        )
        try:
            await asyncio.wrap_future(self._desk.submit(command))
        except Refusal as refusal:
            self._leave_alone(f"fetch {given.file}", LONGEST_PAUSE_SECONDS)
            log.warning("the file is not taken", file=given.file, case=given.case_id, reason=refusal.reason)

    # --- sharing ------------------------------------------------------------------------------------------

    async def _share(self, given: WaitingFile) -> None:
        """Show the file in the home thread, and nowhere else. An upload that may have been shown already is looked at first."""
        home = await self._call(self._home, given.case_id)
        if given.upload is not None:
            shown_in = await self._slack.shown_in(given.upload)
            if home is not None and home[0] in shown_in:
                await self._call(self._queue.shared, given)
                return
            await self._delete(given)  # it is nowhere, or where the case was before it was restricted
            given = replace(given, upload=None)
        if home is None or given.sha256 is None:
            self._leave_alone(f"share {given.file}", HOME_SECONDS)
            return
        path = self._blobs.path(given.sha256)
        upload = await self._slack.upload(given.name, path, given.size)
        if not await self._call(self._queue.uploading, given, upload):
            await self._slack.delete(upload)
            return
        await self._slack.share(upload, given.name, *home)
        await self._call(self._queue.shared, replace(given, upload=upload))

    # --- deleting -----------------------------------------------------------------------------------------

    async def _delete(self, given: WaitingFile) -> None:
        """Take our own copy of a file away from Slack."""
        if given.upload is not None:
            await self._slack.delete(given.upload)
        await self._call(self._queue.deleted, given)


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            yield chunk
