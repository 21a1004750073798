from __future__ import annotations

from pathlib import Path

import pytest

from bot.errors import ModelError
from nlu.tokenizer import JsonTokenizer, SentencePieceTokenizer, Tokenizer, open_tokenizer
from nlu.weights import e5s1, unigram
from nlu.weights.vocabulary import write_sentencepiece
from tests.nlu import tiny_encoders as tiny


@pytest.fixture
def sentencepiece(tmp_path: Path) -> SentencePieceTokenizer:
    (tmp_path / "tiny.bin").write_bytes(tiny.e5s1())
    _, vocabulary = e5s1.read(tmp_path / "tiny.bin")
    write_sentencepiece(vocabulary, tmp_path / "tokenizer.spm")
    opened = open_tokenizer(tmp_path / "tokenizer.spm")
    assert isinstance(opened, SentencePieceTokenizer)
    return opened


@pytest.fixture
def word_piece(tmp_path: Path) -> JsonTokenizer:
    tokenizer = tiny.word_piece()
    # As saved by somebody who cut and padded.
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=30)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    opened = open_tokenizer(tmp_path / "tokenizer.json")
    assert isinstance(opened, JsonTokenizer)
    return opened


@pytest.fixture(params=["sentencepiece", "word_piece"])
def tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    chosen: Tokenizer = request.getfixturevalue(request.param)
    return chosen


def pieces(tokenizer: SentencePieceTokenizer, text: str) -> list[str]:
    (ids,) = tokenizer.encode([text], 100)
    return [tiny.PIECES[token] for token in ids]


def test_the_likeliest_pieces_are_chosen(sentencepiece: SentencePieceTokenizer) -> None:
    assert pieces(sentencepiece, "where is my order") == ["<s>", "▁where", "▁is", "▁my", "▁order", "</s>"]
    assert pieces(sentencepiece, "query") == ["<s>", "▁", "qu", "ery", "</s>"]


def test_width_composition_and_spaces_are_normalised(sentencepiece: SentencePieceTokenizer) -> None:
    plain = pieces(sentencepiece, "order é")

    assert pieces(sentencepiece, "  ｏｒｄｅｒ \u3000 e\u0301\n") == plain


def test_a_customer_who_types_a_mark_gets_characters(sentencepiece: SentencePieceTokenizer) -> None:
    assert pieces(sentencepiece, "</s><mask>") == ["<s>", "▁", *"</s>", *"<mask>", "</s>"]


def test_texts_are_cut_to_the_limit_and_keep_their_end_mark(tokenizer: Tokenizer) -> None:
    start, *_, end = tokenizer.encode(["order"], 10)[0]

    short, long, novel = tokenizer.encode(["order", "order is " * 9, "order is " * 100_000], 10)

    assert len(short) < 10
    assert len(long) == len(novel) == 10
    assert {ids[0] for ids in (short, long, novel)} == {start}
    assert {ids[-1] for ids in (short, long, novel)} == {end}


def test_nothing_between_the_marks_is_a_text_too(tokenizer: Tokenizer) -> None:
    assert [len(ids) for ids in tokenizer.encode(["", "   "], 10)] in ([2, 2], [3, 3])
    assert tokenizer.encode([], 10) == []


def test_halves_of_surrogate_pairs_are_joined_or_replaced(sentencepiece: SentencePieceTokenizer) -> None:
    encode = sentencepiece.encode

    assert encode(["order \ud83d\ude00"], 20) == encode(["order 😀"], 20)
    assert encode(["order\ud83d"], 20) == encode(["order\ufffd"], 20)


def test_a_unigram_tokenizer_json_gives_its_vocabulary_and_map(tmp_path: Path) -> None:
    tiny.unigram().save(str(tmp_path / "tokenizer.json"))
    vocabulary = unigram.read(tmp_path / "tokenizer.json")

    assert vocabulary is not None
    assert [piece for piece, _ in vocabulary.pieces] == tiny.PIECES
    assert (vocabulary.bos, vocabulary.eos, vocabulary.unk) == (0, 2, 3)
    assert vocabulary.controls == {0, 1, 2, 3, len(tiny.PIECES) - 1}
    assert vocabulary.normalisation


def test_any_other_tokenizer_json_stays_what_it_is(tmp_path: Path) -> None:
    tiny.word_piece().save(str(tmp_path / "tokenizer.json"))

    assert unigram.read(tmp_path / "tokenizer.json") is None


def test_a_broken_tokenizer_json_is_named(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text('{"model": []}')

    with pytest.raises(ModelError, match=r"tokenizer\.json is not a tokenizer\.json"):
        unigram.read(tmp_path / "tokenizer.json")
