"""`python -m nlu.training.measuring`: measures a version on the pack's tests, or compares two that were measured.

It is started by `nlu.measurer`, and tells it of its progress and its result as `nlu.training.telling` does.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.errors import ModelError
from bot.measuring import Measurement, paired
from bot.pack_reader import read_pack
from bot.settings import Settings, read_settings
from nlu import measured as records
from nlu.serving import model_store
from nlu.training.compare import BETTER, WORSE, compare
from nlu.training.pack_tests import PackTests, measurement_of, must_have_tests, predictions_of
from nlu.training.telling import Telling, alone, run_and_tell

VERDICTS = {BETTER: "better", WORSE: "worse"}


def measure(settings: Settings, folder: Path, version: str, tell: Telling) -> Measurement:
    """Measure a version on the tests of the pack in a folder, and keep that beside it.

    Raises:
        PackError: the tests are wrong, or there are none.
        ModelError: there is no such version, or it cannot be used.
    """
    pack = read_pack(folder, complete=False)
    store = model_store(settings.data_dir, pack.name)
    with alone(store.folder):
        name = store.named(version)
        tests = PackTests(settings, pack, tell)
        must_have_tests(pack, tests.examples)
        model = store.version(name, encoder_fingerprint=tests.fingerprint)
        measurement = measurement_of(tests.judged_by(model))
        records.keep(store.folder / name, measurement)
    return measurement


def difference(this: Path, other: Path) -> dict[str, Any]:
    """How two measured versions, each in its folder, differ: a `bot.measuring.Difference` as JSON.

    Raises:
        ModelError: one of them was never measured, or they have no test in common.
    """
    pairs = paired(_measured(this), _measured(other))
    if not pairs:
        raise ModelError(f"{this.name} and {other.name} were measured on different tests; measure both again")
    figures = compare(predictions_of([pair.this for pair in pairs]), predictions_of([pair.other for pair in pairs]))
    return {
        "accuracy": _interval(figures["accuracy"]),
        "macro_f1": _interval(figures["macro_f1"]),
        "p_value": figures["mcnemar"]["p_value"],
        "verdict": VERDICTS.get(figures["accuracy"]["verdict"], "unclear"),
        "by_language": {code: _interval(row) for code, row in figures["by_language"].items()},
    }


def _measured(folder: Path) -> Measurement:
    found = records.read(folder)
    if found is None:
        raise ModelError(f"{folder.name} was never measured on the pack's tests")
    return found


def _interval(figure: Mapping[str, Any]) -> dict[str, float]:
    low, high = figure["interval"]
    return {**{name: figure[name] for name in ("this", "other", "difference")}, "low": low, "high": high}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure or compare, and tell of it; 0 if it went well."""
    parser = argparse.ArgumentParser(prog="nlu.training.measuring")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("measure")
    one.add_argument("version")
    one.add_argument("--data-dir", type=Path, required=True)
    one.add_argument("--source", required=True)
    one.add_argument("--threads", type=int, required=True)
    one.add_argument("--pack", type=Path, required=True)
    two = commands.add_parser("compare")
    two.add_argument("this", type=Path)
    two.add_argument("other", type=Path)
    given = parser.parse_args(arguments)

    def work(tell: Telling) -> Mapping[str, Any]:
        if given.command == "compare":
            return difference(given.this, given.other)
        settings = read_settings().model_copy(
            update={
                "data_dir": given.data_dir,
                "encoder_source": given.source,
                "encoder_variant": "full",
                "encoder_threads": given.threads,
            }
        )
        return {"tests": len(measure(settings, given.pack, given.version, tell).judgements)}

    return run_and_tell(work)


if __name__ == "__main__":
    sys.exit(main())
