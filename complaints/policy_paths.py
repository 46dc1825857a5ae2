"""Routes: the five forms of a path, and what opens a follow-up."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from complaints.policy_parts import (
    LimitText,
    Part,
    ShortPart,
    Source,
    Upon,
)
from complaints.policy_stages import Fills
from complaints.policy_terms import (
    Id,
    Names,
    People,
    When,
)


class Do(ShortPart):
    """A stage of the path, always or `when`."""

    do: Id
    when: When | None = None
    source: Source | None = None

    @classmethod
    def short_key(cls) -> str:
        return "do"

    @property
    def stage(self) -> str:
        """Return the stage."""
        return self.do


class Together(Part):
    """Branches that run side by side and meet again."""

    together: tuple[tuple[Step, ...], ...]
    join: Literal["all", "any"] = "all"
    when: When | None = None
    source: Source | None = None

    @property
    def branches(self) -> tuple[tuple[Any, ...], ...]:
        """Return the branches."""
        return self.together


class Again(Part):
    """Goes back to a stage until something is true, a limited number of times."""

    again: Id
    until: When
    at_most: Annotated[int, Field(ge=1, le=99)]
    else_: Annotated[Id | None, Field(validation_alias="else")] = None
    source: Source | None = None

    @property
    def stage(self) -> str:
        """Return the stage that the loop goes back to."""
        return self.again


class Run(Part):
    """Starts another policy, or a route with `own_case`, as a case of its own linked to this one."""

    run: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$")]
    blocks: Literal["stage", "close", "none"] = "none"
    give: Names = ()
    take: Names = ()
    when: When | None = None
    source: Source | None = None


def _step_kind(raw: Any) -> str:
    """Return which of the four forms a step of a path has; a plain text is a stage."""
    if isinstance(raw, Part):
        return type(raw).__name__.lower()
    return next((key for key in ("together", "again", "run") if isinstance(raw, dict) and key in raw), "do")


Step = Annotated[
    Annotated[Do, Tag("do")]
    | Annotated[Together, Tag("together")]
    | Annotated[Again, Tag("again")]
    | Annotated[Run, Tag("run")],
    Discriminator(_step_kind),
]


class Trigger(ShortPart):
    """When something begins: upon what, how much later, only if, once for each; with `by` these people begin it by hand, `within` a limit."""

    upon: Upon
    after: LimitText | None = None
    when: When | None = None
    each: Annotated[str, Field(pattern=r"^(late visit|(unit|person|line) in [A-Za-z][A-Za-z0-9_]*)$")] | None = None
    by: People = ()
    within: LimitText | None = None
    fill: Fills = ()

    @classmethod
    def short_key(cls) -> str:
        return "upon"

    @property
    def by_hand(self) -> bool:
        """Say whether a person begins it, and not the clock."""
        return bool(self.by)


class RouteDef(Part):
    """Stages in order; without `opens` a main route, with `opens` a follow-up."""

    path: tuple[Step, ...]
    closes: Id | None = None
    outcome: Id | None = None
    opens: Trigger | None = None
    before_close: bool = False
    own_case: bool = False
    source: Source | None = None
