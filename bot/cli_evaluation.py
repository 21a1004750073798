"""The command `evaluate`: of a model, of two models, or by cross-validation."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bot.pack import Pack
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from nlu.serving import Opened
    from nlu.training.evaluate_run import Evaluation


@dataclass(frozen=True, slots=True)
class Shared:
    """What the commands have in common, handed in by `bot.cli`.

    `pack` is the one that the settings name, `opened` the model in a folder or the pack's own, trained if need be.
    `fetch` has the pretrained models there, and `files` makes files out of folders.
    """

    pack: Callable[[Settings], Pack]
    opened: Callable[[Settings, Path | None], Opened]
    fetch: Callable[[Settings], object]
    files: Callable[[Sequence[Path]], list[Path]]


def evaluation_command(shared: Shared) -> Callable[..., None]:
    """The command, to be added to an app."""

    def evaluate(
        data: Annotated[
            list[Path] | None,
            typer.Option("--data", help="JSON Lines with text, intent (null: out of scope), lang; several may follow."),
        ] = None,
        more: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="More such files.")] = None,
        model: Annotated[
            str | None,
            typer.Option(help="A model's folder, or a version of the pack's; else the one that serves the pack."),
        ] = None,
        compare: Annotated[
            str | None, typer.Option(help="Another model, to compare it with on the same examples.")
        ] = None,
        folds: Annotated[
            int | None,
            typer.Option(min=2, help="Cross-validate on training data: --data, else the pack's own examples."),
        ] = None,
        max_error: Annotated[
            float | None,
            typer.Option(min=0, max=1, help="Tell the confidence from which at most this share of answers is wrong."),
        ] = None,
        report: Annotated[Path | None, typer.Option(help="Write a report with pictures into this folder.")] = None,
        seed: Annotated[int, typer.Option(min=0, help="For the folds and the training on them.")] = 0,
        as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    ) -> None:
        """Measure a model on examples that it was not trained on; without --data, on the pack's tests."""
        if folds is not None and (model is not None or compare is not None):
            raise typer.BadParameter("--folds trains models of its own; it goes without --model and --compare")
        settings = read_settings()
        files = shared.files([*(data or ()), *(more or ())])
        if report is not None:
            from nlu.training.report_folder import check_report_folder

            check_report_folder(report)  # said before the work, not after it
        if folds is not None:
            evaluation = _folds(shared, settings, files, folds=folds, seed=seed, max_error=max_error)
        else:
            evaluation = _model(shared, settings, files, model, compare, max_error=max_error)
        if report is not None:
            from nlu.training.report_folder import write_report

            typer.echo(f"the report is {write_report(report, evaluation)}", err=True)
        _show(evaluation.figures, as_json=as_json)

    return evaluate


def _show(figures: Any, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(figures))  # noqa: T201 - the command's result
        return
    from nlu.training.report import print_report

    print_report(figures)


def _folds(
    shared: Shared, settings: Settings, files: Sequence[Path], *, folds: int, seed: int, max_error: float | None
) -> Evaluation:
    from nlu.training.evaluate_run import evaluate_folds
    from nlu.weights.progress import on_stderr

    shared.fetch(settings)
    with on_stderr() as progress:
        return evaluate_folds(
            settings, files or shared.pack(settings), folds, seed=seed, max_error=max_error, progress=progress
        )


def _model(
    shared: Shared,
    settings: Settings,
    files: Sequence[Path],
    model: str | None,
    compare: str | None,
    *,
    max_error: float | None,
) -> Evaluation:
    from nlu.training.dataset import read_examples
    from nlu.training.evaluate_run import evaluate_model

    files = files or list(shared.pack(settings).tests)
    # Two models that are compared both know the languages and entities of the pack, or neither does.
    of_pack = model is None or not Path(model).exists()
    opened = shared.opened(settings, None) if model is None else _opened(shared, settings, model, of_pack=of_pack)
    other = None if compare is None else _opened(shared, settings, compare, of_pack=of_pack)
    examples = read_examples(files, opened.interpreter.language_of)
    return evaluate_model(opened, examples, other=other, max_error=max_error)


def _opened(shared: Shared, settings: Settings, model: str, *, of_pack: bool) -> Opened:
    """A model by folder or version, with the encoder that it was trained on."""
    from nlu.serving import open_model
    from nlu.training.evaluate_run import encoder_of, find_model

    folder = find_model(settings, model, lambda: shared.pack(settings))
    settings = settings.model_copy(update={"encoder_source": encoder_of(folder), "encoder_variant": "full"})
    if not of_pack:
        return shared.opened(settings, folder)
    shared.fetch(settings)
    opened, _ = open_model(
        settings.data_dir,
        source=settings.encoder,
        threads=settings.threads,
        folder=folder,
        pack=shared.pack(settings),
    )
    return opened
