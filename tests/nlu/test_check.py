from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from bot.errors import PackError
from bot.pack_reader import read_pack
from nlu.training.check import check_examples

TINY = Path(__file__).parent.parent / "packs" / "tiny"

INTENTS = (
    "greeting help delivery_time refund_status fraud order_status return_request "
    "talk_to_human affirm deny stop change_language out_of_scope"
).split()


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The tiny pack with two examples of every intent: intent N's stand in lines 4 + 4N and 5 + 4N."""
    folder = Path(shutil.copytree(TINY, tmp_path / "pack"))
    teach(folder, {intent: [f"first {intent}", f"second {intent}"] for intent in INTENTS})
    return folder


def teach(folder: Path, examples: Mapping[str, Sequence[str]], file: str = "en.yml") -> None:
    lines = ["nlu:"]
    for intent, texts in examples.items():
        lines += [f"  - intent: {intent}", "    examples: |", *(f"      - {text}" for text in texts)]
    (folder / "nlu" / file).write_text("\n".join(lines) + "\n", encoding="utf-8")


def hold_out(folder: Path, *rows: tuple[str, str | None], file: str = "en.jsonl") -> None:
    (folder / "tests").mkdir(exist_ok=True)
    lines = [json.dumps({"text": text, "intent": intent}) + "\n" for text, intent in rows]
    (folder / "tests" / file).write_text("".join(lines), encoding="utf-8")


def findings(folder: Path) -> list[str]:
    """What is said of a pack, with its folder left out."""
    with pytest.raises(PackError) as caught:
        check_examples(read_pack(folder))
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_a_good_pack_has_its_examples_counted(pack: Path) -> None:
    hold_out(pack, ("third greeting", "greeting"), ("the weather", None))

    assert check_examples(read_pack(pack)) == 26


def test_repeated_examples_count_once(pack: Path) -> None:
    teach(pack, {"greeting": ["FIRST greeting", "third greeting"]}, "en-more.yml")

    assert check_examples(read_pack(pack)) == 27


def test_an_intent_that_is_not_declared_is_named_in_examples_and_tests(pack: Path) -> None:
    teach(pack, {"greetings": ["good day", "good night"]}, "de.yml")
    hold_out(pack, ("hey", "greeting"), ("bye", "farewell"))

    assert findings(pack) == [
        "nlu/de.yml:4: intents.yml has no intent 'greetings'",
        "nlu/de.yml:5: intents.yml has no intent 'greetings'",
        "tests/en.jsonl:2: intents.yml has no intent 'farewell'",
    ]


def test_out_of_scope_needs_no_declaration(pack: Path) -> None:
    intents = pack / "intents.yml"
    intents.write_text(intents.read_text(encoding="utf-8").replace("  out_of_scope: anything else\n", ""), "utf-8")

    assert check_examples(read_pack(pack)) == 26


def test_an_entity_that_is_not_declared_is_named(pack: Path) -> None:
    teach(pack, {"order_status": ["where is [12345](order_number)", "and where is [12345](parcel)"]}, "de.yml")

    assert findings(pack) == ["nlu/de.yml:5: entities.yml has no entity 'parcel'"]


def test_an_intent_with_less_than_two_examples_is_named(pack: Path) -> None:
    teach(pack, {intent: [f"first {intent}", f"second {intent}"] for intent in INTENTS[2:]} | {"help": ["help"]})

    assert findings(pack) == [
        "nlu: intent 'greeting' has no examples; it needs two",
        "nlu: intent 'help' has 1 examples; it needs two",
    ]


def test_the_examples_of_all_languages_count_together(pack: Path) -> None:
    teach(pack, {intent: [f"first {intent}"] for intent in INTENTS})
    teach(pack, {intent: [f"erstens {intent}"] for intent in INTENTS}, "de.yml")

    assert check_examples(read_pack(pack)) == 26


def test_a_test_that_was_trained_on_is_named_with_its_twin(pack: Path) -> None:
    hold_out(pack, ("something new", "greeting"), ("First  GREETING", "greeting"))
    hold_out(pack, ("first greeting", "greeting"), file="de.jsonl")

    assert findings(pack) == [f"tests/en.jsonl:2: 'First  GREETING' is a training example too ({pack}/nlu/en.yml:4)"]


def test_an_example_of_two_intents_is_named(pack: Path) -> None:
    teach(pack, {"deny": ["first affirm"]}, "en-more.yml")

    (finding,) = findings(pack)

    # The files are read by name, so that the one that is read first is right.
    assert finding.startswith("nlu/en.yml:36: 'first affirm' is affirm, but deny in ")
    assert finding.endswith("nlu/en-more.yml:4")


def test_all_findings_come_together(pack: Path) -> None:
    entities = "entities:\n  order_number: {pattern: '\\d+'}\n  colour: {pattern: '('}\n"
    (pack / "entities.yml").write_text(entities, "utf-8")
    teach(pack, {"unknown": ["[x](shape)"]}, "de.yml")
    hold_out(pack, ("first greeting", "greeting"))

    assert [finding.split(": ")[0] for finding in findings(pack)] == [
        "entities.yml:3",
        "nlu/de.yml:4",
        "nlu/de.yml:4",
        "tests/en.jsonl:1",
    ]


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [
        ("{pattern: '('}", "the pattern '(' is wrong: missing ) at position 1"),
        ("{list: {}}", "the list is empty"),
        ("{list: {red: ['']}}", "'red' has an empty synonym"),
        ("{list: {red: [x], blue: [X]}}", "'X' stands for both 'red' and 'blue'"),
    ],
)
def test_an_entity_that_cannot_be_found_is_named_with_file_and_line(pack: Path, declaration: str, reason: str) -> None:
    file = pack / "entities.yml"
    file.write_text(f"{file.read_text(encoding='utf-8')}  colour: {declaration}\n", "utf-8")

    assert findings(pack) == [f"entities.yml:3: entity 'colour': {reason}"]


def test_wrong_training_data_is_a_pack_error_with_file_and_line(pack: Path) -> None:
    (pack / "nlu" / "de.yml").write_text("nlu:\n  - intent: greeting\n    examples: |\n      hallo\n", "utf-8")

    assert findings(pack) == [
        "nlu/de.yml:4: 'hallo' is no example: it must begin with '- '",
        "nlu/de.yml:2: intent 'greeting' has no examples",
    ]


def test_a_wrong_test_is_a_pack_error_with_file_and_line(pack: Path) -> None:
    hold_out(pack, ("fine", "greeting"), (" ", "greeting"))

    assert findings(pack) == ["tests/en.jsonl:2: has no 'text'"]


def test_yaml_that_cannot_be_read_is_a_pack_error_with_file_and_line(pack: Path) -> None:
    (pack / "nlu" / "de.yml").write_text("nlu: [\n", "utf-8")

    (finding,) = findings(pack)

    assert finding.startswith("nlu/de.yml:2: is no YAML: ")


def test_a_pack_without_examples_is_told_where_they_go(pack: Path) -> None:
    (pack / "nlu" / "en.yml").unlink()

    assert findings(pack) == ["nlu: there are no examples; add a file for a language, such as nlu/en.yml"]


def test_a_file_that_names_no_language_is_in_the_packs_default(pack: Path) -> None:
    teach(pack, {"greeting": ["moin"]}, "questions.yml")
    hold_out(pack, ("moin", "greeting"))

    assert findings(pack) == [f"tests/en.jsonl:1: 'moin' is a training example too ({pack}/nlu/questions.yml:4)"]
