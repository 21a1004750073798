"""Verdicts of the review as training data, in the two forms that `babeldesk train` reads."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import groupby

from bot.review import Label, Verdict
from bot.understanding import OUT_OF_SCOPE


def trainable(labels: Sequence[Label]) -> list[Label]:
    """The verdicts that teach something, one for each text in a language: of several, the first given, the latest."""
    kept: dict[tuple[str, str], Label] = {}
    for label in labels:
        if label.verdict is not Verdict.DISMISSED:
            kept.setdefault((label.language, " ".join(label.text.casefold().split())), label)
    return list(kept.values())


def as_jsonl(labels: Sequence[Label]) -> str:
    """Training data as JSON Lines: `text`, `intent` (null for out of scope), `lang`."""
    rows = [{"text": one.text, "intent": one.intent, "lang": one.language} for one in trainable(labels)]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def as_rasa(labels: Sequence[Label]) -> str:
    """Training data as Rasa's NLU YAML: of each intent a block of examples, a line each."""
    lines = ['version: "3.1"', "nlu:"]
    rows = sorted((one.intent or OUT_OF_SCOPE, as_example(one.text)) for one in trainable(labels))
    for intent, examples in groupby(rows, key=lambda row: row[0]):
        lines += [f"- intent: {intent}", "  examples: |", *(f"    - {text}" for _, text in examples)]
    return "\n".join(lines if rows else [*lines[:1], "nlu: []"]) + "\n"


def as_example(text: str) -> str:
    """What a customer wrote on one line, and without what Rasa reads as an annotation or YAML as no character."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return re.sub(r"\](?=[({\[])", "] ", line)
