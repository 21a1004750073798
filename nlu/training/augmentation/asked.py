"""Ways to make more of the examples that ask a configured language model: paraphrases, as `Way`s."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import get_args

import structlog

from bot.errors import ConfigurationError
from bot.settings import Settings
from nlu.training.augmentation.cache import AnswerCache
from nlu.training.augmentation.llm import LanguageModel, wanted
from nlu.training.augmentation.paraphrase import Augmentation, Method, Paraphraser
from nlu.training.augmentation.ways import Copies, Way
from nlu.training.dataset import Example

log = structlog.get_logger(__name__)

METHODS: tuple[Method, ...] = get_args(Method)

PARAPHRASES = 1
"""Of each example: a way makes at most one copy."""


def asking_ways(settings: Settings, identify: Callable[[str], str], names: Sequence[str]) -> list[Way]:
    """Those of `METHODS` that are asked for; answers are kept in the data folder, so that no text is sent twice.

    What came back and was not taken is logged with its reasons.

    Raises:
        ConfigurationError: one is asked for, and no language model is configured.
    """
    methods = [method for method in METHODS if method in names]
    if methods and not wanted(settings):
        needs = "LLM_BASE_URL, LLM_API_KEY and LLM_MODEL"
        raise ConfigurationError(f"the augmentation {methods[0]!r} asks a language model: set {needs}")
    return [Way(method, _copies(settings, identify, method), is_noise=False) for method in methods]


def _copies(settings: Settings, identify: Callable[[str], str], method: Method) -> Copies:
    def copies(examples: Sequence[Example], seed: int) -> Sequence[Example]:  # noqa: ARG001 - asked for once and kept
        made = asyncio.run(_ask(settings, identify, method, examples))
        if made.dropped:
            log.warning("paraphrases dropped", way=method, taken=len(made.examples), reasons=dict(made.reasons))
        return made.examples

    return copies


async def _ask(
    settings: Settings, identify: Callable[[str], str], method: Method, examples: Sequence[Example]
) -> Augmentation:
    cache = AnswerCache(settings.data_dir / "augmentation" / "answers.jsonl")
    async with LanguageModel.open(settings) as llm:
        return await Paraphraser(llm, identify, cache, count=PARAPHRASES).augment(examples, method)
