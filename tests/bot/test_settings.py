"""Settings are refused with one clear sentence each, and no secret is ever shown."""

from pathlib import Path

import pytest

from bot.settings import BadSettings, Settings, load_settings

TOKEN = "xoxb-1-very-secret"
APP_TOKEN = "xapp-1-very-secret"


def refused(**given: str) -> str:
    with pytest.raises(BadSettings) as caught:
        load_settings(given)
    assert "secret" not in str(caught.value)
    assert "secret" not in repr(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://slack.com.evil.example/api/",
        "https://evilslack.com/api/",
        "https://slack.com@evil.example/api/",
        "https://evil.example\\@slack.com/api/",
        "http://slack.com/api/",
        "http://127.0.0.1.evil.example/api/",
        "https://203.0.113.7/api/",
        "ftp://slack.com/",
        "slack.com",
    ],
)
def test_a_token_is_refused_for_a_host_that_is_neither_slacks_nor_this_machine(url: str) -> None:
    assert "SLACK_API_URL" in refused(SLACK_BOT_TOKEN=TOKEN, SLACK_API_URL=url)


@pytest.mark.parametrize(
    "url", ["https://slack.com/api", "https://acme.enterprise.slack.com/api/", "http://127.0.0.1:8765/api/",
            "http://[::1]:8765/api/", "http://localhost:1/api/"]
)  # fmt: skip
def test_slack_and_this_machine_may_have_the_token(url: str) -> None:
    settings = load_settings({"SLACK_BOT_TOKEN": TOKEN, "SLACK_API_URL": url})

    assert settings.slack_api_url.endswith("/")


def test_an_app_token_alone_is_guarded_as_well() -> None:
    assert "no token is sent" in refused(SLACK_APP_TOKEN=APP_TOKEN, SLACK_API_URL="https://evil.example/api/")


def test_the_clock_file_is_refused_against_a_real_slack() -> None:
    assert "REDRESS_CLOCK_FILE" in refused(REDRESS_CLOCK_FILE="/tmp/clock")


def test_each_bad_setting_has_a_sentence_that_names_its_variable() -> None:
    said = refused(SLACK_BOT_TOKEN="very-secret", REDRESS_HTTP_PORT="high", REDRESS_LOG_LEVEL="LOUD")

    assert [line.split(":")[0] for line in said.splitlines()] == [
        "SLACK_BOT_TOKEN", "REDRESS_HTTP_PORT", "REDRESS_LOG_LEVEL",
    ]  # fmt: skip


def test_a_folder_of_policies_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Else the shipped regulation would run instead of the company's own."""
    assert "no folder" in refused(REDRESS_POLICIES=str(tmp_path / "nowhere"))
    assert load_settings({"REDRESS_POLICIES": str(tmp_path)}).policies == tmp_path


def test_secrets_show_nowhere() -> None:
    settings = load_settings(
        {
            "SLACK_BOT_TOKEN": TOKEN,
            "SLACK_SIGNING_SECRET": "secret",
            "REDRESS_DATABASE_URL": "postgresql://u:secret@db/x",
        }
    )

    assert "secret" not in repr(settings).replace("slack_signing_secret", "")
    assert "secret@" not in str(settings.model_dump())


def test_without_a_url_the_record_is_a_file_in_the_data_folder() -> None:
    assert load_settings({"REDRESS_DATA": "/srv/redress"}).database_url == "sqlite:////srv/redress/redress.sqlite3"


def test_running_needs_a_token_and_one_of_two_transports() -> None:
    with pytest.raises(BadSettings) as caught:
        load_settings({}).refuse_unless_it_can_run()

    assert len(caught.value.sentences) == 3
    load_settings({"SLACK_BOT_TOKEN": TOKEN, "SLACK_APP_TOKEN": APP_TOKEN}).refuse_unless_it_can_run()


def test_the_environment_is_where_settings_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDRESS_HTTP_PORT", "8080")
    monkeypatch.setenv("SLACK_APP_TOKEN", "")

    assert load_settings().http_port == 8080
    assert isinstance(load_settings(), Settings)
    assert not load_settings().is_socket_mode
