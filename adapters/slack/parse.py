"""Slack events, button presses and slash commands become `Inbound`. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bot.messages import Address, Attachment, Command, Edited, Inbound, Pressed, Sender, Text

CHANNEL = "slack"

_MARKED = re.compile(r"<([@#!])?([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself."""

    team: str
    user: str
    bot: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where to write: a channel of a team, and the thread in it, if there is one."""

    team: str
    channel: str
    thread: str | None = None

    def address(self) -> Address:
        """The conversation's address."""
        thread = f":{self.thread}" if self.thread else ""
        return Address(CHANNEL, f"{self.team}:{self.channel}{thread}")

    @classmethod
    def parse(cls, address: Address) -> Place:
        """The place behind an address."""
        team, channel, thread = [*address.conversation.split(":"), ""][:3]
        return cls(team, channel, thread or None)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An event that is for the bot if `addressed`, or if its thread is a conversation of the bot's already."""

    inbound: Inbound
    addressed: bool


def channel_of(body: Mapping[str, Any]) -> str | None:
    """The channel in which an event, a press or a command took place."""
    container, event = body.get("container"), body.get("event")
    found = container.get("channel_id") if isinstance(container, Mapping) else None
    if isinstance(event, Mapping):
        found = event.get("channel")
    found = found or body.get("channel_id")
    return found if isinstance(found, str) else None


def parse_event(body: Mapping[str, Any], me: Me) -> Candidate | None:
    """What an Events API callback stands for; None for what is never meant for the bot.

    A mention comes as `message` and as `app_mention`, each with its own event id: the id here is made of what they
    share, the channel and the message's time stamp.
    """
    event = body.get("event")
    if not isinstance(event, Mapping) or event.get("type") not in ("message", "app_mention"):
        return None
    if event.get("subtype") == "message_changed":
        return _changed(event, body, me)
    if event.get("subtype") not in (None, "file_share", "thread_broadcast"):
        return None
    return _message(event, event, body, me)


def _changed(event: Mapping[str, Any], body: Mapping[str, Any], me: Me) -> Candidate | None:
    """A customer's edit; a preview that Slack adds to a message changes it too, but not its text."""
    now, before = event.get("message"), event.get("previous_message")
    if not isinstance(now, Mapping) or not isinstance(before, Mapping) or now.get("text") == before.get("text"):
        return None
    candidate = _message({**event, **now}, event, body, me)
    if candidate is None:
        return None
    inbound = candidate.inbound
    edited = now.get("edited")
    edited_at = str((edited.get("ts") if isinstance(edited, Mapping) else None) or event.get("ts"))
    changed = Inbound(
        id=f"{inbound.id}:edit:{edited_at}",
        address=inbound.address,
        sender=inbound.sender,
        at=moment_of(edited_at),
        content=Edited(str(inbound.reference), plain_text(str(now.get("text") or ""), me)),
        reference=inbound.reference,
    )
    return Candidate(changed, candidate.addressed)


def _message(message: Mapping[str, Any], event: Mapping[str, Any], body: Mapping[str, Any], me: Me) -> Candidate | None:
    user, stamp, channel = message.get("user"), message.get("ts"), event.get("channel")
    if message.get("bot_id") or not user or user in (me.user, "USLACKBOT") or not stamp or not channel:
        return None
    team = str(body.get("team_id") or me.team)
    raw = str(message.get("text") or "")
    thread = message.get("thread_ts")
    direct = event.get("channel_type", message.get("channel_type")) == "im" or str(channel).startswith("D")
    mentioned = f"<@{me.user}>" in raw or f"<@{me.user}|" in raw
    # A mention opens a thread under itself; a direct message is one conversation unless it is in a thread.
    place = Place(team, str(channel), str(thread) if thread else None if direct else str(stamp))
    inbound = Inbound(
        id=f"{team}:{channel}:{stamp}",
        address=place.address(),
        sender=Sender(str(user)),
        at=moment_of(str(stamp)),
        content=Text(plain_text(raw, me)),
        attachments=files_of(message.get("files")),
        reference=str(stamp),
    )
    return Candidate(inbound, direct or mentioned or event.get("type") == "app_mention")


def parse_action(body: Mapping[str, Any], received: datetime) -> Inbound | None:
    """A pressed button."""
    actions, user, container = body.get("actions"), body.get("user"), body.get("container")
    if not actions or not isinstance(user, Mapping) or not isinstance(container, Mapping):
        return None
    action = actions[0]
    if not isinstance(action, Mapping) or action.get("type") != "button" or not action.get("value"):
        return None
    team = str((body.get("team") or {}).get("id") or user.get("team_id") or "")
    channel = str(container.get("channel_id") or (body.get("channel") or {}).get("id") or "")
    thread = container.get("thread_ts")
    place = Place(team, channel, str(thread) if thread else None)
    label = str((action.get("text") or {}).get("text") or "")
    return Inbound(
        id=f"action:{channel}:{container.get('message_ts')}:{action.get('action_ts')}",
        address=place.address(),
        sender=Sender(str(user.get("id")), user.get("name") or user.get("username")),
        at=received,
        content=Pressed(str(action["value"]), label),
        reference=str(container.get("message_ts")),
    )


def parse_command(body: Mapping[str, Any], received: datetime) -> Inbound | None:
    """A slash command: `/babeldesk human`, or one that is named after what it does."""
    if not body.get("command") or not body.get("user_id"):
        return None
    name = str(body["command"]).removeprefix("/")
    argument = str(body.get("text") or "").strip()
    if name not in {"human", "language", "help", "stop"}:
        first, _, rest = argument.partition(" ")
        name, argument = first or "help", rest.strip()
    return Inbound(
        id=f"command:{body.get('trigger_id')}",
        address=Place(str(body.get("team_id") or ""), str(body.get("channel_id") or "")).address(),
        sender=Sender(str(body["user_id"]), body.get("user_name")),
        at=received,
        content=Command(name.casefold(), argument),
    )


def plain_text(text: str, me: Me) -> str:
    """What was typed, out of Slack's markup; the mention of the bot is left out."""

    def said(match: re.Match[str]) -> str:
        sign, target, label = match.groups()
        if sign == "@":
            return "" if target == me.user else f"@{label or target}"
        if sign == "#":
            return f"#{label or target}"
        if sign == "!":
            return label or f"@{target.split('^')[0]}"
        address = target.removeprefix("mailto:").removeprefix("tel:")
        return (
            f"{label} ({target})" if label and label not in {target, address} and "://" in target else label or target
        )

    return html.unescape(_MARKED.sub(said, text)).strip()


def files_of(files: object) -> tuple[Attachment, ...]:
    """The files of a message."""
    return tuple(_file(file) for file in files if isinstance(file, Mapping)) if isinstance(files, list) else ()


def _file(file: Mapping[str, Any]) -> Attachment:
    source = file.get("url_private_download") or file.get("url_private")
    if not source or file.get("file_access") == "check_file_info":
        source = f"file:{file.get('id')}"
    size = file.get("size")
    return Attachment(
        name=str(file.get("name") or file.get("title") or "file"),
        content_type=str(file.get("mimetype") or "application/octet-stream"),
        size=size if isinstance(size, int) else None,
        source=str(source),
    )


def moment_of(stamp: str) -> datetime:
    """The time of a message, which is its id."""
    try:
        return datetime.fromtimestamp(float(stamp), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)
