"""The agents' side of the stand-in for Slack: a channel with threads, what they write there, what they alone are told.

https://docs.slack.dev/reference/methods/chat.postEphemeral, https://docs.slack.dev/messaging/message-metadata
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.standins.slack import SlackStandIn

_EVENT_TYPE = re.compile(r"[a-z0-9_]{1,255}")


class SlackError(Exception):
    """An error by its name."""


def check_metadata(metadata: dict[str, Any]) -> dict[str, Any]:
    """Refuse what Slack refuses."""
    if not _EVENT_TYPE.fullmatch(metadata["event_type"]) or not isinstance(metadata["event_payload"], dict):
        raise SlackError("metadata_must_follow_schema")
    return metadata


def words(message: dict[str, Any]) -> str:
    """All that is read of a message, its caption first, without its buttons."""
    lines = []
    for block in message.get("blocks") or []:
        if block["type"] == "rich_text":
            lines.append("".join(e["text"] for s in block["elements"] for e in s["elements"]))
        elif block["type"] == "context":
            lines.append(" ".join(e["text"] for e in block["elements"]))
    return "\n".join(lines) if lines else html.unescape(message.get("text", ""))


@dataclass
class Agents:
    """A channel in which agents work: its threads, and what single users were told in them."""

    server: SlackStandIn
    id: str
    kind: str = "channel"
    user: str = ""
    messages: list[dict[str, Any]] = field(default_factory=list)
    whispers: list[tuple[str, str, str]] = field(default_factory=list)
    """Thread, user and text."""

    def take(self, message: dict[str, Any]) -> None:
        """A message of the bot's."""
        self.messages.append(message)

    def colleague(self, user: str, name: str) -> str:
        """Somebody who is in the channel."""
        self.server.users[user] = {
            "id": user,
            "name": name.lower(),
            "locale": "en-US",
            "profile": {"display_name": name},
        }
        return user

    @property
    def roots(self) -> list[dict[str, Any]]:
        """The first messages of threads."""
        return [message for message in self.messages if "thread_ts" not in message]

    def thread(self, root: str) -> list[str]:
        """What the bot said in a thread, without its first message."""
        return [words(message) for message in self.messages if message.get("thread_ts") == root]

    def told(self, user: str) -> list[str]:
        """What a user alone was told."""
        return [text for _, told, text in self.whispers if told == user]

    def buttons(self, root: str) -> list[str]:
        """The buttons under a thread's first message."""
        return [element["text"]["text"] for element in self._elements(root)]

    def _elements(self, root: str) -> list[dict[str, Any]]:
        (message,) = [message for message in self.roots if message["ts"] == root]
        return [e for b in message.get("blocks") or [] if b["type"] == "actions" for e in b["elements"]]

    async def write(
        self, user: str, text: str, thread: str | None = None, *, times: int = 1, **fields: Any
    ) -> dict[str, Any]:
        """A colleague writes in a thread, or in the channel."""
        event = {
            "type": "message",
            "channel": self.id,
            "channel_type": self.kind,
            "user": user,
            "text": text if text.startswith("<@") else html.escape(text, quote=False),
            "ts": self.server.stamp(),
            "team": "T0001",
            **({"thread_ts": thread} if thread else {}),
            **fields,
        }
        await self.server.deliver(event, times=times)
        return event

    async def edit(self, event: dict[str, Any], text: str) -> None:
        """A colleague changes what they wrote."""
        stamp = self.server.stamp()
        await self.server.deliver(
            {
                "type": "message",
                "subtype": "message_changed",
                "channel": self.id,
                "channel_type": self.kind,
                "ts": stamp,
                "message": {**event, "text": text, "edited": {"user": event["user"], "ts": stamp}},
                "previous_message": event,
            }
        )

    async def press(self, user: str, root: str, label: str, *, element: dict[str, Any] | None = None) -> None:
        """A colleague presses a button under a thread's first message, or one that stood there before."""
        found = element or next((e for e in self._elements(root) if e["text"]["text"] == label), None)
        assert found is not None, f"there is no button {label!r}; there are {self.buttons(root)}"
        await self.server.interact(self, {"ts": root}, found, user)

    def element(self, root: str, label: str) -> dict[str, Any]:
        """A button as it stands there now, to be pressed later."""
        return next(e for e in self._elements(root) if e["text"]["text"] == label)

    def delete(self, root: str) -> None:
        """Somebody deletes a thread."""
        self.messages[:] = [m for m in self.messages if root not in (m["ts"], m.get("thread_ts"))]


class DeskMethods:
    """The Web API's methods that only the desk calls."""

    agents: dict[str, Agents]

    def _agents(self, parameters: dict[str, Any]) -> Agents:
        room = self.agents.get(parameters["channel"])
        if room is None:
            raise SlackError("channel_not_found")
        return room

    async def _do_chat_update(self, parameters: dict[str, Any]) -> dict[str, Any]:
        from tests.standins.slack import check_blocks

        room = self._agents(parameters)
        for message in room.messages:
            if message["ts"] == parameters["ts"]:
                check_blocks(parameters["blocks"])
                message |= {"text": parameters["text"], "blocks": parameters["blocks"]}
                return {"channel": room.id, "ts": message["ts"], "text": message["text"]}
        raise SlackError("message_not_found")

    async def _do_chat_postEphemeral(self, parameters: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - the API's name
        room = self._agents(parameters)
        if not parameters.get("text") or not parameters.get("user"):
            raise SlackError("no_text")
        room.whispers.append((parameters.get("thread_ts", ""), parameters["user"], words(parameters)))
        return {"message_ts": "1.1"}

    async def _do_conversations_replies(self, parameters: dict[str, Any]) -> dict[str, Any]:
        room, root = self._agents(parameters), parameters["ts"]
        found = [m for m in room.messages if root in (m["ts"], m.get("thread_ts"))]
        if not found:
            raise SlackError("thread_not_found")
        return _paged(found, parameters)

    async def _do_conversations_history(self, parameters: dict[str, Any]) -> dict[str, Any]:
        oldest = float(parameters.get("oldest") or 0)
        found = [m for m in self._agents(parameters).roots if float(m["ts"]) > oldest]
        return _paged(found[::-1], parameters)


def _paged(found: list[dict[str, Any]], parameters: dict[str, Any]) -> dict[str, Any]:
    """A page, and the cursor of the next; metadata only for who asks for it."""
    start = int(parameters.get("cursor") or 0)
    size = min(int(parameters.get("limit") or 100), 1000)
    page = found[start : start + size]
    if str(parameters.get("include_all_metadata", "0")).lower() not in {"1", "true"}:
        page = [{k: v for k, v in m.items() if k != "metadata"} for m in page]
    following = str(start + size) if start + size < len(found) else ""
    return {"messages": page, "has_more": bool(following), "response_metadata": {"next_cursor": following}}
