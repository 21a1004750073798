"""Tells threads on another platform what happens to handoffs, by comparing what is stored with what they were told.

One task. Nothing is posted because of an event: an event only has it look. A thread is held while it is written in, and
each message is noted as soon as it is there, so that several processes may run this beside each other, a restart goes
on where it was, and whatever the platform could not take comes later.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from bot.conversation import Handoff, HandoffState, Owner
from bot.desk_card import RECENT, card_of, edits_to_tell, not_seen, said_before
from bot.desk_hand import HOLD, Hand
from bot.desk_values import DeskCard, DeskThread, Shown
from bot.errors import (
    BabeldeskError,
    ChannelUnavailable,
    Conflict,
    DeliveryRefused,
    InvalidInput,
    Permanent,
    StorageUnavailable,
)
from bot.messages import Message
from bot.ports import Clock, Committed, Lagged, Live, Store, UnitOfWork
from bot.ports_desk import DeskBoard, ThreadGone
from bot.teams import present_team
from bot.workers import pause

log = structlog.get_logger(__name__)

LONGEST: Final = 30.0
"""Seconds without a look at every open thread: what other processes did is not told here."""

SPACING: Final = 0.05
"""Least seconds between two looks, so that what happens together costs but one."""

HELD: Final = 1.0
"""Seconds after which a thread that another process writes in is looked at again."""

FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 300.0
"""Seconds between tries of a thread that fails for its own sake: doubled each time, with jitter."""

PAGE: Final = 500
LOOKED_BACK: Final = 200
"""Entries that a thread has seen among which edits are looked for."""


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is stored about a handoff at one moment; `entries` are those after the thread was opened, latest part."""

    handoff: Handoff
    card: DeskCard
    entries: list[Message]
    written: frozenset[int]


class DeskMirror:
    """The task, and what wakes it. `url_of` is where the console shows a conversation, if that is known."""

    def __init__(
        self, *, store: Store, board: DeskBoard, live: Live, clock: Clock, url_of: Callable[[str], str | None]
    ) -> None:
        self._store = store
        self._board = board
        self._live = live
        self._clock = clock
        self._url_of = url_of
        self._holder = secrets.token_hex(8)
        self._wakeups = asyncio.Event()
        self._stopped = asyncio.Event()
        self._changed: set[str] = set()
        self._all = True
        self._swept: datetime | None = None
        self._problem: str | None = None

    @property
    def problem(self) -> str | None:
        """Why threads do not show the present state, if so."""
        return self._problem

    def stop(self) -> None:
        """End after the message under way."""
        self._stopped.set()
        self._wakeups.set()

    async def run(self) -> None:
        """Work until stopped or cancelled; a platform or a database that cannot be reached is waited for."""
        async with asyncio.TaskGroup() as group:
            watching = group.create_task(self._watch(), name="desk threads: what happens")
            await self._work()
            watching.cancel()

    async def _watch(self) -> None:
        async with self._live.subscribe() as events:
            async for event in events:
                match event:
                    case Committed():
                        self._notice(event)
                    case Lagged():
                        self._all = True
                        self._wakeups.set()
                    case _:
                        pass

    def _notice(self, committed: Committed) -> None:
        conversation = committed.conversation
        if committed.handoff is not None or conversation.owner in {Owner.QUEUE, Owner.AGENT}:
            self._changed.add(conversation.id)
            self._wakeups.set()

    async def _work(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            self._wakeups.clear()
            try:
                seconds = await self.step()
                failures = 0
                await self._rest(SPACING, min(LONGEST, seconds))
            except BabeldeskError as error:
                failures += 1
                self._all = True
                asked = getattr(error, "retry_after", None) or 0.0
                delay = max(asked, pause(failures, first=FIRST_PAUSE))
                self._trouble(str(error))
                log.warning("desk threads not told", error=str(error), retry_in=round(delay, 1))
                await self._rest(delay, delay)

    async def _rest(self, least: float, most: float) -> None:
        """Wait, at least and at most these seconds; in between, until woken."""
        for event, seconds in ((self._stopped, least), (self._wakeups, most - least)):
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, seconds)):
                    await event.wait()

    async def step(self) -> float:
        """One look; the seconds until the next.

        Raises:
            ChannelUnavailable: the platform takes nothing now.
            StorageUnavailable: the database cannot be reached.
        """
        now = self._clock.now()
        everything = self._all or self._swept is None or (now - self._swept).total_seconds() >= LONGEST
        changed, self._changed, self._all = self._changed, set(), False
        try:
            await self._begin_new()
            async with self._store.unit(write=False) as unit:
                threads = await unit.desk_threads.open(self._board.channel)
            soonest = LONGEST
            troubles = []
            for thread in threads:
                wait = 0.0 if thread.due_at is None else (thread.due_at - now).total_seconds()
                if wait <= 0 and (everything or thread.due_at or thread.root is None or thread.conversation in changed):
                    wait, problem = await self._bring_up(thread)
                    troubles.append(problem)
                else:
                    troubles.append(thread.problem)
                if wait > 0:
                    soonest = min(soonest, wait)
                if self._stopped.is_set():
                    break
        except BaseException:
            self._changed |= changed
            raise
        if everything:
            self._swept = now
        self._trouble(next((problem for problem in troubles if problem is not None), None))
        return soonest

    # --- a thread ---------------------------------------------------------------------------------------------------

    async def _begin_new(self) -> None:
        """Note a thread for each open handoff that has none: from now on its entries are told."""
        channel = self._board.channel
        async with self._store.unit(write=False) as unit:
            missing = await unit.desk_threads.missing(channel)
        for handoff in missing:
            async with self._store.unit() as unit:
                conversation = await unit.conversations.get(handoff.conversation)
                if conversation is not None:
                    now, seq = self._clock.now(), conversation.seq
                    await unit.desk_threads.add(DeskThread(handoff.id, conversation.id, channel, now, seq, seq))

    async def _bring_up(self, thread: DeskThread) -> tuple[float, str | None]:
        """Tell a thread what it has not been told; the seconds until it is to be looked at again, and its problem."""
        # To take a thread is written down: of the many that are level, none is.
        if not self._behind(thread, await self._look(thread)):
            return 0.0, None
        now = self._clock.now()
        async with self._store.unit() as unit:
            taken = await unit.desk_threads.take(thread, self._holder, now, now + HOLD)
        if taken is None:
            self._changed.add(thread.conversation)
            return HELD, thread.problem
        hand = Hand(taken, self._store, self._clock, self._holder)
        try:
            while await self._tell(hand):
                pass
        except Conflict:
            # Another process took it over, or began to: it tells the rest.
            log.info("desk thread lost", handoff=thread.handoff)
            return HELD, thread.problem
        except ThreadGone as error:
            await self._gone(hand, error)
            return HELD, None
        except StorageUnavailable:
            raise
        except Exception as error:  # an unknown failure is retried like a known one, and shown
            wait = await self._put_off(hand, error)
            if isinstance(error, ChannelUnavailable):  # others would fare no better
                raise
            return wait, hand.thread.problem
        finally:
            # Whoever is cut off in the middle of a message keeps holding it: it is not known whether that was posted.
            if not hand.writing:
                async with self._store.unit() as unit:
                    await unit.desk_threads.release(hand.thread, self._holder)
        return 0.0, None

    def _behind(self, thread: DeskThread, sight: _Sight) -> bool:
        """Whether there is something that a thread has not been told."""
        return (
            thread.digest != self._board.digest(sight.card)
            or thread.unsure
            or thread.problem is not None
            or sight.handoff.state is HandoffState.DONE
            or bool(not_seen(thread, sight.handoff, sight.entries))
            or bool(edits_to_tell(thread, sight.entries))
        )

    async def _tell(self, hand: Hand) -> bool:
        """Tell a page of entries and show the present state; whether there is more to tell."""
        sight = await self._look(hand.thread)
        board, thread = self._board, hand.thread
        if thread.root is None:
            # Which try it is stands in the key: after a thread was deleted, its like is to be there once more.
            key = f"{thread.handoff}:root:{thread.since}"
            root = await hand.once(key, board, lambda: board.open(sight.card, key))
            await hand.save(root=root, digest=board.digest(sight.card))
        for entry in not_seen(hand.thread, sight.handoff, sight.entries):
            if entry.seq in sight.written:  # it stands there: an agent wrote it there
                await hand.save(posted=entry.seq, parts=0)
                continue
            await self._post(hand, Shown(entry), f"{thread.handoff}:{entry.seq}")
            await hand.save(posted=entry.seq, parts=0)
            if self._stopped.is_set():
                return False
        for at, entry in edits_to_tell(hand.thread, sight.entries):
            await self._post(hand, Shown(entry, edited=True), f"{thread.handoff}:{entry.seq}:{at.isoformat()}")
            await hand.save(edits_at=at, parts=0)
        if hand.thread.posted > thread.posted and len(sight.entries) == PAGE:
            return True
        digest = board.digest(sight.card)
        if hand.thread.digest != digest:
            await hand.calling(lambda: board.update(hand.root, sight.card))
            await hand.save(digest=digest)
        over = sight.handoff.state is HandoffState.DONE
        if over or hand.thread.problem is not None or hand.thread.unsure:
            await hand.save(done=over, problem=None, failures=0, due_at=None, unsure=False)
        return False

    async def _post(self, hand: Hand, shown: Shown, key: str) -> None:
        """Post an entry, part by part. One that the platform refuses is told of all the same."""
        board = self._board
        try:
            for part in range(hand.thread.parts, board.parts(shown)):
                await self._post_part(hand, shown, part, f"{key}:{part}")
                await hand.save(parts=part + 1)
        except (DeliveryRefused, InvalidInput) as error:  # the latter of a file that is lost
            told = Shown(shown.entry, shown.edited, str(error))
            await self._post_part(hand, told, 0, f"{key}:refused")

    async def _post_part(self, hand: Hand, shown: Shown, part: int, key: str) -> None:
        board = self._board

        async def post() -> str:
            await board.post(hand.root, shown, part, key)
            return hand.root

        await hand.once(key, board, post, slow=bool(shown.entry.attachments))

    async def _look(self, thread: DeskThread) -> _Sight:
        async with self._store.unit(write=False) as unit:
            conversation = await unit.conversations.get(thread.conversation)
            handoff = await unit.handoffs.get(thread.handoff)
            if conversation is None or handoff is None:
                raise DeliveryRefused(f"the handoff {thread.handoff!r} is gone")
            customer = await unit.customers.get(conversation.customer)
            team = present_team(await unit.teams.list(), handoff)
            before = await _before(unit, thread)
            start = max(thread.since, thread.posted - LOOKED_BACK)
            entries = list(await unit.messages.after(thread.conversation, start, PAGE))
            written = await unit.desk_events.written(thread.channel, thread.conversation, thread.posted)
        card = card_of(conversation, handoff, customer, team, before, self._url_of(conversation.id))
        return _Sight(handoff, card, entries, frozenset(written))

    async def _gone(self, hand: Hand, error: ThreadGone) -> None:
        """Its first message was deleted: an open handoff gets another thread, from where this one was."""
        log.warning("desk thread was deleted", handoff=hand.thread.handoff, error=str(error))
        async with self._store.unit(write=False) as unit:
            handoff = await unit.handoffs.get(hand.thread.handoff)
        over = handoff is None or handoff.state is HandoffState.DONE
        await hand.save(root=None, digest=None, since=hand.thread.posted, parts=0, done=over, unsure=False)

    async def _put_off(self, hand: Hand, error: Exception) -> float:
        """Note that it failed, and when to try again."""
        reason = str(error) or type(error).__name__
        failures = hand.thread.failures + 1
        asked = getattr(error, "retry_after", None) or 0.0
        longest = LONGEST if isinstance(error, ChannelUnavailable) else LONGEST_PAUSE
        wait = max(asked, pause(failures, first=FIRST_PAUSE, longest=longest))
        log.warning(
            "desk thread put off",
            handoff=hand.thread.handoff,
            error=reason,
            retry_in=round(wait, 1),
            exc_info=not isinstance(error, BabeldeskError),
        )
        due_at = self._clock.now() + timedelta(seconds=wait)
        lost = not isinstance(error, Permanent)
        await hand.save(failures=failures, problem=reason, due_at=due_at, unsure=lost)
        return wait

    def _trouble(self, problem: str | None) -> None:
        if problem is not None and problem != self._problem:
            log.error("desk threads in trouble", channel=self._board.channel, problem=problem)
        self._problem = problem


async def _before(unit: UnitOfWork, thread: DeskThread) -> list[Message]:
    """What was said before the thread was opened. Commands and the desk's own notes are passed over."""
    entries = await unit.messages.after(thread.conversation, max(0, thread.since - 3 * RECENT), 3 * RECENT)
    return said_before([entry for entry in entries if entry.seq <= thread.since])
