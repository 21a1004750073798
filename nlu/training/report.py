"""An evaluation as people read it in a terminal."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def print_report(report: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what `evaluate` measured as tables."""
    out = console or Console(highlight=False)
    latency, oos = report["latency_ms"], report["oos"]
    out.print(
        f"[bold]{report['n']} messages[/], accuracy {report['accuracy']:.3f}, macro F1 {report['macro_f1']:.3f}, "
        f"calibration error {figure(report['ece'])}"
    )
    out.print(
        f"out of scope: recall {figure(oos['recall'])}, precision {figure(oos['precision'])}, "
        f"AUROC {figure(oos['auroc'])}"
    )
    out.print(
        f"one message: p50 {latency['p50']:.1f} ms (the encoder {latency['encoder_p50']:.1f} ms), "
        f"p95 {latency['p95']:.1f} ms"
    )
    if "at_error" in report:
        out.print(point_in_words(report["at_error"]), markup=False)
    if "comparison" in report:
        for line in comparison_in_words(report["comparison"]):
            out.print(line, markup=False)
    out.print()
    if "folds" in report:
        out.print(_folds(report["folds"]))
    languages = Table("language", "messages", "accuracy", box=None)
    if "comparison" in report:
        languages.add_column("difference to the other")
    for code, row in report["by_language"].items():
        more = [difference(report["comparison"]["by_language"][code])] if "comparison" in report else []
        languages.add_row(code, str(row["n"]), f"{row['accuracy']:.3f}", *more)
    out.print(languages)
    if "entities" in report:
        entities = Table("entity", "annotated", "precision", "recall", "F1", box=None)
        for kind, row in report["entities"].items():
            shares = (f"{row[key]:.3f}" for key in ("precision", "recall", "f1-score"))
            entities.add_row(kind, str(row["support"]), *shares)
        out.print(entities)
    risk = Table("answered", "of these wrong", box=None)
    for coverage, error in report["risk_coverage"]:
        risk.add_row(f"{coverage:.0%}", f"{error:.1%}")
    out.print(risk)


def figure(value: float | None) -> str:
    """Three decimals, or a dash."""
    return "–" if value is None else f"{value:.3f}"


def mean_and_deviation(row: Mapping[str, Any]) -> str:
    """Such as `0.912 ± 0.008`."""
    return f"{figure(row['mean'])} ± {figure(row['std'])}"


def difference(row: Mapping[str, Any]) -> str:
    """Such as `+0.012 [-0.004, +0.028]`."""
    low, high = row["interval"]
    return f"{row['difference']:+.3f} [{low:+.3f}, {high:+.3f}]"


def point_in_words(point: Mapping[str, Any]) -> str:
    """The chosen threshold and what it brings."""
    wanted = f"at most {point['max_error']:.1%} wrong answers"
    if point["threshold"] is None:
        return f"{wanted}: no confidence is high enough for that; not even the surest answers are right so often"
    inside = point["interval"]
    # Upwards: rounded down, the threshold would let in what lies below it.
    threshold = math.ceil(point["threshold"] * 10_000) / 10_000
    return (
        f"{wanted}: answer from a confidence of {threshold:.4f} on {_between(inside['threshold'], '.3f')}; "
        f"then {point['answered']:.1%} are answered {_between(inside['answered'], '.1%')}, "
        f"{point['error']:.1%} of these wrong {_between(inside['error'], '.1%')}"
    )


def comparison_in_words(comparison: Mapping[str, Any]) -> Iterator[str]:
    """The verdicts on accuracy and macro F1, and McNemar's counts."""
    for key, name in (("accuracy", "accuracy"), ("macro_f1", "macro F1")):
        row = comparison[key]
        yield (
            f"{name}: {row['verdict']} than the other, "
            if row["verdict"] != "no difference shown"
            else f"{name}: no difference shown, "
        ) + (
            f"{row['this']:.3f} to {row['other']:.3f}, {difference(row)}; ahead in {row['this_better']:.1%} of the "
            f"resamples, the other in {row['other_better']:.1%}"
        )
    counts = comparison["mcnemar"]
    yield (
        f"only this one is right: {counts['only_this_right']}, only the other: {counts['only_other_right']}, "
        f"both: {counts['both_right']}, neither: {counts['both_wrong']} (McNemar's p {counts['p_value']:.3g})"
    )


def _between(ends: list[float | None], form: str) -> str:
    low, high = ("none" if end is None else format(end, form) for end in ends)
    return f"[{low}, {high}]"


def _folds(folds: Mapping[str, Any]) -> Table:
    table = Table("figure", f"mean ± standard deviation over {folds['count']} folds", box=None)
    for name, row in folds["figures"].items():
        table.add_row(name, mean_and_deviation(row))
    return table
