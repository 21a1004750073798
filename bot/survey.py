"""How it was: after an agent closes a conversation, the customer is asked for a score and a comment. Pure.

The answers belong to the conversation that is over: it stays closed, and the bot takes no number for a question. What
is a new question, even while a comment is waited for, opens the conversation again as any other message does.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from bot.conversation import Owner, Survey
from bot.decision import AskRating, Heard, Rate
from bot.draft import RATE, Draft
from bot.figures import BEST
from bot.messages import Button, Pressed, Text
from bot.understanding import Understanding

OPEN_FOR = timedelta(days=2)
"""How long written words count as an answer; a button counts whenever it is pressed."""

SMALL_TALK = frozenset({"affirm", "deny", "thanks", "goodbye", "greeting", "stop"})
"""Intents of comments: whoever means one asks for nothing."""

_SCORE = re.compile(r"([1-5])(?:\s*/\s*5)?\W*")
_STARS = re.compile("(?:[★⭐🌟]\ufe0f?){1,5}")


def ask(draft: Draft, agent: str, name: str) -> None:
    """Ask for a score of the agent who had the conversation."""
    draft.change(survey=Survey("score", draft.at))
    draft.do(AskRating(agent, name))
    buttons = tuple(Button(str(score), f"{RATE}{score}") for score in range(1, BEST + 1))
    draft.say_system("rate", "asks for a rating", buttons)


def answered(draft: Draft, event: Heard) -> bool:
    """Take what the customer says as an answer, if it is one; whether it was."""
    content, conversation = event.content, draft.conversation
    if isinstance(content, Pressed) and content.value.startswith(RATE):
        score = typed_score(content.value.removeprefix(RATE))
        if score is None or conversation.rating is None:
            return False
        _score(draft, score)
        return True
    survey = conversation.survey
    if survey is None:
        return False
    if conversation.owner is Owner.CLOSED and isinstance(content, Text) and draft.at - survey.at <= OPEN_FOR:
        score = None if event.files else typed_score(content.text)
        if score is not None:
            _score(draft, score)
            return True
        if survey.stage == "comment" and content.text and not _asks(draft, event.understanding):
            draft.change(survey=None)
            draft.do(Rate(comment=content.text))
            draft.say_system("rated", "commented")
            return True
    draft.change(survey=None)
    return False


def typed_score(text: str) -> int | None:
    """A score that was written: a digit of any script, `4/5`, or stars; None for anything else."""
    said = unicodedata.normalize("NFKC", text).strip()
    said = "".join(str(unicodedata.digit(c)) if unicodedata.category(c) == "Nd" else c for c in said)
    if (match := _SCORE.fullmatch(said.replace("\u20e3", ""))) is not None:
        return int(match.group(1))
    if _STARS.fullmatch(said) is not None:
        return len(said.replace("\ufe0f", ""))
    return None


def _score(draft: Draft, score: int) -> None:
    draft.do(Rate(score=score))
    match draft.conversation.owner:
        case Owner.CLOSED:
            draft.change(survey=Survey("comment", draft.at))
            draft.say_system("rate_comment", f"rated {score}")
        case Owner.BOT:
            # A button of a conversation that has gone on since.
            draft.say_system("rated", f"rated {score}")
        case _:
            pass


def _asks(draft: Draft, understanding: Understanding | None) -> bool:
    """Whether words ask for something, rather than say how it was."""
    if understanding is None:
        return False
    intent = understanding.intent
    asks = intent is not None and understanding.in_scope and intent.name not in SMALL_TALK
    return understanding.requested_language is not None or (
        asks and intent is not None and draft.pack.thresholds.sure(intent)
    )
