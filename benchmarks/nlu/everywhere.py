"""Intents taught in all 52 locales of MASSIVE, the encoder fine-tuned: what a whole training of many languages gives.

    python -m benchmarks.nlu.everywhere ../shared/data --out /tmp/everywhere

Of each locale's train split so many sentences are drawn, in each by itself, so that together they say most of what the
data set says; sentences that stand for two intents are left out. The same 200 ids of the dev split test each locale.
`train --deep` compares with the frozen encoder by the same examples. A thousand sentences of each take half an hour.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

from bot.language_codes import language_code
from bot.pack_examples import comparable
from nlu.training.parallel import read_massive

Row = Mapping[str, str]


def drawn(folder: Path, each: int, seed: int) -> list[Row]:
    """Sentences of the train split, `each` of every locale; no two say the same."""
    generator = random.Random(seed)
    chosen: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    for locale, rows in sorted(read_massive(folder, "train").items()):
        for row in generator.sample([rows[key] for key in sorted(rows)], each):
            chosen[comparable(row["text"])].setdefault((row["intent"], language_code(locale) or locale), row["text"])
    told: list[Row] = []
    for said in chosen.values():
        if len({intent for intent, _ in said}) == 1:
            (intent, language), text = next(iter(said.items()))
            told.append({"text": text, "intent": intent, "lang": language})
    generator.shuffle(told)
    return told


def tests(folder: Path, ids: int, seed: int, taught: Iterable[Row]) -> list[Row]:
    """The same sentences of the dev split in each locale, but for those that are taught."""
    by_locale = read_massive(folder, "dev")
    shared = sorted(set.intersection(*(set(rows) for rows in by_locale.values())))
    wanted = random.Random(seed).sample(shared, ids)
    known = {comparable(row["text"]) for row in taught}
    return [
        {"text": rows[key]["text"], "intent": rows[key]["intent"], "lang": language_code(locale) or locale}
        for locale, rows in sorted(by_locale.items())
        for key in wanted
        if comparable(rows[key]["text"]) not in known
    ]


def main() -> None:
    """Draw, and train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--each", type=int, default=1000)
    parser.add_argument("--ids", type=int, default=200)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    taught = drawn(given.data, given.each, given.seed)
    files = {"train": taught, "test": tests(given.data, given.ids, given.seed, taught)}
    for name, rows in files.items():
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in rows]
        (given.out / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
        sys.stdout.write(f"{name}: {len(rows)} sentences\n")
    sys.stdout.flush()
    command = [sys.executable, "-m", "bot.cli", "train", "--deep", "--epochs", str(given.epochs)]
    paths = {"--data": "train.jsonl", "--test": "test.jsonl", "--out": "model"}
    command += [part for option, name in paths.items() for part in (option, str(given.out / name))]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
