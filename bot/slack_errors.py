"""What can go wrong at Slack, in the four ways that need different answers."""

from __future__ import annotations

import json

import aiohttp
from slack_sdk.errors import SlackApiError, SlackClientError

CHANNEL, PERSON, MESSAGE, TOKEN = "channel", "person", "message", "token"
MISSING_SCOPE = "missing_scope"
DEFAULT_RETRY_AFTER_SECONDS = 30.0
LONGEST_RETRY_AFTER_SECONDS = 3600.0
"""Whatever the header says: it is asked again then, and a number that makes no sense silences nobody for ever."""


class SlackError(Exception):
    """Base of all; the text is an error code, never the words of a message."""


class RateLimited(SlackError):
    """Too many calls; nothing was done. *retry_after* in seconds."""

    def __init__(self, retry_after: float) -> None:
        self.retry_after = retry_after
        super().__init__(f"ratelimited for {retry_after:g} s")


class Unreachable(SlackError):
    """The request never left: no connection was made. Nothing was done."""


class Ambiguous(SlackError):
    """The request was sent and the answer is missing or no answer: it may have been done."""


class NoDirectMessages(SlackError):
    """Slack lets us open no direct messages at all; nothing was done, and channels are not concerned. *seconds* until it is asked again."""

    def __init__(self, error: str, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(error)


class Permanent(SlackError):
    """Slack says no and will go on saying no. *kind*: channel, person, message or token."""

    def __init__(self, error: str, kind: str) -> None:
        self.error, self.kind = error, kind
        super().__init__(error)


_KINDS = {
    CHANNEL: (
        "channel_not_found", "not_in_channel", "is_archived", "channel_type_not_supported", "is_inactive",
        "restricted_action", "restricted_action_read_only_channel", "restricted_action_thread_only_channel",
        "restricted_action_thread_locked", "restricted_action_non_threadable_channel",
        "cannot_reply_to_message", "thread_not_found", "posting_to_channel_denied", "no_permission",
        "method_not_supported_for_channel_type", "team_access_not_granted", "team_not_found",
        "external_channel_migrating",
    ),
    PERSON: (
        "user_not_found", "users_not_found", "user_not_visible", "user_disabled", "user_not_in_channel",
        "cannot_dm_bot", "messages_tab_disabled", "users_list_not_supplied",
    ),
    TOKEN: (
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired", MISSING_SCOPE,
        "not_allowed_token_type", "org_login_required", "ekm_access_denied", "access_denied",
        "two_factor_setup_required", "app_missing_action_url",
    ),
}  # fmt: skip
KIND_OF = {code: kind for kind, codes in _KINDS.items() for code in codes}
RATE_LIMITS = frozenset({"ratelimited", "rate_limited", "message_limit_exceeded"})
MAYBE_DONE = frozenset({"internal_error", "fatal_error", "request_timeout", "service_unavailable", "team_added_to_org"})
GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "thread_not_found"})
"""The message itself is not there any more, or never changes again; a channel may come back."""


def read_error(error: Exception) -> SlackError | None:
    """Return what *error* means for delivery, or None when it is a fault of ours."""
    match error:
        case SlackError():
            return error
        case SlackApiError():
            return _of_answer(error)
        case aiohttp.ClientConnectorError() | aiohttp.ConnectionTimeoutError():
            return Unreachable(type(error).__name__)
        case aiohttp.ClientError() | TimeoutError() | OSError():
            return Ambiguous(type(error).__name__)
        case SlackClientError() | json.JSONDecodeError() | UnicodeDecodeError():
            return Ambiguous(type(error).__name__)
    return None


def _of_answer(error: SlackApiError) -> SlackError:
    answer = error.response
    status = int(getattr(answer, "status_code", None) or getattr(answer, "status", None) or 0)
    code = _code(answer)
    if status == 429 or code in RATE_LIMITS:
        return RateLimited(_retry_after(getattr(answer, "headers", None) or {}))
    if status >= 500 or code in MAYBE_DONE or code is None:
        return Ambiguous(code or f"status {status}")
    return Permanent(code, KIND_OF.get(code, MESSAGE))


def _code(answer: object) -> str | None:
    data = answer if isinstance(answer, dict) else getattr(answer, "data", None)
    code = data.get("error") if isinstance(data, dict) else None
    return code if isinstance(code, str) else None


def _retry_after(headers: object) -> float:
    """Return the seconds of the Retry-After header, whatever its case; our default where it can't be read."""
    for name, value in dict(headers).items() if hasattr(headers, "keys") else ():  # type: ignore[call-overload]  # headers come as any mapping
        if str(name).lower() == "retry-after":
            value = value[0] if isinstance(value, list | tuple) else value
            try:
                return min(max(0.0, float(value)), LONGEST_RETRY_AFTER_SECONDS)
            except ValueError:
                break
    return DEFAULT_RETRY_AFTER_SECONDS
