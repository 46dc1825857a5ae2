"""Which hosts may see a token: Slack's own and this machine, nobody else."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

SLACK = "slack.com"


def host_of(url: str) -> str | None:
    """Return the host of *url* in lower case, or None where it has none or tries to disguise it."""
    if any(c in url for c in "\\@ \t\r\n"):
        return None
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is no number
    except ValueError:
        return None
    return parts.hostname.rstrip(".").lower() if parts.hostname else None


def is_loopback(url: str) -> bool:
    """Tell whether *url* is on this machine."""
    host = host_of(url)
    if host is None:
        return False
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_slack(url: str) -> bool:
    """Tell whether *url* is Slack's, over TLS."""
    host = host_of(url)
    if host is None or urlsplit(url).scheme != "https":
        return False
    return host == SLACK or host.endswith(f".{SLACK}")


def may_see_token(url: str, api_url: str) -> bool:
    """
    Tell whether a token may be sent to *url* while the Web API is at *api_url*.

    A bot that talks to a Slack on this machine gives its token to this machine only, and never to Slack.
    """
    return is_loopback(url) if is_loopback(api_url) else is_slack(url)
