"""What admins change in a pack, piece by piece: texts in, changed texts out. Pure.

Each thing that can be changed has a tag of its content (`revisions.etag`). Who changes it says which content they saw;
if it is another one by now, `Stale` tells both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.errors import BabeldeskError, InvalidInput
from bot.pack_examples import language_of
from bot.pack_reader import LANGUAGE_CODE
from bot.rasa import annotated
from bot.revisions import Snapshot, etag
from bot.understanding import OUT_OF_SCOPE
from bot.yamledit import YamlEdit, block
from bot.yamlsource import UnreadableYaml

Changed = Mapping[str, str | None]

NOT_SAID: Mapping[str, Any] = {"label": None, "replies": []}
"""The replies of an intent in a language that has none."""


class Stale(BabeldeskError):
    """Somebody else changed the same thing in the meantime. `current` is its content now, `yours` what was sent."""

    def __init__(self, what: str, current: Any, yours: Any) -> None:
        super().__init__(f"{what} was changed by somebody else in the meantime; nothing was overwritten")
        self.current = current
        self.yours = yours


class NoSuchThing(InvalidInput):
    """The intent, language or file that is asked for is not there."""


def must_match(what: str, current: Any, yours: Any, tag: str | None) -> None:
    """Refuse a change of another content than the one that was seen; without a tag, nobody looked.

    Raises:
        Stale: it is another one by now.
    """
    if tag is not None and tag not in {etag(current), "*"} and current != yours:
        raise Stale(what, current, yours)


# --- reading ----------------------------------------------------------------------------------------------------------


def meaning(now: Snapshot, intent: str) -> dict[str, Any]:
    """What an intent means, and the buttons under its reply.

    Raises:
        NoSuchThing: there is no such intent.
    """
    found = now.pack.intents.get(intent)
    if found is None:
        raise NoSuchThing(f"there is no intent {intent!r}")
    return {"means": found.means, "buttons": list(found.buttons)}


def examples(now: Snapshot, intent: str, language: str) -> list[str]:
    """An intent's examples in a language, as they are written."""
    return [line for _, _, lines in _sections(now, intent, language) for line in lines]


def replies(now: Snapshot, intent: str, language: str) -> dict[str, Any]:
    """An intent's label and replies in a language as they stand in its file; None and none if it has no own ones."""
    data = _data(now, _replies_file(language))
    texts = (data.get("replies") or {}).get(intent, [])
    return {
        "label": (data.get("labels") or {}).get(intent),
        "replies": [texts] if isinstance(texts, str) else list(texts),
    }


# --- changing ---------------------------------------------------------------------------------------------------------


def put_meaning(now: Snapshot, intent: str, means: str, buttons: Sequence[str], tag: str | None) -> Changed:
    """Say anew what an intent means, and its buttons.

    Raises:
        NoSuchThing: there is no such intent.
        Stale: it was changed in the meantime.
    """
    wanted = {"means": means, "buttons": list(buttons)}
    must_match(f"the intent {intent}", meaning(now, intent), wanted, tag)
    edit = YamlEdit(now.texts["intents.yml"])
    path = ("intents", intent)
    if isinstance(edit.get(path), dict):
        edit.put((*path, "means"), means)
        if buttons:
            edit.put((*path, "buttons"), list(buttons))
        elif edit.has((*path, "buttons")):
            edit.remove((*path, "buttons"))
    else:
        edit.put(path, entry(means, buttons))
    return {"intents.yml": edit.text}


def put_examples(now: Snapshot, intent: str, language: str, lines: Sequence[str], tag: str | None) -> Changed:
    """Give an intent other examples in a language; with none, the language is not taught any more.

    Raises:
        NoSuchThing: there is no such intent.
        InvalidInput: an example is empty, or an annotation malformed.
        Stale: they were changed in the meantime.
    """
    meaning(now, intent)
    cleaned = clean_examples(lines)
    _check_language(language)
    must_match(f"{intent} in {language}", examples(now, intent, language), cleaned, tag)
    changed: dict[str, str | None] = {}
    sections = _sections(now, intent, language)
    target = sections[0][0] if sections else f"nlu/{language}.yml"
    for name in {target, *(file for file, _, _ in sections)}:
        edit = YamlEdit(now.texts.get(name) or 'version: "3.1"\nnlu: []\n')
        mine = [index for file, index, _ in sections if file == name]
        kept = mine[0] if cleaned and name == target and mine else None
        for index in reversed(mine):
            if index != kept:
                edit.remove(("nlu", index))
        if kept is not None:
            edit.put(("nlu", kept, "examples"), block(cleaned))
        elif cleaned and name == target:
            edit.append(("nlu",), {"intent": intent, "examples": block(cleaned)})
        changed[name] = edit.text if edit.get(("nlu",)) else None
    return changed


def put_replies(
    now: Snapshot, intent: str, language: str, label: str | None, texts: Sequence[str], tag: str | None
) -> Changed:
    """Give an intent another label and other replies in a language; without any, the default language stands in.

    Raises:
        NoSuchThing: there is no such intent.
        InvalidInput: a reply is empty.
        Stale: they were changed in the meantime.
    """
    meaning(now, intent)
    _check_language(language)
    if any(not text.strip() for text in texts):
        raise InvalidInput("replies: one of them is empty")
    wanted = {"label": label, "replies": list(texts)}
    must_match(f"the replies of {intent} in {language}", replies(now, intent, language), wanted, tag)
    name = _replies_file(language)
    edit = YamlEdit(now.texts.get(name) or "labels: {}\nreplies: {}\nsystem: {}\n")
    _put_or_remove(edit, ("labels", intent), label)
    if list(texts) != replies(now, intent, language)["replies"]:
        _put_or_remove(edit, ("replies", intent), list(texts) or None)
    return {name: edit.text}


def put_file(now: Snapshot, path: str, text: str | None, tag: str | None) -> Changed:
    """Write a file as a whole, or take it away.

    Raises:
        Stale: it was changed in the meantime.
    """
    must_match(path, now.texts.get(path), text, tag)
    return {path: text}


def clean_examples(lines: Sequence[str]) -> list[str]:
    """Examples without white space around them and without repetitions.

    Raises:
        InvalidInput: one is empty or an annotation malformed; the message says which.
    """
    cleaned: dict[str, None] = {}
    for number, line in enumerate(lines):
        text = " ".join(line.split())
        if not text:
            raise InvalidInput(f"examples.{number}: is empty")
        try:
            plain, _ = annotated(text)
        except ValueError as error:
            raise InvalidInput(f"examples.{number}: {error}") from None
        if not plain.strip():
            raise InvalidInput(f"examples.{number}: is empty")
        cleaned[text] = None
    return list(cleaned)


# --- inside -----------------------------------------------------------------------------------------------------------


def entry(means: str, buttons: Sequence[str]) -> Any:
    """An intent as intents.yml holds it."""
    return {"means": means, "buttons": list(buttons)} if buttons else means


def _replies_file(language: str) -> str:
    return f"replies/{language}.yml"


def _check_language(language: str) -> None:
    if not LANGUAGE_CODE.fullmatch(language):
        raise InvalidInput(f"language: {language!r} is no language code such as de, pt or zh-Hans")


def files_in(now: Snapshot, folder: str, ending: str) -> list[str]:
    """The pack's files below a folder that end so, in order."""
    return sorted(path for path in now.texts if path.startswith(folder) and path.endswith(ending))


def _data(now: Snapshot, name: str) -> dict[str, Any]:
    if name not in now.texts:
        return {}
    try:
        data = now.files.parse(name).data
    except UnreadableYaml:
        return {}
    return data if isinstance(data, dict) else {}


def _sections(now: Snapshot, intent: str, language: str | None) -> list[tuple[str, int, list[str]]]:
    """File, index and examples of each section of an intent, in one language or all."""
    found = []
    for name in files_in(now, "nlu/", ".yml"):
        source = now.files.parse(name)
        if language is not None and language_of(source.file, now.pack.default_language) != language:
            continue
        for index, item in enumerate(source.data.get("nlu") or []):
            if isinstance(item, dict) and "intent" in item and (item["intent"] or OUT_OF_SCOPE) == intent:
                found.append((name, index, list(_lines(item.get("examples")))))
    return found


def by_file(now: Snapshot, intent: str) -> dict[str, list[int]]:
    """Where the sections of an intent's examples stand in each file."""
    files: dict[str, list[int]] = {}
    for name, index, _ in _sections(now, intent, None):
        files.setdefault(name, []).append(index)
    return files


def _lines(written: Any) -> Iterator[str]:
    """Examples in either of Rasa's forms."""
    if isinstance(written, str):
        for line in written.splitlines():
            if line.strip().startswith("- ") and line.strip()[2:].strip():
                yield line.strip()[2:].strip()
    for entry in written if isinstance(written, list) else ():
        text = entry.get("text") if isinstance(entry, dict) else entry
        if isinstance(text, str) and text.strip():
            yield text.strip().removeprefix("- ")


def _put_or_remove(edit: YamlEdit, path: tuple[str, str], value: Any) -> None:
    if value is not None:
        edit.put(path, value)
    elif edit.has(path):
        edit.remove(path)
