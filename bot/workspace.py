"""The pack as admins change it: its revisions in the database, and the one that the server works with.

The pack's folder is where it begins; it stays as it is. Each change makes a revision, if the pack is sound with it.
Changes are functions of the texts as they are now: of two admins who change different things at once, the second's
change is made again on top of the first's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import structlog

from bot import pack_examples
from bot.audit import Actor, AuditEntry, JsonValue
from bot.errors import Conflict, InvalidInput, PackError
from bot.merging import Span, take_back
from bot.pack import Pack
from bot.pack_files import KINDS, TextFiles
from bot.pack_reader import examine_pack, raw_files
from bot.ports import Clock, Live, PackChanged, Store
from bot.ports_studio import PackFolders
from bot.revisions import SERVER, Author, FileChange, Kind, Revision, Snapshot, digest
from bot.yamlsource import Finding

log = structlog.get_logger(__name__)

CHECK_SECONDS = 3.0
"""How often to look whether another process has made a revision."""

MAX_CONFLICTS = 20

MAX_FILES, MAX_FILE = 500, 5_000_000
"""Files of a pack, and code points of each."""

Texts = Mapping[str, str]
Edit = Callable[[Snapshot], Mapping[str, str | None]]
"""Makes the texts that change of the present ones; None takes a file away. Raises what refuses the change."""

Check = Callable[[Pack, TextFiles], Iterable[Finding]]
"""What only those who use a part of the pack can tell of it."""

Record = Callable[[Pack, Pack], tuple[str, Mapping[str, JsonValue], Mapping[str, JsonValue]]]
"""What the audit log calls a change from one pack to another, and what it keeps of before and after."""

OnChange = Callable[[Snapshot], Awaitable[None]]


class BrokenPack(InvalidInput):
    """With a change the pack would not be sound; nothing was changed."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("\n".join(map(str, findings)))
        self.findings = tuple(findings)


class Workspace:
    """The revisions of one pack."""

    def __init__(
        self,
        *,
        seed: Pack,
        store: Store,
        folders: PackFolders,
        clock: Clock,
        live: Live | None = None,
        checks: Sequence[Check] = (),
        check_every: float = CHECK_SECONDS,
    ) -> None:
        self._seed = seed
        self._store = store
        self._folders = folders
        self._clock = clock
        self._live = live
        self._checks = checks
        self._check_every = check_every
        self._listeners: list[OnChange] = []
        self._switching = asyncio.Lock()
        self._current: Snapshot | None = None
        self.problem: str | None = None
        """Why the folder's newer state, or a newer revision, is not what is served."""

    @property
    def name(self) -> str:
        """The pack's name."""
        return self._seed.name

    @property
    def current(self) -> Snapshot:
        """The revision that the server works with."""
        if self._current is None:
            raise RuntimeError("the workspace is not open")
        return self._current

    @property
    def pack(self) -> Pack:
        """Its pack."""
        return self.current.pack

    def on_change(self, listener: OnChange) -> None:
        """Have a function called when another revision is served."""
        self._listeners.append(listener)

    async def open(self) -> Snapshot:
        """Read the current revision; a pack that has none yet, or that nobody has changed here, is its folder's.

        Raises:
            PackError: the current revision, or the folder, is no sound pack.
        """
        seed = await asyncio.to_thread(raw_files, self._seed.folder)
        async with self._store.unit(write=False) as unit:
            latest = await unit.revisions.latest(self.name)
        untouched = latest is None or latest.kind is Kind.SEED
        if untouched and (latest is None or latest.files != _named(seed)):
            message = "as in the pack's folder" if latest is None else "the pack's folder has changed"
            found = await self._examined(seed)
            await self._store_next(latest, seed, SERVER, message, Kind.SEED)
            log.info("pack seeded", pack=found.name)
        elif not untouched:
            await self._compare_with_folder(seed)
        await self.refresh()
        return self.current

    async def _compare_with_folder(self, seed: Texts) -> None:
        async with self._store.unit(write=False) as unit:
            seeds = [r for r in await unit.revisions.list(self.name, None, 10_000) if r.kind is Kind.SEED]
        if seeds and seeds[0].files != _named(seed):
            self.problem = (
                f"{self._seed.folder} has changed since the pack was first changed in the console; "
                "what is in the console counts"
            )
            log.warning("pack folder ignored", problem=self.problem)

    # --- reading --------------------------------------------------------------------------------------------------

    async def snapshot(self, number: int) -> Snapshot:
        """A revision with its texts.

        Raises:
            InvalidInput: there is none of this number.
            PackError: it is no sound pack (any more).
        """
        if self._current is not None and number == self._current.revision.number:
            return self._current
        revision, texts = await self._loaded(number)
        return await self._snapshot(revision, texts)

    async def history(self, before: int | None, limit: int) -> Sequence[Revision]:
        """Revisions, latest first."""
        async with self._store.unit(write=False) as unit:
            return await unit.revisions.list(self.name, before, limit)

    async def changes(self, number: int) -> tuple[Revision, Sequence[FileChange]]:
        """A revision, and what it changed.

        Raises:
            InvalidInput: there is none of this number.
        """
        revision, texts = await self._loaded(number)
        before: Texts = {}
        if revision.parent is not None:
            _, before = await self._loaded(revision.parent)
        paths = sorted(path for path in {*texts, *before} if texts.get(path) != before.get(path))
        return revision, [FileChange(path, before.get(path), texts.get(path)) for path in paths]

    async def examine(self, changed: Mapping[str, str | None]) -> list[Finding]:
        """What would be wrong with the current revision if some files were otherwise; nothing is stored."""
        return (await self.draft(changed))[1]

    async def draft(self, changed: Mapping[str, str | None]) -> tuple[Pack | None, list[Finding]]:
        """The current revision if some files were otherwise, and what would be wrong with it; nothing is stored.

        The pack is there only if nothing is wrong.
        """
        pack, findings = await asyncio.to_thread(self._findings, _with(self.current.texts, changed))
        return None if findings else pack, findings

    # --- changing -------------------------------------------------------------------------------------------------

    async def change(
        self,
        edit: Edit,
        author: Author,
        message: str,
        *,
        kind: Kind = Kind.EDIT,
        undoes: int | None = None,
        record: Record | None = None,
    ) -> Snapshot:
        """Make a revision and serve it; a change that changes nothing makes none. `record` tells the audit log more.

        Raises:
            BrokenPack: the pack would not be sound; every finding is told.
            BabeldeskError: whatever the edit refuses it with.
        """
        for _ in range(MAX_CONFLICTS):
            await self.refresh()
            base = self.current
            texts = _with(base.texts, await asyncio.to_thread(edit, base))
            if texts == base.texts:
                return base
            pack = await self._examined(texts)
            recorded = None if record is None else record(base.pack, pack)
            try:
                await self._store_next(base.revision, texts, author, message, kind, undoes, recorded)
            except Conflict:
                continue
            await self.refresh()
            return self.current
        raise Conflict(f"the pack {self.name!r} keeps changing")

    async def undo(self, number: int, author: Author) -> Snapshot:
        """Take back what one revision changed.

        Raises:
            InvalidInput: there is no such revision, or it is the first one.
            Conflict: later revisions touched the same lines; the message says where.
            BrokenPack: the pack would not be sound without it.
        """
        revision, changes = await self.changes(number)
        if revision.parent is None:
            raise InvalidInput(f"revision {number} is the first one; there is nothing to go back to")

        def back(now: Snapshot) -> Mapping[str, str | None]:
            return {change.path: _taken_back(change, now, number) for change in changes}

        message = f"takes back {number}: {revision.message}"
        return await self.change(back, author, message, kind=Kind.UNDO, undoes=number)

    async def refresh(self) -> None:
        """Serve the latest revision, whoever made it. What cannot be served is told in `problem`."""
        async with self._switching:
            async with self._store.unit(write=False) as unit:
                number = await unit.revisions.latest_number(self.name)
            if self._current is not None and number == self._current.revision.number:
                return
            revision, texts = await self._loaded(number)
            try:
                snapshot = await self._snapshot(revision, texts)
            except PackError as error:  # of a newer Babeldesk, perhaps
                if self._current is None:
                    raise
                self.problem = f"revision {number} cannot be served; {self._current.revision.number} goes on: {error}"
                log.warning("revision not served", revision=number, error=str(error))
                return
            first, self._current = self._current is None, snapshot
        if first:
            return
        log.info("revision", pack=self.name, number=number)
        if self._live is not None:
            self._live.publish(PackChanged(number, revision.author.name, revision.message))
        for listener in self._listeners:
            await listener(snapshot)

    async def watch(self) -> None:
        """Follow the revisions that other processes make, until cancelled."""
        while True:
            await asyncio.sleep(self._check_every)
            try:
                await self.refresh()
            except Exception as error:  # the present revision goes on; it is tried again
                log.exception("revision not read", error=str(error))

    # --- inside ---------------------------------------------------------------------------------------------------

    async def _loaded(self, number: int) -> tuple[Revision, Texts]:
        async with self._store.unit(write=False) as unit:
            revision = await unit.revisions.get(self.name, number)
            if revision is None:
                raise InvalidInput(f"there is no revision {number}")
            known = dict(self._current.revision.files) if self._current is not None else {}
            missing = [name for path, name in revision.files.items() if known.get(path) != name]
            texts = await unit.revisions.texts(sorted(set(missing)))
        own = self._current.texts if self._current is not None else {}
        return revision, {
            path: own[path] if known.get(path) == name else texts[name] for path, name in revision.files.items()
        }

    async def _snapshot(self, revision: Revision, texts: Texts) -> Snapshot:
        def read() -> Pack:
            folder = self._folders.keep(self.name, revision.digest, texts)
            pack, findings = examine_pack(TextFiles(texts, folder), complete=False)
            if pack is None or findings:
                raise PackError("\n".join(map(str, findings)))
            return pack

        return Snapshot(revision, texts, await asyncio.to_thread(read))

    async def _examined(self, texts: Texts) -> Pack:
        pack, findings = await asyncio.to_thread(self._findings, texts)
        if findings or pack is None:
            raise BrokenPack(findings)
        return pack

    def _findings(self, texts: Texts) -> tuple[Pack | None, list[Finding]]:
        findings = list(_unfit(texts))
        if findings:
            return None, findings
        files = TextFiles(texts)
        pack, findings = examine_pack(files, complete=False)
        if pack is None:
            return None, findings
        if pack.name != self.name:
            findings.append(files.parse("pack.yml").finding(["name"], f"the name must stay {self.name!r}"))
        examples, wrong = pack_examples.examples_of(files, pack.default_language)
        findings += [*wrong, *pack_examples.check(pack, examples)]
        for check in self._checks:
            findings += check(pack, files)
        return pack, findings

    async def _store_next(
        self,
        base: Revision | None,
        texts: Texts,
        author: Author,
        message: str,
        kind: Kind,
        undoes: int | None = None,
        recorded: tuple[str, Mapping[str, JsonValue], Mapping[str, JsonValue]] | None = None,
    ) -> None:
        """The one place where a revision is written, and what somebody changed goes into the audit log with it."""
        number = 1 if base is None else base.number + 1
        files = _named(texts)
        made = Revision(
            self.name,
            number,
            self._clock.now(),
            author,
            message,
            kind,
            files,
            None if base is None else base.number,
            undoes,
        )
        before = {} if base is None else base.files
        new = {name: texts[path] for path, name in files.items() if before.get(path) != name}
        async with self._store.unit() as unit:
            await unit.revisions.add(made, new)
            if kind is not Kind.SEED:
                entry = _entry(made, before)
                if recorded is not None:
                    action, was, now = recorded
                    was, now = {**(entry.before or {}), **was}, {**(entry.after or {}), **now}
                    entry = replace(entry, action=action, before=was, after=now)
                await unit.audit.add(entry)


def _entry(made: Revision, before: Mapping[str, str]) -> AuditEntry:
    author = made.author
    changed = sorted(path for path in {*made.files, *before} if made.files.get(path) != before.get(path))
    after: dict[str, JsonValue] = {"revision": made.number, "message": made.message, "files": [*changed]}
    if made.undoes is not None:
        after["undoes"] = made.undoes
    actor = author.actor or Actor(author.id, author.name)
    return AuditEntry(made.at, actor, f"pack.{made.kind}", made.pack, {"revision": made.parent}, after)


def _named(texts: Texts) -> dict[str, str]:
    return {path: digest(text) for path, text in sorted(texts.items())}


def _with(texts: Texts, changed: Mapping[str, str | None]) -> dict[str, str]:
    return {path: text for path, text in {**texts, **changed}.items() if text is not None}


def _unfit(texts: Texts) -> Iterable[Finding]:
    """What no pack may hold, whatever its files say."""
    root = TextFiles({}).root
    if len(texts) > MAX_FILES:
        yield Finding(root, 0, f"{len(texts)} files are over the limit of {MAX_FILES}")
    for path, text in texts.items():
        parts = path.split("/")
        ending = path[path.rfind(".") :] if "." in parts[-1] else ""
        if any(part in {"", ".", ".."} or part.startswith(".") for part in parts) or "\\" in path or "\0" in path:
            yield Finding(root / path.replace("\0", ""), 0, "is no path within a pack")
        elif ending not in KINDS:
            yield Finding(root / path, 0, f"is no file of a pack ({', '.join(sorted(KINDS))})")
        elif len(text) > MAX_FILE:
            yield Finding(root / path, 0, f"{len(text)} characters are over the limit of {MAX_FILE}")
        elif "\0" in text or not _encodable(text):
            yield Finding(root / path, 0, "holds characters that are no text (NUL, or half of a surrogate pair)")


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _taken_back(change: FileChange, now: Snapshot, number: int) -> str | None:
    present = now.texts.get(change.path)
    if present == change.after:
        return change.before
    if change.before is None or change.after is None or present is None:
        raise Conflict(f"{change.path} was changed as a whole after revision {number}; it cannot be taken back alone")
    merged = take_back(change.before, change.after, present)
    if isinstance(merged, Span):
        lines = f"line {merged.first}" if merged.first == merged.last else f"lines {merged.first} to {merged.last}"
        raise Conflict(f"{change.path}, {lines}: changed again after revision {number}; take that back first")
    return merged
