"""An evaluation as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.table import Table


def print_report(report: Mapping[str, Any], console: Console | None = None) -> None:
    """Print what `evaluate` measured as tables."""
    out = console or Console(highlight=False)
    latency, oos = report["latency_ms"], report["oos"]
    out.print(
        f"[bold]{report['n']} messages[/], accuracy {report['accuracy']:.3f}, macro F1 {report['macro_f1']:.3f}, "
        f"calibration error {_figure(report['ece'])}"
    )
    out.print(
        f"out of scope: recall {_figure(oos['recall'])}, precision {_figure(oos['precision'])}, "
        f"AUROC {_figure(oos['auroc'])}"
    )
    out.print(f"one message: p50 {latency['p50']:.1f} ms, p95 {latency['p95']:.1f} ms\n")
    languages = Table("language", "messages", "accuracy", box=None)
    for code, row in report["by_language"].items():
        languages.add_row(code, str(row["n"]), f"{row['accuracy']:.3f}")
    out.print(languages)
    risk = Table("answered", "of these wrong", box=None)
    for coverage, error in report["risk_coverage"]:
        risk.add_row(f"{coverage:.0%}", f"{error:.1%}")
    out.print(risk)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
