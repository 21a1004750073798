"""A broken pack is told with file, line and reason of everything that is wrong."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.errors import PackError
from bot.pack import SentimentRules, Thresholds
from bot.pack_reader import find_pack, read_pack

TINY = Path(__file__).parent.parent / "packs" / "tiny"
ECOMMERCE = Path(__file__).parent.parent.parent / "packs" / "ecommerce"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(TINY, tmp_path / "tiny")


def changed(file: Path, change: Callable[[str], str]) -> None:
    before = file.read_text()
    after = change(before)
    assert after != before
    file.write_text(after)


def findings(folder: Path) -> list[str]:
    with pytest.raises(PackError) as caught:
        read_pack(folder)
    return [line.removeprefix(f"{folder}/") for line in str(caught.value).splitlines()]


def test_the_packs_of_the_project_are_sound() -> None:
    pack = read_pack(ECOMMERCE)

    assert len(pack.intents) >= 30
    assert len(pack.flows) >= 3
    assert {*"en zh-Hans es de fr pt ar hi ja ru tr it ko vi id".split()} <= set(pack.languages)


@pytest.mark.parametrize("name", ["pack.yml", "intents.yml", "flows.yml", "replies/en.yml"])
def test_what_is_no_yaml_is_one_finding_with_its_line(folder: Path, name: str) -> None:
    file = folder / name
    file.write_text(file.read_text() + "\nbroken: [1, 2\n")
    last = len(file.read_text().splitlines())

    (finding,) = findings(folder)

    assert finding.startswith((f"{name}:{last}: is no YAML", f"{name}:{last + 1}: is no YAML"))


def test_an_unknown_key_and_a_missing_one_are_told_at_once(folder: Path) -> None:
    changed(folder / "flows.yml", lambda text: text.replace("action:", "acts:", 1))

    told = "\n".join(findings(folder))

    assert told.count("flows.yml:") == 2
    assert ".acts: " in told
    assert ".action: " in told


def test_a_key_that_is_there_twice_is_told_with_its_line(folder: Path) -> None:
    file = folder / "intents.yml"
    file.write_text(file.read_text() + "intents: {}\n")

    (finding,) = findings(folder)

    assert finding == f"intents.yml:{len(file.read_text().splitlines())}: the key 'intents' is there twice"


def test_the_rules_of_sentiment_have_defaults_and_can_be_set(folder: Path) -> None:
    assert read_pack(folder).sentiment == SentimentRules()
    changed(folder / "pack.yml", lambda text: text + "sentiment: {anger: 0.9, handoff_on_anger: true}\n")

    assert read_pack(folder).sentiment == SentimentRules(anger=0.9, handoff_on_anger=True)


@pytest.mark.parametrize(
    ("key", "value"), [("anger", "1.5"), ("urgency", "0"), ("negative_in_a_row", "0"), ("fury", "1")]
)
def test_a_wrong_rule_of_sentiment_is_told_with_its_line(folder: Path, key: str, value: str) -> None:
    file = folder / "pack.yml"
    file.write_text(file.read_text() + f"sentiment:\n  handoff_on_anger: false\n  {key}: {value}\n")

    (finding,) = findings(folder)

    assert finding.startswith(f"pack.yml:{len(file.read_text().splitlines())}: sentiment.{key}: ")


@pytest.mark.parametrize(
    ("thresholds", "told"),
    [
        ("{answer: 0.5, max_error: 0.05}", "give either answer"),
        ("{max_error: 0}", "thresholds.max_error: "),
        ("{max_error: 1.5}", "thresholds.max_error: "),
        ("{answer: 0.2, clarify: 0.3}", "clarify is above thresholds.answer"),
    ],
)
def test_thresholds_that_make_no_sense_are_told_with_their_line(folder: Path, thresholds: str, told: str) -> None:
    changed(folder / "pack.yml", lambda text: text.replace("{answer: 0.6, clarify: 0.3}", thresholds))

    (finding,) = findings(folder)

    assert finding.startswith("pack.yml:5: ")
    assert told in finding


def test_a_pack_may_want_an_error_rate_in_place_of_a_threshold(folder: Path) -> None:
    changed(folder / "pack.yml", lambda text: text.replace("answer: 0.6", "max_error: 0.05"))

    assert read_pack(folder).thresholds == Thresholds(answer=0.6, clarify=0.3, max_error=0.05)


def test_a_missing_file_and_a_missing_folder_are_told(folder: Path) -> None:
    (folder / "intents.yml").unlink()

    assert findings(folder) == ["intents.yml: there is no such file"]
    with pytest.raises(PackError, match="there is no such pack folder"):
        read_pack(folder / "nothing")


def test_a_pack_is_found_by_folder_or_by_name(folder: Path) -> None:
    assert find_pack(str(folder), []) == folder
    assert find_pack("tiny", [folder.parent]) == folder
    with pytest.raises(PackError, match="there is no pack 'nothing'"):
        find_pack("nothing", [folder.parent])


def test_a_text_that_is_missing_in_two_languages_is_told_for_both(folder: Path) -> None:
    for language in ("de", "en"):
        texts = folder / "replies" / f"{language}.yml"
        changed(texts, lambda text: "".join(row for row in text.splitlines(keepends=True) if "welcome:" not in row))

    told = findings(folder)

    assert [line.split(":")[0] for line in told] == ["replies/de.yml", "replies/en.yml"]
    assert all("welcome" in line for line in told)
