"""The ports of `bot.ports.UnitOfWork` in SQL, each over the statements of one transaction."""

from __future__ import annotations

from storage.repositories.comparisons import SqlComparisons
from storage.repositories.conversations import SqlConversations
from storage.repositories.customers import SqlCustomers
from storage.repositories.handoffs import SqlHandoffs
from storage.repositories.inbox import SqlInbox
from storage.repositories.messages import SqlMessages
from storage.repositories.outbox import SqlOutbox
from storage.repositories.revisions import SqlRevisions
from storage.repositories.users import SqlUsers

__all__ = [
    "SqlComparisons",
    "SqlConversations",
    "SqlCustomers",
    "SqlHandoffs",
    "SqlInbox",
    "SqlMessages",
    "SqlOutbox",
    "SqlRevisions",
    "SqlUsers",
]
