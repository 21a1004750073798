"""③ to ⑤ One turn: load, understand, decide, act, commit.

Nothing slow runs inside a transaction. The conversation's version tells whether somebody else (an agent, another
process) changed it in the meantime; then the turn decides anew on the fresh state, without understanding or acting a
second time.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from bot.adapting import known_to
from bot.audit import Actor, AuditEntry, JsonValue
from bot.commit import Change, silent, write
from bot.conversation import Conversation, Owner
from bot.decision import (
    Action,
    ActionFinished,
    AgentEvent,
    ClosedByAgent,
    Event,
    GivenBack,
    Heard,
    RunAction,
    Tested,
    TurnFailed,
)
from bot.errors import BabeldeskError, Conflict, InvalidInput
from bot.messages import Address, Attachment, Author, Command, Edited, Inbound, Message, Pressed, Text, Unsupported
from bot.metrics import Metrics
from bot.pack import Pack
from bot.policy import decide
from bot.ports import (
    ActionCall,
    ActionResult,
    Actions,
    Blobs,
    Channel,
    Clock,
    Committed,
    Live,
    Received,
    Store,
    Understander,
    UnitOfWork,
)
from bot.understanding import Understanding

log = structlog.get_logger(__name__)

MAX_CONFLICTS = 10
MAX_ACTIONS = 3
"""Actions of the owner's systems in one turn."""


Also = Callable[[UnitOfWork, Committed], Awaitable[None]]
"""Something else to be done in the transaction of a change; what it raises undoes the change."""


@dataclass(slots=True)
class _Work:
    """What a turn has found out so far; kept when it has to decide anew. One turn has one pack from end to end."""

    pack: Pack
    understanding: Understanding | None = None
    attachments: tuple[Attachment, ...] = ()
    results: dict[str, ActionResult] = field(default_factory=dict)


class Turns:
    """Runs turns for customers' events and for agents' actions."""

    def __init__(
        self,
        *,
        pack: Callable[[], Pack],
        store: Store,
        understander: Understander,
        actions: Actions,
        blobs: Blobs,
        channels: Mapping[str, Channel],
        live: Live,
        clock: Clock,
        metrics: Metrics,
        new_id: Callable[[], str],
        deliver: Callable[[Address], None],
        max_upload: int,
    ) -> None:
        self._pack = pack
        self._store = store
        self._understander = understander
        self._actions = actions
        self._blobs = blobs
        self._channels = channels
        self._live = live
        self._clock = clock
        self._metrics = metrics
        self._new_id = new_id
        self._deliver = deliver
        self._max_upload = max_upload
        self._noticed: Callable[[Committed], None] = lambda _: None

    def on_committed(self, noticed: Callable[[Committed], None]) -> None:
        """Tell somebody of every change that a turn of this process wrote."""
        self._noticed = noticed

    async def take(self, received: Received, conversation: Conversation | None) -> None:
        """Give a customer's event its turn; `conversation` is the one at its address, if there is one.

        Raises:
            BabeldeskError: it could not be carried out; nothing was committed.
        """
        started = time.perf_counter()
        inbound = received.inbound
        if (conversation is None or not silent(conversation)) and not isinstance(inbound.content, Unsupported):
            await self.show_typing(inbound.address)
        work = _Work(self._pack(), attachments=await self._fetched(inbound))
        work.understanding = await self._understood(inbound, conversation, work.pack)
        for _ in range(MAX_CONFLICTS):
            try:
                committed = await self._hear(received, conversation, work)
                break
            except Conflict:
                conversation = await self._at(inbound.address)
        else:
            raise Conflict(f"the conversation at {inbound.address.key} keeps changing")
        self._announce(committed)
        channel = inbound.address.channel
        self._metrics.turns.labels(channel, committed.conversation.owner).inc()
        self._metrics.turn_seconds.labels(channel).observe(time.perf_counter() - started)

    async def give_up(self, received: Received, error: str) -> None:
        """Take an event whose turn keeps failing out of the queue, tell the customer and call a human."""
        inbound = received.inbound
        for _ in range(MAX_CONFLICTS):
            before = await self._at(inbound.address)
            conversation = before or self._opened(inbound)
            now = self._clock.now()
            pack = self._pack()
            decision = decide(pack, conversation, TurnFailed(error), now)
            heard = self._entry(inbound, conversation, _Work(pack, attachments=inbound.attachments))
            change = Change(before, decision.conversation, decision.actions, heard, None, inbound.id, inbound.reference)
            with suppress(Conflict):
                async with self._store.unit() as unit:
                    change = await self._with_customer(unit, change, inbound)
                    committed = await write(unit, change, now, self._new_id)
                    await unit.inbox.failed(received.seq, error, now, final=True)
                self._announce(committed)
                return
        raise Conflict(f"the conversation at {inbound.address.key} keeps changing")

    async def agent(self, conversation_id: str, event: AgentEvent, also: Also | None = None) -> Committed:
        """Carry out what an agent does. `also` is not called if it changes nothing.

        Raises:
            InvalidInput: there is no such conversation.
            Conflict: its owner does not allow it; the message says who has it.
        """
        for _ in range(MAX_CONFLICTS):
            async with self._store.unit(write=False) as unit:
                before = await unit.conversations.get(conversation_id)
            if before is None:
                raise InvalidInput(f"there is no conversation {conversation_id!r}")
            now = self._clock.now()
            decision = decide(self._pack(), before, event, now)
            if decision.conversation == before and not decision.actions:
                return Committed(before)
            change = Change(before, decision.conversation, decision.actions, reply_to=None)
            with suppress(Conflict):
                async with self._store.unit() as unit:
                    committed = await write(unit, change, now, self._new_id)
                    if (entry := _overruled(before, event, now)) is not None:
                        await unit.audit.add(entry)
                    if also is not None:
                        await also(unit, committed)
                self._announce(committed)
                return committed
        raise Conflict(f"the conversation {conversation_id!r} keeps changing")

    # --- the steps ----------------------------------------------------------------------------------------------------

    async def _at(self, address: Address) -> Conversation | None:
        async with self._store.unit(write=False) as unit:
            return await unit.conversations.at(address)

    async def show_typing(self, address: Address) -> None:
        """Show the customer that an answer is being prepared, where the channel can."""
        channel = self._channels.get(address.channel)
        if channel is not None:
            await channel.typing(address)

    async def _fetched(self, inbound: Inbound) -> tuple[Attachment, ...]:
        """Our own copies of the files; one that cannot be had is kept with the reason, and the words still count."""
        copies = []
        for attachment in inbound.attachments:
            if attachment.blob is not None or attachment.source is None:
                copies.append(attachment)
                continue
            channel = self._channels[inbound.address.channel]
            try:
                key, size = await self._blobs.put(attachment.name, channel.fetch(attachment), self._max_upload)
                copies.append(replace(attachment, blob=key, size=size))
            except BabeldeskError as error:
                log.warning("file not fetched", channel=inbound.address.channel, inbound=inbound.id, error=str(error))
                copies.append(replace(attachment, error=str(error)))
        return tuple(copies)

    async def _understood(
        self, inbound: Inbound, conversation: Conversation | None, pack: Pack
    ) -> Understanding | None:
        content = inbound.content
        if not isinstance(content, Text | Edited) or not content.text:
            return None
        known = conversation or self._opened(inbound)
        hints = replace(known, locale=inbound.sender.locale or known.locale).hints(pack.default_language)
        with self._metrics.understand_seconds.time():
            understood = await self._understander.understand(content.text, replace(hints, at=pack.local(inbound.at)))
        return known_to(pack, understood)

    async def _hear(self, received: Received, before: Conversation | None, work: _Work) -> Committed:
        inbound = received.inbound
        now = self._clock.now()
        conversation = before
        if conversation is None:
            conversation = self._opened(inbound)
        elif inbound.sender.locale and inbound.sender.locale != conversation.locale:
            conversation = replace(conversation, locale=inbound.sender.locale)
        amended: tuple[str, str] | None = None
        actions: tuple[Action, ...] = ()
        answers = True
        if isinstance(inbound.content, Edited) and before is not None:
            amended = (inbound.content.reference, inbound.content.text)
            answers = await self._answers_edit(before, inbound.content.reference)
        if answers:
            event = Heard(inbound.content, work.understanding, len(work.attachments))
            conversation, actions = await self._decided(conversation, event, inbound, work)
        if inbound.reference is not None and answers:
            conversation = replace(conversation, last_reference=inbound.reference)
        change = Change(
            before, conversation, actions,
            heard=self._entry(inbound, conversation, work),
            amended=amended, in_reply_to=inbound.id, reply_to=inbound.reference,
        )  # fmt: skip
        async with self._store.unit() as unit:
            change = await self._with_customer(unit, change, inbound)
            committed = await write(unit, change, now, self._new_id)
            await unit.inbox.done(received.seq, now)
        return committed

    async def _decided(
        self, conversation: Conversation, event: Event, inbound: Inbound, work: _Work
    ) -> tuple[Conversation, tuple[Action, ...]]:
        """Decide, carrying out the owner's actions on the way, until nothing is left to act on."""
        done: list[Action] = []
        for _ in range(MAX_ACTIONS):
            decision = decide(work.pack, conversation, event, self._clock.now())
            conversation = decision.conversation
            runs = [action for action in decision.actions if isinstance(action, RunAction)]
            done += [action for action in decision.actions if not isinstance(action, RunAction)]
            if not runs:
                break
            result = await self._ran(runs[0], conversation, inbound, work)
            event = ActionFinished(runs[0].flow, result.outcome, result.values)
        else:
            raise BabeldeskError(f"the flows of event {inbound.id!r} do not come to an end")
        return conversation, tuple(done)

    async def _ran(self, run: RunAction, conversation: Conversation, inbound: Inbound, work: _Work) -> ActionResult:
        key = f"{inbound.address.channel}:{inbound.id}:{run.action}:{sorted(run.slots.items())}"
        if key not in work.results:
            call = ActionCall(run.action, run.slots, key, conversation.id, conversation.language)
            work.results[key] = await self._actions.run(call)
        return work.results[key]

    async def _answers_edit(self, conversation: Conversation, reference: str) -> bool:
        """An edit is answered if it changes the latest message, or one that the bot has never seen."""
        if conversation.last_reference == reference:
            return True
        async with self._store.unit(write=False) as unit:
            recent = await unit.messages.after(conversation.id, max(0, conversation.seq - 200))
        return all(message.reference != reference for message in recent)

    async def _with_customer(self, unit: UnitOfWork, change: Change, inbound: Inbound) -> Change:
        if change.before is not None:
            return change
        customer = await unit.customers.resolve(inbound.address.channel, inbound.sender, inbound.at)
        return replace(change, after=replace(change.after, customer=customer.id))

    def _opened(self, inbound: Inbound) -> Conversation:
        """A new conversation; who the customer is becomes known when it is written."""
        now = self._clock.now()
        return Conversation(
            id=self._new_id(),
            address=inbound.address,
            customer="",
            created_at=now,
            updated_at=now,
            locale=inbound.sender.locale,
        )

    def _entry(self, inbound: Inbound, conversation: Conversation, work: _Work) -> Message:
        """The customer's entry in the history; commands are for agents' eyes only."""
        content = inbound.content
        match content:
            case Text(text=text) | Edited(text=text):
                said = text
            case Command(name=name, argument=argument):
                said = f"/{name} {argument}".rstrip()
            case Pressed(value=value, label=label):
                said = label or value
            case Unsupported(what=what):
                said = f"[{what}]"
        return Message(
            id=self._new_id(),
            conversation=conversation.id,
            seq=0,
            author=Author.CUSTOMER,
            author_name=inbound.sender.name,
            at=inbound.at,
            text=said,
            language=work.understanding.language.code if work.understanding else conversation.language,
            attachments=work.attachments,
            in_reply_to=inbound.id,
            reference=content.reference if isinstance(content, Edited) else inbound.reference,
            internal=isinstance(content, Command),
            understanding=work.understanding,
        )

    def _announce(self, committed: Committed) -> None:
        self._live.publish(committed)
        if any(m.author is not Author.CUSTOMER and not m.internal for m in committed.messages):
            self._deliver(committed.conversation.address)
        handoff = committed.handoff
        if handoff is not None and handoff.opened_at == committed.conversation.updated_at and handoff.agent is None:
            channel = committed.conversation.address.channel
            self._metrics.handoffs.labels(channel, handoff.reason).inc()
        self._noticed(committed)


def _overruled(before: Conversation, event: AgentEvent, at: datetime) -> AuditEntry | None:
    """What the audit log keeps: that a supervisor ended what another agent had, or an admin sent a test message."""
    if isinstance(event, Tested):
        to: dict[str, JsonValue] = {"address": before.address.conversation, "conversation": before.id}
        return AuditEntry(at, Actor(event.agent, event.name), "channel.test", before.address.channel, None, to)
    if not isinstance(event, GivenBack | ClosedByAgent) or before.agent == event.agent:
        return None
    action = "conversation.return" if isinstance(event, GivenBack) else "conversation.close"
    owner = Owner.BOT if isinstance(event, GivenBack) else Owner.CLOSED
    had: dict[str, JsonValue] = {"owner": str(before.owner), "agent": before.agent, "agent_name": before.agent_name}
    has: dict[str, JsonValue] = {"owner": str(owner), "agent": None, "agent_name": None}
    return AuditEntry(at, Actor(event.agent, event.name), action, before.id, had, has)
