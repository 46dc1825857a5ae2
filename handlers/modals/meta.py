"""What a modal remembers about itself: ids only, never a word of a customer; trusted no more than a click."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from handlers.cards.refs import Ref, UnknownRef, parse_ref
from handlers.payloads import Words

_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # no 0, 1, I, L, O, U: ids are read out on the telephone
TOKEN_LENGTH = 10

Name = Annotated[Words, Field(max_length=120)]


def new_token() -> str:
    """Return a submission token: unique for one opening of one form."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(TOKEN_LENGTH))


class Meta(BaseModel):
    """
    The private metadata of a modal. *ref*: the case and visit it is about. *token*: this opening of the form.
    *policy*, *page*, *via*, *decision*, *extra*: further ids that
    this form needs. *input*: the action id of its inputs, changed where the form was filled anew.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    token: Annotated[str, Field(pattern=r"^[A-Z0-9]{4,40}$")] = "NONE"
    ref: Name = ""
    policy: Name = ""
    page: Annotated[int, Field(ge=1, le=99)] = 1
    via: Name = ""
    decision: Name = ""
    extra: tuple[Name, ...] = ()
    input: Annotated[str, Field(pattern=r"^value(\.[0-9])?$")] = "value"

    def __init__(self, **given: Any) -> None:
        """Raises UnknownRef: what a button said is no id of ours, but longer than any."""
        try:
            super().__init__(**given)
        except ValidationError:
            raise UnknownRef("a button of another version") from None

    @property
    def case(self) -> Ref:
        """Return the case and visit. Raises UnknownRef."""
        return parse_ref(self.ref)

    def text(self) -> str:
        return self.model_dump_json(exclude_defaults=True)


def read_meta(text: str) -> Meta:
    """
    Return what a modal remembers.

    Raises:
        UnknownRef: it is a modal of another version of the program.
    """
    try:
        return Meta.model_validate_json(text or "{}")
    except ValidationError:
        raise UnknownRef("a form of another version") from None
