from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import ConfigurationError, PackError
from bot.rasa import annotated, read_rasa
from bot.understanding import OUT_OF_SCOPE, Entity
from nlu.entities import EntityFinder
from nlu.training.dataset import Dataset, language_of_file, read_dataset, read_examples


def unasked(text: str) -> str:
    raise AssertionError(f"the language of {text!r} is known")


def write(folder: Path, name: str, *lines: str) -> Path:
    file = folder / name
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def intent(name: str | None, *examples: str) -> list[str]:
    return [f"  - intent: {'' if name is None else name}", "    examples: |", *(f"      - {e}" for e in examples)]


def rows(*data: object) -> list[str]:
    return [json.dumps(row, ensure_ascii=False) for row in data]


def row(text: str, name: str | None = "greet", **more: str) -> dict[str, str | None]:
    return {"text": text, "intent": name, **more}


def read(*files: Path, identify: Callable[[str], str] = unasked) -> Dataset:
    return read_dataset(files, identify)


def findings(*files: Path) -> list[str]:
    """What is said of wrong files, with their folder left out."""
    with pytest.raises(ConfigurationError) as caught:
        read_dataset(files, lambda _: "en")
    return [line.removeprefix(f"{files[0].parent}/") for line in str(caught.value).splitlines()]


def test_rasa_examples_have_their_intent_language_and_line(tmp_path: Path) -> None:
    file = write(
        tmp_path, "de.yml", 'version: "3.1"', "nlu:", *intent("greet", "hallo", "guten Tag"), *intent("bye", "ade")
    )

    examples = read(file).examples

    assert [(e.text, e.intent, e.language, e.line) for e in examples] == [
        ("hallo", "greet", "de", 5),
        ("guten Tag", "greet", "de", 6),
        ("ade", "bye", "de", 9),
    ]
    assert str(examples[2]) == f"{file}:9"


def test_rasa_examples_may_be_a_list(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "en.yml",
        "nlu:",
        "  - intent: greet",
        "    examples:",
        "      - hello",
        "      - text: |",
        "          hi there",
        "        metadata: {sentiment: neutral}",
        '      - "- good morning"',
    )

    assert [(e.text, e.line) for e in read(file).examples] == [("hello", 4), ("hi there", 5), ("good morning", 8)]


def test_json_lines_have_their_intent_language_and_line(tmp_path: Path) -> None:
    file = write(
        tmp_path, "en.jsonl", *rows(row(" hello "), row("hallo", lang="de-AT")), "", *rows(row("bye", " bye "))
    )

    assert [(e.text, e.intent, e.language, e.line) for e in read(file).examples] == [
        ("hello", "greet", "en", 1),
        ("hallo", "greet", "de", 2),
        ("bye", "bye", "en", 4),
    ]


def test_json_lines_may_come_from_another_system(tmp_path: Path) -> None:
    file = tmp_path / "en.jsonl"
    separator = "\u2028"
    text = "\r\n".join(rows(row("hello"), row(f"one{separator}two")))
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())

    assert [(e.text, e.line) for e in read(file).examples] == [("hello", 1), (f"one{separator}two", 2)]


def test_files_of_both_formats_are_read_together(tmp_path: Path) -> None:
    yml = write(tmp_path, "en.yaml", "nlu:", *intent("greet", "hello"))
    jsonl = write(tmp_path, "de.ndjson", *rows(row("hallo"), row("wie ist das Wetter", None)))

    dataset = read(yml, jsonl)

    assert dataset.intents == ("greet", OUT_OF_SCOPE)
    assert dataset.languages == ("de", "en")


@pytest.mark.parametrize("name", ["oos", "OOS", "out_of_scope", "out-of-scope", None])
def test_every_name_for_out_of_scope_is_the_same_intent(tmp_path: Path, name: str | None) -> None:
    yml = write(tmp_path, "en.yml", "nlu:", *intent(name, "what is the weather"))
    jsonl = write(tmp_path, "de.jsonl", *rows(row("wie ist das Wetter", name)))

    assert read(yml, jsonl).intents == (OUT_OF_SCOPE,)


def test_a_language_that_is_not_given_is_identified(tmp_path: Path) -> None:
    yml = write(tmp_path, "questions.yml", "nlu:", *intent("greet", "hallo"))
    jsonl = write(tmp_path, "rows.jsonl", *rows(row("bonjour"), row("hola", lang="es")))

    examples = read(yml, jsonl, identify={"hallo": "de", "bonjour": "fr"}.__getitem__).examples

    assert [e.language for e in examples] == ["de", "fr", "es"]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("de", "de"),
        ("pt-BR", "pt"),
        ("zh-Hans", "zh-Hans"),
        ("zh-TW", "zh-Hant"),
        ("no", "nb"),
        ("en-questions", "en"),
        ("xx", None),
        ("faq", None),
        ("examples", None),
    ],
)
def test_a_file_is_named_after_its_language_or_not(name: str, code: str | None) -> None:
    assert language_of_file(Path(f"{name}.yml")) == code


def test_a_repeated_example_is_kept_once_and_noted(tmp_path: Path) -> None:
    first = write(tmp_path, "en.yml", "nlu:", *intent("greet", "hello there", "Hello  THERE", "hi"))
    second = write(tmp_path, "en-GB.jsonl", *rows(row("ｈｅｌｌｏ there")))

    dataset = read(first, second)

    assert [(e.text, e.line) for e in dataset.examples] == [("hello there", 4), ("hi", 6)]
    assert [str(note) for note in dataset.notes] == [f"{first}: 2 repeated examples were left out"]


def test_the_same_words_in_two_languages_are_two_examples(tmp_path: Path) -> None:
    en = write(tmp_path, "en.jsonl", *rows(row("no", "deny")))
    es = write(tmp_path, "es.jsonl", *rows(row("no", "refuse")))

    assert len(read(en, es).examples) == 2


def test_an_example_of_two_intents_is_an_error_that_names_both_places(tmp_path: Path) -> None:
    yml = write(tmp_path, "en.yml", "nlu:", *intent("greet", "hello"), *intent("bye", "HELLO"))
    jsonl = write(tmp_path, "en-GB.jsonl", *rows(row("bye", "bye"), row("hello", "help")))

    assert findings(yml, jsonl) == [
        f"en.yml:7: 'HELLO' is bye, but greet in {yml}:4",
        f"en-GB.jsonl:2: 'hello' is help, but greet in {yml}:4",
    ]


def test_evaluation_rows_all_count(tmp_path: Path) -> None:
    file = write(tmp_path, "en.jsonl", *rows(row("hello"), row("hello"), row("hello", "bye")))

    assert [(e.intent, e.line) for e in read_examples([file], unasked)] == [("greet", 1), ("greet", 2), ("bye", 3)]


def test_evaluation_rows_are_checked_too(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"en\.jsonl:2: has no 'text'"):
        read_examples([write(tmp_path, "en.jsonl", *rows(row("hello"), {"intent": "bye"}))], unasked)
    with pytest.raises(ConfigurationError, match="there are no examples in"):
        read_examples([write(tmp_path, "de.jsonl", "")], unasked)


def test_every_wrong_row_is_named_with_file_and_line(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "en.jsonl",
        *rows(row("fine"), {"text": 1, "intent": "a"}, {"text": " ", "intent": "a"}, {"text": "a"}),
        '{"text": "a", ',
        *rows([], row("a", " "), {"text": "a", "intent": 5}),
        *rows(row("a", lang="qq"), row("a", lang="und"), row("a", lang=""), {"text": "a", "intent": "a", "lang": 3}),
    )

    assert findings(file) == [
        "en.jsonl:2: has no 'text'",
        "en.jsonl:3: has no 'text'",
        "en.jsonl:4: has no 'intent' (null is for out of scope)",
        "en.jsonl:5: is no JSON: Expecting property name enclosed in double quotes at column 15",
        "en.jsonl:6: is no JSON object",
        "en.jsonl:7: 'intent' is ' ', not a name",
        "en.jsonl:8: 'intent' is 5, not a name",
        "en.jsonl:9: 'lang' is 'qq', not a language code",
        "en.jsonl:10: 'lang' is 'und', not a language code",
        "en.jsonl:11: 'lang' is '', not a language code",
        "en.jsonl:12: 'lang' is 3, not a language code",
    ]


def test_every_wrong_section_is_named_with_file_and_line(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "en.yml",
        "nlu:",
        "  - story: a",
        "  - intent: 5",
        "    examples: |",
        "      - x",
        "  - intent: empty",
        "  - just words",
        "  - intent: a",
        "    regex: b",
        "  - intent: list",
        "    examples:",
        "      - fine",
        "      - 5",
        "  - intent: block",
        "    examples: |",
        "      - fine too",
        "",
        "      no dash",
        "      - [here]{where}",
        '      - [there]{"value": "x"}',
        "      - [nowhere]( )",
        "  - synonym:",
        "    examples: |",
        "      - x",
        "  - intent: mapping",
        "    examples: {a: b}",
    )
    kinds = "an item of 'nlu' has one of: intent, synonym, regex, lookup"

    assert findings(file) == [
        f"en.yml:2: {kinds}",
        "en.yml:3: intent: 5 is no name",
        "en.yml:6: intent 'empty' has no examples",
        f"en.yml:7: {kinds}",
        f"en.yml:8: {kinds}",
        "en.yml:13: 5 is no example",
        "en.yml:18: 'no dash' is no example: it must begin with '- '",
        "en.yml:19: the annotation {where} is no JSON: Expecting property name enclosed in double quotes",
        'en.yml:20: the annotation {"value": "x"} names no entity',
        "en.yml:21: the annotation [nowhere]( ) names no entity",
        "en.yml:22: synonym: None is no name",
        "en.yml:26: examples must be a block of '- …' lines, or a list",
        "en.yml:25: intent 'mapping' has no examples",
    ]


def test_a_wrong_pattern_is_named_with_file_and_line(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "en.yml",
        "nlu:",
        *intent("a", "x"),
        "  - regex: zip",
        "    examples: |",
        r"      - \d{5}",
        "      - (",
    )

    assert findings(file) == ["en.yml:8: the pattern '(' is wrong: missing ) at position 1"]


def test_the_findings_of_all_files_come_together(tmp_path: Path) -> None:
    yml = write(tmp_path, "en.yml", "nlu:", "  - intent: empty")
    jsonl = write(tmp_path, "de.jsonl", "nonsense")
    other = write(tmp_path, "en.csv", "hello,greet")

    assert [finding.split(": ")[0] for finding in findings(yml, jsonl, other)] == ["en.yml:2", "de.jsonl:1", "en.csv"]


@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        ([""], "en.yml:1: is no mapping with the key 'nlu'"),
        (["- a"], "en.yml:1: is no mapping with the key 'nlu'"),
        (['version: "3"', "nlu: 5"], "en.yml:2: 'nlu' must be a list of intents with examples"),
        (["rules: []"], "en.yml:1: 'nlu' must be a list of intents with examples"),
        (["nlu:", "  - [a"], "en.yml:3: is no YAML: did not find expected ',' or ']'"),
        (["nlu:", "  - intent: a", "    intent: b"], "en.yml:3: the key 'intent' is there twice"),
        (["nlu:", "  - yes: a"], "en.yml:2: the key 'yes' reads as bool; put it in quotes"),
    ],
)
def test_a_file_that_is_no_training_data_says_why(tmp_path: Path, lines: list[str], finding: str) -> None:
    assert findings(write(tmp_path, "en.yml", *lines)) == [finding]


@pytest.mark.parametrize("name", ["en.yml", "en.jsonl"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    assert findings(file) == [f"{name}: there is no such file"]

    file.write_bytes(b"\xff\xfe")
    assert findings(file) == [f"{name}: is not UTF-8 (byte 0)"]

    file.unlink()
    file.mkdir()
    assert findings(file) == [f"{name}: cannot be read: Is a directory"]


def test_no_examples_at_all_are_an_error(tmp_path: Path) -> None:
    assert findings(write(tmp_path, "en.yml", "nlu: []")) == [f"there are no examples in {tmp_path / 'en.yml'}"]
    with pytest.raises(ConfigurationError, match="there are no examples in no files"):
        read()


def test_a_rasa_file_that_is_no_yaml_is_a_pack_error(tmp_path: Path) -> None:
    with pytest.raises(PackError):
        read_rasa(write(tmp_path, "en.yml", "nlu: ["))


def test_what_understanding_has_no_use_for_is_noted(tmp_path: Path) -> None:
    file = write(tmp_path, "en.yml", 'version: "3.1"', "rules: []", "nlu:", *intent("greet", "hello"))

    assert [str(note) for note in read(file).notes] == [
        f"{file}:2: 'rules' is no training data for understanding; ignored"
    ]


@pytest.mark.parametrize(
    ("text", "plain", "entities"),
    [
        ("hello", "hello", []),
        ("to [Berlin](city)", "to Berlin", [("city", 3, 9, "Berlin")]),
        ("to [Berlin](city:BER) now", "to Berlin now", [("city", 3, 9, "BER")]),
        ("[a]( city )", "a", [("city", 0, 1, "a")]),
        ('[NYC]{"entity": "city", "value": "New York"}!', "NYC!", [("city", 0, 3, "New York")]),
        ('[Rom]{"entity": "city", "role": "to", "group": "1"}', "Rom", [("city", 0, 3, "Rom")]),
        ('[two]{"entity": "count", "value": 2}', "two", [("count", 0, 3, "2")]),
        (
            '[Rom][{"entity": "city"}, {"entity": "capital", "value": "IT"}] x',
            "Rom x",
            [("city", 0, 3, "Rom"), ("capital", 0, 3, "IT")],
        ),
        ("[a](x)[b](y) [c](x)", "ab c", [("x", 0, 1, "a"), ("y", 1, 2, "b"), ("x", 3, 4, "c")]),
        ("😀 [é](x)", "😀 é", [("x", 2, 3, "é")]),
        ("see [1] and (2)", "see [1] and (2)", []),
        ("[a] (b) [](c) [d](", "[a] (b) [](c) [d](", []),
    ],
)
def test_annotations_become_entities(text: str, plain: str, entities: list[tuple[str, int, int, str]]) -> None:
    assert annotated(text) == (plain, tuple(Entity(*entity) for entity in entities))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[a]{b}", "is no JSON"),
        ('[a]{"value": "b"}', "names no entity"),
        ('[a]{"entity": 5}', "names no entity"),
        ('[a]{"entity": " "}', "names no entity"),
        ('[a][{"entity": "x"}, {}]', "names no entity"),
        ("[a]( )", "names no entity"),
    ],
)
def test_a_malformed_annotation_is_an_error(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        annotated(text)


def test_declared_entities_can_be_found(tmp_path: Path) -> None:
    declarations = write(
        tmp_path,
        "en.yml",
        "nlu:",
        *intent("send", "send it to [NYC](city:New York)", "size [XL](size)", "zip [12345](zip)"),
        "  - regex: zip",
        "    examples: |",
        r"      - \b\d{5}\b",
        r"      - [a-z]\d",
        "  - lookup: size",
        "    examples:",
        "      - small",
        "      - large",
    )
    synonyms = write(
        tmp_path,
        "synonyms.yml",
        "nlu:",
        "  - synonym: large",
        "    examples: |",
        "      - XL",
        "      - big",
        "  - synonym: New York",
        "    examples: |",
        "      - Big Apple",
    )

    dataset = read(declarations, synonyms)
    finder = EntityFinder(dataset.entities)

    assert dataset.notes == ()
    for text, entity, value in [
        ("a BIG one", "size", "large"),
        ("xl", "size", "large"),
        ("small", "size", "small"),
        ("nyc", "city", "New York"),
        ("to new york", "city", "New York"),
        ("the big apple", "city", "New York"),
        ("99999", "zip", "99999"),
        ("B1", "zip", "B1"),
    ]:
        assert [(e.entity, e.value) for e in finder.find(text)] == [(entity, value)], text


def test_a_list_that_only_examples_have_shown_is_marked_as_such(tmp_path: Path) -> None:
    file = write(
        tmp_path,
        "en.yml",
        "nlu:",
        *intent("send", "send it to [NYC](city:New York)", "size [XL](size)"),
        "  - lookup: size",
        "    examples:",
        "      - small",
    )

    entities = read(file).entities

    assert entities["city"] == {"list": {"New York": ["nyc"]}, "shown": True}
    assert "shown" not in entities["size"]


def test_a_synonym_of_nothing_is_noted_with_its_line(tmp_path: Path) -> None:
    file = write(tmp_path, "en.yml", "nlu:", *intent("a", "x"), "  - synonym: lost", "    examples: |", "      - found")

    dataset = read(file)

    assert dataset.entities == {}
    assert [str(note) for note in dataset.notes] == [
        f"{file}:5: synonym 'lost' belongs to no entity of a lookup or an example; ignored"
    ]


def test_a_word_said_of_two_values_stands_for_the_last(tmp_path: Path) -> None:
    file = write(tmp_path, "en.yml", "nlu:", *intent("a", "[big](size:large) or", "a [BIG](size:huge) one"))

    assert [e.value for e in EntityFinder(read(file).entities).find("big")] == ["huge"]


def test_the_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    one = write(tmp_path, "en.yml", "nlu:", *intent("greet", "hello", "hi"))
    same = write(tmp_path, "en-GB.jsonl", *rows(row("hi"), row("hello")))
    texts = write(tmp_path, "en-US.jsonl", *rows(row("hi"), row("hey")))
    intents = write(tmp_path, "en-AU.jsonl", *rows(row("hi"), row("hello", "bye")))
    language = write(tmp_path, "de.jsonl", *rows(row("hi"), row("hello")))
    entities = write(tmp_path, "en-CA.yml", "nlu:", *intent("greet", "hello", "[hi](word)"))

    assert read(one).fingerprint == read(same).fingerprint
    assert len({read(file).fingerprint for file in (one, texts, intents, language, entities)}) == 5
