"""How it was with each agent, and what customers said of it in words: parts of the figures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import Field

from adapters.console.views import View
from bot.figures import AgentRatings, RatingComment, RatingFigures


class RatingFiguresView(View):
    """How it was, as customers said after an agent closed their conversation.

    Each time that a customer is asked counts once, in the period in which they were asked, however late they answer;
    it has the language of what they had last said by then.
    """

    asked: int = Field(description="How often customers were asked in the period.")
    answered: int = Field(description="How many of these got a score.")
    scores: dict[str, int] = Field(
        description="How many got each score, `1` (worst) to `5` (best); the last one given counts."
    )
    mean: float | None = Field(description="The mean score, to the thousandth; null if there is none.")


class AgentRatingsView(View):
    """How it was with an agent: a user's id, and the name that customers saw."""

    agent: str
    name: str
    ratings: RatingFiguresView


class CommentView(View):
    """What a customer said in words about how it was with an agent."""

    conversation: str
    agent: str
    agent_name: str
    score: int | None
    comment: str
    asked_at: datetime


class CommentsView(View):
    """What customers said in words, to questions of the period, the latest first."""

    items: list[CommentView]


def rating_view(found: RatingFigures) -> RatingFiguresView:
    """Ratings as JSON."""
    return RatingFiguresView(
        asked=found.asked,
        answered=found.answered,
        scores={str(score): count for score, count in enumerate(found.scores, 1)},
        mean=found.mean,
    )


def agent_views(found: Sequence[AgentRatings]) -> list[AgentRatingsView]:
    """Ratings of each agent as JSON."""
    return [AgentRatingsView(agent=one.agent, name=one.name, ratings=rating_view(one.ratings)) for one in found]


def comments_view(found: Sequence[RatingComment]) -> CommentsView:
    """Comments as JSON."""
    return CommentsView(
        items=[
            CommentView(
                conversation=one.conversation,
                agent=one.agent,
                agent_name=one.agent_name,
                score=one.score,
                comment=one.comment,
                asked_at=one.asked_at,
            )
            for one in found
        ]
    )


def rating_rows(
    ratings: RatingFiguresView, agents: Sequence[AgentRatingsView]
) -> Iterator[tuple[str, str, str, object]]:
    """Section, name, figure and value of every rating figure; an agent is named by their id."""
    for section, agent, found in [("ratings", "", ratings), *(("agents", one.agent, one.ratings) for one in agents)]:
        for name in ("asked", "answered", "mean"):
            value = getattr(found, name)
            yield section, agent, name, "" if value is None else value
        yield from ((section, agent or "scores", score, count) for score, count in found.scores.items())
