"""Frozen values to JSON documents and back: the one border that all texts cross on their way into a database.

Older rows may lack fields that were added since (they take their defaults) and carry fields that are gone (they are
ignored).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter, ValidationError

from bot.errors import InvalidInput

T = TypeVar("T")

_ADAPTERS: dict[type, TypeAdapter[Any]] = {}
"""Building an adapter takes milliseconds, so each is built once."""

_SURROGATES = re.compile("[\ud800-\udfff]")
_UNSTORABLE = re.compile(r"\\u0000|[\ud800-\udfff]")


def clean(text: str) -> str:
    """The text without what PostgreSQL refuses: NUL is dropped, halves of surrogate pairs become U+FFFD."""
    if text.isascii():
        return text.replace("\0", "")
    return _SURROGATES.sub("\ufffd", text.replace("\0", ""))


def fold(name: str) -> str:
    """What two names have in common that differ only in case or in the form of their code points."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", clean(name)).casefold())


def to_document(value: object, leave_out: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A dataclass as JSON types, without the fields that have columns of their own."""
    document: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json", exclude=set(leave_out))
    return document


def from_document(kind: type[T], document: Mapping[str, Any]) -> T:
    """A dataclass of this kind from its document and columns.

    Raises:
        InvalidInput: a field is missing that has no default, or has a value that cannot be read.
    """
    try:
        return cast("T", _adapter(kind).validate_python(document))
    except ValidationError as error:
        finding = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in finding["loc"])
        raise InvalidInput(f"a stored {kind.__name__} cannot be read: {where}: {finding['msg']}") from error


def moment(text: str | None) -> datetime | None:
    """A time as it stands in a document."""
    return None if text is None else datetime.fromisoformat(text)


def to_json(document: object) -> str:
    """JSON without anything that a database refuses.

    Raises:
        ValueError: it holds a float that JSON has no word for.
    """
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    if _UNSTORABLE.search(text):
        text = json.dumps(_cleaned(document), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text


def from_json(text: str | bytes) -> Any:
    """The counterpart of `to_json`."""
    return json.loads(text)


def copy(value: T) -> T:
    """The value as a database would give it back: clean, and sharing nothing that can change."""
    return from_document(type(value), from_json(to_json(to_document(value))))


def _adapter(kind: type) -> TypeAdapter[Any]:
    adapter = _ADAPTERS.get(kind)
    if adapter is None:
        adapter = _ADAPTERS[kind] = TypeAdapter(kind)
    return adapter


def _cleaned(document: Any) -> Any:
    match document:
        case str():
            return clean(document)
        case list():
            return [_cleaned(part) for part in document]
        case dict():
            return {clean(key): _cleaned(part) for key, part in document.items()}
        case _:
            return document
