"""Transactions over values in memory: writers one after another, readers on what was last committed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Self

from storage.memory.access import MemoryApiTokens, MemoryAudit, MemorySignIns
from storage.memory.canned import MemoryCannedReplies
from storage.memory.comparisons import MemoryComparisons
from storage.memory.conversations import MemoryConversations, MemoryCustomers, MemoryHandoffs, MemoryMessages
from storage.memory.desk import MemoryDeskEvents, MemoryDeskLinks, MemoryDeskThreads
from storage.memory.figures import MemoryFigures, MemoryTurns
from storage.memory.listing import MemoryListing, MemoryReadMarks, MemorySearch
from storage.memory.profiles import MemoryProfiles
from storage.memory.queues import MemoryInbox, MemoryOutbox
from storage.memory.ratings import MemoryRatings
from storage.memory.review import MemoryReview
from storage.memory.revisions import MemoryRevisions
from storage.memory.routing import MemoryAgents, MemoryDues, MemorySkills, MemoryTeams
from storage.memory.state import State
from storage.memory.tags import MemoryMentions, MemoryTags
from storage.memory.training_runs import MemoryTrainingRuns
from storage.memory.users import MemoryUsers


class MemoryUnit:
    """One transaction over a state of its own."""

    def __init__(self, state: State) -> None:
        self.inbox = MemoryInbox(state)
        self.conversations = MemoryConversations(state)
        self.messages = MemoryMessages(state)
        self.outbox = MemoryOutbox(state)
        self.handoffs = MemoryHandoffs(state)
        self.customers = MemoryCustomers(state)
        self.users = MemoryUsers(state)
        self.sign_ins = MemorySignIns(state)
        self.tokens = MemoryApiTokens(state)
        self.audit = MemoryAudit(state)
        self.comparisons = MemoryComparisons(state)
        self.listing = MemoryListing(state)
        self.read_marks = MemoryReadMarks(state)
        self.tags = MemoryTags(state)
        self.mentions = MemoryMentions(state)
        self.profiles = MemoryProfiles(state)
        self.canned = MemoryCannedReplies(state)
        self.ratings = MemoryRatings(state)
        self.search = MemorySearch(state)
        self.teams = MemoryTeams(state)
        self.skills = MemorySkills(state)
        self.agents = MemoryAgents(state)
        self.dues = MemoryDues(state)
        self.turns = MemoryTurns(state)
        self.figures = MemoryFigures(state)
        self.review = MemoryReview(state)
        self.revisions = MemoryRevisions(state)
        self.desk_threads = MemoryDeskThreads(state)
        self.desk_events = MemoryDeskEvents(state)
        self.desk_links = MemoryDeskLinks(state)
        self.training_runs = MemoryTrainingRuns(state)


class MemoryStore:
    """A `bot.ports.Store` that forgets everything when the process ends.

    A transaction works on a copy that takes the place of the committed state when its block ends, so its cost grows
    with the number of rows: made for tests and trials, not for years of history.
    """

    def __init__(self) -> None:
        self._committed = State()
        self._writer = asyncio.Lock()

    @asynccontextmanager
    async def unit(self, *, write: bool = True) -> AsyncIterator[MemoryUnit]:
        """A transaction. See `Store.unit`."""
        if not write:
            yield MemoryUnit(self._committed.frozen())
            return
        async with self._writer:
            state = self._committed.copied()
            yield MemoryUnit(state)
            state.check_references()
            self._committed = state

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def ping(self) -> None:
        """Memory can always be written."""

    async def aclose(self) -> None:
        """There is nothing to give back."""
