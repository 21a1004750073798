"""Handoffs and their entries become messages in the desk's channel. Pure.

Customers' words stand in rich text, which shows every character as it is: nobody is mentioned and nothing is formatted
by what a customer writes.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from adapters.slack import desk_texts as texts
from adapters.slack.desk_parse import ACTION
from adapters.slack.render import MAX_LABEL, MAX_SECTION, SECTIONS, Post, caption, fallback, rich_text
from adapters.texts import split_text
from bot.desk_values import DeskCard, Press, Shown
from bot.locales import language_name
from bot.messages import Attachment, Author, Message

LONGEST_RECENT = 300
"""Characters of an earlier entry in a thread's first message; the console has it whole."""

LONGEST_VALUE = 200

_SPACE = re.compile(r"\s+")


def render_card(card: DeskCard) -> Post:
    """A thread's first message."""
    title = _title(card)
    blocks: list[dict[str, Any]] = [_section([_bold(title)]), _section(_facts(card))]
    if card.recent:
        blocks += [caption(texts.BEFORE), _section(_recent(card))]
    if card.url is not None:
        blocks.append(_section([{"type": "link", "url": card.url, "text": texts.CONSOLE}]))
    if card.presses:
        blocks.append({"type": "actions", "elements": [_button(press, card.handoff) for press in card.presses]})
    return Post(fallback(f"{title}: {card.customer or texts.CUSTOMER}, {_why(card)}"), blocks)


def render_shown(shown: Shown) -> list[Post | Attachment]:
    """The messages and files that an entry is posted as."""
    entry, title = shown.entry, title_of(shown)
    if shown.refused is not None:
        text = texts.CANNOT_SHOW.format(reason=shown.refused)
        return [Post(fallback(f"{title}: {text}"), [caption(title), rich_text(text)])]
    files = () if shown.edited else entry.attachments
    held = [file for file in files if file.blob is not None]
    sections = split_text(_text(entry, files), MAX_SECTION)
    posts: list[Post | Attachment] = []
    for start in range(0, len(sections), SECTIONS):
        group = sections[start : start + SECTIONS]
        blocks = [caption(title), *(rich_text(section) for section in group)]
        posts.append(Post(fallback(f"{title}: " + "\n".join(group)), blocks))
    return [*posts, *held]


def title_of(shown: Shown) -> str:
    """Who says it, and to whom if that is not plain."""
    entry = shown.entry
    match entry.author:
        case Author.CUSTOMER:
            form = texts.CHANGED if shown.edited else texts.COMMAND if entry.internal else "{name}"
            name = entry.author_name or texts.CUSTOMER
        case Author.AGENT:
            form = texts.PRIVATE if entry.internal else texts.FROM_CONSOLE
            name = entry.author_name or texts.SOMEBODY
        case Author.BOT:
            form, name = texts.BOT, ""
        case Author.SYSTEM:
            form, name = texts.TO_AGENTS if entry.internal else texts.TO_CUSTOMER, ""
    return form.format(name=_cut(name, MAX_LABEL))


def _text(entry: Message, files: Sequence[Attachment]) -> str:
    lines = [entry.text] if entry.text.strip() else []
    lines += [f"[{button.label}]" for button in entry.buttons]
    lines += [texts.NO_FILE.format(name=f.name, error=f.error or "?") for f in files if f.blob is None]
    return "\n".join(lines) or texts.FILES


# --- the first message ------------------------------------------------------------------------------------------------


def _title(card: DeskCard) -> str:
    until = texts.UNTIL_THEY_WRITE if card.until is None else f"{card.until:%Y-%m-%d %H:%M} UTC"
    title = texts.STANDINGS[card.standing].format(agent=_cut(card.agent or texts.SOMEBODY, MAX_LABEL), until=until)
    return f"{texts.URGENT}{title}" if card.urgent and card.presses else title


def _facts(card: DeskCard) -> list[dict[str, Any]]:
    language = f"{card.channel}, {language_name(card.language, 'en')}" if card.language else card.channel
    facts = [(texts.WHO, card.customer or texts.CUSTOMER), (texts.WHERE, language), (texts.WHY, _why(card))]
    if card.team is not None:
        facts.append((texts.TEAM, card.team))
    if card.slots:
        facts.append((texts.KNOWN, ", ".join(f"{name}: {_cut(value, LONGEST_VALUE)}" for name, value in card.slots)))
    elements: list[dict[str, Any]] = []
    for name, value in facts:
        elements += [_bold(f"{name}: "), _plain(f"{_cut(value, MAX_SECTION)}\n")]
    elements[-1] = _plain(elements[-1]["text"].removesuffix("\n") or "-")
    return elements


def _why(card: DeskCard) -> str:
    reason = texts.REASONS.get(card.reason, card.reason)
    return reason if card.intent is None else f"{reason} ({card.intent})"


def _recent(card: DeskCard) -> list[dict[str, Any]]:
    elements: list[dict[str, Any]] = []
    for entry in card.recent:
        # In the card there is but one line for each; who has said it stands before it.
        note = f" {texts.NOTE}" if entry.internal else ""
        said = _cut(_text(entry, entry.attachments), LONGEST_RECENT)
        elements += [_bold(f"{_who(entry, card)}{note}: "), _plain(f"{said}\n")]
    elements[-1] = _plain(elements[-1]["text"].removesuffix("\n"))
    return elements


def _who(entry: Message, card: DeskCard) -> str:
    match entry.author:
        case Author.CUSTOMER:
            return _cut(entry.author_name or card.customer or texts.CUSTOMER, MAX_LABEL)
        case Author.AGENT:
            return _cut(entry.author_name or texts.SOMEBODY, MAX_LABEL)
        case _:
            return texts.BOT


def _button(press: Press, handoff: str) -> dict[str, Any]:
    button: dict[str, Any] = {
        "type": "button",
        "action_id": f"{ACTION}{press.value}",
        "text": {"type": "plain_text", "text": texts.PRESSES[press], "emoji": True},
        "value": handoff,
    }
    return {**button, "style": "primary"} if press is Press.CLAIM else button


def _section(elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": elements}]}


def _plain(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text}


def _bold(text: str) -> dict[str, Any]:
    return {"type": "text", "text": text, "style": {"bold": True}}


def _cut(text: str, most: int) -> str:
    """One line of at most so many characters."""
    line = _SPACE.sub(" ", text).strip()
    return line if len(line) <= most else f"{line[: most - 1]}…"
