"""What waits for a person, what is late, what the person logged: found in few queries, drawn only where it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from complaints.case import CLOSED, FINISHED, OPEN, Case, Visit
from complaints.hiding import is_hidden_from
from complaints.people import DeskPlan
from complaints.ports import CaseLine, OpenSeat
from complaints.refusals import Refusal
from complaints.restricted import refuse_stranger
from complaints.views import HomeRow, Look
from complaints.views_acts import may_decide, may_rule
from complaints.views_rows import MAIN, RULE, URGE, row_of_case, row_of_visit
from complaints.views_rows import OPEN as OPEN_IT
from handlers.cards.refs import Ref
from handlers.conversation import Conversation
from handlers.scenes import Scene

ALL, SOON, DONE = "all", "soon", "closed"
FILTERS = (ALL, SOON, DONE)
SOON_DAYS = 7
SHOWN = 10
MOST_LOGGED, MOST_SOUGHT = 1000, 1000
WAITING, LATE, MINE = "waiting", "late", "mine"
GROUPS = (WAITING, LATE, MINE)


@dataclass(frozen=True, kw_only=True)
class Group:
    """A group of rows. *count*: how many there are; *rows*: the ones drawn."""

    id: str
    count: int
    rows: tuple[HomeRow, ...]


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """Whose lists these are. *now*: procedure time, for what is late and what is soon."""

    talk: Conversation
    member: str
    language: str
    now: datetime

    @property
    def plan(self) -> DeskPlan:
        return self.talk.settings.plan()

    # --- groups -----------------------------------------------------------------------------------------------

    def groups(self, chosen: str = ALL, shown: int = SHOWN, only: Iterable[str] = GROUPS) -> tuple[Group, ...]:
        """
        Return the groups *only*, each sorted by deadline; an item stands in the first that fits, never twice.

        Reads the open seats and the lines of this person once; only the rows that show load their case.
        """
        wanted = frozenset(only)
        seats = self._my_seats()
        lines = self._logged(chosen)
        taken = {(s.case_id, s.visit) for s in seats}
        late = [s for s in self._late_seats(lines) if (s.case_id, s.visit) not in taken]
        if chosen == SOON:
            end = self.now + timedelta(days=SOON_DAYS)
            seats = [s for s in seats if s.due_at is not None and s.due_at <= end]
        if chosen == DONE:
            seats, late = [], []
        named = {s.case_id for s in (*seats, *late)}
        mine = [line for line in lines if line.case_id not in named]
        found = []
        if WAITING in wanted:
            found.append(self._seat_group(WAITING, seats, MAIN, shown))
        if LATE in wanted:
            found.append(self._seat_group(LATE, late, URGE, shown))
        if MINE in wanted and (mine or WAITING not in wanted or not self._has_logged(lines)):
            found.append(self._line_group(mine, shown))
        if any(row.act == RULE for group in found for row in group.rows):
            # What is late waits for this person: "nothing waits for you" above it would be wrong.
            found = [g for g in found if g.id != WAITING or g.count]
        return tuple(found)

    def _my_seats(self) -> list[OpenSeat]:
        """Return what this person may have to answer, and what waits for those whose named deputy he is now."""
        plan, reader = self.plan, self.talk.reader
        found = reader.open_seats(roles=plan.roles_of(self.member, self.now), member=self.member)
        for member in plan.stands_in_for(self.member, self.now):
            found = [*found, *reader.open_seats(roles=(), member=member)]
        return _each_once(sorted(found, key=lambda s: (s.due_at is None, s.due_at or self.now)))

    def _logged(self, chosen: str) -> list[CaseLine]:
        status = (CLOSED, FINISHED, "withdrawn", "void", "merged") if chosen == DONE else (OPEN, CLOSED)
        lines = self.talk.reader.lines(reporter=self.member, status=status, limit=MOST_LOGGED)
        lines = [line for line in lines if line.kind == "complaint"]
        if chosen == SOON:
            end = self.now + timedelta(days=SOON_DAYS)
            lines = [line for line in lines if line.due_at is not None and line.due_at <= end]
        return sorted(lines, key=lambda line: (line.due_at is None, line.due_at or self.now))

    def _has_logged(self, lines: list[CaseLine]) -> bool:
        """Say whether this person ever logged a case, so that Home never says the contrary."""
        return bool(lines) or bool(self.talk.reader.lines(reporter=self.member, limit=1))

    def _late_seats(self, lines: list[CaseLine]) -> list[OpenSeat]:
        """
        Return late stages of the cases that this person logged and of the departments that he heads (the slip goes to him
        too); for the registry and the general manager all.
        """
        late = _each_once(self.talk.reader.late_seats(self.now))
        if self.sees_all:
            return self._without_hidden(late)
        own = {line.case_id for line in lines}
        headed = {name for name, role in self.plan.roles.items() if role.head == self.member}
        found = [s for s in late if s.case_id in own or s.role in headed]
        return self._without_hidden(found) if headed else found

    def _without_hidden(self, seats: list[OpenSeat]) -> list[OpenSeat]:
        """
        Leave out seats of cases that this person may not know of: a count must not tell of them either (GA-05).

        Only cases are read whose own version restricts some: the one in force may restrict none any more.
        """
        found = {digest: self.talk.shelf.bundle(digest) for digest in {s.bundle for s in seats}}
        restricting = {
            digest for digest, b in found.items() if any(p.policy.access for p in (b.policy, *b.annexes.values()))
        }
        asked = {s.case_id for s in seats if s.bundle in restricting}
        hidden = {case_id for case_id in asked if self.look_at(case_id) is None}
        return [s for s in seats if s.case_id not in hidden]

    @property
    def sees_all(self) -> bool:
        """Tell whether all cases and figures are this person's business: registry, general manager, desk officer."""
        registries = {p.policy.registry for _, p in self.talk.policies()}
        mine = set(self.plan.roles_of(self.member, self.now))
        is_gm = self.plan.is_general_manager(self.member, self.now)
        return is_gm or self.member == self.plan.officer or bool(mine & registries)

    # --- rows -------------------------------------------------------------------------------------------------

    def _seat_group(self, id_: str, seats: list[OpenSeat], act: str, shown: int) -> Group:
        rows: list[HomeRow] = []
        count = len(seats)
        for seat in seats:
            if len(rows) == shown:
                break
            row = self._seat_row(seat, act)
            if row is None:
                count -= 1
            else:
                rows.append(row)
        return Group(id=id_, count=count, rows=tuple(rows))

    def _seat_row(self, seat: OpenSeat, act: str) -> HomeRow | None:
        """Return the row of a seat; None when it is not this person's turn (a signer waits for those before)."""
        look = self.look_at(seat.case_id)
        if look is None:
            return None
        case, eyes = look
        visit: Visit | None = case.visits.get(seat.visit)
        if visit is None or not visit.is_open or (act == MAIN and not may_decide(case, visit, self.member, eyes)):
            return None
        if act == URGE and may_rule(case, visit, self.member, eyes.world):
            act = RULE
        return _overdue_now(row_of_visit(case, visit, eyes, act=act), self.now)

    def _line_group(self, lines: list[CaseLine], shown: int) -> Group:
        rows = []
        for line in lines[:shown]:
            look = self.look_at(line.case_id)
            if look is not None:
                rows.append(_overdue_now(row_of_case(look[0], look[1], act=OPEN_IT), self.now))
        return Group(id=MINE, count=len(lines), rows=tuple(rows))

    def rows_of(self, case_ids: Iterable[str]) -> Iterator[HomeRow]:
        """Return rows that open their case, without the cases that this person may not know of."""
        for case_id in case_ids:
            look = self.look_at(case_id)
            if look is not None:
                yield _overdue_now(row_of_case(look[0], look[1], act=OPEN_IT), self.now)

    def first_lines(self, may_see: Callable[[CaseLine], bool], wanted: int, **asked: Any) -> list[CaseLine]:
        """
        Return the newest lines that this person may see, at most *wanted*: those that he may not take up no place.

        At most `MOST_SOUGHT` lines are looked at; *asked*: what `Reader.lines` is asked for.
        """
        limit, seen = wanted, dict[str, bool]()
        while True:
            lines = self.talk.reader.lines(limit=limit, **asked)
            for line in lines:
                if line.case_id not in seen:
                    seen[line.case_id] = may_see(line)
            found = [line for line in lines if seen[line.case_id]]
            if len(found) >= wanted or len(lines) < limit or limit >= MOST_SOUGHT:
                return found[:wanted]
            limit = min(4 * limit, MOST_SOUGHT)

    def may_find(self, case_id: str, query: str) -> bool:
        """Say whether a search may bring this case up: not where *query* stands only in fields that are hidden from this
        person, or finding it would tell what they say (the customer of a blind test)."""
        look = self.look_at(case_id)
        if look is None:
            return False
        case, eyes = look
        known = eyes.world.policy(case).fields
        seen = {
            n: v
            for n, v in case.fields.items()
            if n not in known or not is_hidden_from(self.member, n, case, eyes.world)
        }
        if len(seen) == len(case.fields):
            return True
        texts = (case.id, case.number, case.old_number, *seen.values())
        return any(query.casefold() in str(text).casefold() for text in texts)

    def may_match(self, case_id: str, names: Iterable[str]) -> bool:
        """Say whether this person may learn that a case has the same values in these fields: of one that is hidden from him
        in that case, the likeness would tell it (the customer of a blind test)."""
        look = self.look_at(case_id)
        if look is None:
            return False
        case, eyes = look
        known = eyes.world.policy(case).fields
        return not any(n in known and is_hidden_from(self.member, n, case, eyes.world) for n in names)

    def look_at(self, case_id: str) -> tuple[Case, Look] | None:
        """Return a case with this person's eyes, or None where there is none for them."""
        case = self.talk.reader.case(case_id)
        if case is None:
            return None
        world = self.talk.world(self.talk.shelf.bundle(case.bundle), self.now)
        try:
            refuse_stranger(case, self.member, world)
        except Refusal:
            return None
        scene = Scene(
            case=case,
            policy=world.policy(case),
            world=world,
            member=self.member,
            language=self.language,
            ref=Ref(case=case.id),
            words=self.talk.reader.words(case.id),
        )
        return case, scene.look


def _each_once(seats: Iterable[OpenSeat]) -> list[OpenSeat]:
    """Return one seat for each visit: who sits twice sees the item once."""
    return list({(s.case_id, s.visit): s for s in seats}.values())


def _overdue_now(row: HomeRow, now: datetime) -> HomeRow:
    """Mark a row late by the time the list is drawn: lists say when that was."""
    if row.due is None or row.due.overdue or row.due.at >= now:
        return row
    return replace(row, due=replace(row.due, overdue=True))
