"""What champions and challengers made of the same messages, in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, bindparam, case, func, select

from bot.comparison import Agreement, Comparison, Disagreement, Tally, Verdict
from storage.database import Statements
from storage.tables import comparisons, messages

_PAIR = (comparisons.c.champion == bindparam("one"), comparisons.c.challenger == bindparam("other"))
_TALLIES = (
    select(
        comparisons.c.language,
        func.count().label("n"),
        func.sum(case((comparisons.c.error.is_not(None), 1), else_=0)).label("failed"),
        func.sum(case((comparisons.c.agrees, 1), else_=0)).label("agreed"),
    )
    .where(*_PAIR)
    .group_by(comparisons.c.language)
    .order_by(comparisons.c.language)
)
_DISAGREEMENTS = (
    select(comparisons, messages.c.text)
    .join(messages, messages.c.id == comparisons.c.message_id)
    .where(*_PAIR, comparisons.c.agrees.is_(False))
    .order_by(comparisons.c.at.desc(), comparisons.c.message_id)
    .limit(bindparam("most"))
)


class SqlComparisons:
    """See `bot.ports.Comparisons`."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    async def add(self, comparisons_: Sequence[Comparison]) -> None:
        """Store new ones."""
        for comparison in comparisons_:
            await self._statements.insert_new(comparisons, _row(comparison))

    async def agreement(self, champion: str, challenger: str) -> Agreement:
        """How two versions stand beside each other."""
        rows = await self._statements.rows(_TALLIES, {"one": champion, "other": challenger})
        tallies = {row.language: Tally(row.n - row.failed, row.agreed) for row in rows}
        return Agreement(
            Tally(sum(t.judged for t in tallies.values()), sum(t.agreed for t in tallies.values())),
            sum(row.failed for row in rows),
            {language: tally for language, tally in tallies.items() if tally.judged},
        )

    async def disagreements(self, champion: str, challenger: str, limit: int) -> Sequence[Disagreement]:
        """Where two versions do not agree, latest first."""
        values = {"one": champion, "other": challenger, "most": limit}
        return [Disagreement(_comparison(row), row.text) for row in await self._statements.rows(_DISAGREEMENTS, values)]


def _row(comparison: Comparison) -> dict[str, Any]:
    champion, verdict = comparison.champion, comparison.verdict
    return {
        "message_id": comparison.message,
        "champion": champion.version,
        "challenger": comparison.challenger,
        "conversation_id": comparison.conversation,
        "at": comparison.at,
        "language": comparison.language,
        "champion_intent": champion.intent,
        "champion_confidence": champion.confidence,
        "champion_in_scope": champion.in_scope,
        "challenger_intent": verdict and verdict.intent,
        "challenger_confidence": verdict and verdict.confidence,
        "challenger_in_scope": verdict and verdict.in_scope,
        "agrees": comparison.agrees,
        "error": comparison.error,
    }


def _comparison(row: Row[Any]) -> Comparison:
    verdict = None
    if row.challenger_confidence is not None:
        verdict = Verdict(row.challenger, row.challenger_intent, row.challenger_confidence, row.challenger_in_scope)
    return Comparison(
        message=row.message_id,
        conversation=row.conversation_id,
        at=row.at,
        language=row.language,
        champion=Verdict(row.champion, row.champion_intent, row.champion_confidence, row.champion_in_scope),
        challenger=row.challenger,
        verdict=verdict,
        error=row.error,
    )
