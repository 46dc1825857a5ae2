"""What Slack's SDK makes of a refusal."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk.errors import SlackApiError


def error_of(call: Callable[..., Any], **arguments: Any) -> SlackApiError:
    """Return the error that the call is refused with."""
    with pytest.raises(SlackApiError) as refused:
        call(**arguments)
    return refused.value


def status_of(call: Callable[..., Any], **arguments: Any) -> int:
    """Return the HTTP status of the call, refused or not."""
    try:
        return int(call(**arguments).status_code)
    except SlackApiError as refused:
        return int(refused.response.status_code)
