"""Who answers which button, form, shortcut, field and event: the whole table in one place."""

from __future__ import annotations

from handlers import (
    acts,
    approvals,
    callbacks,
    commands,
    desk,
    home,
    intake,
    messages,
    more,
    options,
    policies,
    repeats,
    trouble,
)
from handlers.listeners import Table

TABLE = Table(
    clicks={
        **intake.CLICKS,
        **repeats.CLICKS,
        **approvals.CLICKS,
        **more.CLICKS,
        **acts.CLICKS,
        **callbacks.CLICKS,
        **home.CLICKS,
        **trouble.CLICKS,
        **policies.CLICKS,
        **desk.CLICKS,
    },
    submissions={
        **intake.SUBMISSIONS,
        **approvals.SUBMISSIONS,
        **acts.SUBMISSIONS,
        **callbacks.SUBMISSIONS,
        **home.SUBMISSIONS,
        **desk.SUBMISSIONS,
        **trouble.SUBMISSIONS,
    },
    fields={**intake.FIELDS, **callbacks.FIELDS},
    closed=intake.CLOSED,
    shortcuts=intake.SHORTCUTS,
    suggestions=options.SUGGESTIONS,
    command=commands.on_command,
    message=messages.on_message,
    home_opened=home.on_home_opened,
    after_act=home.redraw_after_act,
)
