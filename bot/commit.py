"""⑤ Writes down what was decided: state, history, handoff and outbox in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import assert_never

from bot.conversation import Conversation, Handoff, HandoffState, Owner
from bot.decision import (
    Action,
    AnswerHandoff,
    AskRating,
    ClaimHandoff,
    EndHandoff,
    HandoffAction,
    OpenHandoff,
    Rate,
    Reason,
    ReassignHandoff,
    RequeueHandoff,
    RunAction,
    Say,
)
from bot.glance import glanced
from bot.messages import Author, Message, Outbound
from bot.outcomes import turn_of
from bot.ports import Committed, UnitOfWork
from bot.ports_inbox import Mention, Rating
from bot.teams import team_for


@dataclass(frozen=True, slots=True)
class Change:
    """Everything that one event does to a conversation, before it is written."""

    before: Conversation | None
    after: Conversation
    actions: Sequence[Action]
    heard: Message | None = None
    """The customer's entry; its `seq` is set when it is written."""
    amended: tuple[str, str] | None = None
    """Reference and new text of an entry that the customer edited."""
    in_reply_to: str | None = None
    reply_to: str | None = None


async def write(unit: UnitOfWork, change: Change, at: datetime, new_id: Callable[[], str]) -> Committed:
    """Write a change within a transaction.

    Raises:
        Conflict: somebody else changed the conversation or its handoff in the meantime.
    """
    conversation = replace(change.after, updated_at=at, version=change.after.version + 1)
    seq = conversation.seq
    messages: list[Message] = []
    sends: list[Outbound] = []
    amended: Message | None = None
    if change.amended is not None:
        reference, text = change.amended
        amended = await unit.messages.amend(conversation.id, reference, text, at)
    heard = change.heard if amended is None else None
    spoken_at = await _spoken_at(unit, change) if heard is not None else None
    if heard is not None:
        seq += 1
        messages.append(replace(heard, seq=seq))
    handoff: Handoff | None = None
    for action in change.actions:
        match action:
            case Say():
                seq += 1
                message = _entry(action, conversation, seq, at, new_id(), change.in_reply_to)
                messages.append(message)
                if not action.internal:
                    sends.append(Outbound(conversation.address, message, change.reply_to))
            case AskRating() | Rate():
                conversation = await _rate(unit, conversation, action, at, new_id)
            case RunAction():
                raise TypeError(f"{action!r} is for the turn to carry out, not to be written")
            case _:
                conversation, handoff = await _hand_off(unit, conversation, action, at, new_id)
    conversation = glanced(replace(conversation, seq=seq), messages, change.actions, at)
    await _store(unit, change.before, conversation)
    if messages:
        await unit.messages.append(messages)
        await unit.mentions.add(_mentions(messages))
    if sends:
        await unit.outbox.add(sends, at)
    await _log_turn(unit, change, amended, messages[0] if heard is not None else None, spoken_at)
    entries = messages if amended is None else [amended, *messages]
    return Committed(conversation, tuple(entries), handoff)


async def _store(unit: UnitOfWork, before: Conversation | None, after: Conversation) -> None:
    if before is None:
        await unit.conversations.add(after)
    else:
        await unit.conversations.save(after)
    if after.due_at != (None if before is None else before.due_at):
        await unit.dues.set(after.id, after.due_at)


def _mentions(messages: Sequence[Message]) -> list[Mention]:
    return [
        Mention(user, entry.conversation, entry.seq, entry.at, entry.author_name or "")
        for entry in messages
        for user in entry.mentions
    ]


async def _rate(
    unit: UnitOfWork, conversation: Conversation, action: AskRating | Rate, at: datetime, new_id: Callable[[], str]
) -> Conversation:
    """The conversation with the rating that it was last asked for."""
    match action:
        case AskRating():
            asked = Rating(new_id(), conversation.id, action.agent, action.name, at)
            await unit.ratings.add(asked)
            return replace(conversation, rating=asked.id)
        case Rate():
            if conversation.rating is not None:
                await unit.ratings.answer(conversation.rating, action.score, action.comment, at)
            return conversation


async def _spoken_at(unit: UnitOfWork, change: Change) -> datetime | None:
    """When anybody last said anything in the conversation."""
    if change.before is None:
        return None
    last = await unit.messages.latest([change.before.id])
    return last[change.before.id].at if last else None


async def _log_turn(
    unit: UnitOfWork, change: Change, amended: Message | None, heard: Message | None, spoken_at: datetime | None
) -> None:
    """Note what became of the customer's entry; of an edited one, if the edit was answered, what became of that."""
    if heard is not None:
        await unit.turns.put(turn_of(heard, change.before, change.after, change.actions, spoken_at))
    elif amended is not None and change.actions:
        understanding = change.heard.understanding if change.heard else None
        entry = replace(amended, understanding=understanding)
        turn = turn_of(entry, change.before, change.after, change.actions, None)
        old = await unit.turns.get(turn.conversation, turn.seq)
        await unit.turns.put(replace(turn, quiet=old.quiet if old else None))


def _entry(
    say: Say, conversation: Conversation, seq: int, at: datetime, identity: str, in_reply_to: str | None
) -> Message:
    return Message(
        id=identity,
        conversation=conversation.id,
        seq=seq,
        author=say.author,
        author_name=say.author_name,
        at=at,
        text=say.text,
        language=say.language or conversation.language,
        buttons=say.buttons,
        attachments=say.attachments,
        in_reply_to=in_reply_to if say.author is not Author.AGENT else None,
        internal=say.internal,
        mentions=say.mentions,
        decision=say.why,
    )


async def _hand_off(
    unit: UnitOfWork,
    conversation: Conversation,
    action: HandoffAction,
    at: datetime,
    new_id: Callable[[], str],
) -> tuple[Conversation, Handoff | None]:
    """The conversation with its open request for a human, and that request as it is now."""
    match action:
        case OpenHandoff():
            opened = Handoff(
                new_id(),
                conversation.id,
                action.reason,
                at,
                language=conversation.language,
                intent=action.intent,
                slots=action.slots,
                urgent=action.urgent,
            )
            team = team_for(await unit.teams.list(), opened)
            opened = replace(opened, team=None if team is None else team.id)
            await unit.handoffs.add(opened)
            return replace(conversation, handoff=opened.id), opened
        case ClaimHandoff():
            claimed = await _claim(unit, conversation, action, at, new_id)
            return replace(conversation, handoff=claimed.id), claimed
        case AnswerHandoff() | ReassignHandoff() | RequeueHandoff():
            return conversation, await _change(unit, conversation, action, at)
        case EndHandoff():
            return replace(conversation, handoff=None), await _end(unit, conversation, action, at)
        case _:
            assert_never(action)


async def _claim(
    unit: UnitOfWork, conversation: Conversation, claim: ClaimHandoff, at: datetime, new_id: Callable[[], str]
) -> Handoff:
    waiting = await unit.handoffs.get(conversation.handoff) if conversation.handoff else None
    fields = {"state": HandoffState.CLAIMED, "agent": claim.agent, "agent_name": claim.name, "claimed_at": at}
    if waiting is not None:
        handoff = replace(waiting, **fields)  # type: ignore[arg-type]  # the fields above have the right types
        await unit.handoffs.save(handoff, expected=HandoffState.WAITING)
        return handoff
    handoff = Handoff(new_id(), conversation.id, Reason.TAKEN, at, language=conversation.language)
    handoff = replace(handoff, **fields)  # type: ignore[arg-type]  # as above
    await unit.handoffs.add(handoff)
    return handoff


async def _change(
    unit: UnitOfWork,
    conversation: Conversation,
    action: AnswerHandoff | ReassignHandoff | RequeueHandoff,
    at: datetime,
) -> Handoff | None:
    current = await unit.handoffs.get(conversation.handoff) if conversation.handoff else None
    if current is None:
        return None
    match action:
        case AnswerHandoff():
            if current.answered_at is not None:
                return None
            handoff = replace(current, answered_at=at)
        case ReassignHandoff():
            handoff = replace(current, agent=action.agent, agent_name=action.name, claimed_at=at)
        case RequeueHandoff():
            handoff = replace(
                current,
                state=HandoffState.WAITING,
                agent=None,
                agent_name=None,
                claimed_at=None,
                team=action.team or current.team,
            )
        case _:
            assert_never(action)
    await unit.handoffs.save(handoff, expected=current.state)
    return handoff


async def _end(unit: UnitOfWork, conversation: Conversation, end: EndHandoff, at: datetime) -> Handoff | None:
    current = await unit.handoffs.get(conversation.handoff) if conversation.handoff else None
    if current is None:
        return None
    handoff = replace(current, state=HandoffState.DONE, outcome=end.outcome, done_at=at)
    await unit.handoffs.save(handoff, expected=current.state)
    return handoff


def silent(conversation: Conversation) -> bool:
    """Whether the bot has nothing to say in this conversation."""
    return conversation.owner in {Owner.AGENT, Owner.QUEUE}
