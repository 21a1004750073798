"""Bot Framework activities: what clients send becomes `Inbound`, and the history becomes what they read. Pure."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from adapters.webchat.tokens import Token
from bot.messages import (
    Address,
    Attachment,
    Author,
    Command,
    Content,
    Inbound,
    Message,
    Pressed,
    Sender,
    Text,
    Unsupported,
)

CHANNEL = "webchat"
BOT_ID = "babeldesk"

SERVER_MADE = "s-"
"""Begins the second half of an activity id that the client did not choose."""

FileUrl = Callable[[Attachment], str]


class _Lenient(BaseModel):
    """Clients send many fields that mean nothing here."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)


class From(_Lenient):
    """Who sends an activity."""

    id: str | None = Field(default=None, max_length=200)
    name: str | None = Field(default=None, max_length=200)


class InlineAttachment(_Lenient):
    """A file in an activity: only `data:` addresses are taken, nothing is fetched from elsewhere."""

    content_type: str = Field(default="application/octet-stream", alias="contentType", max_length=200)
    content_url: str | None = Field(default=None, alias="contentUrl")
    name: str | None = Field(default=None, max_length=500)


class Activity(_Lenient):
    """An activity from a client."""

    type: str = Field(max_length=100)
    text: str | None = None
    sender: From | None = Field(default=None, alias="from")
    locale: str | None = Field(default=None, max_length=35)
    name: str | None = Field(default=None, max_length=200)
    value: Any = None
    channel_data: dict[str, Any] | None = Field(default=None, alias="channelData")
    attachments: list[InlineAttachment] = Field(default=[], max_length=10)

    @property
    def client_id(self) -> str | None:
        """The id that the client gave to this activity, so that a repeat is known as one."""
        wanted = (self.channel_data or {}).get("clientActivityID")
        return wanted if isinstance(wanted, str) and 0 < len(wanted) <= 100 else None  # noqa: PLR2004 - any sane id


def parse_activity(
    activity: Activity, token: Token, fresh_id: str, at: datetime, attachments: tuple[Attachment, ...] = ()
) -> Inbound | None:
    """The event that an activity stands for; None for one that means nothing to us.

    The sender is the token's, whatever the activity says; a name of theirs is taken from it only if the token has none.
    """
    second = activity.client_id or f"{SERVER_MADE}{fresh_id}"
    content = _content(activity, attachments)
    if content is None:
        return None
    identity = f"{token.conversation}|{second}"
    return Inbound(
        id=identity,
        address=Address(CHANNEL, token.conversation),
        sender=_sender(activity, token),
        at=at,
        content=content,
        attachments=attachments,
        reference=identity,
    )


def _sender(activity: Activity, token: Token) -> Sender:
    locale = activity.locale or token.locale
    if token.name or activity.sender is None:
        return Sender(token.user, token.name, locale)
    # The client says so, and nobody else: whoever the token was made for may call themselves anything.
    own = " ".join((activity.sender.name or "").split())
    return Sender(token.user, own or None, locale, vouched=False)


def parse_opening(token: Token, at: datetime) -> Inbound:
    """The event that a conversation was opened; its id is the same however often that is tried."""
    return Inbound(
        id=f"{token.conversation}|open",
        address=Address(CHANNEL, token.conversation),
        sender=Sender(token.user, token.name, token.locale),
        at=at,
        content=Command("start"),
    )


def _content(activity: Activity, attachments: tuple[Attachment, ...]) -> Content | None:
    if activity.type != "message":
        return None
    value = activity.value
    if isinstance(value, dict):
        value = value.get("value")
    text = activity.text or ""
    if isinstance(value, str) and value:
        return Pressed(value, text)
    if not text and not attachments and activity.attachments:
        return Unsupported("an attachment by address")
    if text.startswith("/") and len(text) > 1 and text[1:2].isalpha() and "\n" not in text:
        name, _, argument = text[1:].partition(" ")
        if name.isalpha():
            return Command(name.casefold(), argument)
    return Text(text)


def render_message(message: Message, conversation: str, user: str, file_url: FileUrl) -> dict[str, Any]:
    """An entry of the history as an activity; the client's own come back with the id that it was told."""
    own = message.author is Author.CUSTOMER
    identity = message.in_reply_to if own and message.in_reply_to else message.id
    activity: dict[str, Any] = {
        "type": "message",
        "id": identity,
        "timestamp": message.at.isoformat().replace("+00:00", "Z"),
        "channelId": "directline",
        "conversation": {"id": conversation},
        "from": _from(message, user),
        "text": message.text,
        "textFormat": "plain",
        "channelData": _channel_data(message, identity),
    }
    if not own:
        activity["locale"] = message.language
        activity["inputHint"] = "acceptingInput"
        if message.in_reply_to:
            activity["replyToId"] = message.in_reply_to
    if message.buttons:
        activity["suggestedActions"] = {
            "to": [user],
            "actions": [
                {"type": "messageBack", "title": b.label, "text": b.label, "displayText": b.label, "value": b.value}
                for b in message.buttons
            ],
        }
    if files := [a for a in message.attachments if a.blob is not None]:
        activity["attachments"] = [
            {"contentType": a.content_type, "contentUrl": file_url(a), "name": a.name} for a in files
        ]
    return activity


def render_typing(author: Author, name: str | None = None) -> dict[str, Any]:
    """Somebody on our side is typing."""
    sender = {"id": BOT_ID, "role": "bot", **({"name": name} if name else {})}
    return {"type": "typing", "from": sender, "channelData": {"babeldesk": {"author": author.value}}}


def _from(message: Message, user: str) -> dict[str, str]:
    if message.author is Author.CUSTOMER:
        return {"id": user, "role": "user", **({"name": message.author_name} if message.author_name else {})}
    return {"id": BOT_ID, "role": "bot", **({"name": message.author_name} if message.author_name else {})}


def _channel_data(message: Message, identity: str) -> dict[str, Any]:
    data: dict[str, Any] = {"babeldesk": {"author": message.author.value, "language": message.language}}
    second = identity.partition("|")[2]
    if message.author is Author.CUSTOMER and second and not second.startswith(SERVER_MADE):
        data["clientActivityID"] = second
    return data
