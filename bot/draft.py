"""A decision in the making: the conversation so far, and what has been said. Lives only inside one `decide`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.conversation import Conversation, Owner
from bot.decision import Action, Decision, OpenHandoff, Reason, Say
from bot.locales import format_when, is_open, next_opening
from bot.messages import Author, Button
from bot.mood import upset, urgent
from bot.pack import Pack, Replies, fill

HUMAN = "human"
NONE = "none"
YES = "yes"
NO = "no"
INTENT = "intent:"
LANGUAGE = "lang:"
CHOICE = "slot:"
RATE = "rate:"


class Draft:
    """Collects changes and actions; `decision` returns them as values."""

    def __init__(self, pack: Pack, conversation: Conversation, at: datetime) -> None:
        self.pack = pack
        self.conversation = conversation
        self.at = at
        self.actions: list[Action] = []

    @property
    def language(self) -> str:
        """The pack's language that the customer is answered in."""
        return self.pack.language_for(self.conversation.language) or self.pack.default_language

    @property
    def texts(self) -> Replies:
        """What the bot says in that language."""
        return self.pack.texts(self.language)

    @property
    def upset(self) -> bool:
        """Whether the customer is angry, or unhappy again and again."""
        return upset(self.conversation.mood, self.pack.sentiment)

    def decision(self) -> Decision:
        """What was decided."""
        return Decision(self.conversation, tuple(self.actions))

    def change(self, **fields: Any) -> None:
        """Put the conversation into a new state."""
        self.conversation = replace(self.conversation, **fields)

    def do(self, action: Action) -> None:
        """Add an action that is no text."""
        self.actions.append(action)

    def say(
        self,
        template: str,
        why: str,
        values: Mapping[str, str] | None = None,
        buttons: tuple[Button, ...] = (),
        author: Author = Author.BOT,
    ) -> None:
        """Say a text of the pack with its values filled in."""
        text = fill(template, {**self.pack.facts, **(values or {})})
        self.actions.append(Say(text, why, buttons, author, language=self.language))

    def say_system(self, key: str, why: str, buttons: tuple[Button, ...] = (), **values: str) -> None:
        """Say something about the bot or the handoff itself."""
        self.say(self.texts.system[key], why, values, buttons, Author.SYSTEM)

    def note(self, text: str) -> None:
        """Leave an entry that only agents see."""
        self.actions.append(Say(text, text, author=Author.SYSTEM, internal=True))

    def intent_button(self, intent: str) -> Button:
        """A button that stands for an intent."""
        if intent == "talk_to_human":
            return self.human_button()
        return Button(self.texts.labels[intent], f"{INTENT}{intent}")

    def human_button(self) -> Button:
        """A button that calls a person."""
        return Button(self.texts.system["talk_to_human"], HUMAN)

    def call_human(self, reason: Reason, intent: str | None = None, slots: Mapping[str, str] | None = None) -> None:
        """Put the conversation into the queue and tell the customer when to expect someone."""
        self.change(owner=Owner.QUEUE, clarifying=(), rephrased=False, told_waiting=False, unanswered_since=self.at)
        self.change(told_place=None, told_place_at=None)
        self.do(OpenHandoff(reason, intent, dict(slots or {}), urgent(self.conversation.mood, self.at)))
        self.say_who_comes(f"handoff: {reason}")

    def say_who_comes(self, why: str) -> None:
        """Tell the customer that somebody will come, or, outside working hours, when."""
        hours = self.pack.working_hours
        opening = None if hours is None or is_open(hours, self.at) else next_opening(hours, self.at)
        if opening is None:
            self.say_system("handoff", why)
        else:
            self.say_system("handoff_offline", why, when=format_when(opening, self.language))
