"""Up to which entry each user has read each conversation, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, func, select, update

from bot.messages import Author
from storage.database import Statements
from storage.tables import messages, read_marks

_MINE = (read_marks.c.user_id == bindparam("reader"), read_marks.c.conversation_id == bindparam("conversation"))
_MARK = select(read_marks.c.seq).where(*_MINE)
_SET = update(read_marks).where(*_MINE)
_FORWARD = _SET.where(read_marks.c.seq < bindparam("place"))
_OF = select(read_marks.c.conversation_id, read_marks.c.seq).where(
    read_marks.c.user_id == bindparam("reader"),
    read_marks.c.conversation_id.in_(bindparam("wanted", expanding=True)),
)
_UNREAD = (
    select(messages.c.conversation_id, func.count().label("n"))
    .outerjoin(
        read_marks,
        (read_marks.c.conversation_id == messages.c.conversation_id) & (read_marks.c.user_id == bindparam("reader")),
    )
    .where(
        messages.c.conversation_id.in_(bindparam("wanted", expanding=True)),
        messages.c.author == Author.CUSTOMER.value,
        messages.c.internal.is_(False),
        messages.c.seq > func.coalesce(read_marks.c.seq, 0),
    )
    .group_by(messages.c.conversation_id)
)


class SqlReadMarks:
    """See `bot.ports_inbox.ReadMarks`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def move(self, user: str, conversation: str, seq: int, *, back: bool = False) -> int:
        """Mark what is read; the mark as it is now."""
        row = {"user_id": user, "conversation_id": conversation, "seq": seq}
        if await self._statements.insert_new(read_marks, row):
            return seq
        mine = {"reader": user, "conversation": conversation}
        if back:
            await self._statements.change(_SET, {**mine, "seq": seq})
        else:
            await self._statements.change(_FORWARD, {**mine, "place": seq, "seq": seq})
        found = await self._statements.row(_MARK, mine)
        return seq if found is None else int(found.seq)

    async def of(self, user: str, conversations: Sequence[str]) -> Mapping[str, int]:
        """A user's marks."""
        if not conversations:
            return {}
        rows = await self._statements.rows(_OF, {"reader": user, "wanted": list(conversations)})
        return {row.conversation_id: row.seq for row in rows}

    async def unread(self, user: str, conversations: Sequence[str]) -> Mapping[str, int]:
        """How many entries of customers a user has not read."""
        if not conversations:
            return {}
        rows = await self._statements.rows(_UNREAD, {"reader": user, "wanted": list(conversations)})
        return {row.conversation_id: row.n for row in rows}
