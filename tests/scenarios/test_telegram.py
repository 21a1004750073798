"""The scenarios on Telegram, by long polling."""

from __future__ import annotations

import pytest

from tests.scenarios.rig import Telegram
from tests.scenarios.scenarios import Scenarios

pytestmark = pytest.mark.model


class TestOnTelegram(Scenarios):
    languages = ("zh-Hans", "hi", "ru")
    vague_in = "zh-Hans"
    nonsense_in = "ru"
    stranger = "sv"

    def platform(self) -> Telegram:
        return Telegram()
