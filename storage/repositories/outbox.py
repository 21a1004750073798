"""Messages that are to be delivered, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Row, bindparam, func, null, select, update

from bot.errors import Conflict
from bot.messages import Address, Delivery, DeliveryState, Outbound, Receipt
from bot.ports import OutboxItem, Traffic
from storage.codec import from_document, to_document
from storage.database import Statements
from storage.tables import is_, messages, outbox

_PENDING = is_(outbox.c.status, "pending")
_DEAD = is_(outbox.c.status, "dead")

_ITEM = select(outbox.c.body, outbox.c.attempts, outbox.c.due_at, outbox.c.error)
_HEAD = (
    _ITEM.where(_PENDING, outbox.c.channel == bindparam("channel"), outbox.c.address == bindparam("address"))
    .order_by(outbox.c.seq)
    .limit(1)
)
_DEAD_LETTERS = _ITEM.where(_DEAD).order_by(outbox.c.finished_at.desc(), outbox.c.seq.desc()).limit(bindparam("most"))
_HEADS = (
    select(func.min(outbox.c.seq))
    .where(_PENDING, outbox.c.channel == bindparam("channel"))
    .group_by(outbox.c.channel, outbox.c.address)
)
_WAITING = (
    select(outbox.c.address, outbox.c.due_at)
    .where(outbox.c.seq.in_(_HEADS))
    .order_by(outbox.c.due_at, outbox.c.seq)
    .limit(bindparam("most"))
)
_ADDRESS = select(outbox.c.channel, outbox.c.address).where(_DEAD, outbox.c.message_id == bindparam("message"))
_DELIVERY = select(outbox.c.status, outbox.c.attempts, outbox.c.error).where(
    outbox.c.message_id == bindparam("message")
)
_SENT_LAST = (
    select(outbox.c.finished_at)
    .where(is_(outbox.c.status, "sent"), outbox.c.channel == bindparam("channel"))
    .order_by(outbox.c.finished_at.desc())
    .limit(1)
)
_OF_CHANNEL = select(func.count().label("n")).where(outbox.c.channel == bindparam("channel"))
_UNSENT, _GIVEN_UP = _OF_CHANNEL.where(_PENDING), _OF_CHANNEL.where(_DEAD)
_THIS = update(outbox).where(outbox.c.message_id == bindparam("message"))
_TRIED = _THIS.where(_PENDING).values(attempts=outbox.c.attempts + 1)
_SENT = _TRIED.values(status="sent", finished_at=bindparam("now"), error=null(), body=null())
_RETRY = _TRIED.values(due_at=bindparam("due"), error=bindparam("reason"))
_BURY = _TRIED.values(status="dead", finished_at=bindparam("now"), error=bindparam("reason"))
_REVIVE = _THIS.where(_DEAD).values(status="pending", attempts=0, due_at=bindparam("now"), finished_at=null())
_REFER = update(messages).where(messages.c.id == bindparam("message")).values(reference=bindparam("platform"))


class SqlOutbox:
    """See `bot.ports.Outbox`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, outbounds: Sequence[Outbound], at: datetime) -> None:
        """Store messages for delivery."""
        rows = [
            {
                "message_id": outbound.message.id,
                "channel": outbound.address.channel,
                "address": outbound.address.conversation,
                "due_at": at,
                "body": to_document(outbound),
            }
            for outbound in outbounds
        ]
        await self._statements.insert(outbox, rows)

    async def head(self, address: Address) -> OutboxItem | None:
        """The oldest undelivered message of an address."""
        row = await self._statements.row(_HEAD, {"channel": address.channel, "address": address.conversation})
        return None if row is None else _item(row)

    async def waiting(self, channel: str, limit: int) -> Sequence[tuple[Address, datetime]]:
        """Addresses with undelivered messages, soonest due first."""
        rows = await self._statements.rows(_WAITING, {"channel": channel, "most": limit})
        return [(Address(channel, row.address), row.due_at) for row in rows]

    async def sent(self, message: str, receipt: Receipt, at: datetime) -> None:
        """The platform took it."""
        _still_pending(message, await self._statements.change(_SENT, {"message": message, "now": at}))
        if receipt.reference is not None:
            await self._statements.change(_REFER, {"message": message, "platform": receipt.reference})

    async def retry(self, message: str, due_at: datetime, error: str) -> None:
        """It failed and is to be tried again."""
        values = {"message": message, "due": due_at, "reason": error}
        _still_pending(message, await self._statements.change(_RETRY, values))

    async def dead(self, message: str, error: str, at: datetime) -> None:
        """It failed for good."""
        values = {"message": message, "now": at, "reason": error}
        _still_pending(message, await self._statements.change(_BURY, values))

    async def dead_letters(self, limit: int = 100) -> Sequence[OutboxItem]:
        """What failed for good, latest first."""
        return [_item(row) for row in await self._statements.rows(_DEAD_LETTERS, {"most": limit})]

    async def delivery(self, message: str) -> Delivery | None:
        """How the delivery of a message stands."""
        row = await self._statements.row(_DELIVERY, {"message": message})
        return None if row is None else Delivery(DeliveryState(row.status), row.attempts, row.error)

    async def traffic(self, channel: str) -> Traffic:
        """What goes out on a channel."""
        [[waiting]] = await self._statements.rows(_UNSENT, {"channel": channel})
        [[dead]] = await self._statements.rows(_GIVEN_UP, {"channel": channel})
        last = await self._statements.row(_SENT_LAST, {"channel": channel})
        return Traffic(waiting, dead, None if last is None else last.finished_at)

    async def revive(self, message: str, at: datetime) -> Address | None:
        """Put a dead letter back into the queue."""
        row = await self._statements.row(_ADDRESS, {"message": message})
        if row is None or not await self._statements.change(_REVIVE, {"message": message, "now": at}):
            return None
        return Address(row.channel, row.address)


def _item(row: Row[tuple[object, int, datetime, str | None]]) -> OutboxItem:
    return OutboxItem(from_document(Outbound, row.body), row.attempts, row.due_at, row.error)


def _still_pending(message: str, changed: int) -> None:
    if not changed:
        raise Conflict(f"message {message!r} is not waiting for delivery any more")
