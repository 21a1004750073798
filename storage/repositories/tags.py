"""Words on conversations, and notes that call users, in SQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import bindparam, delete, func, select, update

from bot.ports_inbox import Mention
from storage.database import Statements
from storage.tables import conversation_tags, mentions

_t = conversation_tags.c
_REMOVE = delete(conversation_tags).where(
    _t.conversation_id == bindparam("conversation"), _t.tag.in_(bindparam("words", expanding=True))
)
_OF = (
    select(conversation_tags)
    .where(_t.conversation_id.in_(bindparam("wanted", expanding=True)))
    .order_by(_t.conversation_id, _t.tag)
)
_KNOWN = (
    select(_t.tag, func.count().label("n"))
    .group_by(_t.tag)
    .order_by(func.count().desc(), _t.tag)
    .limit(bindparam("most"))
)
_MENTIONS = (
    select(mentions)
    .where(mentions.c.user_id == bindparam("reader"))
    .order_by(mentions.c.seen, mentions.c.at.desc(), mentions.c.conversation_id, mentions.c.seq.desc())
    .limit(bindparam("most"))
)
_UNSEEN = (
    select(func.count().label("n"))
    .select_from(mentions)
    .where(mentions.c.user_id == bindparam("reader"), mentions.c.seen.is_(False))
)
_SEEN = update(mentions).where(mentions.c.user_id == bindparam("reader"), mentions.c.seen.is_(False))
_SEEN_HERE = _SEEN.where(mentions.c.conversation_id == bindparam("conversation"))


class SqlTags:
    """See `bot.ports_inbox.Tags`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def change(self, conversation: str, *, add: Sequence[str] = (), remove: Sequence[str] = ()) -> None:
        """Put words on a conversation and take others off."""
        if remove:
            await self._statements.change(_REMOVE, {"conversation": conversation, "words": list(remove)})
        for tag in add:
            await self._statements.insert_new(conversation_tags, {"conversation_id": conversation, "tag": tag})

    async def of(self, conversations: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
        """The words on each conversation."""
        rows = await self._statements.rows(_OF, {"wanted": list(conversations)}) if conversations else []
        words: dict[str, list[str]] = {}
        for row in rows:
            words.setdefault(row.conversation_id, []).append(row.tag)
        # Sorted here too: databases differ in how they sort letters.
        return {conversation: tuple(sorted(own)) for conversation, own in words.items()}

    async def known(self, limit: int = 200) -> Sequence[tuple[str, int]]:
        """All words that are in use, the commonest first."""
        return [(row.tag, row.n) for row in await self._statements.rows(_KNOWN, {"most": limit})]


class SqlMentions:
    """See `bot.ports_inbox.Mentions`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, mentions_: Sequence[Mention]) -> None:
        """Store new ones."""
        rows = [
            {"user_id": m.user, "conversation_id": m.conversation, "seq": m.seq, "at": m.at, "by": m.by, "seen": m.seen}
            for m in mentions_
        ]
        await self._statements.insert(mentions, rows)

    async def of(self, user: str, limit: int = 50) -> Sequence[Mention]:
        """Those of a user, unseen ones first, the latest first."""
        rows = await self._statements.rows(_MENTIONS, {"reader": user, "most": limit})
        return [Mention(row.user_id, row.conversation_id, row.seq, row.at, row.by, row.seen) for row in rows]

    async def unseen(self, user: str) -> int:
        """How many a user has not seen."""
        row = await self._statements.row(_UNSEEN, {"reader": user})
        return 0 if row is None else int(row.n)

    async def seen(self, user: str, conversation: str | None = None) -> None:
        """The user has seen those in a conversation, or all."""
        if conversation is None:
            await self._statements.change(_SEEN, {"reader": user, "seen": True})
        else:
            await self._statements.change(_SEEN_HERE, {"reader": user, "conversation": conversation, "seen": True})
