"""Uploads in three steps, and downloads with the bot's token."""

from __future__ import annotations

import urllib.error
import urllib.request

import pytest
from slack_sdk import WebClient

from sandbox.client import Member, SandboxClient
from tests.sandbox.refusals import error_of


def fetch(url: str, token: str | None) -> tuple[bytes, str]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers)) as response:
        return response.read(), response.headers["Content-Type"]


def test_the_bot_shares_a_file_in_a_thread(slack: WebClient, desk: SandboxClient) -> None:
    root = slack.chat_postMessage(channel="C01REG", text="root")["ts"]

    slack.files_upload_v2(
        channel="C01REG", thread_ts=root, filename="報告.pdf", content="pdf", title="Report", initial_comment="Here"
    )

    message = desk.messages("registry")[-1].content
    assert (message["thread_ts"], message["text"]) == (root, "Here")
    assert (message["files"][0]["title"], message["files"][0]["mimetype"]) == ("Report", "application/pdf")
    assert (
        fetch(message["files"][0]["url_private_download"].replace("報告", "%E5%A0%B1%E5%91%8A"), "xoxb-sandbox")[0]
        == b"pdf"
    )


def test_without_the_token_there_is_only_a_sign_in_page(lin: Member, desk: SandboxClient) -> None:
    url = lin.upload("registry", "pad.jpg", b"photo").content["files"][0]["url_private"]

    assert fetch(url, "xoxb-sandbox") == (b"photo", "image/jpeg")
    page, kind = fetch(url, None)
    assert kind.startswith("text/html")
    assert b"Sign in" in page


def test_files_of_other_channels_are_not_found(lin: Member, slack: WebClient) -> None:
    file = lin.upload("other", "pad.jpg", b"photo").content["files"][0]

    assert error_of(slack.files_info, file=file["id"]).response["error"] == "file_not_found"
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(file["url_private"], "xoxb-sandbox")


def test_an_upload_needs_its_length_its_bytes_and_a_channel(slack: WebClient) -> None:
    assert error_of(slack.files_getUploadURLExternal, filename="a", length=0).response["error"] == "missing_argument"
    given = slack.files_getUploadURLExternal(filename="a.txt", length=5)
    early = error_of(slack.files_completeUploadExternal, files=[{"id": given["file_id"]}]).response["error"]
    with pytest.raises(urllib.error.HTTPError, match="400"):
        urllib.request.urlopen(urllib.request.Request(given["upload_url"], b"too many bytes"))
    urllib.request.urlopen(urllib.request.Request(given["upload_url"], b"right")).close()

    assert early == "file_not_found"
    elsewhere = error_of(
        slack.files_completeUploadExternal, files=[{"id": given["file_id"]}], channel_id="C03OTHER"
    ).response["error"]
    assert elsewhere == "not_in_channel"
    assert slack.files_completeUploadExternal(files=[{"id": given["file_id"]}], channel_id="C01REG")["ok"]


def test_a_file_in_a_thread_is_seen_in_the_thread(lin: Member, slack: WebClient) -> None:
    root = lin.say("registry", "root")

    lin.upload("registry", "pad.jpg", b"photo", thread=root)

    assert slack.conversations_replies(channel="C01REG", ts=root.ts)["messages"][1]["files"][0]["name"] == "pad.jpg"


def test_an_app_deletes_its_own_file_and_nobody_elses(lin: Member, slack: WebClient, desk: SandboxClient) -> None:
    slack.files_upload_v2(channel="C01REG", filename="own.txt", content="text")
    shown = desk.messages("registry")[-1]
    own = shown.content["files"][0]["id"]
    theirs = lin.upload("registry", "pad.jpg", b"photo").content["files"][0]["id"]

    assert slack.files_delete(file=own)["ok"]

    assert [f["mode"] for f in shown.now().content["files"]] == ["tombstone"]
    assert error_of(slack.files_delete, file=own).response["error"] == "file_not_found"
    assert error_of(slack.files_delete, file=theirs).response["error"] == "cant_delete_file"
