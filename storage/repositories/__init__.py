"""The ports of `bot.ports.UnitOfWork` in SQL, each over the statements of one transaction."""

from __future__ import annotations

from storage.repositories.canned import SqlCannedReplies
from storage.repositories.comparisons import SqlComparisons
from storage.repositories.conversations import SqlConversations
from storage.repositories.customers import SqlCustomers
from storage.repositories.handoffs import SqlHandoffs
from storage.repositories.inbox import SqlInbox
from storage.repositories.listing import SqlListing
from storage.repositories.messages import SqlMessages
from storage.repositories.outbox import SqlOutbox
from storage.repositories.profiles import SqlProfiles
from storage.repositories.ratings import SqlRatings
from storage.repositories.read_marks import SqlReadMarks
from storage.repositories.search import SqlSearch
from storage.repositories.tags import SqlMentions, SqlTags
from storage.repositories.users import SqlUsers

__all__ = [
    "SqlCannedReplies",
    "SqlComparisons",
    "SqlConversations",
    "SqlCustomers",
    "SqlHandoffs",
    "SqlInbox",
    "SqlListing",
    "SqlMentions",
    "SqlMessages",
    "SqlOutbox",
    "SqlProfiles",
    "SqlRatings",
    "SqlReadMarks",
    "SqlSearch",
    "SqlTags",
    "SqlUsers",
]
