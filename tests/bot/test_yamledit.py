"""A piece of a YAML text is changed, and nothing else."""

from __future__ import annotations

import difflib
from pathlib import Path

import pytest
import yaml

from bot.yamledit import CannotEdit, YamlEdit, block

PACK = Path(__file__).parents[2] / "packs" / "ecommerce"

INTENTS = """\
# What customers want.
intents:
  greeting: {means: says hello, buttons: [order_status, talk_to_human]}  # always first
  # The one that everybody asks.
  order_status: wants to know where the order is
  delivery_time:
    means: asks how long delivery takes
    buttons: [order_status]   # not more

  # The last resort.
  talk_to_human: wants a person
# the end
"""

NLU = """\
version: "3.1"
nlu:
  # hellos
  - intent: greeting
    examples: |
      - hello
      - hi there

  # questions
  - intent: order_status
    examples: |
      - where is [12345](order_number)
"""


def changed_lines(before: str, after: str) -> list[str]:
    changes = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in changes if line.startswith(("+ ", "- "))]


def test_a_plain_value_is_replaced_in_its_place() -> None:
    edit = YamlEdit(INTENTS)

    edit.put(("intents", "order_status"), "asks: where is it?")

    assert changed_lines(INTENTS, edit.text) == [
        "-   order_status: wants to know where the order is",
        "+   order_status: 'asks: where is it?'",
    ]


def test_a_value_in_a_flow_and_a_list_keep_what_stands_around_them() -> None:
    edit = YamlEdit(INTENTS)

    edit.put(("intents", "greeting", "means"), "greets")
    edit.put(("intents", "delivery_time", "buttons"), ["greeting", "order_status"])

    assert "  greeting: {means: greets, buttons: [order_status, talk_to_human]}  # always first\n" in edit.text
    assert "    buttons: [greeting, order_status]   # not more\n" in edit.text
    assert len(changed_lines(INTENTS, edit.text)) == 4


def test_a_key_is_added_at_the_end_of_its_mapping() -> None:
    edit = YamlEdit(INTENTS)

    edit.put(("intents", "fraud"), {"means": "reports fraud", "buttons": ["talk_to_human"]})

    assert edit.text == INTENTS.replace(
        "  talk_to_human: wants a person\n",
        "  talk_to_human: wants a person\n  fraud:\n    means: reports fraud\n    buttons: [talk_to_human]\n",
    )


def test_a_key_goes_with_the_comment_right_above_it_and_no_other() -> None:
    edit = YamlEdit(INTENTS)

    edit.remove(("intents", "order_status"))
    edit.remove(("intents", "delivery_time"))

    assert [line[2:] for line in changed_lines(INTENTS, edit.text)] == [
        "  # The one that everybody asks.",
        "  order_status: wants to know where the order is",
        "  delivery_time:",
        "    means: asks how long delivery takes",
        "    buttons: [order_status]   # not more",
    ]


def test_a_key_is_renamed_where_it_stands() -> None:
    edit = YamlEdit(INTENTS)

    edit.rename(("intents", "delivery_time"), "shipping_time")

    assert edit.text == INTENTS.replace("  delivery_time:", "  shipping_time:")


def test_a_block_of_examples_is_replaced_and_comments_around_it_stay() -> None:
    edit = YamlEdit(NLU)

    edit.put(("nlu", 0, "examples"), block(["hello", "good morning: all", "# no comment"]))

    assert edit.text == NLU.replace("      - hi there\n", "      - good morning: all\n      - # no comment\n")


def test_a_section_is_added_and_removed_again() -> None:
    edit = YamlEdit(NLU)

    edit.append(("nlu",), {"intent": "fraud", "examples": block(["i was robbed", "日本語で"])})

    assert edit.text == NLU + "  - intent: fraud\n    examples: |\n      - i was robbed\n      - 日本語で\n"
    edit.remove(("nlu", 2))
    assert edit.text == NLU


def test_the_last_key_leaves_an_empty_mapping_behind() -> None:
    edit = YamlEdit("flows:\n  one:\n    trigger: a\nother: 1\n")

    edit.remove(("flows", "one"))

    assert edit.data == {"flows": {}, "other": 1}


def test_a_mapping_that_is_not_there_is_made() -> None:
    edit = YamlEdit("labels: {}\n")

    edit.put(("labels", "a"), "A")
    edit.put(("replies", "a"), ["one", "two"])
    edit.put(("replies", "b"), ["one\ntwo\n"])

    assert edit.data == {"labels": {"a": "A"}, "replies": {"a": ["one", "two"], "b": ["one\ntwo\n"]}}


def test_an_empty_text_can_be_filled() -> None:
    edit = YamlEdit("# nothing yet\n")

    edit.put(("labels", "yes"), "Yes")

    assert edit.text == "# nothing yet\nlabels:\n  'yes': 'Yes'\n"


ANY = ("", "null", "yes", "12", " spaces ", "two\nlines", "two\nlines\n", "\n", "a: b", "- x", "{x}")
ODD = ("'", '"', "#", "ünß\u2028x", "tab\there", "end\n\n")


@pytest.mark.parametrize("value", [*ANY, *ODD])
def test_any_text_says_the_same_when_it_is_read_again(value: str) -> None:
    edit = YamlEdit(INTENTS)

    edit.put(("intents", "delivery_time", "means"), value)
    edit.put(("intents", "order_status"), value)
    edit.put(("intents", "new"), [value, value])

    assert edit.get(("intents", "delivery_time", "means")) == value
    assert edit.get(("intents", "new")) == [value, value]
    assert "# The one that everybody asks.\n" in edit.text


def test_line_ends_of_windows_are_kept() -> None:
    text = NLU.replace("\n", "\r\n")
    edit = YamlEdit(text)

    edit.put(("nlu", 0, "examples"), block(["hello", "hi you"]))

    assert edit.text == text.replace("hi there", "hi you")


def test_what_cannot_be_changed_piece_by_piece_is_left_alone() -> None:
    anchored = "a: &x {k: 1}\nb: *x\n"
    edit = YamlEdit(anchored)

    with pytest.raises(CannotEdit):
        edit.put(("b", "k"), 2)
    assert edit.text == anchored


@pytest.mark.parametrize("language", ["ar", "en", "zh-Hans"])
def test_replies_of_the_pack_can_be_changed_removed_and_put_back(language: str) -> None:
    text = (PACK / "replies" / f"{language}.yml").read_text()
    for name in list(yaml.safe_load(text)["replies"])[::9]:
        edit = YamlEdit(text)
        edit.put(("replies", name), ["Something else: {shop}!"])
        assert len({line[2:] for line in changed_lines(text, edit.text) if line.startswith("+ ")}) <= 2
        edit.remove(("replies", name))
        edit.put(("replies", name), yaml.safe_load(text)["replies"][name])
        assert edit.data == yaml.safe_load(text)
