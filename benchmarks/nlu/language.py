"""Language identification of single short messages: Babeldesk beside lid.176 alone, py3langid and pycld2.

    python -m benchmarks.nlu.language DATA_FOLDER [CHAT_MODEL]

The folder is that of `nlu.training.language`. The chat model that is measured has not seen what is tested: it is
trained first on MASSIVE's `train` and half of tatoeba, unless one that was made so is given. So
`ms_chitchat`, the e-commerce pack's tests and the romanised messages are of domains that it was not trained on. No
identifier is told which languages there are. Both Chinese scripts count as one language here, for the peers do not tell
them apart.
"""

from __future__ import annotations

import gzip
import importlib
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import fasttext

from bot.errors import ConfigurationError
from bot.language_codes import language_code
from bot.settings import read_settings
from bot.understanding import Hints
from nlu.language import LanguageIdentifier
from nlu.training.language import train_chat_model
from nlu.training.language_data import half, held_out, read_sentences
from nlu.weights.store import locate

PER_LANGUAGE = 150
"""Messages of a language and set at most, evenly taken from it."""

ROMANISED = Path(__file__).parent / "romanised.jsonl"
PACK_TESTS = Path(__file__).parents[2] / "packs" / "ecommerce" / "tests"

Message = tuple[str, str]  # its language, its text
Identify = Callable[[Message], str]


def base(code: str | None) -> str:
    return "" if code is None else "zh" if code.startswith("zh") else code


def rows(file: Path) -> Iterator[dict[str, Any]]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def sample(messages: Iterator[Message]) -> list[Message]:
    by_language: dict[str, list[str]] = {}
    for code, text in messages:
        if code and text.strip():
            by_language.setdefault(code, []).append(" ".join(text.split()))
    return [
        (code, text)
        for code, texts in by_language.items()
        for text in texts[:: max(1, len(texts) // PER_LANGUAGE)][:PER_LANGUAGE]
    ]


def test_sets(folder: Path) -> dict[str, list[Message]]:
    massive = sample(
        (base(language_code(file.name.split(".")[0])), row["text"])
        for file in sorted((folder / "massive").glob("*.jsonl.gz"))
        for row in rows(file)
        if row["split"] == "dev"
    )
    known = {code for code, _ in massive}
    tatoeba = sample(
        (code, row["text"])
        for row in rows(folder / "tatoeba_laser" / "half.jsonl.gz")
        if half(row["text"]) == 1 and (code := base(language_code(row["lang"]))) in known
    )
    chitchat = sample(
        (base(language_code(file.name.split(".")[0])), row["text"])
        for file in sorted((folder / "ms_chitchat").glob("*.questions.jsonl.gz"))
        for row in rows(file)
    )
    pack = sample(
        (base(row.get("lang")), row["text"]) for file in sorted(PACK_TESTS.glob("*.jsonl")) for row in rows(file)
    )
    romanised = sample((base(row["lang"]), row["text"]) for row in rows(ROMANISED))
    return {
        f"MASSIVE dev, {len(known)} languages": massive,
        "tatoeba, the other half": tatoeba,
        "ms_chitchat, domain unseen": chitchat,
        "e-commerce pack's tests, domain unseen": pack,
        "romanised Hindi, Urdu, Arabic, Chinese": romanised,
    }


def peers(lid: Path) -> dict[str, Identify]:
    model: Any = fasttext.load_model(str(lid))
    found: dict[str, Identify] = {
        "lid.176 alone": lambda m: base(language_code(model.predict(m[1])[0][0].removeprefix("__label__")))
    }
    try:
        langid: Any = importlib.import_module("py3langid")
        found["py3langid"] = lambda m: base(language_code(langid.classify(m[1])[0]))
    except ImportError:
        print("py3langid is not installed, and left out (pip install py3langid)\n")
    try:
        cld2: Any = importlib.import_module("pycld2")
        found["pycld2"] = lambda m: base(language_code(cld2.detect(m[1], bestEffort=True)[2][0][1]))
    except ImportError:
        print("pycld2 is not installed, and left out (pip install pycld2)\n")
    return found


def ours(lid: Path, chat: Path) -> dict[str, Identify]:
    identifier = LanguageIdentifier(lid, (), chat=chat)

    def told(hints: Callable[[str], Hints]) -> Identify:
        return lambda m: base(identifier.identify(m[1], hints(m[0])).code)

    return {
        "Babeldesk": told(lambda _: Hints()),
        "after a turn": told(lambda code: Hints(spoken={code: 1})),
        "with a locale": told(lambda code: Hints(locale=code)),
        "after a turn in another language": told(lambda code: Hints(spoken={"en" if code != "en" else "de": 1})),
    }


def main(folder: Path, chat: Path | None = None) -> None:
    lid = locate(read_settings().data_dir).language
    sets = test_sets(folder)
    if chat is None:
        with tempfile.TemporaryDirectory() as work:
            chat = Path(work) / "held_out.ftz"
            train_chat_model((s for s in read_sentences(folder) if not held_out(s)), chat)
            identifiers = ours(lid, chat)
    else:
        identifiers = ours(lid, chat)
    report(sets, {**identifiers, **peers(lid)})


def report(sets: Mapping[str, Sequence[Message]], identifiers: Mapping[str, Identify]) -> None:
    print(f"| messages | | {' | '.join(identifiers)} |\n| --- | --- |{' --- |' * len(identifiers)}")
    took = dict.fromkeys(identifiers, 0.0)
    for name, messages in sets.items():
        right = []
        for who, identify in identifiers.items():
            began = time.process_time()
            answers = [identify(message) for message in messages]
            took[who] += time.process_time() - began
            right.append(sum(answer == code for answer, (code, _) in zip(answers, messages, strict=True)))
        shares = " | ".join(f"{each / len(messages):.4f}" for each in right)
        print(f"| {name} | {len(messages)} | {shares} |", flush=True)
    fastest = took["Babeldesk"]
    print(f"| time, Babeldesk's as 1 | | {' | '.join(f'{each / fastest:.2f}' for each in took.values())} |")


if __name__ == "__main__":
    if len(sys.argv) not in {2, 3}:
        sys.exit("python -m benchmarks.nlu.language DATA_FOLDER [CHAT_MODEL]")
    try:
        main(*map(Path, sys.argv[1:]))
    except ConfigurationError as error:
        sys.exit(str(error))
