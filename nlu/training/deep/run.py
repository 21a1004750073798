"""`train --deep` as the command does it: from files into a folder, or from a pack into the store, with a report."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.pack import Pack
from bot.settings import Settings
from nlu.artifacts import Model, check_target
from nlu.language import LanguageIdentifier
from nlu.serving import model_store
from nlu.training.dataset import read_dataset, read_examples
from nlu.training.deep.checkpoint import work_folder
from nlu.training.deep.report import DeepReport
from nlu.training.deep.settings import DeepSettings
from nlu.training.deep.trainer import Trainer
from nlu.training.fit import Origin
from nlu.training.run import called, pack_dataset, spoken
from nlu.weights.progress import Progress, silent
from nlu.weights.store import locate


@dataclass(frozen=True, slots=True)
class Outcome:
    """The model, its report, where it lies, and whether it serves from now on."""

    model: Model
    report: DeepReport
    where: str
    promoted: bool
    for_store: bool = False

    @property
    def verdict(self) -> str:
        """What became of it, in a sentence."""
        compared = "better than" if self.report.better else "no better than"
        said = f"{compared} the frozen encoder on {self.report.test['source']}"
        if not self.for_store:
            return said
        return (
            f"{said}; it serves from the next start on" if self.promoted else f"{said}; kept as a version, not served"
        )


def train_deep_files(
    settings: Settings,
    files: Sequence[Path],
    out: Path,
    deep: DeepSettings,
    *,
    tests: Sequence[Path] = (),
    seed: int = 0,
    progress: Progress = silent,
) -> Outcome:
    """Fine-tune on files and write the model with its encoder and its report to a folder.

    Raises:
        ConfigurationError: the data or the settings are wrong; the message lists every finding.
        ModelError: the models are not fetched, or the folder cannot be written.
    """
    check_target(out)
    identify = LanguageIdentifier(locate(settings.data_dir, source=settings.encoder).language, ()).code_of
    dataset = read_dataset(files, identify)
    messages = read_examples(tests, identify) if tests else ()
    name = f"{out.name}-{hashlib.sha256(str(out.absolute()).encode()).hexdigest()[:8]}"
    with work_folder(_work(settings, name)) as work:
        trainer = Trainer(settings, deep, Origin(settings.encoder), seed, progress, work)
        model, tuned, report = trainer.train(dataset, messages, "the test files")
        model.save(out, encoder=tuned.folder)
        report.write(out)
        shutil.rmtree(work)
    return Outcome(model, report, str(out), promoted=False)


def train_deep_pack(
    settings: Settings,
    pack: Pack,
    deep: DeepSettings,
    out: Path | None = None,
    *,
    tests: Sequence[Path] = (),
    seed: int = 0,
    progress: Progress = silent,
) -> Outcome:
    """Fine-tune on a pack: a new version, which serves from the next start on if it is better on the pack's tests.

    Raises:
        PackError: the pack's examples are wrong; the message lists every finding.
        ConfigurationError: the settings are wrong.
        ModelError: the models are not fetched, or the folder cannot be written.
    """
    if out is not None:
        check_target(out)
    dataset, origin = pack_dataset(settings, pack)
    files = tests or pack.tests
    messages = read_examples(files, lambda _: pack.default_language) if files else ()
    with work_folder(_work(settings, pack.name)) as work:
        replies, names = tuple(spoken(pack)), tuple(called(pack))
        trainer = Trainer(settings, deep, origin, seed, progress, work, replies, names, pack.languages)
        model, tuned, report = trainer.train(dataset, messages, "the test files" if tests else "the pack's tests")
        if out is not None:
            model.save(out, encoder=tuned.folder)
            where, promoted = out, False
        else:
            store = model_store(settings.data_dir, pack.name)
            version = store.add(model, encoder=tuned.folder)
            where, promoted = store.folder / version, report.better
        report.write(where)
        if promoted:
            store.promote(where.name)
        shutil.rmtree(work)
    return Outcome(model, report, str(where), promoted, for_store=out is None)


def _work(settings: Settings, name: str) -> Path:
    """The folder of an unfinished training, one for each target, so that leftovers do not pile up."""
    return settings.data_dir / "deep" / re.sub(r"[^\w.-]+", "-", name)
