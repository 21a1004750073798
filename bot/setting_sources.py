"""What the settings come to, and where each comes from; secrets are never told."""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import AliasChoices, SecretStr

from bot.settings import FILE, Settings

Source = Literal["environment", "file", "code", "default"]


@dataclass(frozen=True, slots=True)
class SettingInfo:
    """A setting by its `name` in the file and its `variable` in the environment.

    `value` is what counts, as text; None if nothing is set, or if it is `secret` (then `given` says whether there is
    one). `source` is where it comes from: `code` gives it in the terminal and in tests.
    """

    name: str
    variable: str
    value: str | None
    source: Source
    secret: bool
    given: bool


def described(
    settings: Settings, environment: Mapping[str, str] = os.environ, file: Path = Path(FILE)
) -> tuple[SettingInfo, ...]:
    """Every setting, in the order of `bot.settings`. To be called when they are read: later the file may be another."""
    known = {name.upper() for name, value in environment.items() if value}
    try:
        written = tomllib.loads(file.read_text(encoding="utf-8")).keys()
    except (OSError, ValueError):
        written = {}.keys()
    return tuple(_info(settings, name, known, written) for name in Settings.model_fields)


def _info(settings: Settings, name: str, known: set[str], written: object) -> SettingInfo:
    variable = _variable(name)
    value = getattr(settings, name)
    secret = isinstance(value, SecretStr) or "SecretStr" in str(Settings.model_fields[name].annotation)
    source: Source = "default"
    if name in settings.model_fields_set:
        in_file = name in written  # type: ignore[operator]  # the keys of a table
        source = "environment" if variable in known else "file" if in_file else "code"
    return SettingInfo(name, variable, None if secret else _told(value), source, secret, value is not None)


def _variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    if isinstance(alias, AliasChoices):
        return str(alias.choices[0])
    return f"BABELDESK_{name.upper()}"


def _told(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, tuple):
        return json.dumps(list(value), ensure_ascii=False)
    return _without_password(str(value)) if isinstance(value, str) else str(value)


def _without_password(text: str) -> str:
    """An address without who signs in there."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    if not parts.scheme or "@" not in parts.netloc:
        return text
    return urlunsplit(parts._replace(netloc=f"…@{parts.netloc.rpartition('@')[2]}"))
