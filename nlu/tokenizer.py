"""Text to token ids, with the tokenizer that an encoder was trained with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

SENTENCEPIECE = "tokenizer.spm"
JSON = "tokenizer.json"

LONGEST_PIECE = 16
"""Characters: SentencePiece's longest piece by default, and the longest of XLM-RoBERTa's."""


@dataclass(frozen=True, slots=True)
class Located:
    """Token ids of one text, and where each stands in it: [start, end) in code points, (0, 0) of special tokens.

    A token may take in the space before its word. Of a text in broken Unicode, which was mended, `spans` is empty.
    """

    ids: list[int]
    spans: list[tuple[int, int]]


class Tokenizer(Protocol):
    """What an encoder needs of its tokenizer."""

    def encode(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """Token ids of each text between the model's start and end tokens, the whole cut to `limit` tokens."""
        ...

    def locate(self, texts: Sequence[str], limit: int) -> list[Located]:
        """The same ids, and where in the text they stand."""
        ...


def open_tokenizer(path: Path) -> Tokenizer:
    """Open `tokenizer.spm` or `tokenizer.json`."""
    return SentencePieceTokenizer(path) if path.name == SENTENCEPIECE else JsonTokenizer(path)


class SentencePieceTokenizer:
    """A SentencePiece model, as XLM-RoBERTa and its descendants have; any thread may use it."""

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor = SentencePieceProcessor(model_file=str(path))
        self._start: int = self._processor.bos_id()
        self._end: int = self._processor.eos_id()

    def encode(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """See `Tokenizer`."""
        pieces: list[list[int]] = self._processor.encode([_readable(text, limit) for text in texts], num_threads=1)
        return [[self._start, *ids[: limit - 2], self._end] for ids in pieces]

    def locate(self, texts: Sequence[str], limit: int) -> list[Located]:
        """See `Tokenizer`."""
        readable = [_readable(text, limit) for text in texts]
        # One by one: of a list, SentencePiece starts threads, and they cost more than the tokens.
        found = [self._processor.encode_as_offset_mapping(text) for text in readable]
        return [
            Located(
                [self._start, *pieces["ids"][: limit - 2], self._end],
                _spans([(0, 0), *pieces["offsets"][: limit - 2], (0, 0)], text, mended),
            )
            for pieces, text, mended in zip(found, texts, readable, strict=True)
        ]


class JsonTokenizer:
    """A `tokenizer.json` of the `tokenizers` library, as BERT's; any thread may use it."""

    def __init__(self, path: Path) -> None:
        from tokenizers import Tokenizer as HuggingFaceTokenizer

        self._tokenizer = HuggingFaceTokenizer.from_file(str(path))
        # The file may carry what somebody once needed; we cut, and the encoder pads.
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str], limit: int) -> list[list[int]]:
        """See `Tokenizer`."""
        return [encoding.ids for encoding in self._encode([_readable(text, limit) for text in texts], limit)]

    def locate(self, texts: Sequence[str], limit: int) -> list[Located]:
        """See `Tokenizer`."""
        readable = [_readable(text, limit) for text in texts]
        return [
            Located(encoding.ids, _spans(encoding.offsets, text, mended))
            for encoding, text, mended in zip(self._encode(readable, limit), texts, readable, strict=True)
        ]

    def _encode(self, texts: Sequence[str], limit: int) -> list[Any]:
        inner = limit - self._tokenizer.num_special_tokens_to_add(is_pair=False)
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        for encoding in encodings:
            encoding.truncate(inner)
        return [self._tokenizer.post_process(encoding) for encoding in encodings]


def _readable(text: str, limit: int) -> str:
    """The text in valid Unicode, without the end that could not matter: it spares tokenising a novel for its head."""
    head = text[: limit * LONGEST_PIECE]
    try:
        head.encode()
    except UnicodeEncodeError:
        # JSON allows halves of surrogate pairs. Two that belong together are joined; a lone one becomes U+FFFD.
        return head.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return head


def _spans(spans: Sequence[tuple[int, int]], text: str, mended: str) -> list[tuple[int, int]]:
    return list(spans) if text.startswith(mended) else []
