"""Intents that come, go, and get another name: everything that speaks of them goes along. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot.errors import Conflict, InvalidInput
from bot.pack import NAME, UNANSWERED, Intent
from bot.pack_edit import Changed, by_file, entry, files_in, meaning, must_match, put_examples, put_replies
from bot.revisions import Snapshot
from bot.yamledit import YamlEdit


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
    edit.put(("intents", intent), entry(means, buttons))
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
    for file in files_in(now, "replies/", ".yml"):
        edit = YamlEdit(now.texts[file])
        for part in ("labels", "replies"):
            if edit.has((part, intent)):
                edit.rename((part, intent), name)
        changed[file] = edit.text
    for file, indexes in by_file(now, intent).items():
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
    for file in files_in(now, "replies/", ".yml"):
        edit = YamlEdit(now.texts[file])
        for part in ("labels", "replies"):
            if edit.has((part, intent)):
                edit.remove((part, intent))
        changed[file] = edit.text
    for file, indexes in by_file(now, intent).items():
        edit = YamlEdit(now.texts[file])
        for index in reversed(indexes):
            edit.remove(("nlu", index))
        changed[file] = edit.text if edit.get(("nlu",)) else None
    changed |= _in_tests(now, intent, lambda _: None)
    return changed


# --- inside ---------------------------------------------------------------------------------------------------


def _check_not_needed(intent: str) -> None:
    if intent in UNANSWERED:
        raise Conflict(f"the bot itself needs the intent {intent!r}")


def _in_lists(now: Snapshot, intent: str, name: str | None) -> dict[str, str | None]:
    """intents.yml and pack.yml with an intent renamed, or taken out: as a key, among buttons, among sensitive ones."""
    intents, pack = YamlEdit(now.texts["intents.yml"]), YamlEdit(now.texts["pack.yml"])
    if name is None:
        intents.remove(("intents", intent))
    else:
        intents.rename(("intents", intent), name)
    for other, told in (intents.get(("intents",)) or {}).items():
        if isinstance(told, dict):
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
    for name in files_in(now, "tests/", ".jsonl"):
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
