"""What admins change in a pack, piece by piece: texts in, changed texts out. Pure.

Each thing that can be changed has a tag of its content (`revisions.etag`). Who changes it says which content they saw;
if it is another one by now, `Stale` tells both.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import BabeldeskError, Conflict, InvalidInput
from bot.pack import UNANSWERED, Intent
from bot.pack_examples import language_of
from bot.pack_reader import LANGUAGE_CODE, NAME
from bot.rasa import annotated
from bot.revisions import Snapshot, etag
from bot.understanding import OUT_OF_SCOPE
from bot.yamledit import YamlEdit, block
from bot.yamlsource import UnreadableYaml

Changed = Mapping[str, str | None]


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
        edit.put(path, _entry(means, buttons))
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


def add_intent(
    now: Snapshot,
    intent: str,
    means: str,
    buttons: Sequence[str] = (),
    taught: Mapping[str, Sequence[str]] | None = None,
    said: Mapping[str, tuple[str | None, Sequence[str]]] | None = None,
) -> Changed:
    """Add an intent with its examples, and its label and replies, by language.

    The default language must have a label, and a reply, before the pack is sound; a label that is not given is the
    intent's name in words.

    Raises:
        InvalidInput: the name or a text is none.
        Conflict: there is such an intent already.
    """
    if not NAME.fullmatch(intent):
        raise InvalidInput(f"name: {intent!r} is no intent name (lower case, digits, _)")
    if intent in now.pack.intents:
        raise Conflict(f"there is an intent {intent!r} already")
    edit = YamlEdit(now.texts["intents.yml"])
    edit.put(("intents", intent), _entry(means, buttons))
    changed: dict[str, str | None] = {"intents.yml": edit.text}
    pack = replace(now.pack, intents={**now.pack.intents, intent: Intent(intent, means)})

    def so_far() -> Snapshot:
        texts = {path: text for path, text in {**now.texts, **changed}.items() if text is not None}
        return Snapshot(now.revision, texts, pack)

    default = now.pack.default_language
    for language, (label, texts) in {default: (None, ()), **(said or {})}.items():
        spoken = label or (intent.replace("_", " ").capitalize() if language == default else None)
        changed |= put_replies(so_far(), intent, language, spoken, texts, None)
    for language, lines in (taught or {}).items():
        changed |= put_examples(so_far(), intent, language, lines, None)
    return changed


def rename_intent(now: Snapshot, intent: str, name: str) -> Changed:
    """Give an intent another name wherever it stands: examples, replies, buttons, flows, tests.

    Raises:
        NoSuchThing: there is no such intent.
        InvalidInput: the name is none.
        Conflict: there is one of that name already, or the bot itself needs the present one.
    """
    meaning(now, intent)
    _check_not_needed(intent)
    if not NAME.fullmatch(name):
        raise InvalidInput(f"name: {name!r} is no intent name (lower case, digits, _)")
    if name in now.pack.intents:
        raise Conflict(f"there is an intent {name!r} already")
    changed = _in_lists(now, intent, name)
    for file in _files(now, "replies/", ".yml"):
        edit = YamlEdit(now.texts[file])
        for part in ("labels", "replies"):
            if edit.has((part, intent)):
                edit.rename((part, intent), name)
        changed[file] = edit.text
    for file, indexes in _by_file(now, intent).items():
        edit = YamlEdit(now.texts[file])
        for index in indexes:
            edit.put(("nlu", index, "intent"), name)
        changed[file] = edit.text
    if "flows.yml" in now.texts:
        edit = YamlEdit(now.texts["flows.yml"])
        for flow in now.pack.flows.values():
            if flow.trigger == intent:
                edit.put(("flows", flow.name, "trigger"), name)
        changed["flows.yml"] = edit.text
    changed |= _in_tests(now, intent, lambda row: {**row, "intent": name})
    return changed


def delete_intent(now: Snapshot, intent: str, tag: str | None = None) -> Changed:
    """Take an intent out with its examples, replies and tests, and out of the buttons of others.

    Raises:
        NoSuchThing: there is no such intent.
        Conflict: the bot itself needs it, or a flow begins with it.
        Stale: it was changed in the meantime.
    """
    must_match(f"the intent {intent}", meaning(now, intent), None, tag)
    _check_not_needed(intent)
    if (flow := now.pack.flow_for(intent)) is not None:
        raise Conflict(f"the flow {flow.name!r} begins with {intent!r}; change flows.yml first")
    changed = _in_lists(now, intent, None)
    for file in _files(now, "replies/", ".yml"):
        edit = YamlEdit(now.texts[file])
        for part in ("labels", "replies"):
            if edit.has((part, intent)):
                edit.remove((part, intent))
        changed[file] = edit.text
    for file, indexes in _by_file(now, intent).items():
        edit = YamlEdit(now.texts[file])
        for index in reversed(indexes):
            edit.remove(("nlu", index))
        changed[file] = edit.text if edit.get(("nlu",)) else None
    changed |= _in_tests(now, intent, lambda _: None)
    return changed


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


def _entry(means: str, buttons: Sequence[str]) -> Any:
    return {"means": means, "buttons": list(buttons)} if buttons else means


def _replies_file(language: str) -> str:
    return f"replies/{language}.yml"


def _check_language(language: str) -> None:
    if not LANGUAGE_CODE.fullmatch(language):
        raise InvalidInput(f"language: {language!r} is no language code such as de, pt or zh-Hans")


def _check_not_needed(intent: str) -> None:
    if intent in UNANSWERED:
        raise Conflict(f"the bot itself needs the intent {intent!r}")


def _files(now: Snapshot, folder: str, ending: str) -> list[str]:
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
    for name in _files(now, "nlu/", ".yml"):
        source = now.files.parse(name)
        if language is not None and language_of(source.file, now.pack.default_language) != language:
            continue
        for index, item in enumerate(source.data.get("nlu") or []):
            if isinstance(item, dict) and "intent" in item and (item["intent"] or OUT_OF_SCOPE) == intent:
                found.append((name, index, list(_lines(item.get("examples")))))
    return found


def _by_file(now: Snapshot, intent: str) -> dict[str, list[int]]:
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


def _in_lists(now: Snapshot, intent: str, name: str | None) -> dict[str, str | None]:
    """intents.yml and pack.yml with an intent renamed, or taken out: as a key, among buttons, among sensitive ones."""
    intents, pack = YamlEdit(now.texts["intents.yml"]), YamlEdit(now.texts["pack.yml"])
    if name is None:
        intents.remove(("intents", intent))
    else:
        intents.rename(("intents", intent), name)
    for other, entry in (intents.get(("intents",)) or {}).items():
        if isinstance(entry, dict):
            _replace_in_list(intents, ("intents", other, "buttons"), intent, name)
    _replace_in_list(pack, ("sensitive",), intent, name)
    return {"intents.yml": intents.text, "pack.yml": pack.text}


def _replace_in_list(edit: YamlEdit, path: tuple[str, ...], old: str, new: str | None) -> None:
    names = edit.get(path)
    if isinstance(names, list) and old in names:
        kept = [new if name == old else name for name in names]
        edit.put(path, [name for name in kept if name is not None])


def _in_tests(
    now: Snapshot, intent: str, change: Callable[[dict[str, Any]], dict[str, Any] | None]
) -> dict[str, str | None]:
    """Test files with the rows of an intent changed, or taken out; all others stay as they are."""
    changed: dict[str, str | None] = {}
    for name in _files(now, "tests/", ".jsonl"):
        rows = now.texts[name].split("\n")
        result = []
        for row in rows:
            data = _row(row)
            if data is None or data.get("intent") != intent:
                result.append(row)
            elif (other := change(data)) is not None:
                result.append(json.dumps(other, ensure_ascii=False))
        if result != rows:
            text = "\n".join(result)
            changed[name] = text if text.strip() else None
    return changed


def _row(row: str) -> dict[str, Any] | None:
    try:
        data = json.loads(row)
    except ValueError:
        return None
    return data if isinstance(data, dict) else None
