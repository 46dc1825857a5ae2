"""Files are fetched after the commit, stored by digest, told to the desk and shared once; tokens stay with Slack."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiohttp import web

from bot.files_in import BATCH, HOME_SECONDS, FilesIn, HomeOfCase
from bot.pacing import MethodPaces
from bot.slack_errors import Permanent
from bot.slack_files import SlackFile, SlackFiles
from bot.slack_out import make_client, make_session
from complaints.commands import StoreFile
from complaints.ports import Told, WaitingFile
from complaints.refusals import NotAllowedHere
from storage.files import FileStore
from tests.bot.fake_outbox import FakeReader, inline
from tests.bot.virtual_time import VirtualMachine
from tests.complaints.test_restricted import TEXT
from tests.handlers.memory import MemoryReader
from tests.support.group import stores_desk

BYTES = b"photo of the board " * 1000


class FakeQueue:
    def __init__(self) -> None:
        self.fetch: list[WaitingFile] = []
        self.share: list[WaitingFile] = []
        self.erased: list[WaitingFile] = []
        self.is_with_another = False

    def to_delete(self, limit: int) -> list[WaitingFile]:
        return list(self.erased)

    def deleted(self, given: WaitingFile) -> None:
        self.erased = [g for g in self.erased if g.file != given.file]

    def to_fetch(self, limit: int) -> list[WaitingFile]:
        return list(self.fetch)

    def to_share(self, limit: int) -> list[WaitingFile]:
        return list(self.share)[:limit]

    def is_mine(self) -> bool:
        return not self.is_with_another

    def uploading(self, given: WaitingFile, upload: str) -> bool:
        if self.is_with_another:
            return False
        self.share = [replace(g, upload=upload) if g.file == given.file else g for g in self.share]
        return True

    def shared(self, given: WaitingFile) -> None:
        self.share = [g for g in self.share if (g.file, g.upload) != (given.file, given.upload)]

    def given_up(self, given: WaitingFile) -> None:
        self.share = [g for g in self.share if g.file != given.file]


@dataclass
class FakeDesk:
    queue: FakeQueue
    commands: list[StoreFile] = field(default_factory=list)
    refuses: bool = False

    def submit(self, command: Any) -> Future[Told]:
        future: Future[Told] = Future()
        if self.refuses:
            future.set_exception(NotAllowedHere("case_over"))
            return future
        self.commands.append(command)
        self.queue.fetch = [g for g in self.queue.fetch if g.file != command.file]
        future.set_result(Told(case=None))
        return future


class FileSlack:
    """Serves the bytes of one file, takes uploads, and does what *odd* says instead."""

    def __init__(self) -> None:
        self.odd: dict[str, Any] = {}
        self.uploads: list[bytes] = []
        self.called: list[str] = []
        self.shares: list[dict[str, str]] = []
        self.tokens: list[str | None] = []
        self.info: dict[str, Any] = {"size": len(BYTES), "mimetype": "image/png"}

    async def start(self) -> None:
        app = web.Application(client_max_size=1 << 24)
        app.router.add_route("*", "/api/{method}", self._api)
        app.router.add_get("/files/photo.png", self._bytes)
        app.router.add_post("/upload", self._upload)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"
        self.info["url_private_download"] = f"{self.url}/files/photo.png"

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.called.append(method)
        if method in self.odd:
            return web.json_response({"ok": False, "error": self.odd[method]})
        if method == "files.getUploadURLExternal":
            return web.json_response(
                {"ok": True, "upload_url": f"{self.url}/upload", "file_id": f"FUP{len(self.uploads)}"}
            )
        if method == "files.completeUploadExternal":
            self.shares.append(dict(request.query))
            if self.odd.pop("lose complete", None):
                assert request.transport is not None
                request.transport.abort()
        found = {**self.info, "shares": {"public": {"CHOME": []}}} if self.shares else self.info
        return web.json_response({"ok": True, "file": found})

    async def _bytes(self, request: web.Request) -> web.StreamResponse:
        self.tokens.append(request.headers.get("Authorization"))
        if "bytes" in self.odd:
            return self.odd["bytes"](request)
        return web.Response(body=BYTES, content_type="image/png")

    async def _upload(self, request: web.Request) -> web.Response:
        assert "Authorization" not in request.headers
        self.uploads.append(await request.read())
        return web.Response(text="OK")

    async def stop(self) -> None:
        await self._runner.cleanup()


@dataclass
class Bench:
    slack: FileSlack
    queue: FakeQueue
    desk: FakeDesk
    reader: FakeReader
    store: FileStore
    machine: VirtualMachine
    worker: FilesIn
    files: SlackFiles


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    slack, queue, reader, machine = FileSlack(), FakeQueue(), FakeReader(), VirtualMachine()
    await slack.start()
    session = make_session()
    client = make_client("xoxb-1", f"{slack.url}/api/", session)
    files = SlackFiles(client, session, MethodPaces(machine))
    desk, store = FakeDesk(queue), FileStore(tmp_path)
    worker = FilesIn(
        queue=queue, blobs=store, desk=desk, home=lambda case_id: reader.cards.get((case_id, "home")), slack=files,
        folder=tmp_path / "fetched", is_mine=queue.is_mine, machine=machine, call=inline,
    )  # fmt: skip
    yield Bench(slack, queue, desk, reader, store, machine, worker, files)
    await session.close()
    await slack.stop()


def a_file(**more: Any) -> WaitingFile:
    return WaitingFile(**{"case_id": "case-1", "file": "F1", "name": "photo.png", "size": len(BYTES), **more})


def to_be_shown(bench: Bench) -> None:
    """Let a stored file wait, and the home card of its case stand."""
    digest, size = bench.store.write(BYTES)
    bench.queue.share = [a_file(sha256=digest, size=size)]
    bench.reader.cards["case-1", "home"] = ("CHOME", "1.000001")


async def test_the_bytes_are_stored_by_their_digest_and_told_to_the_desk(bench: Bench, tmp_path: Path) -> None:
    bench.queue.fetch = [a_file()]

    await bench.worker.sweep()

    [command] = bench.desk.commands
    assert command.sha256 == hashlib.sha256(BYTES).hexdigest()
    assert bench.store.read(command.sha256) == BYTES
    assert bench.slack.tokens == ["Bearer xoxb-1"]
    assert list((tmp_path / "fetched").iterdir()) == []


@pytest.mark.parametrize(
    ("odd", "why"),
    [
        ({"files.info": "file_deleted"}, "file_deleted"),
        ({"bytes": lambda r: web.Response(text="<html>sign in", content_type="text/html")}, "not_readable"),
        (
            {"bytes": lambda r: web.Response(status=302, headers={"Location": "https://evil.example/x"})},
            "forbidden_host",
        ),
        ({"bytes": lambda r: web.Response(status=404)}, "status_404"),
    ],
)
async def test_what_can_never_be_fetched_is_recorded_as_missed(bench: Bench, odd: dict[str, Any], why: str) -> None:
    bench.queue.fetch, bench.slack.odd = [a_file()], odd

    await bench.worker.sweep()

    assert [(c.sha256, c.why) for c in bench.desk.commands] == [(None, why)]


async def test_the_token_is_never_sent_to_another_host(bench: Bench, tmp_path: Path) -> None:
    file = SlackFile(url="https://files.slack.com/x", size=1, mimetype="", shared_in=frozenset())

    with pytest.raises(Permanent, match="forbidden_host"):
        await bench.files.download(file, tmp_path)


async def test_half_a_file_is_no_evidence_and_is_fetched_again_later(bench: Bench) -> None:
    bench.queue.fetch = [a_file()]
    bench.slack.odd = {"bytes": lambda r: web.Response(body=BYTES[:100], content_type="image/png")}
    await bench.worker.sweep()
    bench.slack.odd = {}

    await bench.worker.sweep()
    assert bench.desk.commands == []
    await bench.machine.pass_(6)
    await bench.worker.sweep()

    assert [c.size for c in bench.desk.commands] == [len(BYTES)]


async def test_one_bad_file_stops_no_other(bench: Bench) -> None:
    bench.queue.fetch = [a_file(file="F1"), a_file(file="F2")]
    bench.slack.odd = {"files.info": "token_revoked"}
    await bench.worker.sweep()
    assert bench.desk.commands == []
    bench.slack.odd = {}
    bench.desk.refuses = True
    await bench.machine.pass_(6)

    await bench.worker.sweep()
    bench.desk.refuses = False
    await bench.machine.pass_(1000)
    await bench.worker.sweep()

    assert [c.file for c in bench.desk.commands] == ["F1", "F2"]


async def test_a_stored_file_is_shared_once_in_the_home_thread(bench: Bench) -> None:
    digest, size = bench.store.write(BYTES)
    bench.queue.share = [a_file(sha256=digest, size=size)]
    await bench.worker.sweep()
    assert bench.slack.uploads == []

    bench.reader.cards["case-1", "home"] = ("CHOME", "1.000001")
    await bench.machine.pass_(HOME_SECONDS)
    await bench.worker.sweep()
    await bench.worker.sweep()

    assert bench.slack.uploads == [BYTES]
    assert [(s["channel_id"], s["thread_ts"]) for s in bench.slack.shares] == [("CHOME", "1.000001")]


async def test_of_several_bots_one_takes_the_files(bench: Bench) -> None:
    to_be_shown(bench)
    bench.queue.is_with_another = True

    await bench.worker.sweep()
    assert bench.slack.called == []

    bench.queue.is_with_another = False
    await bench.worker.sweep()
    assert len(bench.slack.shares) == 1


async def test_an_upload_is_taken_back_when_another_bot_went_on_with_the_file(bench: Bench) -> None:
    """This one stood still for longer than its lease."""
    to_be_shown(bench)
    bench.queue.is_with_another, bench.worker._is_mine = True, lambda: True

    await bench.worker.sweep()

    assert bench.slack.shares == []
    assert bench.slack.called[-1] == "files.delete"


async def test_files_of_cases_without_a_home_card_hold_up_no_other(bench: Bench) -> None:
    """A restricted case whose keeper can't be reached has none for as long as that lasts."""
    digest, size = bench.store.write(BYTES)
    waiting = [a_file(case_id="case-0", file=f"F{n}", sha256=digest, size=size) for n in range(BATCH)]
    bench.queue.share = [*waiting, a_file(file="FX", sha256=digest, size=size)]
    bench.reader.cards["case-1", "home"] = ("CHOME", "1.000001")

    await bench.worker.sweep()
    await bench.worker.sweep()

    assert bench.queue.share == waiting


async def test_a_file_that_its_case_does_not_take_is_not_fetched_again_at_once(bench: Bench) -> None:
    bench.queue.fetch, bench.desk.refuses = [a_file()], True

    for _ in range(5):
        await bench.worker.sweep()
        await bench.machine.pass_(6)

    assert len(bench.slack.tokens) == 1


async def test_a_share_whose_answer_was_lost_is_looked_at_before_another(bench: Bench) -> None:
    to_be_shown(bench)
    bench.slack.odd = {"lose complete": True}

    await bench.worker.sweep()
    await bench.machine.pass_(6)
    await bench.worker.sweep()

    assert len(bench.slack.shares) == 1
    assert bench.queue.share == []


@pytest.mark.parametrize("home", [("DKEEPER", "2.000001"), None])
async def test_a_file_follows_a_case_that_was_restricted_since(bench: Bench, home: tuple[str, str] | None) -> None:
    """It hung in a channel's thread: there it is taken away, also while nobody who may know of the case has its card yet."""
    digest, size = bench.store.write(BYTES)
    bench.queue.share = [a_file(sha256=digest, size=size, upload="FUP0")]
    bench.slack.shares = [{"channel_id": "CHOME"}]
    if home is not None:
        bench.reader.cards["case-1", "home"] = home

    await bench.worker.sweep()

    assert "files.delete" in bench.slack.called
    assert [s["channel_id"] for s in bench.slack.shares] == ["CHOME", *([home[0]] if home else [])]


@pytest.mark.parametrize(
    ("to", "inside", "found"),
    [("CCLERK", False, True), ("CCLERK", True, False), ("UOFFICER", True, False), ("UNORTH", True, True)],
)
def test_files_of_a_restricted_case_are_shown_to_nobody_who_may_not_know_of_it(
    to: str, inside: bool, found: bool
) -> None:
    """Its home card may still stand in a channel, or have gone to the desk officer because it did not arrive."""
    made = stores_desk(text=TEXT)
    made.log("UCLERK2", what="rude", store="store1", inside=inside)

    class Cards(MemoryReader):
        def card(self, case_id: str, kind: str, visit: int | None = None, to_: str | None = None) -> Any:
            return ("D1", "1.0") if to_ in (None, to) else None

    store = SimpleNamespace(reader=Cards(made), shelf=made)
    watched = SimpleNamespace(plan=made.settings.plan, calendars=made.settings.calendars)
    office = SimpleNamespace(store=store, watched=watched, customers=lambda code: None, clock=made.clock)

    assert (HomeOfCase(cast(Any, office))("case1") is not None) == found


@pytest.mark.parametrize("error", ["is_archived", "not_in_channel"])
async def test_a_file_for_a_channel_that_was_away_is_shown_once_it_is_back(bench: Bench, error: str) -> None:
    to_be_shown(bench)
    bench.slack.odd = {"files.completeUploadExternal": error}
    for _ in range(30):
        await bench.worker.sweep()
        await bench.machine.pass_(1000)
    assert len(bench.queue.share) == 1

    bench.slack.odd = {}
    await bench.worker.sweep()

    assert len(bench.slack.shares) == 1
    assert bench.queue.share == []


async def test_a_file_whose_thread_is_gone_is_given_up(bench: Bench) -> None:
    to_be_shown(bench)
    bench.slack.odd = {"files.completeUploadExternal": "thread_not_found"}

    await bench.worker.sweep()

    assert bench.queue.share == []


@pytest.mark.parametrize("odd", [{}, {"files.delete": "file_not_found"}, {"files.delete": "file_deleted"}])
async def test_our_copy_of_an_erased_file_is_deleted_at_slack(bench: Bench, odd: dict[str, Any]) -> None:
    bench.queue.erased, bench.slack.odd = [a_file(upload="FUP0")], odd

    await bench.worker.sweep()
    await bench.machine.pass_(20)
    await bench.worker.sweep()

    assert bench.slack.called == ["files.delete"]
    assert bench.queue.erased == []


@pytest.mark.parametrize("error", ["internal_error", "missing_scope", "cant_delete_file"])
async def test_erasing_at_slack_is_never_given_up(bench: Bench, error: str) -> None:
    bench.queue.erased, bench.slack.odd = [a_file(upload="FUP0")], {"files.delete": error}
    for _ in range(30):
        await bench.worker.sweep()
        await bench.machine.pass_(1000)
    assert len(bench.queue.erased) == 1

    bench.slack.odd = {}
    await bench.worker.sweep()

    assert bench.queue.erased == []
