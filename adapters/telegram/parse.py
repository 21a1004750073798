"""Telegram updates become `Inbound`. Pure: the update and who we are in, the event out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from telegram import CallbackQuery, Message, MessageEntity, Update, User

from adapters.telegram.target import Target
from bot.messages import Attachment, Command, Content, Edited, Inbound, Pressed, Sender, Text, Unsupported


@dataclass(frozen=True, slots=True)
class Me:
    """The bot itself."""

    id: int
    username: str


def parse_update(update: Update, me: Me, received: datetime) -> Inbound | None:
    """The event that an update stands for; None for one that is not addressed to the bot.

    `received` dates what has no time of its own: the press of a button.
    """
    if update.callback_query is not None:
        return _pressed(update.update_id, update.callback_query, received)
    message = update.message or update.edited_message
    if message is None or message.from_user is None or message.from_user.is_bot:
        return None
    content = _content(message, me)
    if content is None:
        return None
    if update.edited_message is not None:
        if not isinstance(content, Text):
            return None
        content = Edited(str(message.message_id), content.text)
    return Inbound(
        id=f"u{update.update_id}",
        address=_target(message, message.from_user).address(),
        sender=_sender(message.from_user),
        at=message.edit_date or message.date,
        content=content,
        attachments=_attachments(message),
        reference=str(message.message_id),
    )


def _content(message: Message, me: Me) -> Content | None:  # noqa: PLR0911 - a table of kinds
    in_group = message.chat.type in {"group", "supergroup"}
    text = message.text or message.caption or ""
    command = _command(message, text)
    if command is not None:
        name, addressee, argument = command
        if addressee and addressee.casefold() != me.username.casefold():
            return None
        return Command(name, argument)
    if in_group and not _addressed(message, me):
        return None
    if in_group:
        text = _without_mention(text, me)
    if text or _attachments(message):
        return Text(text)
    if message.sticker is not None:
        return Text(message.sticker.emoji) if message.sticker.emoji else Unsupported("a sticker")
    for kind in ("location", "venue", "contact", "poll", "dice", "story", "game", "invoice", "checklist"):
        if getattr(message, kind, None):
            return Unsupported(f"a {kind}")
    return None  # a service message: somebody joined, a title was changed


def _command(message: Message, text: str) -> tuple[str, str, str] | None:
    """Name, addressee and argument of a command that begins the message."""
    entities = message.entities or message.caption_entities
    first = next((e for e in entities if e.type == MessageEntity.BOT_COMMAND and e.offset == 0), None)
    if first is None:
        return None
    word, _, argument = text.partition(" ")
    name, _, addressee = word.removeprefix("/").partition("@")
    return name.casefold(), addressee, argument.strip()


def _addressed(message: Message, me: Me) -> bool:
    """In a group only what mentions the bot or answers it is meant for it."""
    replied = message.reply_to_message
    if replied is not None and replied.from_user is not None and replied.from_user.id == me.id:
        return True
    mentions = {**message.parse_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION])}
    mentions.update(message.parse_caption_entities([MessageEntity.MENTION, MessageEntity.TEXT_MENTION]))
    return any(
        said.casefold() == f"@{me.username}".casefold() or (entity.user is not None and entity.user.id == me.id)
        for entity, said in mentions.items()
    )


def _without_mention(text: str, me: Me) -> str:
    return re.sub(rf"@{re.escape(me.username)}\b[,:]?\s*", "", text, flags=re.IGNORECASE).strip()


def _attachments(message: Message) -> tuple[Attachment, ...]:
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return (Attachment("photo.jpg", "image/jpeg", largest.file_size, largest.file_id),)
    named = (
        (message.voice, "voice.ogg", "audio/ogg"),
        (message.video_note, "video.mp4", "video/mp4"),
        (message.audio, "audio.mp3", "audio/mpeg"),
        (message.video, "video.mp4", "video/mp4"),
        (message.animation, "animation.mp4", "video/mp4"),
        (message.document, "file", "application/octet-stream"),
    )
    for media, name, kind in named:
        if media is not None:
            own_name, own_kind = getattr(media, "file_name", None), getattr(media, "mime_type", None)
            return (Attachment(own_name or name, own_kind or kind, media.file_size, media.file_id),)
    return ()


def _pressed(update_id: int, query: CallbackQuery, received: datetime) -> Inbound | None:
    message = query.message
    if message is None or query.data is None:
        return None
    label = ""
    markup = getattr(message, "reply_markup", None)
    if markup is not None:
        buttons = [button for row in markup.inline_keyboard for button in row]
        label = next((button.text for button in buttons if button.callback_data == query.data), "")
    thread = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    in_group = message.chat.type in {"group", "supergroup"}
    target = Target(message.chat.id, thread, query.from_user.id if in_group else None)
    return Inbound(
        id=f"u{update_id}",
        address=target.address(),
        sender=_sender(query.from_user),
        at=received,
        content=Pressed(query.data, label),
        reference=str(message.message_id),
    )


def _target(message: Message, user: User) -> Target:
    thread = message.message_thread_id if message.is_topic_message else None
    in_group = message.chat.type in {"group", "supergroup"}
    return Target(message.chat.id, thread, user.id if in_group else None)


def _sender(user: User) -> Sender:
    return Sender(str(user.id), user.full_name, user.language_code)
