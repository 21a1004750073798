"""Takes what agents do in threads on another platform: stored once, then acted on as if it were done in the console.

What an event does and that it is done are written in one transaction, so that nothing is said to a customer twice.
What somebody is told instead is stored, too, and told until the platform takes it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Final, assert_never

import structlog

from bot.conversation import HandoffState, User
from bot.desk_links import new_code
from bot.desk_values import (
    DeskEvent,
    DeskReply,
    DeskThread,
    OwedReply,
    Press,
    Pushed,
    ReplyKind,
    Rewrote,
    StoredEvent,
    Wrote,
)
from bot.errors import BabeldeskError, ChannelUnavailable, Conflict, DeliveryRefused, InvalidInput, Permanent
from bot.handoff import Desk
from bot.messages import Attachment, Author
from bot.ports import Blobs, Clock, Committed, Store, UnitOfWork
from bot.ports_desk import DeskVoice
from bot.turn import Also
from bot.workers import KeyedWorkers, pause

log = structlog.get_logger(__name__)

MAX_TRIES: Final = 8
"""Tries of an event; they spread over about a minute."""

MAX_TELLINGS: Final = 12
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 600.0
"""Seconds. Twelve tries of a reply spread over about an hour."""


class _Settled(Permanent):
    """Another process has acted on the event."""


class _Over(Permanent):
    """The handoff has come to its end."""


class DeskDoorway:
    """The `DeskIntake`. `link_url` makes of a code the address where an account is linked."""

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        voice: DeskVoice,
        blobs: Blobs,
        clock: Clock,
        link_url: Callable[[str], str],
        max_upload: int,
    ) -> None:
        self._store = store
        self._desk = desk
        self._voice = voice
        self._blobs = blobs
        self._clock = clock
        self._link_url = link_url
        self._max_upload = max_upload
        self.workers: KeyedWorkers[str] = KeyedWorkers("desk threads", self._serve, self._refill, concurrency=8)

    async def accept(self, events: Sequence[DeskEvent]) -> bool:
        """Store what belongs to a thread of ours. See `DeskIntake.accept`."""
        if not events or not await self._is_ours(events[0]):
            return False
        now = self._clock.now()
        async with self._store.unit() as unit:
            new = [await unit.desk_events.add(event, now) for event in events]
        self.workers.wake(events[0].thread)
        return any(new)

    async def _is_ours(self, event: DeskEvent) -> bool:
        """Whether it is in a known thread, or in one that is perhaps just being opened."""
        async with self._store.unit(write=False) as unit:
            if await unit.desk_threads.at(event.channel, event.thread) is not None:
                return True
            return any(thread.root is None for thread in await unit.desk_threads.open(event.channel))

    # --- the queue ----------------------------------------------------------------------------------------------------

    async def _serve(self, thread: str) -> float | None:
        channel = self._voice.channel
        while True:
            async with self._store.unit(write=False) as unit:
                waiting = await unit.desk_events.head(channel, thread)
                owed = None if waiting is not None else await unit.desk_events.owed(channel, thread)
            if waiting is not None:
                await self._act(waiting)
                continue
            if owed is None:
                return None
            wait = (owed.due_at - self._clock.now()).total_seconds()
            if wait > 0:
                return wait
            await self._tell(owed)

    async def _refill(self, limit: int) -> Iterable[tuple[str, float]]:
        async with self._store.unit(write=False) as unit:
            return [(thread, 0.0) for thread in await unit.desk_events.waiting(self._voice.channel, limit)]

    async def _act(self, stored: StoredEvent) -> None:
        try:
            reply = await self._reply(stored)
        except _Settled:
            return
        except Exception as error:  # an unknown failure is tried again like a known one, and told
            reason = str(error) or type(error).__name__
            if stored.attempts + 1 < MAX_TRIES:
                async with self._store.unit() as unit:
                    await unit.desk_events.failed(stored.seq, reason)
                raise
            log.exception("desk event given up", thread=stored.event.thread, error=reason)
            reply = DeskReply(ReplyKind.FAILED, reason)
        async with self._store.unit() as unit:
            await unit.desk_events.done(stored.seq, self._clock.now(), reply)

    # --- what an event does -------------------------------------------------------------------------------------------

    async def _reply(self, stored: StoredEvent) -> DeskReply | None:
        """Do what somebody wants, or say why not."""
        event, content = stored.event, stored.event.content
        if isinstance(content, Rewrote):
            return DeskReply(ReplyKind.EDITED)
        async with self._store.unit(write=False) as unit:
            thread = await unit.desk_threads.at(event.channel, event.thread)
            link = await unit.desk_links.of(event.account)
            user = None if link is None else await unit.users.get(link.user)
        if thread is None:
            raise ChannelUnavailable("the thread is not known yet")
        if user is None or not user.answers:
            return DeskReply(_unfit(user))
        try:
            if isinstance(content, Pushed):
                await self._press(content.press, stored, thread, user)
            else:
                await self._write(content, stored, thread, user)
        except (InvalidInput, DeliveryRefused) as error:  # the latter of a file
            return DeskReply(ReplyKind.REFUSED, str(error))
        except _Over:
            return DeskReply(ReplyKind.OVER)
        except Conflict:
            return await self._conflict(thread, user)
        return None

    async def _write(self, wrote: Wrote, stored: StoredEvent, thread: DeskThread, user: User) -> None:
        settle = self._settle(stored)
        if wrote.private:
            # A colleague may leave one whoever has the conversation, also when it is over.
            await self._desk.note(thread.conversation, user, wrote.text, also=settle)
            return
        await self._check_goes_on(thread)
        files = await self._fetched(stored.event)
        await self._desk.claim(thread.conversation, user, also=_within(thread))
        await self._desk.answer(thread.conversation, user, wrote.text, files, also=settle)

    async def _press(self, press: Press, stored: StoredEvent, thread: DeskThread, user: User) -> None:
        await self._check_goes_on(thread)
        match press:
            case Press.CLAIM:
                # Once it is theirs, claiming again changes nothing.
                await self._desk.claim(thread.conversation, user, also=_within(thread))
            case Press.CLOSE:
                await self._desk.close(thread.conversation, user, also=self._settle(stored))
            case Press.BOT:
                await self._desk.give_back(thread.conversation, user, also=self._settle(stored))
            case _:
                assert_never(press)

    def _settle(self, stored: StoredEvent) -> Also:
        async def settle(unit: UnitOfWork, committed: Committed) -> None:
            wrote = next((m for m in committed.messages if m.author is Author.AGENT), None)
            entry = None if wrote is None else (wrote.conversation, wrote.seq)
            if not await unit.desk_events.done(stored.seq, self._clock.now(), wrote=entry):
                raise _Settled("another process has acted on it")

        return settle

    async def _check_goes_on(self, thread: DeskThread) -> None:
        if await self._is_over(thread):
            raise _Over("the handoff is over")

    async def _is_over(self, thread: DeskThread) -> bool:
        async with self._store.unit(write=False) as unit:
            handoff = await unit.handoffs.get(thread.handoff)
        return handoff is None or handoff.state is HandoffState.DONE

    async def _conflict(self, thread: DeskThread, user: User) -> DeskReply:
        """Why the conversation's owner did not allow it.

        Raises:
            Conflict: it would allow it by now, so it is to be tried again.
        """
        if await self._is_over(thread):
            return DeskReply(ReplyKind.OVER)
        async with self._store.unit(write=False) as unit:
            conversation = await unit.conversations.get(thread.conversation)
        if conversation is not None and conversation.agent not in {None, user.id}:
            return DeskReply(ReplyKind.WITH_OTHER, conversation.agent_name or "")
        if conversation is not None and conversation.agent is None:
            return DeskReply(ReplyKind.UNCLAIMED)
        raise Conflict("the conversation keeps changing")

    async def _fetched(self, event: DeskEvent) -> tuple[Attachment, ...]:
        """Our own copies of the files; if one cannot be had, nothing is sent."""
        copies = []
        for attachment in event.attachments:
            try:
                key, size = await self._blobs.put(attachment.name, self._voice.fetch(attachment), self._max_upload)
            except DeliveryRefused as error:
                raise DeliveryRefused(f"{attachment.name}: {error}") from None
            copies.append(replace(attachment, blob=key, size=size, source=None))
        return tuple(copies)

    # --- replies ------------------------------------------------------------------------------------------------------

    async def _tell(self, owed: OwedReply) -> None:
        event, reply, now = owed.event, owed.reply, self._clock.now()
        if reply.kind is ReplyKind.LINK:
            # Each telling has a code of its own, so that none need be stored but as a hash.
            async with self._store.unit() as unit:
                code = await new_code(unit, event.account, now)
            reply = replace(reply, detail=self._link_url(code))
        error: BabeldeskError | None = None
        try:
            await self._voice.tell(event.thread, event.account, reply)
        except ChannelUnavailable as unavailable:
            error = unavailable
            if owed.attempts + 1 < MAX_TELLINGS:
                asked = unavailable.retry_after or 0.0
                wait = max(asked, pause(owed.attempts + 1, first=FIRST_PAUSE, longest=LONGEST_PAUSE))
                async with self._store.unit() as unit:
                    await unit.desk_events.put_off(owed.seq, now + timedelta(seconds=wait), str(unavailable))
                return
        except DeliveryRefused as refused:
            error = refused
        if error is not None:
            log.warning("desk reply not told", thread=event.thread, kind=reply.kind, error=str(error))
        async with self._store.unit() as unit:
            await unit.desk_events.told(owed.seq, self._clock.now(), None if error is None else str(error))


def _unfit(user: User | None) -> ReplyKind:
    """Why somebody does not answer customers."""
    if user is None:
        return ReplyKind.LINK
    return ReplyKind.ROLE if user.disabled_at is None else ReplyKind.DISABLED


def _within(thread: DeskThread) -> Also:
    """Undoes a claim by which a conversation would be taken from the bot, for its handoff has just come to its end."""

    async def check(_: UnitOfWork, committed: Committed) -> None:
        if committed.conversation.handoff != thread.handoff:
            raise _Over("the handoff is over")

    return check
