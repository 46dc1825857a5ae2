"""What the policy hides from whom (`hidden_from`): asked here, whoever draws it."""

from __future__ import annotations

from complaints.case import Case
from complaints.facts import Facts
from complaints.policy import Policy
from complaints.policy_index import index_of
from complaints.seats import Holder, holders_of, people_of
from complaints.world import World


def is_hidden_from(reader: str | None, name: str, case: Case, world: World) -> bool:
    """
    Say whether the policy hides a field from *reader*: a member, a channel, or None for anybody.

    What the customer register says of a customer (`from`) is hidden with the customer. A channel is blind where it is that
    of a role from whom the field is hidden, or of no role at all: then nobody knows who reads there.
    """
    policy = world.policy(case)
    source, _ = index_of(policy).registered.get(name, (name, ""))
    who = [one for field in dict.fromkeys((name, source)) for one in policy.fields[field].hidden_from]
    if not who:
        return False
    if reader is None:
        return True
    channels = {plan.channel for plan in world.people.roles.values()}
    facts = Facts(case, world)
    holders = [h for one in who for h in holders_of(one, case, world, facts)]
    if any(reader in (*people_of(h, world), *_belonging(h, world)) for h in holders):
        return True
    if reader.startswith(("U", "W")):
        return False
    return reader not in channels or any(role and world.people.channel(role) == reader for role, _, _ in holders)


def knows_the_matter(reader: str | None, case: Case, world: World) -> bool:
    """Say whether *reader* may know in what the case is the same as others of its matter: not where he is blind for one of
    these fields, or the likeness would tell it (the customer of a blind test)."""
    repeat = world.policy(case).repeat
    return repeat is None or not any(is_hidden_from(reader, name, case, world) for name in repeat.same)


def _belonging(holder: Holder, world: World) -> tuple[str, ...]:
    """Return who is meant by a holder, here today or not: who is on leave is blind as well, and so is who stands in."""
    role, member, head = holder
    plan = world.people.roles.get(role or "")
    if member is not None or plan is None:
        return (member,) if member is not None else ()
    if head:
        return (plan.head,) if plan.head else ()
    return (*plan.members, *world.people.deputies(plan.id, world.now))


def customer_field(policy: Policy) -> str | None:
    """Return the field that names the customer, or None."""
    return next((n for n, f in policy.fields.items() if f.type == "customer"), None)
