"""`babeldesk models …`: the versions of the pack's model, which one answers, and how a challenger does beside it."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console as Terminal
from rich.table import Table

from bot.cli_common import err, opened_pack
from bot.comparison import Agreement, Disagreement, Tally
from bot.errors import ConfigurationError
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from nlu.choosing import Choice

models_app = typer.Typer(help="The pretrained models, and the versions of the pack's own.", no_args_is_help=True)

LATEST = 20
"""Disagreements that are printed."""

PackOption = Annotated[str | None, typer.Option("--pack", help="A pack's name or folder; else the settings'.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
VersionArgument = Annotated[str, typer.Argument(help="A version's name, or its beginning.")]


@models_app.command("list")
def models_list(pack: PackOption = None, as_json: JsonOption = False) -> None:
    """List the versions of the pack's model, the latest first."""
    listed = _choice(pack).line_up()
    if as_json:
        print(json.dumps(asdict(listed), default=str))  # noqa: T201 - the command's result
        return
    if not listed.versions:
        err.print("no model has been trained yet; `babeldesk train` makes one", markup=False)
        return
    table = Table("version", "made", "kind", "examples", "languages", "left out", "", box=None)
    marks = {listed.challenger: "in shadow", listed.champion: "serves"}
    for version in listed.versions:
        if version.problem is not None:
            table.add_row(version.name, "–", "–", "–", "–", "–", f"unusable: {version.problem}")
            continue
        made = version.created_at
        table.add_row(
            version.name,
            "–" if made is None else made.astimezone().strftime("%Y-%m-%d %H:%M"),
            version.kind,
            str(version.examples),
            str(len(version.languages)),
            _share(version.left_out),
            marks.get(version.name, ""),
        )
    _out().print(table, markup=False)


@models_app.command("show")
def models_show(version: VersionArgument, pack: PackOption = None) -> None:
    """Print all that is known of a version, as JSON."""
    from nlu.artifacts import read_metadata
    from nlu.serving import model_store

    choice = _choice(pack)
    name = choice.named(version)
    metadata = read_metadata(model_store(choice.data_dir, choice.pack.name).folder / name)
    print(json.dumps({"version": name, **metadata.model_dump(mode="json")}, indent=2, ensure_ascii=False))  # noqa: T201 - the command's result


@models_app.command("promote")
def models_promote(version: VersionArgument, pack: PackOption = None) -> None:
    """Let a version answer from now on; a running server takes it over within seconds."""
    print(f"{_choice(pack).promote(version)} serves")  # noqa: T201 - the command's result


@models_app.command("rollback")
def models_rollback(pack: PackOption = None) -> None:
    """Let the version answer that did before; a running server takes it over within seconds."""
    print(f"{_choice(pack).rollback()} serves again")  # noqa: T201 - the command's result


@models_app.command("remove")
def models_remove(
    version: VersionArgument,
    force: Annotated[bool, typer.Option("--force", help="Even the one that a rollback leads to.")] = False,
    pack: PackOption = None,
) -> None:
    """Delete a version for good, but never the one that serves or the one in shadow."""
    print(f"{_choice(pack).remove(version, force=force)} is removed")  # noqa: T201 - the command's result


@models_app.command("challenge")
def models_challenge(
    version: Annotated[str | None, typer.Argument(help="A version's name, or its beginning.")] = None,
    off: Annotated[bool, typer.Option("--off", help="End the challenge.")] = False,
    pack: PackOption = None,
) -> None:
    """Let a version read every message beside the serving one, without ever answering."""
    if (version is None) != off:
        raise typer.BadParameter("give a VERSION, or --off")
    name = _choice(pack).challenge(version)
    print("nothing runs in shadow" if name is None else f"{name} runs in shadow")  # noqa: T201 - the command's result


@models_app.command("agreement")
def models_agreement(pack: PackOption = None, as_json: JsonOption = False) -> None:
    """Tell how the challenger agrees with the serving version on live messages."""
    settings, listed = read_settings(), _choice(pack).line_up()
    if listed.champion is None or listed.challenger is None:
        raise ConfigurationError("nothing runs in shadow; `babeldesk models challenge VERSION` starts it")
    agreement, latest = asyncio.run(_compared(settings, listed.champion, listed.challenger))
    if as_json:
        found = _as_json(listed.champion, listed.challenger, agreement, latest)
        print(json.dumps(found, ensure_ascii=sys.stdout.encoding.lower() != "utf-8"))  # noqa: T201 - the command's result
        return
    out = _out()
    total = agreement.total
    out.print(
        f"{listed.challenger} beside {listed.champion}: {total.judged} messages, agreement {_share(total.share)}, "
        f"failed on {agreement.failed}\n",
        markup=False,
    )
    languages = Table("language", "messages", "agreement", box=None)
    for code, tally in agreement.by_language.items():
        languages.add_row(code, str(tally.judged), _share(tally.share))
    out.print(languages)
    if latest:
        differing = Table("message", "serving", "challenger", box=None)
        for one in latest:
            verdict = one.comparison.verdict
            challenger = one.comparison.error if verdict is None else _acted(verdict.acted_on, verdict.confidence)
            champion = one.comparison.champion
            differing.add_row(one.text, _acted(champion.acted_on, champion.confidence), challenger or "")
        out.print(differing, markup=False)


def _choice(pack: str | None) -> Choice:
    from nlu.choosing import Choice

    settings = read_settings()
    if pack is not None:
        settings = settings.model_copy(update={"pack": pack})
    return Choice(settings.data_dir, opened_pack(settings), settings.encoder)


async def _compared(settings: Settings, champion: str, challenger: str) -> tuple[Agreement, list[Disagreement]]:
    from storage.sql import open_store

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    async with open_store(settings.database) as store, store.unit(write=False) as unit:
        return (
            await unit.comparisons.agreement(champion, challenger),
            list(await unit.comparisons.disagreements(champion, challenger, LATEST)),
        )


def _as_json(champion: str, challenger: str, agreement: Agreement, latest: list[Disagreement]) -> dict[str, Any]:
    return {
        "champion": champion,
        "challenger": challenger,
        **_tally(agreement.total),
        "failed": agreement.failed,
        "by_language": {code: _tally(tally) for code, tally in agreement.by_language.items()},
        "disagreements": [
            {
                "text": one.text,
                "language": one.comparison.language,
                "champion": asdict(one.comparison.champion),
                "challenger": None if one.comparison.verdict is None else asdict(one.comparison.verdict),
                "error": one.comparison.error,
            }
            for one in latest
        ],
    }


def _tally(tally: Tally) -> dict[str, Any]:
    return {"n": tally.judged, "agreed": tally.agreed, "share": tally.share}


def _acted(intent: str | None, confidence: float) -> str:
    return f"{intent or 'out of scope'} ({confidence:.2f})"


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _out() -> Terminal:
    return Terminal(highlight=False, soft_wrap=True, emoji=False)
