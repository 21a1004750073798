"""The command `train`: on files or on a pack, with or without fine-tuning the encoder."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_common import opened_pack, pack_folders
from bot.cli_evaluation import Shared
from bot.logs import configure_logs
from bot.pack_reader import find_pack, read_pack
from bot.settings import read_settings

if TYPE_CHECKING:
    from nlu.artifacts import Model


def training_command(shared: Shared) -> Callable[..., None]:
    """The command, to be added to an app."""

    def train(
        data: Annotated[
            list[Path] | None,
            typer.Option(
                "--data", help="Rasa NLU YAML or JSON Lines; several may follow. A folder stands for its files."
            ),
        ] = None,
        more: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", help="More such files.")] = None,
        out: Annotated[Path | None, typer.Option(help="The folder that the model is written to.")] = None,
        pack: Annotated[
            str | None, typer.Option(help="Train this pack (name or folder) and let the result serve.")
        ] = None,
        labels: Annotated[
            bool, typer.Option("--labels", help="Of a pack: learn what people said of messages in the review, too.")
        ] = False,
        seed: Annotated[int, typer.Option(help="The same seed and data give the same model.")] = 0,
        augment: Annotated[
            list[str] | None,
            typer.Option(
                help="Make more of the examples: typos, marks, case, punctuation, spaces, emoji, romanised, mixed, or "
                "all of these; with a language model: synonyms, back-translation. Each is tried, kept if it helps."
            ),
        ] = None,
        incomplete: Annotated[
            bool,
            typer.Option("--incomplete", help="Take a pack that lacks texts, or examples of some intents, as it is."),
        ] = False,
        deep: Annotated[bool, typer.Option("--deep", help="Fine-tune the encoder too; run again, it resumes.")] = False,
        deep_settings: Annotated[Path | None, typer.Option(help="--deep: a TOML file of settings.")] = None,
        method: Annotated[str | None, typer.Option(help="--deep: full, lora or adapters.")] = None,
        epochs: Annotated[int | None, typer.Option(help="--deep: how often each example is learned at most.")] = None,
        test: Annotated[
            list[Path] | None, typer.Option(help="--deep: files to compare on; else some are held out.")
        ] = None,
    ) -> None:
        """Train a model: on files, into a folder; or on a pack, for the server."""
        files = shared.files([*(data or ()), *(more or ())])
        if files and pack is not None:
            raise typer.BadParameter("give either --data or --pack")
        if files and out is None:
            raise typer.BadParameter("--data needs --out, the folder for the model")
        if labels and (files or deep):
            raise typer.BadParameter("--labels is for a pack, without --data and --deep")
        if deep and augment:
            raise typer.BadParameter("--augment goes without --deep")
        if deep:
            _train_deep(
                shared,
                files,
                out,
                pack,
                seed,
                deep_settings,
                {"method": method, "epochs": epochs},
                shared.files(test or ()),
            )
            return
        if deep_settings or method or epochs or test:
            raise typer.BadParameter("--deep-settings, --method, --epochs and --test need --deep")
        from nlu.training.run import train_files, train_pack
        from nlu.weights.progress import on_stderr

        settings = read_settings()
        configure_logs("WARNING")
        shared.fetch(settings)
        began = time.perf_counter()
        with on_stderr() as progress:
            if files and out is not None:
                model = train_files(settings, files, out, seed=seed, augment=augment or (), progress=progress)
                where = str(out)
            else:
                if pack is None:
                    read = opened_pack(settings)
                else:
                    read = read_pack(find_pack(pack, pack_folders()), complete=not incomplete)
                model, where = train_pack(
                    settings,
                    read,
                    out,
                    seed=seed,
                    augment=augment or (),
                    progress=progress,
                    labels=_reviewed(settings.database) if labels else "",
                    complete=not (incomplete or read.gaps),
                )
        _tell(model, where, time.perf_counter() - began)

    return train


def _reviewed(database: str) -> str:
    """What people decided in the review, as JSON Lines."""
    import asyncio

    from bot.labels import as_jsonl
    from storage.sql import open_store

    async def read() -> str:
        async with open_store(database, upgrade=False) as store, store.unit(write=False) as unit:
            return as_jsonl(await unit.review.labels())

    return asyncio.run(read())


def _tell(model: Model, where: str, seconds: float) -> None:
    from nlu.training.augmentation.ablation import table

    metadata = model.metadata
    print(  # noqa: T201 - the command's result
        f"{where}: {sum(metadata.languages.values())} examples of {len(metadata.labels)} intents in "
        f"{len(metadata.languages)} languages, accuracy on examples left out "
        f"{metadata.quality['left_out_accuracy']:.3f}, in {seconds:.1f} s"
    )
    for line in table(metadata.augmentation) if metadata.augmentation else ():
        print(f"  {line}")  # noqa: T201
    for threshold in model.thresholds:
        print(  # noqa: T201
            f"  at most {threshold.error:.0%} of the answers wrong: answer from {threshold.confidence:.2f} on, "
            f"{threshold.coverage:.0%} of the messages"
            if threshold.coverage
            else f"  at most {threshold.error:.0%} of the answers wrong: no threshold keeps that"
        )


def _train_deep(
    shared: Shared,
    files: list[Path],
    out: Path | None,
    pack: str | None,
    seed: int,
    file: Path | None,
    options: Mapping[str, object],
    tests: list[Path],
) -> None:
    from nlu.training.deep.settings import read_deep_settings, require_libraries

    deep = read_deep_settings(file, options)
    require_libraries(deep.method)
    from nlu.training.deep.run import train_deep_files, train_deep_pack
    from nlu.weights.progress import on_stderr

    settings = read_settings()
    configure_logs("WARNING")
    shared.fetch(settings)
    with on_stderr() as progress:
        if files and out is not None:
            done = train_deep_files(settings, files, out, deep, tests=tests, seed=seed, progress=progress)
        else:
            read = read_pack(find_pack(pack or settings.pack, pack_folders()))
            done = train_deep_pack(settings, read, deep, out, tests=tests, seed=seed, progress=progress)
    done.report.print()
    print(f"{done.where}: {done.verdict}")  # noqa: T201 - the command's result
