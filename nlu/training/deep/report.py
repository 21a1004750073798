"""Before and after on the same messages: what the fine-tuning brought, as JSON and as people read it."""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from nlu.training.deep.settings import DeepSettings
from nlu.training.deep.task import Epoch

FILE_NAME = "deep_report.json"


@dataclass(frozen=True, slots=True)
class DeepReport:
    """What `deep_report.json` holds.

    `before` and `after` are what `evaluate` says of the frozen and of the fine-tuned encoder, each with a classifier
    fitted on the same examples, on the same messages; `test` is how many and where they come from. `validation` are the
    accuracies of the network's own softmax head and of the classifier on the examples held out of the fine-tuning.
    `peak_memory_mb` is the process's, `cpu_seconds` those of the fine-tuning alone.
    """

    test: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    examples: Mapping[str, int]
    validation: Mapping[str, float | None]
    epochs: Sequence[Epoch]
    settings: DeepSettings
    trained_layers: int
    device: str
    cpu_seconds: float
    peak_memory_mb: float

    @property
    def better(self) -> bool:
        """Whether the fine-tuned encoder is right more often; of two that are equally right, the higher macro F1."""
        ranks = [(figures["accuracy"], figures["macro_f1"]) for figures in (self.after, self.before)]
        return ranks[0] > ranks[1]

    def write(self, folder: Path) -> None:
        """Write `deep_report.json` into a model's folder."""
        content = {
            **asdict(self),
            "better": self.better,
            "epochs": [asdict(epoch) for epoch in self.epochs],
            "settings": self.settings.model_dump(),
        }
        (folder / FILE_NAME).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")

    def print(self, console: Console | None = None) -> None:
        """Print the figures side by side."""
        out = console or Console(highlight=False)
        out.print(f"[bold]{self.test['n']} messages[/] ({self.test['source']}), never trained on")
        table = Table("", "frozen", "fine-tuned", "change", box=None)
        for name, old, new in self._rows():
            change = "" if old is None or new is None else f"{new - old:+.3f}"
            table.add_row(name, _figure(old), _figure(new), change)
        out.print(table)
        head, classifier = self.validation["head"], self.validation["classifier"]
        out.print(f"validation: softmax head {_figure(head)}, classifier {_figure(classifier)}")
        how = f"{self.settings.method}, {self.device}"
        out.print(
            f"{self.trained_layers} layers trained ({how}) in {len(self.epochs)} epochs and {self.cpu_seconds:.0f} CPU "
            f"seconds, at most {self.peak_memory_mb:.0f} MB of memory"
        )

    def _rows(self) -> list[tuple[str, float | None, float | None]]:
        before, after = self.before, self.after
        rows = [(name, before[key], after[key]) for name, key in _FIGURES]
        rows += [(f"out of scope: {key}", before["oos"][key], after["oos"][key]) for key in ("recall", "auroc")]
        rows += [
            (f"{code} ({row['n']})", row["accuracy"], after["by_language"][code]["accuracy"])
            for code, row in before["by_language"].items()
        ]
        return rows


_FIGURES = (("accuracy", "accuracy"), ("macro F1", "macro_f1"), ("calibration error", "ece"))


def peak_memory_mb() -> float:
    """The most memory that this process ever held, in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


def _figure(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
