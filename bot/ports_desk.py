"""What the core needs for a desk on another platform: its tables, and the platform itself. Small Protocols."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Protocol

from bot.conversation import Handoff
from bot.desk_values import (
    Account,
    DeskCard,
    DeskEvent,
    DeskLink,
    DeskReply,
    DeskThread,
    LinkCode,
    OwedReply,
    Shown,
    StoredEvent,
)
from bot.errors import Permanent
from bot.messages import Attachment

# --- tables -----------------------------------------------------------------------------------------------------------


class DeskThreads(Protocol):
    """Handoffs' threads. A process that writes in one holds it for a while, so that no other one does."""

    async def missing(self, channel: str, limit: int = 200) -> Sequence[Handoff]:
        """Open handoffs that have no thread in a channel, the oldest first."""
        ...

    async def add(self, thread: DeskThread) -> bool:
        """Store a new one; False if its handoff has one in this channel already."""
        ...

    async def at(self, channel: str, root: str) -> DeskThread | None:
        """By its first message."""
        ...

    async def open(self, channel: str, limit: int = 1_000) -> Sequence[DeskThread]:
        """Those of a channel that are not done, the oldest first."""
        ...

    async def take(self, thread: DeskThread, holder: str, at: datetime, until: datetime) -> DeskThread | None:
        """Hold a thread until then, if it is not done and nobody holds it; the thread as it is stored.

        It is `unsure` if somebody held it and never let it go.
        """
        ...

    async def save(self, thread: DeskThread, holder: str, until: datetime) -> None:
        """Store a change to a thread that one holds, and hold it until then.

        Raises:
            Conflict: one does not hold it any more.
        """
        ...

    async def release(self, thread: DeskThread, holder: str) -> None:
        """Hold it no longer."""
        ...


class DeskEvents(Protocol):
    """What was done in threads; the table is the queue and remembers every id that was ever seen."""

    async def add(self, event: DeskEvent, at: datetime) -> bool:
        """Store an event; False if its channel has already given one with this id."""
        ...

    async def head(self, channel: str, thread: str) -> StoredEvent | None:
        """The oldest event of a thread that waits to be acted on."""
        ...

    async def waiting(self, channel: str, limit: int) -> Sequence[str]:
        """Threads with events to act on or replies to tell, the oldest first."""
        ...

    async def done(
        self, seq: int, at: datetime, reply: DeskReply | None = None, wrote: tuple[str, int] | None = None
    ) -> bool:
        """It was acted on; False if it does not wait any more. `wrote` is the conversation and entry that came of it.

        A `reply` is owed from now on.
        """
        ...

    async def failed(self, seq: int, error: str) -> None:
        """It could not be acted on, and is to be tried again."""
        ...

    async def owed(self, channel: str, thread: str) -> OwedReply | None:
        """The reply of a thread that is to be told first."""
        ...

    async def told(self, seq: int, at: datetime, error: str | None = None) -> None:
        """A reply was told, or cannot be."""
        ...

    async def put_off(self, seq: int, due_at: datetime, error: str) -> None:
        """A reply could not be told, and is to be tried again."""
        ...

    async def written(self, channel: str, conversation: str, after: int) -> Sequence[int]:
        """The entries of a conversation, beyond a number, that were written in threads of this channel."""
        ...


class DeskLinks(Protocol):
    """Which accounts of the platform are which users of the console: at most one of each other."""

    async def of(self, account: Account) -> DeskLink | None:
        """An account's."""
        ...

    async def of_user(self, platform: str, user: str) -> DeskLink | None:
        """A user's."""
        ...

    async def put(self, link: DeskLink) -> None:
        """Link the two; what either was linked to before no longer is."""
        ...

    async def remove(self, platform: str, user: str) -> bool:
        """Forget a user's; False if there is none."""
        ...

    async def add_code(self, code: LinkCode, at: datetime) -> None:
        """Store an account's new code; its earlier ones, and all that have expired, are forgotten."""
        ...

    async def code(self, code_hash: str, at: datetime) -> LinkCode | None:
        """A code that has not expired."""
        ...

    async def spend(self, code_hash: str) -> bool:
        """Forget a code that is used; False if somebody was quicker."""
        ...


# --- the platform -----------------------------------------------------------------------------------------------------


class ThreadGone(Permanent):
    """The thread's first message was deleted on the platform."""


class DeskIntake(Protocol):
    """Where the platform hands in what agents do in threads."""

    async def accept(self, events: Sequence[DeskEvent]) -> bool:
        """Store what one message or press stands for; True if there is such a thread and it is new.

        Raises:
            StorageUnavailable: the database cannot take it; nothing was stored, do not acknowledge.
        """
        ...


class DeskBoard(Protocol):
    """Where threads are written. Every call raises `ChannelUnavailable` for not now, and `DeliveryRefused` for never.

    `key` goes along with a message unseen, so that `find` can tell whether it is there. A file carries none.
    """

    channel: str

    def digest(self, card: DeskCard) -> str:
        """Tells two first messages apart that do not look the same."""
        ...

    def parts(self, shown: Shown) -> int:
        """How many messages and files an entry is posted as."""
        ...

    async def find(self, root: str | None, key: str, since: datetime) -> str | None:
        """The message with this key, in a thread or (None) in the channel since then, if it is there."""
        ...

    async def open(self, card: DeskCard, key: str) -> str:
        """Begin a thread; the id of its first message."""
        ...

    async def update(self, root: str, card: DeskCard) -> None:
        """Show the present state in the first message.

        Raises:
            ThreadGone: it was deleted.
        """
        ...

    async def post(self, root: str, shown: Shown, part: int, key: str) -> None:
        """Post one part of an entry, counted from 0.

        Raises:
            ThreadGone: the thread was deleted.
        """
        ...


class DeskVoice(Protocol):
    """How the platform is listened to, and its people are spoken to. The calls raise as those of `DeskBoard` do."""

    channel: str

    def attach(self, intake: DeskIntake) -> None:
        """Have everything that is done in threads handed in there."""
        ...

    async def tell(self, thread: str, account: Account, reply: DeskReply) -> None:
        """Say something that only this account sees."""
        ...

    def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file that was sent in a thread."""
        ...


class AgentDesk(DeskBoard, DeskVoice, Protocol):
    """Both, as one platform's channel is."""
