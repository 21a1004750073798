"""What agents do in the desk's channel becomes `DeskEvent`s. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from adapters.slack.desk_texts import FILE_IN_NOTE
from adapters.slack.parse import CHANNEL, Me, files_of, moment_of, plain_text
from bot.desk_values import Account, DeskEvent, Press, Pushed, Rewrote, Wrote
from bot.messages import Attachment

PRIVATE = "//"
"""Begins a line that only colleagues read."""

ACTION = "desk:"
"""Begins the `action_id` of the desk's buttons; what follows is a `Press`."""


def parse_desk_event(body: Mapping[str, Any], me: Me) -> tuple[DeskEvent, ...]:
    """What a message in a thread stands for: words for the customer and a private note, or that it was changed."""
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") not in ("message", "app_mention"):
        return ()
    if event.get("subtype") == "message_changed":
        return _changed(event, body, me)
    if event.get("subtype") not in (None, "file_share", "thread_broadcast"):
        return ()
    return _wrote(event, event, body, me)


def _changed(event: Mapping[str, Any], body: Mapping[str, Any], me: Me) -> tuple[DeskEvent, ...]:
    """An edit; a preview that Slack adds to a message changes it too, but not its text."""
    now, before = event.get("message"), event.get("previous_message")
    if not isinstance(now, Mapping) or not isinstance(before, Mapping) or now.get("text") == before.get("text"):
        return ()
    wrote = _wrote({**event, **now}, event, body, me)
    edited = now.get("edited")
    at = str((edited.get("ts") if isinstance(edited, Mapping) else None) or event.get("ts"))
    return tuple(
        DeskEvent(f"{one.id}:edit:{at}", one.channel, one.thread, one.account, moment_of(at), Rewrote())
        for one in wrote[:1]
    )


def _wrote(
    message: Mapping[str, Any], event: Mapping[str, Any], body: Mapping[str, Any], me: Me
) -> tuple[DeskEvent, ...]:
    user, stamp, channel, thread = (
        message.get("user"),
        message.get("ts"),
        event.get("channel"),
        message.get("thread_ts"),
    )
    if message.get("bot_id") or not user or user in (me.user, "USLACKBOT") or not stamp or not channel:
        return ()
    if not thread or thread == stamp:  # nobody's thread: people talking among themselves
        return ()
    team = str(body.get("team_id") or me.team)
    account = Account(CHANNEL, f"{team}:{user}")
    identity, at = f"{team}:{channel}:{stamp}", moment_of(str(stamp))
    words, note, files = _told_apart(plain_text(str(message.get("text") or ""), me), files_of(message.get("files")))
    found = []
    if note:
        content = Wrote(note, private=True)
        found.append(DeskEvent(f"{identity}:note", str(channel), str(thread), account, at, content))
    if words or files:
        found.append(DeskEvent(identity, str(channel), str(thread), account, at, Wrote(words), files))
    return tuple(found)


def _told_apart(text: str, files: tuple[Attachment, ...]) -> tuple[str, str, tuple[Attachment, ...]]:
    """What is for the customer, what is for colleagues, and the files that go to the customer."""
    lines = text.splitlines()
    words = "\n".join(line for line in lines if not line.lstrip().startswith(PRIVATE)).strip()
    private = [line.lstrip().removeprefix(PRIVATE).strip() for line in lines if line.lstrip().startswith(PRIVATE)]
    if private and not words:
        # Beside nothing but a note, a file is none for the customer.
        private += [FILE_IN_NOTE.format(name=file.name) for file in files]
        files = ()
    return words, "\n".join(private).strip(), files


def parse_desk_press(body: Mapping[str, Any], received: datetime) -> DeskEvent | None:
    """A button under a thread's first message."""
    actions, user, container = body.get("actions"), body.get("user"), body.get("container")
    if not actions or not isinstance(user, Mapping) or not isinstance(container, Mapping):
        return None
    action = actions[0]
    if not isinstance(action, Mapping) or not user.get("id"):
        return None
    try:
        press = Press(str(action.get("action_id") or "").removeprefix(ACTION))
    except ValueError:
        return None
    team = str((body.get("team") or {}).get("id") or user.get("team_id") or "")
    channel, root = container.get("channel_id"), container.get("message_ts")
    return DeskEvent(
        id=f"action:{channel}:{root}:{action.get('action_ts')}",
        channel=str(channel),
        thread=str(root),
        account=Account(CHANNEL, f"{team}:{user['id']}", user.get("name") or user.get("username")),
        at=received,
        content=Pushed(press),
    )
