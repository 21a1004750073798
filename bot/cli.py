"""The commands. Exit code 0 on success, 1 on an error that is told on stderr, 2 on bad usage."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer
from rich.console import Console as Terminal

from bot.cli_common import err, opened_pack, pack_folders, seed_pack
from bot.cli_evaluation import Shared, evaluation_command
from bot.cli_models import models_app
from bot.cli_training import training_command
from bot.conversation import Role, User
from bot.errors import BabeldeskError, ConfigurationError, InvalidInput, ModelError
from bot.logs import configure_logs
from bot.pack import Pack
from bot.pack_reader import find_pack, read_pack
from bot.settings import Settings, read_settings

if TYPE_CHECKING:
    from nlu.serving import Opened
    from nlu.weights.store import Models

app = typer.Typer(
    help="Babeldesk, a self-hosted multilingual customer-service desk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
pack_app = typer.Typer(help="Domain packs.", no_args_is_help=True)
user_app = typer.Typer(help="Users of the console.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(pack_app, name="pack")
app.add_typer(user_app, name="user")
app.add_typer(db_app, name="db")


def main() -> None:
    """Run a command; errors of ours are one clear message and exit code 1."""
    try:
        app()
    except BabeldeskError as error:
        fail(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read our output has gone, as `head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def fail(message: str) -> NoReturn:
    """Tell an error and leave."""
    err.print(f"babeldesk: {message}", style="red", markup=False)
    sys.exit(1)


@contextmanager
def overriding(**environment: str | None) -> Iterator[None]:
    """Options of a command go before the environment."""
    for name, value in environment.items():
        if value is not None:
            os.environ[name] = value
    yield


# --- serve ------------------------------------------------------------------------------------------------------------


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Where to listen.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
    pack: Annotated[str | None, typer.Option(help="A pack's name or folder.")] = None,
) -> None:
    """Start the server: channels, console, web chat."""
    with overriding(BABELDESK_HOST=host, BABELDESK_PORT=None if port is None else str(port), BABELDESK_PACK=pack):
        settings = read_settings()
    configure_logs(settings.log_level)
    from bot.app import Running
    from bot.app import serve as run
    from bot.app_studio import current_pack

    seed = seed_pack(settings)
    read = asyncio.run(current_pack(settings, seed))
    _prepared(settings, read)

    def announce(server: Running) -> None:
        out = Terminal(stderr=True, highlight=False, soft_wrap=True, emoji=False)
        out.print(f"\n[bold]Babeldesk[/] with the pack «{read.title}» in {len(read.languages)} languages", markup=True)
        out.print(f"  chat      {server.url}/chat")
        out.print(f"  console   {server.url}/console")
        others = [name for name in server.channels if name not in {"webchat", "rest"}]
        if others:
            out.print(f"  also on   {', '.join(others)}")
        if server.admin_password is not None:
            out.print(f"  sign in   admin / {server.admin_password}   (shown only this once)", markup=False)
        out.print(f"  ready in {server.started_in:.1f} s; Ctrl+C stops it\n")

    asyncio.run(run(settings, seed, announce))


def _prepared(settings: Settings, pack: Pack) -> None:
    """Have the pretrained models and the pack's own there; what is missing is made in a process of its own.

    So the serving process never imports the training code, nor keeps its memory. Should the training fail, the last
    good model serves.
    """
    # Before anything is fetched: a model that brings its own encoder needs no other.
    usable, problem = _serving(settings, pack)
    if problem is None:
        return
    try:
        _fetch(settings)
    except BabeldeskError as error:
        if not usable:
            raise
        err.print(f"{problem}; it cannot be trained now: {error}", markup=False)
        return
    usable, problem = _serving(settings, pack)
    if problem is None:
        return
    err.print(f"{problem}; training …", markup=False)
    # What was changed in the console may lack texts, and examples.
    options = ["--incomplete"] if pack.folder.is_relative_to(settings.data_dir / "packs") else []
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "-m", "bot.cli", "train", "--pack", str(pack.folder), *options], check=False
    )
    if done.returncode and not usable:
        raise ModelError(f"the pack {pack.name!r} could not be trained, and no earlier model can serve; see above")


def _serving(settings: Settings, pack: Pack) -> tuple[bool, str | None]:
    """Whether there is a model that can serve the pack, and what is not as it should be."""
    from nlu.serving import trained_model

    try:
        _, problem = trained_model(settings.data_dir, pack, source=settings.encoder)
    except ModelError as error:
        return False, str(error)
    return True, problem


# --- pack, user, db ---------------------------------------------------------------------------------------------------


@pack_app.command("validate")
def pack_validate(folder: Annotated[str, typer.Argument(help="A pack's folder or name.")]) -> None:
    """Name the file, line and reason of everything that is wrong with a pack."""
    from nlu.training.check import check_examples

    pack = read_pack(find_pack(folder, pack_folders()))
    examples = check_examples(pack)
    languages = ", ".join(pack.languages)
    print(f"{pack.name}: {len(pack.intents)} intents, {examples} examples, replies in {languages}")  # noqa: T201


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    display_name: Annotated[str, typer.Option(help="What customers see.")] = "",
    role: Annotated[
        Role, typer.Option(help="What the user may do; each role may also do what those before it may.")
    ] = (Role.AGENT),
    admin: Annotated[bool, typer.Option("--admin", help="The same as --role admin.")] = False,
) -> None:
    """Add a user; the password is read from the terminal, or from standard input."""
    password = _password()

    async def add() -> User:
        from adapters.console import make_user
        from bot.clock import SystemClock
        from storage.sql import open_store

        async with open_store(read_settings().database) as store:
            return await make_user(
                store,
                SystemClock(),
                name=name,
                display_name=display_name or name,
                role=Role.ADMIN if admin else role,
                password=password,
            )

    user = asyncio.run(add())
    print(f"added {user.role.value} {user.name}")  # noqa: T201


@user_app.command("reset-password")
def user_reset_password(name: Annotated[str, typer.Argument(help="The user's name.")]) -> None:
    """Give a user another password; every browser is signed out."""
    password = _password()

    async def reset() -> None:
        from adapters.console import set_password
        from bot.clock import SystemClock
        from storage.sql import open_store

        async with open_store(read_settings().database) as store:
            async with store.unit(write=False) as unit:
                user = await unit.users.named(name)
            if user is None:
                raise ConfigurationError(f"there is no user {name!r}")
            await set_password(store, SystemClock(), user.id, password)

    asyncio.run(reset())
    print(f"{name} has a new password")  # noqa: T201


def _password() -> str:
    if sys.stdin.isatty():
        entered: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return entered
    return sys.stdin.readline().rstrip("\n")


@db_app.command("upgrade")
def db_upgrade() -> None:
    """Make the database's tables, or bring them up to date."""
    from storage.sql import migrate_sync

    settings = read_settings()
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    migrate_sync(settings.database)
    print("the database is up to date")  # noqa: T201


# --- models, training -------------------------------------------------------------------------------------------------


@models_app.command("fetch")
def models_fetch() -> None:
    """Get the pretrained models ready: download, check, convert."""
    settings = read_settings()
    models = _fetch(settings)
    print(models.encoder)  # noqa: T201 - the command's result


def _fetch(settings: Settings) -> Models:
    from nlu.weights.store import locate

    with contextlib.suppress(ModelError):
        return locate(settings.data_dir, source=settings.encoder)
    from nlu.weights.fetch import fetch
    from nlu.weights.progress import on_stderr

    with on_stderr() as progress:
        return fetch(settings.data_dir, source=settings.encoder, progress=progress)


@app.command()
def parse(
    text: Annotated[str | None, typer.Argument(help="A message.")] = None,
    model: Annotated[Path | None, typer.Option(help="A model's folder; else the one that serves the pack.")] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Read a JSON object with text per line from stdin.")] = False,
    at: Annotated[
        datetime | None, typer.Option(help="When it was written, as in 2026-11-25T17:30:00; else 'tomorrow' stays P1D.")
    ] = None,
) -> None:
    """Print what the model understands, as JSON."""
    if (text is None) != jsonl:
        raise typer.BadParameter("give a TEXT, or --jsonl and one JSON object per line on stdin")
    opened = _opened(read_settings(), model)
    from nlu.understander import parse as understand
    from nlu.understander import render_parse

    def show(message: str) -> None:
        result = understand(opened.interpreter, opened.encoder, [message], at)[0]
        print(json.dumps(render_parse(result), ensure_ascii=False), flush=True)  # noqa: T201 - the result

    _tolerate(sys.stdout, "backslashreplace")  # half a surrogate pair has no UTF-8, and JSON writes it just so
    if text is not None:
        show(text)
        return
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            show(_text_of(line, number))


def _tolerate(stream: TextIO, errors: str) -> None:
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="utf-8", errors=errors)


def _text_of(line: bytes, number: int) -> str:
    try:
        row = json.loads(line.decode("utf-8-sig" if number == 1 else "utf-8"))
    except UnicodeDecodeError as error:
        raise InvalidInput(f"line {number} is not UTF-8 (byte {error.start})") from None
    except json.JSONDecodeError as error:
        raise InvalidInput(f"line {number} is no JSON: {error.msg} at column {error.colno}") from None
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise InvalidInput(f"line {number} is no JSON object with a 'text'")
    text: str = row["text"]
    return text


@app.command()
def shell(
    explain: Annotated[bool, typer.Option("--explain", help="Show language, intents and confidence.")] = False,
    pack: Annotated[str | None, typer.Option(help="A pack's name or folder.")] = None,
) -> None:
    """Talk to the bot in the terminal; nothing is stored."""
    with overriding(BABELDESK_PACK=pack):
        settings = read_settings()
    configure_logs("ERROR")
    read = opened_pack(settings)
    _prepared(settings, read)
    from bot.app import in_terminal

    _tolerate(sys.stdin, "replace")  # a byte that is no UTF-8 is a character that nobody can read, no reason to leave

    async def lines() -> AsyncIterator[str]:
        prompt = "you> " if sys.stdin.isatty() else ""
        while True:
            try:
                yield await asyncio.to_thread(input, prompt)
            except EOFError:
                return

    asyncio.run(in_terminal(settings, read, lines(), print, explain=explain))


def _opened(settings: Settings, folder: Path | None) -> Opened:
    """The model in a folder, or the pack's; that one is trained first if it is not there."""
    from nlu.serving import needs_encoder, open_model

    configure_logs("ERROR")
    pack = None
    if folder is None:
        pack = opened_pack(settings)
        _prepared(settings, pack)
    elif needs_encoder(settings.data_dir, folder):
        _fetch(settings)
    opened, problem = open_model(
        settings.data_dir, source=settings.encoder, threads=settings.threads, folder=folder, pack=pack
    )
    if problem is not None:
        err.print(problem, style="yellow", markup=False)
    return opened


def _files(paths: Sequence[Path]) -> list[Path]:
    """Files as they are, folders as the training data in them."""
    found: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix in {".yml", ".yaml", ".jsonl", ".ndjson"})
            if not inside:
                raise ConfigurationError(f"{path}: there is no .yml or .jsonl file in this folder")
            found += inside
        else:
            found.append(path)
    return found


shared = Shared(opened_pack, _opened, _fetch, _files)
app.command("train")(training_command(shared))
app.command("evaluate")(evaluation_command(shared))


def entry() -> None:
    """For `python -m bot.cli`."""
    main()


if __name__ == "__main__":
    entry()
