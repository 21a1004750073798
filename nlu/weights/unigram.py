"""Finds the Unigram vocabulary inside a tokenizer.json, so that it can be served as a SentencePiece model."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from bot.errors import ModelError
from nlu.weights.vocabulary import Vocabulary

NORMALISERS = {"Precompiled", "Replace", "Strip"}
PRE_TOKENIZERS = {"WhitespaceSplit", "Metaspace"}


def read(path: Path) -> Vocabulary | None:
    """The vocabulary, if the file describes what SentencePiece does too; None for any other tokenizer.

    The description does not tell everything, so the caller compares the two on real text.

    Raises:
        ModelError: it is no tokenizer.json.
    """
    try:
        content = json.loads(path.read_bytes())
        return _vocabulary(content)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise ModelError(f"{path} is not a tokenizer.json: {error!r}") from error


def _vocabulary(content: Mapping[str, Any]) -> Vocabulary | None:
    model = content["model"]
    normalisers = {part["type"]: part for part in _steps(content["normalizer"], "normalizers")}
    pre_tokenizers = {part["type"] for part in _steps(content["pre_tokenizer"], "pretokenizers")}
    frame = (content["post_processor"] or {}).get("single", ())
    is_unigram = model.get("type") == "Unigram" and not model.get("byte_fallback")
    is_sentencepiece = (
        "Precompiled" in normalisers.keys() <= NORMALISERS and "Metaspace" in pre_tokenizers <= PRE_TOKENIZERS
    )
    # Start, text, end.
    if not (is_unigram and is_sentencepiece and len(frame) == 3):  # noqa: PLR2004
        return None
    pieces = tuple((piece, score) for piece, score in model["vocab"])
    ids = {piece: token for token, (piece, _) in enumerate(pieces)}
    marks = frozenset(ids[token["content"]] for token in content["added_tokens"] if token["content"] in ids)
    return Vocabulary(
        pieces=pieces,
        bos=ids[frame[0]["SpecialToken"]["id"]],
        eos=ids[frame[2]["SpecialToken"]["id"]],
        unk=model["unk_id"],
        controls=marks,
        normalisation=base64.b64decode(normalisers["Precompiled"]["precompiled_charsmap"]),
    )


def _steps(part: Mapping[str, Any] | None, members: str) -> Iterator[Mapping[str, Any]]:
    """A sequence's steps, however nested."""
    if part is not None and part["type"] == "Sequence":
        for member in part[members]:
            yield from _steps(member, members)
    elif part is not None:
        yield part
