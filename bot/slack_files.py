"""Files from and to Slack: the bytes come with the bot's token, and the token goes to Slack's hosts only."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import aiohttp
from slack_sdk.web.async_client import AsyncWebClient

from bot.hosts import may_see_token
from bot.pacing import MethodPaces
from bot.slack_errors import MESSAGE, TOKEN, Ambiguous, Permanent, RateLimited, Unreachable
from bot.slack_out import narrow

MOST_BYTES = 200 * 1024 * 1024
CHUNK_BYTES = 1 << 16
MOST_REDIRECTS = 3
TRANSFER = aiohttp.ClientTimeout(total=600, connect=10, sock_read=30)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlackFile:
    """What Slack knows of a file. *shared_in*: channels where it is to be seen."""

    url: str | None
    size: int
    mimetype: str
    shared_in: frozenset[str]


class SlackFiles:
    """Reads and shares files. Each function raises a `SlackError` or has done its work."""

    def __init__(
        self, client: AsyncWebClient, session: aiohttp.ClientSession, paces: MethodPaces | None = None
    ) -> None:
        self._client, self._session = client, session
        self._paces = paces or MethodPaces()

    async def info(self, file: str) -> SlackFile:
        """Return what Slack knows of *file*."""
        await self._paces.turn("files.info")
        answer = await narrow(lambda: self._client.files_info(file=file))
        found: dict[str, Any] = answer.get("file") or {}
        shares = found.get("shares") or {}
        named = [*(found.get("channels") or ()), *(found.get("groups") or ()), *(found.get("ims") or ())]
        return SlackFile(
            url=found.get("url_private_download") or found.get("url_private"),
            size=int(found.get("size") or 0),
            mimetype=str(found.get("mimetype") or ""),
            shared_in=frozenset([*named, *(c for kind in shares.values() for c in kind)]),
        )

    async def shown_in(self, file: str) -> frozenset[str]:
        """Return the conversations in which an upload of ours is shown; none for one that is gone."""
        try:
            return (await self.info(file)).shared_in
        except Permanent as error:
            if not _is_gone(error):
                raise
            return frozenset()

    async def download(self, file: SlackFile, folder: Path) -> Path:
        """
        Fetch the bytes of *file* into a new file in *folder* and return its path; the caller removes it.

        Raises:
            Permanent: `too_large`, `not_readable` (a login page instead of bytes), `forbidden_host`.
        """
        if file.url is None:
            raise Permanent("no_url", MESSAGE)
        if file.size > MOST_BYTES:
            raise Permanent("too_large", MESSAGE)
        folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=folder, prefix="fetched-")
        path = Path(name)
        try:
            with open(handle, "wb") as out:
                await self._fetch(file, out)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return path

    async def _fetch(self, file: SlackFile, out: Any) -> None:
        url = str(file.url)
        for _ in range(MOST_REDIRECTS + 1):
            if not may_see_token(url, self._client.base_url):
                raise Permanent("forbidden_host", MESSAGE)
            onward = await self._fetch_once(url, file, out)
            if onward is None:
                return
            url = urljoin(url, onward)
        raise Permanent("too_many_redirects", MESSAGE)

    async def _fetch_once(self, url: str, file: SlackFile, out: Any) -> str | None:
        """Write the bytes at *url* to *out* and return None, or return where it redirects to."""
        headers = {"Authorization": f"Bearer {self._client.token}"}
        try:
            async with self._session.get(
                url, headers=headers, allow_redirects=False, timeout=TRANSFER, proxy=self._client.proxy
            ) as answer:
                if answer.status in (301, 302, 303, 307, 308):
                    return answer.headers.get("Location", "")
                _refuse(answer, file)
                await _copy(answer, out)
        except aiohttp.ClientConnectorError as error:
            raise Unreachable(type(error).__name__) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise Ambiguous(type(error).__name__) from None
        return None

    async def upload(self, name: str, path: Path, size: int) -> str:
        """Send the bytes to Slack and return the id of the new file; nobody sees it yet."""
        await self._paces.turn("files.getUploadURLExternal")
        answer = await narrow(lambda: self._client.files_getUploadURLExternal(filename=name, length=size))
        url, file = answer.get("upload_url"), answer.get("file_id")
        if not isinstance(url, str) or not isinstance(file, str):
            raise Ambiguous("answer without upload_url")
        if not may_see_token(url, self._client.base_url):
            raise Permanent("forbidden_host", MESSAGE)
        try:
            with path.open("rb") as content:
                async with self._session.post(
                    url, data=content, timeout=TRANSFER, proxy=self._client.proxy, allow_redirects=False
                ) as sent:
                    if sent.status != 200:
                        raise Ambiguous(f"status {sent.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Ambiguous(type(error).__name__) from None
        return file

    async def share(self, file: str, title: str, channel: str, thread_ts: str) -> None:
        """Show an uploaded file in a thread."""
        await self._paces.turn("files.completeUploadExternal")
        await narrow(
            lambda: self._client.files_completeUploadExternal(
                files=[{"id": file, "title": title}], channel_id=channel, thread_ts=thread_ts
            )
        )

    async def delete(self, file: str) -> None:
        """Take an upload of ours away, wherever it is shown; one that is gone already is no fault."""
        await self._paces.turn("files.delete")
        try:
            await narrow(lambda: self._client.files_delete(file=file))
        except Permanent as error:
            if not _is_gone(error):
                raise


def _is_gone(error: Permanent) -> bool:
    return error.error in ("file_not_found", "file_deleted")


def _refuse(answer: aiohttp.ClientResponse, file: SlackFile) -> None:
    if answer.status == 429:
        raise RateLimited(float(answer.headers.get("Retry-After", "30")))
    if answer.status >= 500:
        raise Ambiguous(f"status {answer.status}")
    if answer.status in (401, 403):
        raise Permanent("not_allowed", TOKEN)
    if answer.status != 200:
        raise Permanent(f"status_{answer.status}", MESSAGE)
    if answer.content_type == "text/html" and "html" not in file.mimetype:
        raise Permanent("not_readable", MESSAGE)


async def _copy(answer: aiohttp.ClientResponse, out: Any) -> None:
    size = 0
    async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
        size += len(chunk)
        if size > MOST_BYTES:
            raise Permanent("too_large", MESSAGE)
        out.write(chunk)
