"""The commands. Exit code 0 on success, 1 on an error that is told on stderr, 2 on bad usage."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Annotated, NoReturn, TypeVar

import typer
from rich.console import Console as Terminal

from bot.conversation import Role, User
from bot.errors import BabeldeskError, ConfigurationError, ModelError
from bot.logs import configure_logs
from bot.pack import Pack
from bot.pack_reader import find_pack, read_pack
from bot.settings import Settings, read_settings

T = TypeVar("T")

app = typer.Typer(
    help="Babeldesk, a self-hosted multilingual customer-service desk.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
models_app = typer.Typer(help="The pretrained models.", no_args_is_help=True)
pack_app = typer.Typer(help="Domain packs.", no_args_is_help=True)
user_app = typer.Typer(help="Users of the console.", no_args_is_help=True)
db_app = typer.Typer(help="The database.", no_args_is_help=True)
app.add_typer(models_app, name="models")
app.add_typer(pack_app, name="pack")
app.add_typer(user_app, name="user")
app.add_typer(db_app, name="db")

err = Terminal(stderr=True, highlight=False, soft_wrap=True)


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


def opened_pack(settings: Settings) -> Pack:
    """The pack that the settings name."""
    from bot.app import pack_folders

    return read_pack(find_pack(settings.pack, pack_folders()))


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
    with overriding(
        BABELDESK_HOST=host, BABELDESK_PORT=None if port is None else str(port), BABELDESK_PACK=pack
    ):
        settings = read_settings()
    configure_logs(settings.log_level)
    read = opened_pack(settings)
    _prepared(settings, read)
    from bot.app import Running, open_understander
    from bot.app import serve as run

    def announce(server: Running) -> None:
        out = Terminal(stderr=True, highlight=False, soft_wrap=True)
        out.print(f"\n[bold]Babeldesk[/] with the pack «{read.title}» in {len(read.languages)} languages", markup=True)
        out.print(f"  chat      {server.url}/chat")
        out.print(f"  console   {server.url}/console")
        others = [name for name in server.channels if name not in {"webchat", "rest"}]
        if others:
            out.print(f"  also on   {', '.join(others)}")
        if server.admin_password is not None:
            out.print(f"  sign in   admin / {server.admin_password}   (shown only this once)", markup=False)
        out.print(f"  ready in {server.started_in:.1f} s; Ctrl+C stops it\n")

    asyncio.run(run(settings, read, open_understander, announce))


def _prepared(settings: Settings, pack: Pack) -> None:
    """Have the pretrained models and the pack's own there; what is missing is made in a process of its own.

    So the serving process never imports the training code, nor keeps its memory.
    """
    from bot.app import trained_model

    _fetch(settings)
    try:
        trained_model(settings, pack)
    except ModelError as error:
        err.print(f"{error}; training …", markup=False)
        done = subprocess.run(  # noqa: S603 - our own command
            [sys.executable, "-m", "bot.cli", "train", "--pack", str(pack.folder)], check=False
        )
        if done.returncode:
            raise ModelError(f"the pack {pack.name!r} could not be trained; see above") from None


# --- pack, user, db ---------------------------------------------------------------------------------------------------


@pack_app.command("validate")
def pack_validate(folder: Annotated[str, typer.Argument(help="A pack's folder or name.")]) -> None:
    """Name the file, line and reason of everything that is wrong with a pack."""
    from bot.app import pack_folders
    from nlu.training.check import check_examples

    pack = read_pack(find_pack(folder, pack_folders()))
    examples = check_examples(pack)
    languages = ", ".join(pack.languages)
    print(f"{pack.name}: {len(pack.intents)} intents, {examples} examples, replies in {languages}")  # noqa: T201


@user_app.command("add")
def user_add(
    name: Annotated[str, typer.Argument(help="The name to sign in with.")],
    display_name: Annotated[str, typer.Option(help="What customers see.")] = "",
    admin: Annotated[bool, typer.Option("--admin", help="May also manage users and teach the bot.")] = False,
) -> None:
    """Add a user; the password is read from the terminal, or from standard input."""
    password = _password()

    async def add() -> User:
        from adapters.console import make_user
        from bot.clock import SystemClock
        from storage.sql import open_store

        async with open_store(read_settings().database) as store:
            role = Role.ADMIN if admin else Role.AGENT
            return await make_user(
                store, SystemClock(), name=name, display_name=display_name or name, role=role, password=password
            )

    user = asyncio.run(add())
    print(f"added {user.role.value} {user.name}")  # noqa: T201


@user_app.command("reset-password")
def user_reset_password(name: Annotated[str, typer.Argument(help="The user's name.")]) -> None:
    """Give a user another password; every browser is signed out."""
    password = _password()

    async def reset() -> None:
        from adapters.console import set_password
        from storage.sql import open_store

        async with open_store(read_settings().database) as store:
            async with store.unit(write=False) as unit:
                user = await unit.users.named(name)
            if user is None:
                raise ConfigurationError(f"there is no user {name!r}")
            await set_password(store, user, password)

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


# --- models, training, evaluation -------------------------------------------------------------------------------------


@models_app.command("fetch")
def models_fetch() -> None:
    """Get the pretrained models ready: download, check, convert."""
    settings = read_settings()
    models = _fetch(settings)
    print(models.encoder)  # noqa: T201 - the command's result


def _fetch(settings: Settings) -> object:
    from nlu.weights.store import locate

    with contextlib.suppress(ModelError):
        return locate(settings.data_dir, source=settings.encoder_source)
    from nlu.weights.fetch import fetch
    from nlu.weights.progress import on_stderr

    with on_stderr() as progress:
        return fetch(settings.data_dir, source=settings.encoder_source, progress=progress)


def entry() -> None:
    """For `python -m bot.cli`."""
    main()


if __name__ == "__main__":
    entry()
