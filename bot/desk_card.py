"""What a thread shows of a handoff, and which entries it is told. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bot.conversation import Conversation, Customer, Handoff, HandoffState, Owner
from bot.desk_values import DeskCard, DeskThread, Press, Standing
from bot.messages import Author, Message
from bot.teams import Team

RECENT = 8
"""Entries before the call for a person that the first message shows."""


def card_of(
    conversation: Conversation,
    handoff: Handoff,
    customer: Customer | None,
    team: Team | None,
    recent: Sequence[Message],
    url: str | None,
) -> DeskCard:
    """The first message of a handoff's thread."""
    standing = standing_of(conversation, handoff)
    over = handoff.state is HandoffState.DONE
    offer = conversation.offer
    snoozed = None if over else conversation.snoozed
    taken = not over and conversation.owner is Owner.AGENT
    return DeskCard(
        handoff=handoff.id,
        standing=standing,
        agent=offer.name if standing is Standing.OFFERED and offer else handoff.agent_name,
        until=snoozed.until if snoozed else None,
        customer=customer.name if customer else None,
        channel=conversation.address.channel,
        language=handoff.language,
        reason=handoff.reason,
        intent=handoff.intent,
        urgent=handoff.urgent,
        team=team.name if team else None,
        slots=tuple(sorted(handoff.slots.items())),
        recent=tuple(recent),
        url=url,
        presses=() if over else (Press.CLOSE, Press.BOT) if taken else (Press.CLAIM,),
    )


def standing_of(conversation: Conversation, handoff: Handoff) -> Standing:
    """Where a handoff stands."""
    if handoff.state is HandoffState.DONE:
        ends = {"given_back": Standing.GIVEN_BACK, "closed": Standing.CLOSED}
        return ends.get(handoff.outcome or "", Standing.CANCELLED)
    if conversation.snoozed is not None:
        return Standing.SNOOZED
    if conversation.owner is Owner.AGENT:
        return Standing.TAKEN
    return Standing.OFFERED if conversation.offer is not None else Standing.WAITING


def said_before(entries: Sequence[Message]) -> list[Message]:
    """Of the entries before a thread, those that its first message shows: what was said, and notes of colleagues."""
    shown = [entry for entry in entries if not entry.internal or entry.author is Author.AGENT]
    return shown[-RECENT:]


def not_seen(thread: DeskThread, handoff: Handoff, entries: Sequence[Message]) -> list[Message]:
    """The entries that a thread has not seen, in order.

    After the end it is told what was said up to then; what the bot says later belongs to no handoff. Customers' entries
    have their platform's time, by which the end cannot be told.
    """
    end = handoff.done_at if handoff.state is HandoffState.DONE else None
    found = []
    for entry in entries:
        if end is not None and entry.at > end and entry.author is not Author.CUSTOMER:
            break
        if entry.seq > thread.posted:
            found.append(entry)
    return found


def edits_to_tell(thread: DeskThread, entries: Sequence[Message]) -> list[tuple[datetime, Message]]:
    """The entries that were changed after the thread had seen them, with when, in that order."""
    told = thread.edits_at or thread.opened_at
    edits = [(e.edited_at, e) for e in entries if e.edited_at is not None and thread.since < e.seq <= thread.posted]
    return sorted(((at, e) for at, e in edits if at > told), key=lambda edit: (edit[0], edit[1].seq))
