"""What `policy_show` says of the forms: what the first one asks, what an entry must be, who knows of a case, what all may read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from complaints.policy_model import FieldDef
from complaints.policy_phrases import Speaker
from complaints.policy_show_words import FORMS


class Forms:
    """Says the forms of one policy in one language."""

    def __init__(self, speaker: Speaker) -> None:
        self.speaker, self.policy = speaker, speaker.policy

    def say(self, key: str, *parts: str) -> str:
        return self.speaker.say(FORMS[key], *parts)

    def names(self, names: tuple[str, ...]) -> str:
        return self.speaker.joined([self.speaker.label(name) for name in names])

    def people(self, people: Any) -> str:
        return self.speaker.joined([self.speaker.people(who) for who in people])

    def pages(self) -> Iterator[str]:
        """Yield the stages that the first form does, and what each of its pages asks."""
        intake = self.policy.intake
        if intake is None:
            return
        yield self.say("stages", self.names(intake.stages))
        for number, page in enumerate(intake.pages, 1):
            yield self.say("page", str(number), self.names(page))

    def entries(self) -> Iterator[tuple[str, FieldDef]]:
        """Yield what a value must be, what may stand for one that nobody knows yet, and from whom it is kept."""
        for name, field in self.policy.fields.items():
            said = [self.speaker.condition(field.must)] if field.must is not None else []
            said += [self.say("unknown", field.unknown)] if field.unknown is not None else []
            said += [self.say("hidden", self.people(field.hidden_from))] if field.hidden_from else []
            if said:
                yield self.say("entry", self.speaker.label(name), self.say("semicolon").join(said)), field

    def published(self) -> Iterator[str]:
        """Yield what everybody may read, with its words."""
        for name in self.policy.policy.publish:
            text = self.policy.texts.get(name)
            hint = str(text.hint.in_language(self.speaker.language)) if text is not None and text.hint else ""
            yield self.say("published", self.speaker.label(name), hint) if hint else self.speaker.label(name)
