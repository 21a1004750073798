"""The ports of `bot.ports.UnitOfWork` in SQL, each over the statements of one transaction."""

from __future__ import annotations

from storage.repositories.api_tokens import SqlApiTokens
from storage.repositories.audit import SqlAudit
from storage.repositories.canned import SqlCannedReplies
from storage.repositories.comparisons import SqlComparisons
from storage.repositories.conversations import SqlConversations
from storage.repositories.customers import SqlCustomers
from storage.repositories.desk_events import SqlDeskEvents
from storage.repositories.desk_links import SqlDeskLinks
from storage.repositories.desk_threads import SqlDeskThreads
from storage.repositories.figures import SqlFigures
from storage.repositories.handoffs import SqlHandoffs
from storage.repositories.inbox import SqlInbox
from storage.repositories.listing import SqlListing
from storage.repositories.messages import SqlMessages
from storage.repositories.outbox import SqlOutbox
from storage.repositories.profiles import SqlProfiles
from storage.repositories.ratings import SqlRatings
from storage.repositories.read_marks import SqlReadMarks
from storage.repositories.review import SqlReview
from storage.repositories.revisions import SqlRevisions
from storage.repositories.routing import SqlAgents, SqlDues, SqlSkills, SqlTeams
from storage.repositories.search import SqlSearch
from storage.repositories.sign_ins import SqlSignIns
from storage.repositories.tags import SqlMentions, SqlTags
from storage.repositories.training_runs import SqlTrainingRuns
from storage.repositories.turns import SqlTurns
from storage.repositories.users import SqlUsers

__all__ = [
    "SqlAgents",
    "SqlApiTokens",
    "SqlAudit",
    "SqlCannedReplies",
    "SqlComparisons",
    "SqlConversations",
    "SqlCustomers",
    "SqlDeskEvents",
    "SqlDeskLinks",
    "SqlDeskThreads",
    "SqlDues",
    "SqlFigures",
    "SqlHandoffs",
    "SqlInbox",
    "SqlListing",
    "SqlMentions",
    "SqlMessages",
    "SqlOutbox",
    "SqlProfiles",
    "SqlRatings",
    "SqlReadMarks",
    "SqlReview",
    "SqlRevisions",
    "SqlSearch",
    "SqlSignIns",
    "SqlSkills",
    "SqlTags",
    "SqlTeams",
    "SqlTrainingRuns",
    "SqlTurns",
    "SqlUsers",
]
