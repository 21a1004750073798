from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.setting_sources import described
from bot.settings import Settings
from bot.setup import Troubles, channel_states
from tests.fakes import MORNING, FakeClock


def sources(settings: Settings, environment: dict[str, str], file: Path) -> dict[str, tuple[str | None, str]]:
    return {one.name: (one.value, one.source) for one in described(settings, environment, file)}


def test_a_setting_is_said_to_come_from_where_it_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "babeldesk.toml"
    file.write_text('offer_seconds = 30\nlog_level = "debug"\nport = 9000\n')
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BABELDESK_PORT", "9001")
    monkeypatch.setenv("BABELDESK_PACK", "")
    environment = {"BABELDESK_PORT": "9001", "BABELDESK_PACK": ""}
    found = sources(Settings(host="0.0.0.0"), environment, file)
    assert found["port"] == ("9001", "environment"), "the environment goes first"
    assert found["offer_seconds"] == ("30.0", "file")
    assert found["log_level"] == ("DEBUG", "file")
    assert found["host"] == ("0.0.0.0", "code")
    assert found["pack"] == ("ecommerce", "default"), "what is empty is not set"


def test_no_secret_is_told_whatever_it_is_called() -> None:
    secrets = {
        name: SecretStr("s3cret")
        for name, field in Settings.model_fields.items()
        if "SecretStr" in str(field.annotation) and name != "database_url"
    }
    database = SecretStr("postgresql://joe:s3cret@host/db")
    settings = Settings(**secrets, database_url=database, llm_base_url="https://joe:s3cret@llm.example/v1?x=1")
    told = described(settings, {}, Path("none.toml"))
    assert "s3cret" not in repr(told)
    assert {one.name for one in told if one.secret and one.given} == {*secrets, "database_url"}
    assert next(one.value for one in told if one.name == "llm_base_url") == "https://…@llm.example/v1?x=1"


def test_a_trouble_keeps_the_time_at_which_it_began_until_it_is_over() -> None:
    clock, problems = FakeClock(), {"slack": "cannot be reached", "rest": None}
    troubles = Troubles(clock, lambda: dict(problems))
    assert troubles.look() == {"slack": ("cannot be reached", MORNING)}
    clock.advance(300)
    problems["slack"] = "refuses the token"
    assert troubles.look() == {"slack": ("refuses the token", MORNING)}
    problems["slack"] = None
    assert troubles.look() == {}
    problems["slack"] = "cannot be reached"
    assert troubles.look()["slack"][1] == MORNING + timedelta(minutes=5)


class Fine:
    problem = None


@pytest.mark.parametrize(
    ("more", "name", "receives", "path"),
    [
        ({}, "telegram", "polling", None),
        ({"public_url": "https://desk.example"}, "telegram", "webhook", "/webhooks/telegram"),
        ({"slack_app_token": SecretStr("x")}, "slack", "socket_mode", None),
        ({}, "slack", "events", "/webhooks/slack/events"),
        ({}, "rest", "http", "/webhooks/rest/webhook"),
    ],
)
def test_a_channel_says_how_messages_come_in(
    more: dict[str, object], name: str, receives: str, path: str | None
) -> None:
    settings = Settings(**more)  # type: ignore[arg-type]
    troubles = Troubles(FakeClock(), dict)
    states = {one.name: one for one in channel_states(settings, described(settings, {}), {name: Fine()}, troubles)}
    assert (states[name].configured, states[name].receives, states[name].path) == (True, receives, path)
    others = [one for one in states.values() if one.name != name]
    assert [(one.configured, one.receives) for one in others] == [(False, None)] * 3
