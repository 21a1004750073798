"""Changes a piece of a YAML text and leaves every other character, comments and order among them, as it is.

The piece is found by the parser's marks, replaced, and the result read again: if it does not say exactly what it was
meant to say, nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml

from bot.errors import BabeldeskError

Path = tuple[str | int, ...]

QUOTE = '"'

SHORT = 24
"""Characters of a list's items up to which they stand in one line, as names do."""


class CannotEdit(BabeldeskError):
    """The text is written in a way that cannot be changed piece by piece; it has to be changed as a whole."""


class YamlEdit:
    """A YAML text under change; each change is checked."""

    def __init__(self, text: str) -> None:
        self.text = self._sound = text
        self._newline = "\r\n" if "\r\n" in text else "\n"

    # --- reading --------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Any:
        """What the text says."""
        return yaml.load(self.text, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader

    def get(self, path: Path) -> Any:
        """The value at a path, or None."""
        value = self.data
        for part in path:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def has(self, path: Path) -> bool:
        """Whether there is something at a path."""
        return _node(self._root(), path) is not None

    # --- changing -------------------------------------------------------------------------------------------------

    def put(self, path: Path, value: Any) -> None:
        """Set the value at a path; a key that is not there is added at the end of its mapping."""
        if self.has(path) and self.get(path) == value:
            return
        wanted = _copied(self.data)
        parent = wanted = {} if wanted is None else wanted
        for part in path[:-1]:
            if isinstance(parent, dict) and parent.get(part) is None:
                parent[part] = {}
            parent = parent[part]
        parent[path[-1]] = value
        node = _node(self._root(), path)
        if node is None:
            self._add(path, value)
        else:
            self._replace(node, value)
        self._check(wanted)

    def append(self, path: Path, value: Any) -> None:
        """Add an item at the end of a sequence in block style."""
        wanted = _copied(self.data)
        _at(wanted, path).append(value)
        node = _node(self._root(), path)
        if not isinstance(node, yaml.SequenceNode) or not node.value or node.flow_style:
            self._set_whole(path, _at(wanted, path))
        else:
            indent = self._column(node.value[0].start_mark.index, "-")
            self._insert(self._end(node.value[-1]), _item(value, indent))
        self._check(wanted)

    def remove(self, path: Path) -> None:
        """Take out a key with its value, or an item; comments right above it go with it."""
        wanted = _copied(self.data)
        parent_path, last = path[:-1], path[-1]
        del _at(wanted, parent_path)[last]
        parent = _node(self._root(), parent_path)
        if not _at(wanted, parent_path) or not isinstance(parent, yaml.CollectionNode) or parent.flow_style:
            self._set_whole(parent_path, _at(wanted, parent_path))
        else:
            start, end = self._lines_of(parent, last)
            self.text = self.text[:start] + self.text[end:]
        self._check(wanted)

    def rename(self, path: Path, name: str) -> None:
        """Give a key another name; its place stays."""
        wanted = _renamed(self.data, path, name)
        parent = _node(self._root(), path[:-1])
        if not isinstance(parent, yaml.MappingNode):
            raise CannotEdit(f"{_shown(path)} is no key")
        key = next(key for key, _ in parent.value if key.value == path[-1])
        self._splice(key, scalar(name))
        self._check(wanted)

    # --- inside ---------------------------------------------------------------------------------------------------

    def _root(self) -> yaml.Node | None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)(self.text)
        try:
            node: yaml.Node | None = loader.get_single_node()
            return node
        finally:
            loader.dispose()

    def _check(self, wanted: Any) -> None:
        try:
            fits = self.data == wanted
        except yaml.YAMLError:
            fits = False
        if not fits:
            self.text = self._sound
            raise CannotEdit("the change does not fit how this file is written; change the file as a whole")
        self._sound = self.text

    def _set_whole(self, path: Path, value: Any) -> None:
        node = _node(self._root(), path)
        if node is None:
            self._add(path, value)
        else:
            self._replace(node, value)

    def _replace(self, node: yaml.Node, value: Any) -> None:
        start = node.start_mark.index
        indent = self._indent_of_line(start)
        is_block = isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}
        if not is_block and not (isinstance(node, yaml.CollectionNode) and not node.flow_style):
            if isinstance(value, str) and "\n" not in value:
                self._splice(node, scalar(value))
                return
            self.text = self.text[:start].rstrip(" ") + _value(value, indent) + self.text[node.end_mark.index :]
            return
        key_end = self.text.rindex(":", 0, start) + 1 if not is_block else start
        end = self._end(node)
        rest = self.text[end:]
        before = self.text[:key_end].rstrip(" ")
        indent = self._indent_of_line(key_end - 1)
        self.text = before + _value(value, indent).replace("\n", self._newline) + self._newline + rest

    def _splice(self, node: yaml.Node, rendered: str) -> None:
        self.text = self.text[: node.start_mark.index] + rendered + self.text[node.end_mark.index :]

    def _add(self, path: Path, value: Any) -> None:
        root = self._root()
        parent_path = path[:-1]
        parent = root if not parent_path else _node(root, parent_path)
        if parent is None or (isinstance(parent, yaml.ScalarNode) and not parent.value):
            if not parent_path:
                self._insert(len(self.text), _pair(str(path[-1]), value, 0))
                return
            self._set_whole(parent_path, {path[-1]: value})
            return
        if not isinstance(parent, yaml.MappingNode):
            raise CannotEdit(f"{_shown(parent_path)} is no mapping")
        if parent.flow_style or not parent.value:
            self._set_whole(parent_path, {**(self.get(parent_path) or {}), path[-1]: value})
            return
        indent = parent.value[0][0].start_mark.column
        self._insert(self._end(parent.value[-1][1]), _pair(str(path[-1]), value, indent))

    def _insert(self, index: int, rendered: str) -> None:
        lead = "" if not self.text[:index] or self.text[:index].endswith("\n") else self._newline
        block = rendered.replace("\n", self._newline) + self._newline
        self.text = self.text[:index] + lead + block + self.text[index:]

    def _end(self, node: yaml.Node) -> int:
        """Where the lines of a value end: after its last line with content, comments behind it included."""
        end = node.end_mark.index
        while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
            node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
            end = node.end_mark.index
        if isinstance(node, yaml.ScalarNode) and node.style in {"|", ">"}:
            # A block goes on over the empty lines and comments below it, which are not its own.
            body = self.text[node.start_mark.index : end]
            return node.start_mark.index + len(body.rstrip()) + len(self._line_end(body))
        newline = self.text.find("\n", end)
        return len(self.text) if newline < 0 else newline + 1

    def _line_end(self, body: str) -> str:
        tail = body[len(body.rstrip()) :]
        place = tail.find("\n")
        return tail if place < 0 else tail[: place + 1]

    def _lines_of(self, parent: yaml.Node, last: str | int) -> tuple[int, int]:
        """Where a key's or an item's lines begin and end, comments right above it included."""
        if isinstance(parent, yaml.MappingNode):
            first, value = next((key, value) for key, value in parent.value if key.value == last)
        else:
            first = value = parent.value[last]
        start = self.text.rfind("\n", 0, first.start_mark.index) + 1
        while start:
            above = self.text.rfind("\n", 0, start - 1) + 1
            line = self.text[above:start]
            if not line.lstrip().startswith("#") or len(line) - len(line.lstrip()) < first.start_mark.column - 2:
                break
            start = above
        return start, self._end(value)

    def _indent_of_line(self, index: int) -> int:
        start = self.text.rfind("\n", 0, index) + 1
        line = self.text[start:]
        stripped = line.lstrip(" ")
        indent = len(line) - len(stripped)
        # An item's mapping begins behind its dash.
        while stripped.startswith("- "):
            more = len(stripped[1:]) - len(stripped[1:].lstrip(" ")) + 1
            indent, stripped = indent + more, stripped[more:]
        return indent

    def _column(self, index: int, sign: str) -> int:
        start = self.text.rfind("\n", 0, index) + 1
        return self.text.index(sign, start) - start


def _node(node: yaml.Node | None, path: Path) -> yaml.Node | None:
    for part in path:
        if isinstance(node, yaml.MappingNode):
            node = next((value for key, value in node.value if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
        else:
            return None
    return node


def _copied(data: Any) -> Any:
    """A copy that shares nothing within itself: what an alias repeats counts for itself."""
    if isinstance(data, dict):
        return {key: _copied(value) for key, value in data.items()}
    return [_copied(item) for item in data] if isinstance(data, list) else data


def _at(data: Any, path: Path) -> Any:
    for part in path:
        data = data[part]
    return data


def _renamed(data: Any, path: Path, name: str) -> Any:
    if len(path) == 1:
        return {(name if key == path[0] else key): value for key, value in data.items()}
    changed = data.copy()
    changed[path[0]] = _renamed(data[path[0]], path[1:], name)
    return changed


def _shown(path: Path) -> str:
    return ".".join(map(str, path)) or "the file"


# --- rendering --------------------------------------------------------------------------------------------------------


def block(lines: Sequence[str]) -> str:
    """Examples as Rasa's block holds them."""
    return "".join(f"- {line}\n" for line in lines)


def scalar(value: Any) -> str:
    """A value on one line, with quotes only where it needs them."""
    if isinstance(value, str) and "\n" in value:
        return _quoted(value)
    rendered: str = yaml.safe_dump(value, allow_unicode=True, width=2**31, default_flow_style=True, sort_keys=False)
    return rendered.removesuffix("\n").removesuffix("\n...")


def _pair(key: str, value: Any, indent: int) -> str:
    return f"{' ' * indent}{scalar(key)}:{_value(value, indent)}"


def _item(value: Any, indent: int) -> str:
    if not isinstance(value, dict):
        return f"{' ' * indent}- {scalar(value)}"
    pairs = [_pair(key, inner, indent + 2) for key, inner in value.items()]
    return f"{' ' * indent}- " + "\n".join(pairs).removeprefix(" " * (indent + 2))


def _value(value: Any, indent: int) -> str:
    """What stands behind a key's colon; its lines are indented by two more than the key."""
    deeper = indent + 2
    if isinstance(value, str) and value.endswith("\n"):
        if _is_block(value):
            rows = value[:-1].split("\n")
            return " |\n" + "\n".join(f"{' ' * deeper}{row}" if row else "" for row in rows)
        return f" {_quoted(value)}"
    if isinstance(value, dict) and value:
        return "\n" + "\n".join(_pair(key, inner, deeper) for key, inner in value.items())
    if isinstance(value, list) and any(not isinstance(inner, str) or len(inner) > SHORT for inner in value):
        return "\n" + "\n".join(_item(inner, deeper) for inner in value)
    return f" {scalar(value)}"


def _is_block(value: str) -> bool:
    """Whether a text can stand as a block whose every line says just what it says."""
    plain = value.isprintable() or all(char.isprintable() or char in "\n\t" for char in value)
    return plain and not value.startswith((" ", "\n", "\t")) and not value.endswith("\n\n")


def _quoted(value: str) -> str:
    rendered = yaml.safe_dump(value, allow_unicode=True, width=2**31, default_style=QUOTE)
    return rendered.removesuffix("\n")
