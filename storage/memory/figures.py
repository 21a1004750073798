"""Turns and the figures of a period, in memory: counted one by one from the histories."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from bot.conversation import Handoff
from bot.figures import (
    Containment,
    Figures,
    FiguresWanted,
    IntentFigures,
    LanguageFigures,
    RatingComment,
    Spread,
    by_agent,
    quarter,
    ratings,
    waits,
    week,
)
from bot.messages import Author
from bot.outcomes import SMALL_TALK, THANKS, TO_BOT, TROUBLE, Outcome, Turn
from bot.ports_inbox import Rating
from storage.codec import copy
from storage.memory.state import State


class MemoryTurns:
    """What became of everything that customers said. See `bot.outcomes.TurnLog`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def put(self, turn: Turn) -> None:
        """Store a turn, in the place of an older one."""
        self._state.turns[(turn.conversation, turn.seq)] = copy(turn)

    async def get(self, conversation: str, seq: int) -> Turn | None:
        """The turn of an entry."""
        return self._state.turns.get((conversation, seq))


class MemoryFigures:
    """Counts what is stored. See `bot.figures.FiguresReader`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def read(self, wanted: FiguresWanted) -> Figures:
        """The figures of a period."""
        within = [turn for turn in self._state.turns.values() if _matches(turn, wanted)]
        ends = Counter(self._end(session, wanted) for session in self._sessions(wanted))
        handoffs = sorted(self._handoffs(wanted), key=lambda handoff: handoff.reason)
        first_response, resolution = self._waits(handoffs)
        asked = self._asked(wanted)
        return Figures(
            new=sum(turn.seq == 1 for turn in within),
            active=len({turn.conversation for turn in within}),
            sessions=ends.total(),
            messages=self._messages(wanted),
            containment=Containment(**ends),
            handoffs=dict(Counter(str(handoff.reason) for handoff in handoffs).most_common()),
            first_response=first_response,
            resolution=resolution,
            intents=_intents(within),
            languages=_languages(within),
            ratings=ratings(Counter(rating.score for rating in asked)),
            agents=by_agent([(rating.agent, rating.agent_name, rating.score, 1) for rating in asked]),
            load=week(Counter(quarter(turn.at) for turn in within), wanted.zone),
        )

    def _messages(self, wanted: FiguresWanted) -> dict[str, int]:
        found = Counter(
            entry.author
            for conversation, history in self._state.messages.items()
            if wanted.channel in {None, self._channel(conversation)}
            for entry in history
            if wanted.since <= entry.at < wanted.until
            and not entry.internal
            and wanted.language in {None, entry.language}
        )
        return {author.value: found[author] for author in Author}

    def _handoffs(self, wanted: FiguresWanted) -> list[Handoff]:
        return [
            handoff
            for handoff in self._state.handoffs.values()
            if wanted.since <= handoff.opened_at < wanted.until
            and wanted.channel in {None, self._channel(handoff.conversation)}
            and wanted.language in {None, handoff.language}
        ]

    def _waits(self, handoffs: Sequence[Handoff]) -> tuple[Spread, Spread]:
        found = []
        for handoff in handoffs:
            written = [
                entry.at
                for entry in self._state.messages.get(handoff.conversation, ())
                if entry.author is Author.AGENT and entry.at >= handoff.opened_at
            ]
            found.append((handoff.opened_at, min(written, default=None), handoff.done_at, handoff.outcome))
        return waits(found)

    async def comments(self, wanted: FiguresWanted, limit: int) -> Sequence[RatingComment]:
        """What customers said in words about how it was."""
        found = sorted((r for r in self._asked(wanted) if r.comment), key=lambda rating: rating.id)
        found.sort(key=lambda rating: rating.asked_at, reverse=True)
        return [
            RatingComment(r.conversation, r.agent, r.agent_name, r.score, r.comment or "", r.asked_at)
            for r in found[:limit]
        ]

    def _asked(self, wanted: FiguresWanted) -> list[Rating]:
        return [
            rating
            for rating in self._state.ratings.values()
            if wanted.since <= rating.asked_at < wanted.until
            and wanted.channel in {None, self._channel(rating.conversation)}
            and wanted.language in {None, self._language(rating)}
        ]

    def _language(self, rating: Rating) -> str | None:
        """The language of what the customer had last said when they were asked; None if they had said nothing."""
        said = [
            turn
            for turn in self._state.turns.values()
            if turn.conversation == rating.conversation and turn.at <= rating.asked_at
        ]
        return max(said, key=lambda turn: turn.seq).language if said else None

    def _sessions(self, wanted: FiguresWanted) -> Iterator[list[Turn]]:
        histories = defaultdict(list)
        for turn in self._state.turns.values():
            histories[turn.conversation].append(turn)
        for history in histories.values():
            session: list[Turn] = []
            for turn in sorted(history, key=lambda turn: turn.seq):
                if turn.quiet is None or turn.quiet > wanted.silence.total_seconds():
                    if session and _matches(session[0], wanted):
                        yield session
                    session = []
                session.append(turn)
            if session and _matches(session[0], wanted):
                yield session

    def _end(self, session: Sequence[Turn], wanted: FiguresWanted) -> str:  # noqa: PLR0911 - a table
        """The name of the field of `Containment`."""
        cutoff = wanted.now - wanted.silence
        written = self._written(session)
        if any(at > cutoff for at in [*(turn.at for turn in session), *written]):
            return "open"
        if written:
            return "human"
        said = [turn for turn in session if turn.outcome is not Outcome.OTHER]
        if said and said[-1].outcome in {Outcome.CLARIFIED, Outcome.REPHRASED}:
            return "abandoned_clarification"
        if said and said[-1].outcome is Outcome.ASKED:
            return "abandoned_question"
        if said and said[-1].outcome in {Outcome.HANDED_OVER, Outcome.WAITING, Outcome.WITH_AGENT}:
            return "abandoned_waiting"
        wishes = [t for t in said if t.outcome is not Outcome.ANSWERED or t.intent not in SMALL_TALK]
        if not wishes:
            return "nothing_asked"
        troubles = [turn for turn in session if turn.outcome in TROUBLE or turn.negative]
        after = max(wishes[0].seq, troubles[-1].seq if troubles else 0)
        if any(t.intent == THANKS and t.outcome is Outcome.ANSWERED and t.seq > after for t in said):
            return "confirmed"
        return "doubtful" if troubles else "assumed"

    def _written(self, session: Sequence[Turn]) -> list[datetime]:
        """When agents wrote, from the session's first turn to before the next session's."""
        first = session[0]
        later = [
            turn.seq
            for (conversation, seq), turn in self._state.turns.items()
            if conversation == first.conversation and seq > session[-1].seq
        ]
        return [
            entry.at
            for entry in self._state.messages.get(first.conversation, ())
            if entry.author is Author.AGENT and first.seq < entry.seq and (not later or entry.seq < min(later))
        ]

    def _channel(self, conversation: str) -> str:
        return self._state.conversations[conversation].address.channel


def _matches(turn: Turn, wanted: FiguresWanted) -> bool:
    return (
        wanted.since <= turn.at < wanted.until
        and wanted.channel in {None, turn.channel}
        and wanted.language in {None, turn.language}
    )


def _intents(within: Sequence[Turn]) -> tuple[IntentFigures, ...]:
    outcomes: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
    for turn in within:
        if turn.intent is not None and not turn.in_flow and turn.outcome in TO_BOT:
            outcomes[turn.intent][turn.outcome] += 1
    found = [
        IntentFigures(intent, n.total(), n[Outcome.REPHRASED], n[Outcome.CLARIFIED], n[Outcome.HANDED_OVER])
        for intent, n in outcomes.items()
    ]
    return tuple(sorted(found, key=lambda one: (-one.messages, one.intent)))


def _languages(within: Sequence[Turn]) -> tuple[LanguageFigures, ...]:
    talks = defaultdict(list)
    for turn in within:
        talks[turn.language].append(turn.conversation)
    found = [LanguageFigures(language, len(ids), len(set(ids))) for language, ids in talks.items()]
    return tuple(sorted(found, key=lambda one: (-one.messages, one.language)))
