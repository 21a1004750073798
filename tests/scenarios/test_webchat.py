"""The scenarios in the web chat, by Direct Line over WebSocket."""

from __future__ import annotations

import pytest

from tests.scenarios.rig import WebChat
from tests.scenarios.scenarios import Scenarios

pytestmark = pytest.mark.model


class TestInTheWebChat(Scenarios):
    languages = ("es", "ar", "ja")
    vague_in = "es"
    nonsense_in = "es"
    stranger = "pl"

    def platform(self) -> WebChat:
        return WebChat()
