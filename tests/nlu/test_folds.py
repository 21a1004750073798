from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ConfigurationError
from nlu.entities import EntityFinder
from nlu.language import LanguageIdentifier
from nlu.text import comparable
from nlu.training.dataset import Dataset, Example
from nlu.training.fit import Origin, fit
from nlu.training.folds import Remembering, assign_folds, cross_validate, spread
from nlu.understander import Interpreter
from tests.nlu import small_shop as shop
from tests.nlu.small_shop import TOPICS, Words


def example(text: str, intent: str = "a", language: str = "en") -> Example:
    return Example(text, intent, language, Path("t.yml"), 1)


def many(*strata: tuple[str, str, int]) -> list[Example]:
    return [
        example(f"{intent} {language} {n}", intent, language)
        for intent, language, count in strata
        for n in range(count)
    ]


def test_every_fold_has_its_share_of_every_intent_in_every_language() -> None:
    examples = many(("a", "en", 10), ("a", "de", 7), ("b", "en", 5), ("b", "de", 23))

    chosen = assign_folds(examples, 5)

    assert set(chosen.tolist()) == set(range(5))
    for intent, language, count in (("a", "en", 10), ("a", "de", 7), ("b", "en", 5), ("b", "de", 23)):
        counts = Counter(
            f for e, f in zip(examples, chosen, strict=True) if (e.intent, e.language) == (intent, language)
        )
        assert all(count // 5 <= counts[fold] <= -(-count // 5) for fold in range(5))


def test_an_intent_with_one_example_a_language_is_spread_over_the_folds() -> None:
    examples = many(*(("a", code, 1) for code in ("de", "en", "es", "fr", "it", "ja")), ("b", "en", 6))

    chosen = assign_folds(examples, 3)

    assert Counter(chosen[:6].tolist()) == {0: 2, 1: 2, 2: 2}
    assert Counter(chosen.tolist()) == {0: 4, 1: 4, 2: 4}


def test_texts_that_say_the_same_are_never_on_both_sides() -> None:
    same = [example(text, language=code) for text, code in (("OK", "en"), ("ok", "de"), ("ＯＫ ", "ja"), (" ok", "fr"))]
    examples = [*same, *many(("a", "en", 8), ("b", "en", 9))]

    for seed in range(5):
        chosen = assign_folds(examples, 3, seed=seed)
        assert len(set(chosen[:4].tolist())) == 1


def test_the_same_seed_gives_the_same_folds() -> None:
    examples = many(("a", "en", 20), ("b", "de", 20))

    assert assign_folds(examples, 4).tolist() == assign_folds(examples, 4).tolist()
    assert assign_folds(examples, 4).tolist() != assign_folds(examples, 4, seed=1).tolist()


def test_more_folds_than_examples_of_an_intent_are_refused_with_its_name() -> None:
    with pytest.raises(ConfigurationError, match=r"5 folds need 5 different examples .* has rare \(3\), odd \(4\)"):
        assign_folds(many(("a", "en", 9), ("odd", "en", 4), ("rare", "de", 3)), 5)


def test_examples_that_say_the_same_count_once() -> None:
    with pytest.raises(ConfigurationError, match=r"b \(2\)"):
        assign_folds([*many(("a", "en", 9)), example("x", "b"), example("X", "b", "de"), example("y", "b")], 3)


def test_two_folds_need_two_examples_of_each_intent_on_either_side() -> None:
    with pytest.raises(ConfigurationError, match=r"2 folds need 4 different examples of every intent; .* b \(3\)"):
        assign_folds(many(("a", "en", 9), ("b", "en", 3)), 2)


@pytest.mark.model
def test_every_example_is_predicted_once_by_a_model_that_has_not_seen_it(language_model: Path) -> None:
    dataset, encoder = shop.dataset(*TOPICS), Words()
    remembering = Remembering(encoder, {})
    seen: list[Dataset] = []

    def train(part: Dataset) -> Interpreter:
        seen.append(part)
        model = fit(part, remembering, Origin("words"))
        return Interpreter(model, LanguageIdentifier(language_model, ("en", "de"), model.lexicon), EntityFinder({}))

    parts = cross_validate(dataset, remembering, train, 3)

    held = [e for part in parts for e in part.examples]
    assert sorted(map(id, held)) == sorted(map(id, dataset.examples))
    for part, rest in zip(parts, seen, strict=True):
        assert not {comparable(e.text) for e in part.examples} & {comparable(e.text) for e in rest.examples}
        assert len(part) + len(rest.examples) == len(dataset.examples)
    assert np.mean([part.right.mean() for part in parts]) > 0.3  # five topics by chance: 0.2
    assert sorted(encoder.asked) == sorted(set(encoder.asked))  # each text was embedded once


def test_an_embedding_is_computed_once_and_not_if_it_is_known() -> None:
    words = Words()
    known = {"here": words.encode(["here"])[0]}
    words.asked.clear()
    encoder = Remembering(words, known)

    first = encoder.encode(["a", "here", "b", "a"])
    second = encoder.encode(["b", "c"])

    assert words.asked == ["a", "b", "c"]
    assert np.array_equal(first, Words().encode(["a", "here", "b", "a"]))
    assert np.array_equal(second[0], first[2])
    assert (encoder.fingerprint, encoder.hidden) == (words.fingerprint, words.hidden)


def test_the_states_of_tokens_are_read_once_and_only_if_they_are_wanted() -> None:
    words = Words()
    known = {"here": words.encode(["here"])[0]}
    words.asked.clear()

    bare = Remembering(words, known).read(["here"])
    assert words.asked == []
    wanted = Remembering(words, known, tokens=True)
    read = [*wanted.read(["here", "it is"]), *wanted.read(["it is"])]

    assert words.asked == ["here", "it is"]
    assert np.array_equal(bare[0].embedding, known["here"])
    assert [encoded.spans for encoded in bare] == [()]
    assert [encoded.spans for encoded in read] == [((0, 4),), ((0, 2), (3, 5)), ((0, 2), (3, 5))]


def report(accuracy: float, recall: float | None, **languages: float) -> dict[str, object]:
    return {
        "accuracy": accuracy,
        "macro_f1": accuracy,
        "ece": 0.1,
        "oos": {"recall": recall, "precision": None, "auroc": None},
        "by_language": {code: {"n": 1, "accuracy": value} for code, value in languages.items()},
    }


def test_figures_are_told_with_their_mean_and_deviation_over_the_folds() -> None:
    figures = spread([report(0.8, 0.5, en=1.0), report(0.9, None, en=0.5, de=0.7)])

    assert figures["accuracy"] == {"mean": pytest.approx(0.85), "std": pytest.approx(0.0707107), "values": [0.8, 0.9]}
    assert figures["oos.recall"] == {"mean": 0.5, "std": None, "values": [0.5]}
    assert figures["oos.precision"] == {"mean": None, "std": None, "values": []}
    assert figures["accuracy.en"]["mean"] == 0.75
    assert figures["accuracy.de"]["values"] == [0.7]
