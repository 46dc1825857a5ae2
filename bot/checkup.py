"""What `redress doctor` looks at: each finding says ok, or what to do."""

from __future__ import annotations

import email.utils
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from bot.in_force import approver, load_policy_of
from bot.manifest import problems_of, read_manifest, scopes_of
from bot.office import Office
from bot.pacing import MethodPaces
from bot.slack_errors import Permanent, SlackError
from bot.slack_out import narrow
from bot.times import FileClock
from complaints.choosing import offered
from complaints.desk_values import wrong_values
from complaints.numbers import same_numbers, say_same
from complaints.people import DeskPlan, RoleHolders
from complaints.policy import LoadedPolicy, Policy
from complaints.policy_findings import PolicyRefused
from complaints.qualifications import SOON
from handlers.texts import say
from storage.upgrade import newest, version_of

MOST_SKEW_SECONDS = 30.0
PAGE = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """
    *about* is ok when *todo* is empty; else *todo* says what to do. Both are English, for a terminal.

    *what* (channel, member) and *wrong* with *facts*: the same as message ids, for who is told of it in Slack.
    """

    about: str
    todo: str = ""
    what: str = ""
    wrong: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ok(self) -> bool:
        return not self.todo

    def __str__(self) -> str:
        return f"{self.about}: ok" if self.is_ok else f"{self.about}: {self.todo}"


def of_desk(what: str, wrong: str = "", **facts: Any) -> Finding:
    """Return a finding about a channel or a person of the desk: the catalogue has its words in each language."""
    words = {name: ", ".join(value) if isinstance(value, list) else str(value) for name, value in facts.items()}
    about, todo = say("en", f"checkup.{what}", **words), say("en", f"checkup.{wrong}", **words) if wrong else ""
    return Finding(about=about, todo=todo, what=what, wrong=wrong, facts=facts)


# --- without Slack -----------------------------------------------------------------------------------------


def look_at_home(office: Office) -> Iterator[Finding]:
    """Check what needs no Slack: manifest, policies, roles, database, clock."""
    wrong = list(problems_of(read_manifest()))
    yield Finding(about="manifest", todo="; ".join(wrong))
    plan = office.watched.plan()
    for policy in plan.policies:
        yield from _policy(office, plan, policy)
    readable = list(_readable(plan, office.settings.policies))
    yield from several_findings(plan, [bundle.policy for bundle in readable])
    yield _values(plan, readable)
    yield from _people(plan)
    version = version_of(office.store.engines.read)
    old = "" if version == newest() else f"it is at version {version}; stop all bots and run `redress db upgrade`"
    yield Finding(about="database", todo=old)
    if isinstance(office.clock, FileClock):
        yield Finding(about=f"procedure clock (file): {office.clock.now():%Y-%m-%d %H:%M} UTC")


def _policy(office: Office, plan: DeskPlan, policy: str) -> Iterator[Finding]:
    about = f"policy {policy}"
    try:
        bundle = load_policy_of(policy, plan, office.settings.policies)
    except PolicyRefused as refused:
        yield Finding(about=about, todo=f"correct the file: {'; '.join(str(refused).splitlines()[:5])}")
        return
    in_force = office.store.shelf.in_force(policy)
    if in_force is not None and in_force != bundle.digest:
        role = approver(office.store, bundle)
        yield Finding(about=f"{about}, version {bundle.label}", todo=f"it waits for its approval by {role}")
    else:
        yield Finding(about=about)
    yield from role_findings(plan, bundle, office.clock.now())


def role_findings(plan: DeskPlan, bundle: LoadedPolicy, now: datetime) -> Iterator[Finding]:
    """Check who holds the roles of a regulation in this desk: missing ones, values without a holder, qualifications."""
    wanted = {role for policy in bundle for role in policy.roles}
    missing = sorted(r for r in wanted if r not in plan.roles)
    if missing:
        yield Finding(about=f"roles of {bundle.id}", todo=f"name in the desk file who holds {', '.join(missing)}")
    for policy in bundle:
        for name, role in policy.roles.items():
            if name in plan.roles and role.per is not None:
                yield _per(plan, policy, name, role.per)
            if role.needs is not None:
                yield _needs(plan, name, role.needs, now)


def _per(plan: DeskPlan, policy: Policy, role: str, field: str) -> Finding:
    """Check that a role with one holder for each value of a field has one for each value that can be known here."""
    definition = policy.fields[field]
    bare = [v for v in definition.choices if plan.at(role, v) == role]
    about = f"holders of {role} for each {field}"
    if not plan.values_of(role):
        return Finding(
            about=about,
            todo=f"write them in the desk file under roles.{role}.per; until then {_instead(plan, role)} acts",
        )
    todo = f"add roles.{role}.per for {', '.join(bare)}; until then {_instead(plan, role)} acts" if bare else ""
    return Finding(about=about, todo=todo)


def _instead(plan: DeskPlan, role: str) -> str:
    return role if plan.roles[role].members else f"who stands in for {role} (D14)"


def _needs(plan: DeskPlan, role: str, qualification: str, now: datetime) -> Finding:
    """Check that somebody who holds the role has the qualification that the regulation asks for (GA-04)."""
    about = f"qualification “{qualification}” for {role}"
    holders = [r for r in plan.roles.values() if role in (r.id, r.base)]
    members = dict.fromkeys(m for r in holders for m in r.members)
    asked = plan.under({role: qualification})
    lacking = {m: lack for m in members if (lack := asked.lacks(m, role, now))}
    soon = [
        m for m in members if (end := plan.qualifications.get(qualification, {}).get(m)) and now < end <= now + SOON
    ]
    if not members or len(lacking) == len(members):
        return Finding(about=about, todo="nobody who holds the role has it; write who has it under qualifications")
    parts = [
        f"{m} can't be assigned ({'it ended' if lack[1] else 'not written under qualifications'})"
        for m, lack in lacking.items()
    ]
    parts += [f"it ends for {m} within {SOON.days} days, renew it" for m in soon]
    return Finding(about=about, todo="; ".join(parts))


def _readable(plan: DeskPlan, extra: Path | None) -> Iterator[LoadedPolicy]:
    for name in plan.policies:
        with suppress(PolicyRefused):  # said at its own line
            yield load_policy_of(name, plan, extra)


def _values(plan: DeskPlan, bundles: list[LoadedPolicy]) -> Finding:
    """Check that each value that the desk sets is one of a regulation, and of its kind."""
    return Finding(
        about="values of the desk", todo="; ".join(wrong_values([p for b in bundles for p in b], plan.values))
    )


def several_findings(plan: DeskPlan, policies: list[Policy]) -> Iterator[Finding]:
    """Check that several regulations in one desk can be told apart: by what is asked first, and by their numbers."""
    policies = offered([p for p in policies if p.intake is not None], plan.choosing)
    if len(policies) < 2:
        return
    open_ = [p.id for p in policies if plan.choosing.rule_of(p) is None]
    yield Finding(
        about="choice between the regulations",
        todo=f"people must name one of {', '.join(open_)}; write choose_by in the desk file to ask instead"
        if len(open_) > 1
        else "",
    )
    meeting = same_numbers(policies, plan.prefixes)
    yield Finding(about="numbers of the regulations", todo="; ".join(map(say_same, meeting)))


def _people(plan: DeskPlan) -> Iterator[Finding]:
    empty = sorted(r for r, holders in plan.roles.items() if not holders.members)
    todo = f"add members; until then their fallback acts: {', '.join(empty)}" if empty else ""
    yield Finding(about="roles have people", todo=todo)


# --- with Slack --------------------------------------------------------------------------------------------


@dataclass
class SlackCheckup:
    """Asks Slack about the token, the channels and the people of the desk."""

    office: Office
    client: AsyncWebClient
    paces: MethodPaces = field(default_factory=MethodPaces)

    async def look(self) -> AsyncIterator[Finding]:
        try:
            async for finding in self._token():
                yield finding
            async for finding in self.desk():
                yield finding
        except SlackError as error:
            yield Finding(about="Slack", todo=f"it does not answer as it should ({error}); look at SLACK_API_URL and at "
                          "the tokens, then try again")  # fmt: skip

    async def desk(self) -> AsyncIterator[Finding]:
        """Look at channels and people only. Raises SlackError: Slack can't be asked now."""
        async for finding in self._channels():
            yield finding
        async for finding in self._members():
            yield finding

    async def _token(self) -> AsyncIterator[Finding]:
        try:
            answer: Any = await narrow(self.client.auth_test)
        except Permanent as error:
            yield Finding(about="bot token", todo=f"Slack refuses it ({error.error}); copy SLACK_BOT_TOKEN again")
            raise
        yield Finding(about="bot token")
        team, wanted = answer.get("team_id"), self.office.watched.loaded.team
        other = f"the token belongs to {team}, the desk file names {wanted}"
        yield Finding(about="workspace", todo="" if wanted in (None, team) else other)
        headers = {k.lower(): v for k, v in dict(answer.headers).items()}
        yield _scopes(headers.get("x-oauth-scopes"))
        yield _skew(headers.get("date"), self.office.machine.now())
        app_token = self.office.settings.slack_app_token
        if app_token is not None:
            yield await self._app_token(app_token.get_secret_value())

    async def _app_token(self, token: str) -> Finding:
        try:
            await narrow(lambda: self.client.apps_connections_open(app_token=token))
        except Permanent as error:
            todo = f"Slack refuses it ({error.error}); make one with the scope connections:write for SLACK_APP_TOKEN"
            return Finding(about="app token", todo=todo)
        return Finding(about="app token")

    async def _channels(self) -> AsyncIterator[Finding]:
        plan = self.office.watched.plan()
        ours = await self._our_channels()
        for channel, used_for in _channels_of(plan).items():
            yield await self._channel(channel, used_for, ours)

    async def _our_channels(self) -> dict[str, dict[str, Any]]:
        """Return the channels of which the bot is a member."""
        found: dict[str, dict[str, Any]] = {}
        cursor: str | None = None
        while True:
            await self.paces.turn("users.conversations")
            asked = partial(
                self.client.users_conversations, types="public_channel,private_channel", limit=PAGE, cursor=cursor
            )
            page: Any = await narrow(asked)
            found |= {c["id"]: c for c in page.get("channels") or ()}
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return found

    async def _channel(self, channel: str, used_for: list[str], ours: dict[str, dict[str, Any]]) -> Finding:
        facts: dict[str, Any] = {"channel": channel, "roles": used_for}
        known = ours.get(channel)
        if known is None:
            await self.paces.turn("conversations.info")
            try:
                answer: Any = await narrow(lambda: self.client.conversations_info(channel=channel))
            except Permanent as error:
                return of_desk("channel", "unseen", **facts, error=error.error)
            known = answer.get("channel") or {}
            if not known.get("is_archived"):
                return of_desk("channel", "no_member", **facts)
        return of_desk("channel", "archived" if known.get("is_archived") else "", **facts)

    async def _members(self) -> AsyncIterator[Finding]:
        plan = self.office.watched.plan()
        present = {c: await self._members_of(c) for c in {r.channel for r in plan.roles.values() if r.channel}}
        for member, roles in _members_of_plan(plan).items():
            yield await self._member(member, roles, plan, present)

    async def _members_of(self, channel: str) -> frozenset[str] | None:
        """Return who is in a channel, None where the bot can't see it."""
        found: set[str] = set()
        cursor: str | None = None
        while True:
            await self.paces.turn("conversations.members")
            try:
                asked = partial(self.client.conversations_members, channel=channel, limit=PAGE, cursor=cursor)
                page: Any = await narrow(asked)
            except Permanent:
                return None
            found |= set(page.get("members") or ())
            cursor = (page.get("response_metadata") or {}).get("next_cursor") or None
            if cursor is None:
                return frozenset(found)

    async def _member(
        self, member: str, roles: list[str], plan: DeskPlan, present: dict[str, frozenset[str] | None]
    ) -> Finding:
        facts: dict[str, Any] = {"member": member, "roles": roles}
        await self.paces.turn("users.info")
        try:
            answer: Any = await narrow(lambda: self.client.users_info(user=member))
        except Permanent as error:
            return of_desk("member", "unknown", **facts, error=error.error)
        user = answer.get("user") or {}
        if user.get("deleted"):
            return of_desk("member", "deactivated", **facts)
        if user.get("is_restricted") or user.get("is_ultra_restricted") or user.get("is_stranger"):
            return of_desk("member", "outside", **facts)
        if user.get("is_bot"):
            return of_desk("member", "bot", **facts)
        absent = [r for r in roles if _is_absent(member, plan.roles.get(r), present)]
        return of_desk("member", "absent" if absent else "", **facts, **({"missing": absent} if absent else {}))


def _is_absent(member: str, role: RoleHolders | None, present: dict[str, frozenset[str] | None]) -> bool:
    if role is None or role.channel is None or member not in role.members:
        return False
    people = present.get(role.channel)
    return people is not None and member not in people


def _channels_of(plan: DeskPlan) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {plan.fallback_channel: ["fallback"]}
    for name, role in plan.roles.items():
        if role.channel:
            found.setdefault(role.channel, []).append(name)
    return found


def _members_of_plan(plan: DeskPlan) -> dict[str, list[str]]:
    """Return each named person with the roles it was named for."""
    found: dict[str, list[str]] = {plan.officer: ["desk officer"]}
    for name, role in plan.roles.items():
        people: Iterable[str | None] = (*role.members, role.head, *(d.member for d in role.deputies))
        for member in dict.fromkeys(p for p in people if p):
            found.setdefault(member, []).append(name)
    for absence in plan.absences:
        if absence.deputy:
            found.setdefault(absence.deputy, []).append("deputy")
    return found


def _scopes(granted: str | None) -> Finding:
    if granted is None:
        return Finding(about="scopes", todo="Slack does not say which scopes the token has; install the app again")
    has = {s.strip() for s in granted.split(",")}
    missing = sorted(scopes_of(read_manifest()) - has)
    todo = f"missing: {', '.join(missing)}; take them over from the manifest and install the app again"
    return Finding(about="scopes", todo=todo if missing else "")


def _skew(date: str | None, now: datetime) -> Finding:
    """Compare the machine's clock with Slack's: look-ups of lost answers go by it."""
    if date is None:
        return Finding(about="machine clock (Slack names no time to compare with)")
    seconds = abs((email.utils.parsedate_to_datetime(date) - now).total_seconds())
    todo = f"it differs from Slack's by {seconds:.0f} s; set it by NTP"
    return Finding(about="machine clock", todo=todo if seconds > MOST_SKEW_SECONDS else "")
