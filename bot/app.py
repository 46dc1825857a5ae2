"""The bot put together: the office, Slack on both sides, the courier, the tick, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
import structlog
from slack_bolt.async_app import AsyncApp

from bot.calendars import Calendars
from bot.checkup import SlackCheckup
from bot.chores import (
    ByApproval,
    DailyAnchor,
    DirectMessagesRefused,
    Duties,
    OldDrafts,
    Outages,
    PolicyFiles,
    Qualifications,
)
from bot.courier import Courier
from bot.daily_checkup import DailyCheckup
from bot.direct_messages import DirectMessages
from bot.erasing import Retention
from bot.fallbacks import DeskFallback
from bot.files_in import FileQueue, FilesIn, HomeOfCase
from bot.health import Intake, Pulse
from bot.http import EVENTS_PATH, HttpServer, Pages
from bot.intake import HttpIntake, SocketIntake
from bot.metrics import Metrics, Registry
from bot.office import Office
from bot.outage import Gate
from bot.people import DeskActs, People
from bot.rendering import Renderer
from bot.repairs import Repairs
from bot.signed_requests import SignedRequests
from bot.slack_answers import Calls, Responder
from bot.slack_files import SlackFiles
from bot.slack_out import SlackOut, make_client, make_session
from bot.token_watch import TokenWatch
from bot.workspace import Identity, WrongWorkspace, identify, identify_for
from handlers.conversation import Conversation
from handlers.languages import Languages
from handlers.turns import settle_later
from reminders.audit import Audit
from reminders.clock import TickClock
from reminders.tick import Tick
from storage.leases import BEAT_SECONDS, DatabaseInUse, Holder

log = structlog.get_logger(__name__)

COURIER_SECONDS = 4.0
AFTERWARDS_SECONDS = 3.0
TICK_END_SECONDS, GIVE_BACK_SECONDS = 6.0, 3.0
READ_THREADS = 16
GARBAGE_ALLOCATIONS = 10_000
FENCED = "this bot stood still for longer than its lease on the database, and another bot took over; start it again if it is still needed"
Register = Callable[[AsyncApp, Conversation], object]
MakeRenderer = Callable[[Conversation, Office], Renderer]


class App:
    """
    One bot process. *register* adds the listeners, *make_renderer* draws the cards, *file_queue* finds files; *on_ending* is
    called when the end begins.

    `run` starts everything, waits for a signal (or a lost lease) and ends in order: no more intake, listeners
    finish, the tick ends after its batch, the courier finishes what is in flight, the lease is given back. Each of
    these has its bound; what hangs in spite of that is ended by `commands.run` (docs/operations.md).
    """

    def __init__(
        self, office: Office, *, register: Register, make_renderer: MakeRenderer, file_queue: FileQueue | None = None,
        on_ending: Callable[[], object] = lambda: None,
    ) -> None:  # fmt: skip
        self._office, self._register, self._make_renderer = office, register, make_renderer
        self._file_queue, self._on_ending = file_queue, on_ending
        self._settings = office.settings
        self._holder = Holder()
        self._identity: Identity | None = None
        self._end = asyncio.Event()
        self._is_started = self._is_ending = self._is_fenced = False
        self._metrics = Registry()
        self._exit = contextlib.AsyncExitStack()

    async def run(self) -> None:
        """
        Work until told to end.

        Raises:
            DatabaseInUse (also when the lease is lost), WrongWorkspace, OSError (the port), each with a sentence that says
                what to do.
        """
        self._listen_to_signals()
        try:
            await self._start()
            await self._end.wait()
            log.info("ending")
            if self._is_fenced:
                raise DatabaseInUse(FENCED)
        finally:
            self._is_ending = True
            self._on_ending()
            await self._exit.aclose()

    def end(self) -> None:
        """Ask for the end, from the loop."""
        self._end.set()

    # --- the start, each part with its end ----------------------------------------------------------------

    async def _start(self) -> None:
        await self._take_lease()
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(READ_THREADS, "reads"))
        session = await self._exit.enter_async_context(make_session())
        slack = SlackOut(make_client(self._token, self._settings.slack_api_url, session))
        talk = self._conversation(session)
        self._office.store.record.on_settled(talk.landings.land)
        talk.landings.expect()
        courier = self._courier(slack, talk)
        policies = PolicyFiles(self._office)
        tick, ticks = self._ticks(policies, courier.dms)
        self._exit.push_async_callback(_finish_answers)
        app = self._bolt(session)
        intake: Intake = HttpIntake()
        socket: SocketIntake | None = None
        if self._settings.slack_app_token is not None:
            client = make_client(None, self._settings.slack_api_url, session)
            intake = socket = SocketIntake(app, self._settings.slack_app_token.get_secret_value(), client)
            self._exit.push_async_callback(socket.stop)
        pulse = Pulse(
            self._office, intake, courier.gate, Audit(_Due(self._office)), ticks, self._office.store.outbox,
            lambda: self._is_started, lambda: self._is_ending, lambda: [*self._office.watched.problems, *policies.problems, *policies.wrong_values, *courier.dms.problems(), *_failing(tick, ticks)],
        )  # fmt: skip
        self._metrics.register(Metrics(pulse.look, courier.figures))
        await self._serve_http(Pages(pulse, self._metrics, self._events(app)))
        self._identity = await self._identify(slack, session)
        self._office.links.base = self._identity.url
        await asyncio.to_thread(policies, self._office.clock.now())
        self._register(app, talk)
        self._start_files(session)
        meeting = asyncio.create_task(talk.languages.meet(_people_of(self._office), self._office.machine.sleep))
        self._exit.callback(meeting.cancel)
        self._look_daily(session)
        self._watch_token(session, courier.gate)
        courier.start()
        ticks.start()
        if socket is not None:
            socket.start()
        _leave_out_of_collections()
        self._is_started = True
        log.info("started", transport=intake.name, team=self._identity.team_id)

    @property
    def _token(self) -> str:
        assert self._settings.slack_bot_token is not None
        return self._settings.slack_bot_token.get_secret_value()

    async def _take_lease(self) -> None:
        leases, machine = self._office.store.leases, self._office.machine
        await asyncio.to_thread(leases.take, self._holder, machine.now())
        self._exit.push_async_callback(self._give_back_lease)
        beating = asyncio.get_running_loop().create_task(self._beat(), name="lease")
        self._exit.callback(beating.cancel)

    async def _give_back_lease(self) -> None:
        """Say that we are gone. Where the database does not answer the lease ends by itself, and so does this bot, in order."""
        try:
            await asyncio.wait_for(
                asyncio.to_thread(self._office.store.leases.give_back, self._holder), GIVE_BACK_SECONDS
            )
        except Exception as error:
            log.warning("the lease could not be given back; it ends by itself", exc_info=error)

    async def _beat(self) -> None:
        while True:
            await self._office.machine.sleep(BEAT_SECONDS)
            try:
                if not await asyncio.to_thread(
                    self._office.store.leases.beat, self._holder, self._office.machine.now()
                ):
                    log.error("the lease on the database is gone; another bot works on it")
                    self._is_fenced = True
                    self.end()
            except Exception as error:
                log.error("the lease could not be renewed", exc_info=error)

    def _conversation(self, session: aiohttp.ClientSession) -> Conversation:
        office = self._office
        calls = Calls(make_client(self._token, self._settings.slack_api_url, session))
        return Conversation(
            desk=office.desk, reader=office.store.reader, drafts=office.store.drafts, shelf=office.in_force,
            settings=office.watched, clock=office.clock, customer=office.customers,
            named_in=office.store.register.named_in,
            languages=Languages(slack=calls, default=lambda: office.watched.plan().language, home=self._home),
            slack=calls, respond=Responder(session, self._settings.slack_api_url),
            put_in_force=ByApproval(office), trouble=Repairs(office), arrange=DeskActs(office),
            overrides=lambda: office.watched.overrides, answered=self._metrics.answered,
        )  # fmt: skip

    def _home(self) -> tuple[str | None, str | None]:
        """Return the workspace that we are installed in and its organisation, as far as Slack has told us."""
        return (self._identity.team_id, self._identity.enterprise_id) if self._identity else (None, None)

    def _courier(self, slack: SlackOut, talk: Conversation) -> Courier:
        store = self._office.store
        courier = Courier(
            outbox=store.outbox, renderer=self._make_renderer(talk, self._office), reader=store.reader, slack=slack,
            fallback=DeskFallback(self._office.watched.plan), clock=self._office.clock, machine=self._office.machine,
        )  # fmt: skip
        store.record.on_commit(lambda messages: courier.wake())
        self._exit.push_async_callback(courier.stop, COURIER_SECONDS)
        return courier

    def _ticks(self, policies: PolicyFiles, dms: DirectMessages) -> tuple[Tick, TickClock]:
        office = self._office
        tick = Tick(
            desk=office.desk, record=office.store.record, clock=office.clock, machine_now=office.machine.now,
            heartbeat=office.store.heartbeats,
            chores=[
                ("outages", Outages(office)), ("direct messages", DirectMessagesRefused(office, lambda: dms.refused)), ("people", People(office)), ("calendars", Calendars(office)), ("policy files", policies), ("duties", Duties(office)), ("qualifications", Qualifications(office)), ("daily anchor", DailyAnchor(office)), ("retention", Retention(office)), ("old drafts", OldDrafts(office))],
            is_stopping=lambda: ticks.is_stopping(),
        )  # fmt: skip
        ticks = TickClock(tick.run, monotonic=office.machine.monotonic)
        self._exit.push_async_callback(_stop_ticks, ticks)
        return tick, ticks

    def _bolt(self, session: aiohttp.ClientSession) -> AsyncApp:
        secret = self._settings.slack_signing_secret

        async def authorize(enterprise_id: str | None, team_id: str | None) -> Any:
            return await self._identity.authorize(enterprise_id, team_id) if self._identity else None

        return AsyncApp(
            name="redress",
            client=make_client(None, self._settings.slack_api_url, session),
            signing_secret=secret.get_secret_value() if secret else "",
            authorize=authorize,
            process_before_response=True,
            # For functions and assistants, which we have none of; each costs every click a step.
            attaching_function_token_enabled=False,
            attaching_conversation_kwargs_enabled=False,
        )

    def _events(self, app: AsyncApp) -> Any:
        """Return what takes signed requests: nothing in Socket Mode, and nothing before the start is over."""
        if self._settings.is_socket_mode:
            return None
        handler = SignedRequests(app, EVENTS_PATH)

        async def when_started(scope: Any, receive: Any, send: Any) -> None:
            if self._is_started:
                await handler(scope, receive, send)
            else:
                await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
                await send({"type": "http.response.body", "body": b""})

        return when_started

    async def _serve_http(self, pages: Pages) -> None:
        if self._settings.http_port is None:
            return
        server = HttpServer(pages, self._settings.http_host, self._settings.http_port)
        await server.start()
        self._exit.push_async_callback(server.stop)

    async def _identify(self, slack: SlackOut, session: aiohttp.ClientSession) -> Identity:
        """Find out who we are; a signal ends the waiting."""
        client = make_client(self._token, self._settings.slack_api_url, session)
        asking = asyncio.ensure_future(identify_for(client, self._office.watched.loaded.team, self._office.machine))
        ending = asyncio.ensure_future(self._end.wait())
        await asyncio.wait({asking, ending}, return_when=asyncio.FIRST_COMPLETED)
        ending.cancel()
        if not asking.done():
            asking.cancel()
            raise WrongWorkspace("Ended before Slack answered.")
        return asking.result()

    def _start_files(self, session: aiohttp.ClientSession) -> None:
        if self._file_queue is None:
            return
        store, settings = self._office.store, self._settings
        files = FilesIn(
            queue=self._file_queue, blobs=store.files, desk=self._office.desk, home=HomeOfCase(self._office),
            slack=SlackFiles(make_client(self._token, settings.slack_api_url, session), session),
            folder=settings.data / "fetched",
            is_mine=lambda: store.leases.is_eldest(self._holder, self._office.machine.now()),
        )  # fmt: skip
        files.start()
        store.record.on_commit(lambda messages: files.wake())
        self._exit.push_async_callback(files.stop)

    def _look_daily(self, session: aiohttp.ClientSession) -> None:
        client = make_client(self._token, self._settings.slack_api_url, session)
        checkup = DailyCheckup(self._office, SlackCheckup(self._office, client).desk)
        looking = asyncio.create_task(checkup.run(), name="daily checkup")
        self._exit.callback(looking.cancel)

    def _watch_token(self, session: aiohttp.ClientSession, gate: Gate) -> None:
        client = make_client(self._token, self._settings.slack_api_url, session)
        watch = TokenWatch(lambda: identify(client), gate, self._office.machine)
        watching = asyncio.create_task(watch.run(), name="token watch")
        self._exit.callback(watching.cancel)

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end.set)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # its terminal was closed, and no nohup before it
            loop.add_signal_handler(signal.SIGHUP, self._end.set)


def _failing(tick: Tick, ticks: TickClock) -> list[str]:
    """Name what failed beside the deadlines; while the tick itself fails that says it all."""
    names = tick.failing if ticks.failure is None else ()
    return [
        f"{name}: fails with each tick; the log says why (“chore failed: {name}”), and it is tried again"
        for name in sorted(names)
    ]


async def _stop_ticks(ticks: TickClock) -> None:
    try:
        await asyncio.wait_for(asyncio.to_thread(ticks.stop), TICK_END_SECONDS)
    except TimeoutError:
        log.warning("the tick still ran at the end; nothing of what it had not finished is recorded")


async def _finish_answers() -> None:
    """Let what goes on after an acknowledgement come to its end: App Home redrawn, an answer in words."""
    try:
        await asyncio.wait_for(settle_later(), AFTERWARDS_SECONDS)
    except TimeoutError:
        log.warning("answers were still on their way at the end")


def _people_of(office: Office) -> list[str]:
    """Return everybody whom the desk file names."""
    plan = office.watched.plan()
    found = [m for r in plan.roles.values() for m in (*r.members, r.head, *(d.member for d in r.deputies)) if m]
    return list(dict.fromkeys([*found, plan.officer]))


def _leave_out_of_collections() -> None:
    """
    Take what the start made (programs, policies, texts) out of the garbage collector's rounds.

    A full round over it stops every thread for 0.1 s and costs a sixth of a click (docs/performance.md).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_ALLOCATIONS, 20, 20)


class _Due:
    """The audit's own look at what is due."""

    def __init__(self, office: Office) -> None:
        self._heartbeats = office.store.heartbeats

    def not_fired(self, before: Any) -> Any:
        return self._heartbeats.overdue_and_not_fired(before)
