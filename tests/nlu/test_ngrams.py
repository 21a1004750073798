from __future__ import annotations

import numpy as np
import pytest

from nlu.ngrams import BUCKETS, LONGEST, NgramScores, Vocabulary, count_ngrams

TEXTS = ("where is my order", "cancel my order", "أين طلبي", "我的订单在哪里")


def likeness(one: str, other: str) -> float:
    """The product of the vectors of two texts, in a vocabulary of both and some others."""
    vocabulary = Vocabulary.of([count_ngrams(text) for text in (*TEXTS, one, other)])
    vectors = []
    for text in (one, other):
        vector = np.zeros(len(vocabulary.buckets), np.float32)
        places, values = vocabulary.vector(count_ngrams(text))
        vector[places] = values
        vectors.append(vector)
    return float(vectors[0] @ vectors[1])


def test_every_piece_of_a_word_counts_up_to_the_longest_with_the_borders_of_the_word() -> None:
    # " ab " has four of one character (two of them the border), three of two, two of three and itself.
    assert sum(count_ngrams("ab").values()) == 4 + 3 + 2 + 1
    assert LONGEST == 4
    assert all(0 <= bucket < BUCKETS for bucket in count_ngrams("ab"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Où est ma commande", "OU EST MA COMMANDE"),
        ("ｏｒｄｅｒ １２", "order 12"),
        ("طَلَبِي", "طلبي"),
        ("  where\tis it\n", "where is it"),
    ],
)
def test_case_accents_width_and_spaces_make_no_difference(one: str, other: str) -> None:
    assert count_ngrams(one) == count_ngrams(other)


def test_vowel_signs_of_an_abugida_do_make_one() -> None:
    assert count_ngrams("कि") != count_ngrams("का")


def test_a_word_with_a_slip_is_still_like_the_word() -> None:
    assert likeness("delivery", "delivrey") > 0.3
    assert likeness("delivery", "invoice") < 0.2
    assert likeness("delivery", "delivery") == pytest.approx(1, abs=1e-5)


def test_a_word_that_few_sentences_have_tells_more_than_one_that_all_have() -> None:
    vocabulary = Vocabulary.of([count_ngrams(text) for text in ("my tea", "my cup", "my bag", "my jug")])
    places, values = vocabulary.vector(count_ngrams("my tea"))
    weights = dict(zip(vocabulary.buckets[places].tolist(), values.tolist(), strict=True))
    of_my, of_tea = (count_ngrams(word).keys() & weights.keys() for word in ("my", "tea"))

    assert max(weights[bucket] for bucket in of_my - of_tea) < min(weights[bucket] for bucket in of_tea - of_my)


def test_words_that_were_never_seen_make_a_message_less_like_what_was() -> None:
    vocabulary = Vocabulary.of([count_ngrams(text) for text in TEXTS])

    def length(text: str) -> float:
        _, values = vocabulary.vector(count_ngrams(text))
        return float(np.sqrt(values @ values))

    assert length("cancel my order") == pytest.approx(1, abs=1e-5)
    assert length("cancel my żółw") < 0.9
    assert length("żżż") < length("cancel my żółw")


def test_texts_without_a_letter_score_nothing() -> None:
    vocabulary = Vocabulary.of([count_ngrams("tea")])
    scores = NgramScores(vocabulary, np.ones((len(vocabulary.buckets), 2), np.float16))

    assert scores.score(["", " \n", "tea"]).tolist()[:2] == [[0, 0], [0, 0]]
    assert scores.score(["tea"])[0, 0] > 1
    assert scores.score([]).shape == (0, 2)


def test_without_any_text_to_learn_from_nothing_is_known() -> None:
    vocabulary = Vocabulary.of([])

    assert len(vocabulary.vector(count_ngrams("tea"))[0]) == 0


def test_broken_unicode_has_ngrams_too() -> None:
    assert count_ngrams("\ud83d order")
