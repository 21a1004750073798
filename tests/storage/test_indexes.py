"""What is asked for all the time is found by an index, however long the history has become."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, Table, event, insert, text

from bot.desk_values import Account, DeskEvent, Wrote
from bot.inbox_values import Place, Sort, View, Wanted
from bot.messages import Address
from bot.ports import UnitOfWork
from storage import migrations
from storage.codec import to_document
from storage.sql import SqlUnit, open_database
from storage.tables import conversations, customers, handoffs, inbox, messages, metadata, outbox
from storage.tables.desk import desk_events, desk_threads
from tests.storage.samples import NOON, inbound, later, outbound

DONE = 4000
"""Events and messages of the past."""
OPEN = 20
"""Those of today, over half as many addresses."""


def fill(connection: Connection) -> None:
    """A desk with a long past and a short queue."""
    places = [Address("telegram", str(number)) for number in range(30)]

    def add(table: Table, rows: list[dict[str, Any]]) -> None:
        connection.execute(insert(table), rows)

    add(customers, [{"id": "zoe", "created_at": NOON}])
    add(
        conversations,
        [
            {
                "id": f"c{place.conversation}",
                "channel": place.channel,
                "address": place.conversation,
                "customer_id": "zoe",
                "created_at": NOON,
                "updated_at": NOON,
                "owner": "bot",
                "version": 1,
                "state": {},
            }
            for place in places
        ],
    )
    add(
        conversations,
        [
            {
                "id": f"old{number}",
                "channel": "telegram",
                "address": f"old{number}",
                "customer_id": "zoe",
                "created_at": NOON,
                "updated_at": later(-number),
                "owner": "agent" if number % 4 == 0 else "closed",
                "agent": f"u{number % 100}" if number % 4 == 0 else None,
                "version": 1,
                "since": later(-number),
                "state": {},
            }
            for number in range(DONE)
        ],
    )
    add(
        messages,
        [
            {
                "conversation_id": f"c{number % len(places)}",
                "seq": number // len(places) + 1,
                "id": f"m{number}",
                "author": "bot",
                "at": later(number),
                "text": "hello",
                "internal": False,
                "details": {},
            }
            for number in range(DONE)
        ],
    )
    for status, body, numbers in (
        ("done", None, range(DONE)),
        ("waiting", to_document(inbound()), range(DONE, DONE + OPEN)),
    ):
        add(
            inbox,
            [
                {
                    "channel": "telegram",
                    "event": f"e{number}",
                    "key": places[number % (OPEN // 2)].key,
                    "received_at": later(number),
                    "status": status,
                    "body": body,
                }
                for number in numbers
            ],
        )
    for status, body, numbers in (
        ("sent", None, range(DONE)),
        ("pending", to_document(outbound()), range(DONE, DONE + OPEN)),
    ):
        add(
            outbox,
            [
                {
                    "message_id": f"m{number}",
                    "channel": "telegram",
                    "address": places[number % (OPEN // 2)].conversation,
                    "status": status,
                    "due_at": later(number),
                    "body": body,
                }
                for number in numbers
            ],
        )

    fill_desk(add)


def fill_desk(add: Callable[[Table, list[dict[str, Any]]], None]) -> None:
    """As many handoffs and what was done in their threads."""
    numbers = range(DONE + OPEN)
    kim = Account("slack", "T1:UKIM")
    done_in_a_thread = to_document(DeskEvent("e", "C0DESK", "7", kim, NOON, Wrote("hello")))
    add(
        handoffs,
        [
            {
                "id": f"h{number}",
                "conversation_id": f"old{number % DONE}",
                "state": "done" if number < DONE else "waiting",
                "opened_at": later(number),
                "details": {},
            }
            for number in numbers
        ],
    )
    add(
        desk_threads,
        [
            {
                "handoff_id": f"h{number}",
                "channel": "C0DESK",
                "conversation_id": f"old{number % DONE}",
                "opened_at": later(number),
                "root": f"{number}",
                "done": number < DONE,
                "state": {"since": 1, "posted": 2},
            }
            for number in numbers
        ],
    )
    add(
        desk_events,
        [
            {
                "channel": "C0DESK",
                "event": f"e{number}",
                "thread": f"{number % 50}",
                "received_at": later(number),
                "status": "done" if number < DONE else "waiting" if number % 2 else "owing",
                "conversation_id": f"old{number % DONE}",
                "entry": number,
                "body": None if number < DONE else done_in_a_thread,
                "reply": {"kind": "over"},
                "due_at": later(number),
            }
            for number in numbers
        ],
    )


class Plans:
    """A unit whose statements are kept, and how the database goes about them."""

    def __init__(self, unit: SqlUnit, connection: Any) -> None:
        self.unit = unit
        self._connection = connection
        self._statements: list[tuple[str, Any]] = []
        event.listen(connection.sync_connection, "before_cursor_execute", self._keep)

    def _keep(self, _: object, __: object, statement: str, values: Any, *___: object) -> None:
        self._statements.append((statement, values))

    async def of(self, ask: Callable[[UnitOfWork], Awaitable[object]]) -> str:
        """The plan of the one statement that answers a question."""
        self._statements.clear()
        await ask(self.unit)
        [(statement, values)] = self._statements
        explain = "EXPLAIN QUERY PLAN" if self._connection.dialect.name == "sqlite" else "EXPLAIN"
        rows = await self._connection.exec_driver_sql(f"{explain} {statement}", values)
        return "\n".join(str(row[-1]) for row in rows)


@pytest.fixture
async def plans(sql_url: str) -> AsyncIterator[Plans]:
    """A database with a past."""
    database = open_database(sql_url)
    try:
        await migrations.upgrade(database)
        async with database.migration() as connection:
            await connection.run_sync(fill)
            if connection.dialect.name == "postgresql":  # which does so by itself, but later
                for table in metadata.sorted_tables:
                    await connection.execute(text(f"ANALYZE {table.name}"))
        async with database.transaction(write=True) as statements:
            yield Plans(SqlUnit(statements), statements._connection)
    finally:
        await database.aclose()


QUESTIONS: dict[str, tuple[Callable[[UnitOfWork], Awaitable[object]], set[str]]] = {
    "the next event of an address": (lambda unit: unit.inbox.head("telegram:5"), {"ix_inbox_waiting"}),
    "the addresses with events waiting": (lambda unit: unit.inbox.waiting(100), {"ix_inbox_waiting"}),
    "how many events are waiting": (lambda unit: unit.inbox.count(), {"ix_inbox_waiting"}),
    "the next message to an address": (
        lambda unit: unit.outbox.head(Address("telegram", "5")),
        {"ix_outbox_pending"},
    ),
    "the addresses with messages on their way": (
        lambda unit: unit.outbox.waiting("telegram", 100),
        {"ix_outbox_pending"},
    ),
    "what waits for a person": (
        lambda unit: unit.listing.page(Wanted(View.UNASSIGNED, sort=Sort.WAITING)),
        {"ix_conversations_owner_waiting"},
    ),
    "what an agent has": (
        lambda unit: unit.listing.page(Wanted(View.MINE, "u4", sort=Sort.WAITING)),
        {"ix_conversations_agent_waiting"},
    ),
    "the next page of the latest": (
        lambda unit: unit.listing.page(Wanted(after=Place(Sort.LATEST, 0, later(), "c5"), limit=5)),
        {"ix_conversations_updated"},
    ),
    "the threads that are open": (lambda unit: unit.desk_threads.open("C0DESK"), {"ix_desk_threads_open"}),
    "the thread that an agent writes in": (
        lambda unit: unit.desk_threads.at("C0DESK", "77"),
        {"uq_desk_threads_channel", "sqlite_autoindex_desk_threads_2"},
    ),
    "the handoffs without a thread": (lambda unit: unit.desk_threads.missing("C0DESK"), {"ix_handoffs_state"}),
    "what is to be acted on in a thread": (
        lambda unit: unit.desk_events.head("C0DESK", "7"),
        {"ix_desk_events_waiting"},
    ),
    "what is to be told in a thread": (lambda unit: unit.desk_events.owed("C0DESK", "7"), {"ix_desk_events_owing"}),
    "what was written in threads": (
        lambda unit: unit.desk_events.written("C0DESK", "old7", 3),
        {"ix_desk_events_entry"},
    ),
    "the latest messages of a conversation": (
        lambda unit: unit.messages.after("c5", 130),
        {"pk_messages", "sqlite_autoindex_messages_1"},
    ),
}
"""What is asked, and the index that answers it, by the name that one of the databases gives it."""


@pytest.mark.parametrize("question", QUESTIONS)
async def test_what_is_asked_all_the_time_is_answered_by_an_index(plans: Plans, question: str) -> None:
    ask, indexes = QUESTIONS[question]
    plan = await plans.of(ask)
    assert indexes & set(re.findall(r"\w+", plan)), plan
    assert not re.search(r"Seq Scan|^SCAN \w+$", plan, re.MULTILINE), plan
