"""The scenarios on Slack, by Socket Mode and by signed events over HTTP."""

from __future__ import annotations

import pytest

from tests.scenarios.rig import Slack
from tests.scenarios.scenarios import Scenarios

pytestmark = pytest.mark.model


class TestOnSlackBySocketMode(Scenarios):
    languages = ("de", "en", "pt")
    vague_in = "pt"
    nonsense_in = "de"
    stranger = "nl"

    def platform(self) -> Slack:
        return Slack(socket_mode=True)


class TestOnSlackByEventsApi(Scenarios):
    languages = ("fr", "ja", "hi")
    vague_in = "hi"
    nonsense_in = "fr"
    stranger = "pl"

    def platform(self) -> Slack:
        return Slack(socket_mode=False)
