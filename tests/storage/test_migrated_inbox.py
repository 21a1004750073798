"""What the inbox's migration makes of a database with a past."""

from __future__ import annotations

from alembic import command
from sqlalchemy import Connection, insert

from bot.inbox_values import Narrowed, Sort, View, Wanted
from bot.searching import parse_question
from storage import migrations
from storage.codec import to_document
from storage.sql import migrate, open_database, open_store
from storage.tables import conversations, customers, handoffs, identities, messages
from tests.storage.samples import NOON, UNDERSTOOD, later, message

PLACES = {"asked": ("queue", "h1"), "with": ("agent", "h2"), "answered": ("agent", None), "bot": ("bot", None)}


def fill(connection: Connection) -> None:
    """Rows as they were before: a conversation of each kind, with what was said in it."""
    config = migrations._config()
    config.attributes["connection"] = connection
    command.upgrade(config, "0002")
    connection.execute(insert(customers), [{"id": "zoe", "name": "Zoë", "created_at": NOON}])
    identity = {"channel": "telegram", "sender": "7", "customer_id": "zoe", "name": "Zoë", "locale": None}
    connection.execute(insert(identities), [identity])
    for place, (owner, handoff) in PLACES.items():
        row = {
            "id": place, "channel": "telegram", "address": place, "customer_id": "zoe", "created_at": NOON,
            "updated_at": later(100), "owner": owner, "agent": "u1" if owner == "agent" else None, "version": 3,
            "state": {"language": "de", "handoff": handoff, "seq": 3},
        }  # fmt: skip
        connection.execute(insert(conversations), [row])
        said = [("customer", "Où est mon colis ?"), ("bot", "我想申请退款"), ("customer", "hallo")]
        if place == "answered":
            said[-1] = ("agent", "guten Tag")
        for seq, (author, text) in enumerate(said, 1):
            understanding = UNDERSTOOD if author == "customer" else None
            details = to_document(message(place, seq, text, understanding=understanding))
            entry = {
                "conversation_id": place, "seq": seq, "id": f"{place}{seq}", "author": author, "at": later(seq),
                "text": text, "internal": False, "reference": None, "details": details,
            }  # fmt: skip
            connection.execute(insert(messages), [entry])
        if handoff is not None:
            asked = {"id": handoff, "conversation_id": place, "state": "waiting", "opened_at": later(50)}
            details = {"reason": "asked", "urgent": place == "asked"}
            connection.execute(insert(handoffs), [{**asked, "details": details}])


async def test_what_was_said_before_is_listed_and_found(bare_url: str) -> None:
    database = open_database(bare_url)
    try:
        async with database.migration() as connection:
            await connection.run_sync(fill)
    finally:
        await database.aclose()
    await migrate(bare_url)
    async with open_store(bare_url) as store, store.unit() as unit:
        listed = await unit.listing.page(Wanted(sort=Sort.WAITING))
        assert [c.id for c in listed] == ["asked", "with", "answered", "bot"]
        asked, held, answered, _ = listed
        assert (asked.urgent, asked.waiting_since) == (True, later(50))
        assert (held.urgent, held.waiting_since) == (False, later(3))
        assert answered.waiting_since is None
        assert (asked.intent, asked.sentiment, asked.language) == ("track_order", "negative", "de")
        narrowed = Narrowed(languages=("de",), intents=("track_order",), sentiments=("negative",))
        assert (await unit.listing.counts("u1", narrowed))[View.MINE] == 2
        for question, seq in (("colis", 1), ("退款", 2), ("hall", 3), ("zoe", None)):
            hits = await unit.search.find(parse_question(question), Narrowed())
            assert {"asked", "with", "bot"} <= {hit.conversation.id for hit in hits}
            assert next(hit.entry.seq if hit.entry else None for hit in hits) == seq
        customer = await unit.customers.get("zoe")
        assert customer is not None
        assert await unit.profiles.members("zoe") == ["zoe"]
