"""
The audit: what stands in the database and in the sandbox, held against what people were told.

It reads tables and messages itself; of the program it uses only the card renderer, to know how a card should look.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, create_engine, text

from tests.chaos.calls import hurried, turned_down
from tests.chaos.company import OFFICER, ORDINARY, STAND_IN, TOP, Deputised
from tests.chaos.findings import Event, Findings
from tests.chaos.history import DONE, HEARD, REFUSED, Act, History, content_of
from tests.chaos.limits import Limits
from tests.chaos.looks import buttons, difference, plain
from tests.chaos.readers import Readers, several_turns

DECIDES = frozenset({"visit.main", "visit.confirm", "visit.return", "visit.log_call"})
TURNED_AWAY = "is with other people"
REMINDS = frozenset({"reminder", "reminder_slip", "escalation", "urge", "turn"})
"""Kinds that tell nobody anything once their stage is over; every other notice must be shown."""
FAULT = "It may not be recorded"
"""What the bot says when an act failed and nobody is to blame but the program, or what it stands on."""
MOST_NAMED = 8
ELSEWHERE = "undelivered"
"""The kind of notice by which the desk officer hears of a message that did not arrive."""
Steps = dict[str, datetime]


class Audit:
    """
    Compares. *state*: the sandbox's dump; *deliveries*: its payloads with their answers; *now*: procedure time at the end.
    *drawn*: of each card, by (channel, ts), its text and blocks as they should be (None: the text alone tells). *doubted*: keys of messages that
    nobody could tell of for a while; words typed under these meanwhile are promised to nobody. *roles*: who may answer for
    each role, with its head. *calls*: what the app called, where no bot was killed: one that was may
    not get to what follows from Slack's refusal. *answers*: what forms were answered, where neither Slack nor the ground gave way,
    so that no act may end in a fault. *come_and_go*: whether the desk file changed during the run. *deputised*: on which days of *zone* STAND_IN
    was somebody's deputy by it.
    """

    def __init__(
        self, *, url: str, history: History, state: Mapping[str, Any], deliveries: Iterable[Mapping[str, Any]], now: datetime,
        drawn: Mapping[tuple[str, str], tuple[str, Any]], doubted: Collection[str] = (),
        roles: Mapping[str, Collection[str]] | None = None, calls: Iterable[Mapping[str, Any]] = (),
        answers: Iterable[Mapping[str, Any]] | None = None, come_and_go: bool = False,
        deputised: Iterable[Deputised] = (), zone: str = ORDINARY.zone,
    ) -> None:  # fmt: skip
        self._history, self._state, self._deliveries, self._now, self._drawn = history, state, deliveries, now, drawn
        self._url, self._doubted, self._roles = url, doubted, roles
        self._calls, self._answers, self._come_and_go = list(calls), answers, come_and_go
        self._deputised, self._zone = list(deputised), ZoneInfo(zone)
        self.found = Findings()

    def run(self) -> Findings:
        engine = create_engine(self._url.replace("postgresql://", "postgresql+psycopg://"))
        with engine.connect() as core:
            self._core = core
            self._events = list(_events(core))
            self._acts()
            self._faults()
            self.found.hurried += hurried(self._calls)
            self._files()
            self._seats()
            self._deciders()
            self._numbers()
            self._versions()
            self._notices()
            self._told_of()
            self._named()
            self._readers()
            self._limits()
            self._cards()
            self._deadlines()
            self._chains(core)
        engine.dispose()
        return self.found

    def _rows(self, sql: str) -> list[Any]:
        return list(self._core.execute(text(sql)))

    # --- acts -----------------------------------------------------------------------------------------------------

    def _acts(self) -> None:
        """Every acknowledged act stands in the log once, every other one at most once, a refused one not at all."""
        spoken = dict(map(tuple, self._rows("SELECT id, text FROM words")))
        times: Counter[str] = Counter()
        stands: dict[str, Event] = {}
        for event in self._events:
            said = {self._token(spoken[w]) for w in event.words if w in spoken}
            times.update(said)
            stands |= dict.fromkeys(said - {""}, event)
        threads = self._threads()
        keys = Counter(
            str(key).split(":")[part] for (key,) in self._rows("SELECT key FROM acts") for part in _parts(key)
        )
        heard = self._heard()
        for act in list(self._history.acts):
            is_told = act.outcome == DONE or (
                act.outcome == HEARD and act.at in heard and not self._is_turned_away(act)
            )
            self.found.acknowledged += is_told
            count = times[act.words] if act.words else self._count_without_words(act, keys)
            if count > 1:
                self.found.twice.append(f"{count} times: {act}")
            elif is_told and count == 0:
                self.found.lost.append(str(act))
            elif act.words in stands and not _is_its_place(
                stands[act.words], *threads.get(act.at, (act.case, act.visit))
            ):
                self.found.twice.append(f"stands elsewhere, {stands[act.words]}: {act}")
            elif act.outcome == REFUSED and count and not self._may_be_another(act):
                self.found.refused_but_done.append(str(act))

    def _count_without_words(self, act: Act, keys: Counter[str]) -> int:
        """A form without words is known by its token, a click by its visit and person."""
        if act.form:
            return keys[act.form]
        answers = [e for e in self._events if e.kind == "SeatAnswered" and e.log == act.case and e.actor == act.who]
        return int(any(e.body["visit"] == act.visit for e in answers))

    def _may_be_another(self, act: Act) -> bool:
        """A click has no sign of its own: who confirmed a stage before is told so, and what is recorded is that."""
        same = [a for a in self._history.acts if (a.who, a.case, a.visit) == (act.who, act.case, act.visit)]
        return not act.words and not act.form and any(a.outcome != REFUSED for a in same)

    @staticmethod
    def _token(said: str) -> str:
        return next((w for w in said.split() if w.startswith("word-")), "")

    def _heard(self) -> set[tuple[str, str]]:
        """Return the messages of people that the app said it had taken."""
        told = (d for d in self._deliveries if d["kind"] == "events_api" and d["status"] == "acked")
        events = (d["payload"]["event"] for d in told)
        threads = self._our_threads()
        return {
            (e["channel"], e["ts"]) for e in events
            if e["type"] == "message" and (e["channel"], e.get("thread_ts")) in threads
        }  # fmt: skip

    def _is_turned_away(self, act: Act) -> bool:
        """Say whether who spoke in a thread was told after it that the case is with other people: he left its department."""
        threads = {(channel, m["ts"]): m.get("thread_ts") for channel, m in self._messages()}
        whispers = self._state["ephemerals"].get(act.who, ())
        place, at = act.at or ("", "")
        return any(
            TURNED_AWAY in w["text"]
            and w["channel"] == place
            and w["ts"] > at
            and w["thread_ts"] == threads.get((place, at))
            for w in whispers
        )

    def _our_threads(self) -> set[tuple[str, str]]:
        asked = "SELECT p.channel, p.ts, o.key FROM posted_cards p JOIN outbox o ON o.id = p.message WHERE p.case_id <> 'desk'"
        return {(channel, ts) for channel, ts, key in self._rows(asked) if key not in self._doubted}

    def _threads(self) -> dict[tuple[str, str] | None, tuple[str, int | None]]:
        """Return of each message in a thread the case and the visit of the card that heads it."""
        rows = self._rows("SELECT channel, ts, case_id, visit FROM posted_cards")
        cards = {(channel, ts): (case_id, visit) for channel, ts, case_id, visit in rows}
        return {
            (channel, m["ts"]): cards[channel, m["thread_ts"]]
            for channel, m in self._messages()
            if (channel, m.get("thread_ts")) in cards
        }

    def _faults(self) -> None:
        """Nobody is told that something went wrong where nothing did but that a bot was killed."""
        if self._answers is None:
            return
        whispers = ((who, w["text"]) for who, heard in self._state["ephemerals"].items() for w in heard)
        self.found.faults += [f"{who} was told: {said}" for who, said in whispers if FAULT in said]
        forms = ((given["about"], json.dumps(given.get("answer"))) for given in self._answers)
        self.found.faults += [f"a form was answered by it: {about}" for about, answer in forms if FAULT in answer]

    def _files(self) -> None:
        """Every file that was given with an acknowledged act is kept as it was, once, and shown once in the thread of its case."""
        asked = "SELECT w.text, f.state, f.sha256 FROM case_files f JOIN words w ON w.id = f.name"
        kept: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name, state, digest in self._rows(asked):
            kept[name].append((state, digest))
        shown: Counter[str] = Counter()
        for file in self._state.get("files", {}).values():
            shown[file["name"]] += sum(map(len, file["shares"]["public"].values()))
        for act in self._history.acts:
            if not act.file:
                continue
            right = ("stored", sha256(content_of(act.file)).hexdigest())
            if act.outcome == DONE and right not in kept[act.file]:
                self.found.lost.append(f"its file is {kept[act.file] or 'not kept'}: {act}")
            elif act.outcome == DONE and not shown[act.file]:
                self.found.notices_lost.append(f"its file is not shown: {act}")
            if len(kept[act.file]) > 1 or shown[act.file] > 1:
                self.found.twice.append(f"its file is kept {len(kept[act.file])} times, shown {shown[act.file]}: {act}")

    def _seats(self) -> None:
        """Nobody's seat is answered twice, unless the answer was taken back."""
        answered: set[tuple[str, int, int]] = set()
        over: set[tuple[str, int]] = set()
        for event in self._events:
            visit = (event.log, event.body.get("visit", 0))
            match event.kind:
                case "SeatAnswered":
                    seat = (*visit, event.body["seat"])
                    if seat in answered or visit in over:
                        self.found.twice.append(f"seat answered again: {event}")
                    answered.add(seat)
                case "DecisionTakenBack":
                    answered.discard((*visit, event.body["seat"]))
                    over.discard(visit)
                case "VisitDone" | "VisitDropped":
                    over.add(visit)
        opened = Counter((e.log, e.body["visit"]) for e in self._events if e.kind == "VisitOpened")
        self.found.twice += [f"visit opened {n} times: {visit}" for visit, n in opened.items() if n > 1]

    def _deciders(self) -> None:
        """Who answered a seat is of its role, or heads it, is the one it was given to, or stands in on that day; who logged a
        complaint may do its form again."""
        if self._roles is None:
            return
        seats: dict[tuple[str, int, int], tuple[str | None, str | None]] = {}
        reporters = {e.log: e.body["reporter"] for e in self._events if e.kind == "CaseOpened"}
        intake = {
            (e.log, e.body["visit"]) for e in self._events if e.kind == "VisitOpened" and e.body["stage"] == "intake"
        }
        for event in self._events:
            body = event.body
            if event.kind in ("VisitOpened", "SeatAdded"):
                for seat in body.get("seats") or [body["seat"]]:
                    seats[event.log, body["visit"], seat["id"]] = (seat["role"], seat["member"])
            elif event.kind == "HandedOver":
                seats[event.log, body["visit"], body["seat"]] = (body["role"], body["member"])
            elif event.kind == "SeatAnswered":
                instead = set(self._roles[TOP]) if body["capacity"] == "general_manager" else set()
                if (event.log, body["visit"]) in intake:  # who logged it may always do its own form again
                    instead.add(reporters[event.log])
                role, member = seats[event.log, body["visit"], body["seat"]]
                his = {member} if member else set(self._roles.get(role or "", ()))
                if event.actor not in his | instead and not self._stood_in(event, role, member):
                    self.found.refused_but_done.append(f"was not his to decide: {event}")

    def _stood_in(self, event: Event, role: str | None, member: str | None) -> bool:
        day = datetime.fromisoformat(event.at).astimezone(self._zone).date()
        return event.actor == STAND_IN and any(each.covers(day, role, member) for each in self._deputised)

    def _numbers(self) -> None:
        """No two cases have the same number."""
        given = Counter((e.body["series"], e.body["number"]) for e in self._events if e.kind == "CaseNumbered")
        self.found.twice += [f"{n} cases have the number {number}" for (_, number), n in given.items() if n > 1]

    def _versions(self) -> None:
        """A version of the regulation is put in force at most once; no case is pinned to one that never was."""
        forced = Counter(e.body["bundle"] for e in self._events if e.kind == "PolicyPutInForce")
        self.found.twice += [f"version {bundle[:12]} put in force {n} times" for bundle, n in forced.items() if n > 1]
        opened = [e for e in self._events if e.kind == "CaseOpened"]
        self.found.broken += [f"its version was never in force: {e}" for e in opened if e.body["bundle"] not in forced]

    # --- notices --------------------------------------------------------------------------------------------------

    def _notices(self) -> None:
        """
        Each notice is covered by exactly one message that is shown, or its going elsewhere is. What stands in a thread follows
        its card where that went elsewhere.
        """
        places = self._places_of_keys()
        rows = {
            r[0]: r for r in self._rows("SELECT id, key, state, channel, ts, kind, dest, error, thread FROM outbox")
        }
        notices = self._rows("SELECT case_id, id, visit, kind, dest, message, covered_at FROM notices")
        known = {r[1] for r in rows.values()}
        self.found.notices_twice += [f"shown {len(at)} times: {key} {at}" for key, at in places.items() if len(at) > 1]
        self.found.notices_twice += [f"shown for no row: {key} {at}" for key, at in places.items() if key not in known]
        told = {str(n[1]) for n in notices}
        instead = {id_.split(".", 1)[0] for id_ in told}
        over = self._visits_ever_over()
        moved = {(n[0], rows[n[5]][3]) for n in notices if "." in n[1] and n[5] in rows}
        for case_id, id_, visit, kind, dest, message, covered in notices:
            what = f"{kind} to {dest} of {case_id or 'the desk'} ({id_})"
            row = rows.get(message)
            if row is None:
                self.found.notices_lost.append(f"no message: {what}")
            elif row[2] == "sent":
                at = (row[3], row[4])
                if covered is None or at not in places.get(row[1], []):
                    self.found.notices_lost.append(f"marked as sent and not shown: {what}")
                elif at[0] not in (dest, self._state["direct"].get(dest)) and not (
                    row[8] and (case_id, at[0]) in moved
                ):
                    self.found.notices_lost.append(f"shown to others, at {at}: {what}")
            elif row[2] in ("failed", "uncertain"):
                if row[1] not in instead and (row[5] != ELSEWHERE or row[2] == "failed"):
                    self.found.notices_lost.append(f"{row[2]} and nobody told: {what} {row[7]}")
            elif row[2] != "nothing":
                self.found.notices_lost.append(f"still {row[2]}: {what}")
            elif kind not in REMINDS or (case_id, visit) not in over:
                self.found.notices_lost.append(f"found needless though it was not: {what} {row[7]}")
        self._sent_elsewhere({r[1]: r for r in rows.values()}, told)

    def _visits_ever_over(self) -> set[tuple[str, int]]:
        return {(e.log, e.body["visit"]) for e in self._events if e.kind in ("VisitDone", "VisitDropped")}

    def _sent_elsewhere(self, rows: Mapping[str, Any], told: Collection[str]) -> None:
        """What Slack would not take where it belongs went another way, and the desk officer heard of it; his own messages wait."""
        for key in turned_down(self._calls):
            ways = {id_.split(".")[1] for id_ in told if id_.startswith(f"{key}.")}
            if key not in rows or rows[key][6] == OFFICER:
                continue
            if ELSEWHERE not in ways or len(ways) < 2:
                self.found.notices_lost.append(f"turned down, and only {ways or 'nobody'} told: {tuple(rows[key])}")

    def _told_of(self) -> None:
        """Each step that fired is told to somebody, and nothing is told to anybody twice by what came of one act."""
        told: set[tuple[str, int, str]] = set()
        times: Counter[tuple[str, ...]] = Counter()
        asked = "SELECT id, case_id, kind, dest, visit, deadline, facts FROM notices WHERE case_id <> ''"
        for id_, case_id, kind, dest, visit, deadline, facts in self._rows(asked):
            act, _, _ = str(id_).rpartition("-")
            if act:  # what went another way has the message's own key
                told.add((case_id, deadline, json.loads(facts).get("step", "")))
                times[act, kind, dest, str(visit), str(deadline), facts] += 1
        self.found.notices_twice += [f"put out {n} times: {notice}" for notice, n in times.items() if n > 1]
        fired = [e for e in self._events if e.kind == "StepFired" and e.body["as_"] in REMINDS and e.body["told"]]
        self.found.notices_lost += [
            f"fired and told nobody: {e}" for e in fired if (e.log, e.body["deadline"], e.body["step"]) not in told
        ]

    def _named(self) -> None:
        """A reminder of several stages names the case of each of them, or of so many and how many more."""
        shown = {(channel, message["ts"]): str(message.get("blocks")) for channel, message in self._messages()}
        asked = (
            "SELECT DISTINCT o.channel, o.ts, c.number, n.visit FROM notices n JOIN outbox o ON o.id = n.message JOIN cases c ON c.id = n.case_id "
            "WHERE n.kind = 'reminder' AND o.state = 'sent' AND c.number IS NOT NULL"
        )
        about: dict[tuple[str, str], list[str]] = defaultdict(list)
        for channel, ts, number, _ in self._rows(asked):
            about[channel, ts].append(number)
        for place, rows in about.items():
            numbers = set(rows)
            named = {number for number in numbers if number in shown.get(place, number)}
            twice = len(rows) - len(numbers)  # a case may stand in it with two stages
            if len(named) < min(len(rows), MOST_NAMED) - twice:
                self.found.notices_lost.append(f"not named in the reminder at {place}: {sorted(numbers - named)}")

    def _readers(self) -> None:
        """Whoever must be told of something is, and nobody else."""
        if self._roles is None:
            return
        acts: dict[str, set[int]] = defaultdict(set)
        for log, seq in self._rows("SELECT log_id, seq FROM acts"):
            acts[log].add(seq)
        notices = [tuple(row) for row in self._rows("SELECT id, case_id, kind, dest, visit FROM notices")]
        readers = Readers(self._events, acts, notices, self._roles, come_and_go=self._come_and_go)
        self.found.notices_lost += [f"nobody was told: {each}" for each in readers.lost()]
        self.found.strangers += readers.strangers()
        self.found.twice += several_turns(self._events)

    def _limits(self) -> None:
        """Every limit runs out when its regulation and its calendar say, by a count of the audit's own."""
        versions = self._rows("SELECT bundle, policy, texts FROM policy_versions")
        texts = {bundle: json.loads(files)[policy] for bundle, policy, files in versions}
        self.found.wrong_limits += Limits(self._events, texts).wrong()

    def _places_of_keys(self) -> dict[str, list[tuple[str, str]]]:
        places: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for channel, message in self._messages():
            key = (message.get("metadata") or {}).get("event_payload", {}).get("key")
            if key:
                places[key].append((channel, message["ts"]))
        return places

    def _messages(self) -> Iterator[tuple[str, dict[str, Any]]]:
        for channel, messages in self._state["messages"].items():
            for message in messages:
                yield channel, message

    # --- cards ----------------------------------------------------------------------------------------------------

    def _cards(self) -> None:
        """Every card looks as the record says; nothing that is over can still be decided on a card."""
        behind = "SELECT channel, ts, case_id, kind, shown_seq, wanted_seq, error FROM posted_cards WHERE live = 1 AND shown_seq < wanted_seq"
        self.found.stale += [f"behind its case: {tuple(row)}" for row in self._rows(behind)]
        shown = {(channel, message["ts"]): message for channel, message in self._messages()}
        for place, (words, blocks) in self._drawn.items():
            message = shown.get(place)
            if message is None:
                self.found.stale.append(f"no message at {place}")
            elif blocks is None:
                if message["text"] != words:
                    self.found.stale.append(f"is not over at {place}: says {message['text']}, should say {words}")
            elif (message["text"], plain(message["blocks"])) != (words, plain(blocks)):
                self.found.stale.append(f"looks different at {place}: {difference(message, words, blocks)}")
        over = self._visits_over()
        for place, message in shown.items():
            for action, value in buttons(message.get("blocks") or []):
                _, case, visit, *_ = (value + "|||").split("|")
                if action in DECIDES and visit and (case, int(visit)) in over:
                    self.found.stale.append(f"{action} of {case} visit {visit}, which is over, on {place}")

    def _visits_over(self) -> set[tuple[str, int]]:
        over: set[tuple[str, int]] = set()
        for event in self._events:
            if event.kind in ("VisitDone", "VisitDropped"):
                over.add((event.log, event.body["visit"]))
            elif event.kind == "DecisionTakenBack":
                over.discard((event.log, event.body["visit"]))
        return over

    # --- deadlines ------------------------------------------------------------------------------------------------

    def _deadlines(self) -> None:
        """Every step of every deadline ends once: fired, superseded or cancelled; and none is overdue for it."""
        open_: dict[tuple[str, int], Steps] = {}
        held: set[tuple[str, int]] = set()
        for event in self._events:
            of = (event.log, event.body.get("deadline", 0))
            match event.kind:
                case "DeadlineSet" | "DeadlineMoved":
                    open_[of] = _steps(event.body["steps"])
                    held.discard(of)
                case "DeadlineHeld":
                    held.add(of)
                case "StepFired" | "StepSuperseded":
                    due = open_.get(of, {}).pop(event.body["step"], None)
                    if due is None:
                        self.found.doubled.append(f"{event.kind} again or never set: {event}")
                    elif event.kind == "StepFired" and due > datetime.fromisoformat(event.at):
                        self.found.missed.append(f"fired before {due}: {event}")
                    open_.setdefault(of, {}).update(_steps(event.body.get("next_steps", ())))
                case "DeadlineEnded":
                    cancelled = set(event.body.get("cancelled", ()))
                    left = open_.pop(of, {})
                    self.found.missed += [f"never ended: step {s} of {of}" for s in left.keys() - cancelled]
                    self.found.doubled += [f"cancelled though over: step {s} of {of}" for s in cancelled - left.keys()]
        for of, steps in ((of, steps) for of, steps in open_.items() if of not in held):
            self.found.missed += [f"step {s} of {of}, due {at}" for s, at in steps.items() if at <= self._now]

    # --- chains ---------------------------------------------------------------------------------------------------

    def _chains(self, core: Connection) -> None:
        """Each event's hash covers its line and the hash before it (the formula of `docs/architecture.md`)."""
        heads = {**dict(map(tuple, self._rows("SELECT id, head_hash FROM cases"))), **dict(map(tuple, self._rows("SELECT log_id, head_hash FROM logs")))}  # fmt: skip
        before: dict[str, tuple[int, str]] = {}
        rows = "SELECT log_id, seq, at, actor, kind, body, digests, hash FROM events ORDER BY log_id, seq"
        for log, seq, at, actor, kind, body, digests, hash_ in self._rows(rows):
            last, head = before.get(log, (0, "0" * 64))
            line = (
                f'{{"actor":{json.dumps(actor, ensure_ascii=False)},"at":"{_instant(at)}","body":{body},"digests":{digests},'
                f'"kind":"{kind}","log":{json.dumps(log, ensure_ascii=False)},"seq":{seq}}}'
            )
            if seq != last + 1 or sha256(f"{head}\n{line}".encode()).hexdigest() != hash_:
                self.found.broken.append(f"{log}, event {seq}")
            before[log] = (seq, hash_)
        self.found.broken += [f"head of {log}" for log, (_, head) in before.items() if heads.get(log) != head]


def _events(core: Connection) -> Iterator[Event]:
    rows = core.execute(text("SELECT log_id, seq, at, actor, kind, body, digests FROM events ORDER BY log_id, seq"))
    for log, seq, at, actor, kind, body, digests in rows:
        words = frozenset(json.loads(digests))
        yield Event(log=log, seq=seq, at=str(at), actor=actor, kind=kind, body=json.loads(body), words=words)


def _is_its_place(event: Event, case: str, visit: int | None) -> bool:
    """Say whether a line is of the case and the visit at which somebody acted, as far as he acted at any."""
    return case in ("", event.log) and (visit is None or event.body.get("visit") in (None, visit))


def _parts(key: str) -> range:
    return range(len(str(key).split(":")))


def _steps(raw: Iterable[Mapping[str, Any]]) -> Steps:
    return {s["id"]: datetime.fromisoformat(s["send_at"]) for s in raw}


def _instant(at: Any) -> str:
    """Return an instant as it stands in the hashed line."""
    if isinstance(at, str):
        return at
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
