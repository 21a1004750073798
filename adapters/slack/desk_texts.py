"""All that the desk says to agents in Slack, in one place."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from bot.desk_values import DeskReply, Press, ReplyKind, Standing

STANDINGS: Final[Mapping[Standing, str]] = {
    Standing.WAITING: "⏳ Waiting for an agent",
    Standing.OFFERED: "⏳ Offered to {agent}",
    Standing.TAKEN: "💬 With {agent}",
    Standing.SNOOZED: "💤 Snoozed until {until}",
    Standing.GIVEN_BACK: "🤖 Given back to the bot by {agent}",
    Standing.CLOSED: "✅ Closed by {agent}",
    Standing.CANCELLED: "🤖 Over: the customer goes on with the bot",
}
URGENT: Final = "🔥 URGENT · "
SOMEBODY: Final = "an agent"
CUSTOMER: Final = "Customer"
UNTIL_THEY_WRITE: Final = "the customer writes"

PRESSES: Final[Mapping[Press, str]] = {
    Press.CLAIM: "Claim",
    Press.CLOSE: "Close",
    Press.BOT: "Give back to the bot",
}

REASONS: Final[Mapping[str, str]] = {
    "requested": "asked for a person",
    "sensitive": "a matter for people",
    "low_confidence": "the bot was not sure what was meant",
    "flow_stuck": "the bot could not read an answer",
    "flow": "the bot has collected what a person needs",
    "upset": "the customer is upset",
    "error": "the bot failed",
    "taken": "taken from the bot by an agent",
}

WHO: Final = "Customer"
WHERE: Final = "Writes on"
WHY: Final = "Why"
TEAM: Final = "Team"
KNOWN: Final = "Known"
BEFORE: Final = "Said before"
CONSOLE: Final = "Open in the console"
NOTE: Final = "(private note)"

BOT: Final = "Bot"
TO_CUSTOMER: Final = "Automatic, to the customer"
TO_AGENTS: Final = "Babeldesk, to agents only"
FROM_CONSOLE: Final = "{name}, from the console"
PRIVATE: Final = "🔒 {name}, private note"
COMMAND: Final = "{name}, a command"
CHANGED: Final = "✏️ {name} changed what they had written"
FILES: Final = "(files)"
NO_FILE: Final = "[{name} could not be had: {error}]"
CANNOT_SHOW: Final = "⚠️ This cannot be shown here ({reason}). The console has it."
FILE_IN_NOTE: Final = "[a file that only Slack has: {name}]"

NO_COMMANDS: Final = "This is the channel of the support desk. Customers' commands do nothing here."

REPLIES: Final[Mapping[ReplyKind, str]] = {
    ReplyKind.LINK: (
        "Nothing was sent: I do not know who you are on the support desk. Link your Slack account here, once, "
        "within 15 minutes: {detail} — and then write or press again."
    ),
    ReplyKind.DISABLED: "Nothing was done: your user of the support desk is disabled.",
    ReplyKind.ROLE: "Nothing was done: your role does not let you answer customers.",
    ReplyKind.WITH_OTHER: "Nothing was done: {detail} has this conversation. The customer got nothing of it.",
    ReplyKind.UNCLAIMED: "Nothing was done: nobody has this conversation yet. Claim it first.",
    ReplyKind.OVER: "Nothing was done: this request is over. The customer got nothing of it.",
    ReplyKind.EDITED: "What you have changed is not sent again. Write once more what the customer is to read.",
    ReplyKind.REFUSED: "Nothing was sent: {detail}",
    ReplyKind.FAILED: "Nothing was done, though I tried again and again: {detail}",
}


def reply_text(reply: DeskReply) -> str:
    """What somebody who did something is told."""
    return REPLIES[reply.kind].format(detail=reply.detail or SOMEBODY)
