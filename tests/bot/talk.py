"""A conversation with the policy alone, for tests of what it decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from bot.conversation import Conversation
from bot.decision import ActionFinished, Decision, Event, Heard, OpenHandoff, RunAction, Say
from bot.messages import Address, Button, Pressed, Text
from bot.pack import Pack
from bot.pack_reader import read_pack
from bot.policy import decide
from tests.fakes import MORNING, understand

PACK = read_pack(Path(__file__).parents[1] / "packs" / "tiny")


class Talk:
    """A conversation with the policy alone; the owner's system knows order 12345."""

    def __init__(self, pack: Pack = PACK, at: datetime = MORNING) -> None:
        self.pack = pack
        self.at = at
        self.conversation = Conversation("c", Address("memory", "ana"), "u", at, at)
        self.last: Decision = Decision(self.conversation)
        self.runs: list[RunAction] = []
        self.down = False

    def does(self, event: Event) -> list[str]:
        """What the customer sees in answer."""
        said: list[str] = []
        while True:
            self.last = decide(self.pack, self.conversation, event, self.at)
            self.conversation = replace(self.last.conversation, seq=self.last.conversation.seq + 1)
            said += [a.text for a in self.last.actions if isinstance(a, Say) and not a.internal]
            runs = [a for a in self.last.actions if isinstance(a, RunAction)]
            if not runs:
                return said
            self.runs += runs
            event = self._carried_out(runs[0])

    def says(self, text: str) -> list[str]:
        return self.does(Heard(Text(text), understand(text, self.conversation.hints("en"))))

    def presses(self, label: str) -> list[str]:
        (button,) = [b for b in self.buttons() if b.label == label]
        return self.does(Heard(Pressed(button.value, button.label)))

    def buttons(self) -> list[Button]:
        return [b for a in self.last.actions if isinstance(a, Say) for b in a.buttons]

    def handoff(self) -> OpenHandoff | None:
        return next((a for a in self.last.actions if isinstance(a, OpenHandoff)), None)

    def _carried_out(self, run: RunAction) -> ActionFinished:
        if self.down:
            return ActionFinished(run.flow, "unavailable")
        if run.action == "create_return":
            return ActionFinished(run.flow, "created", {"return_number": "R-1"})
        found = run.slots["order_number"] == "12345"
        return ActionFinished(run.flow, "found" if found else "not_found", {"status": "packed"})
