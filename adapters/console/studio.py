"""The pack under `/api/v1/pack`: its files and revisions, checks as one types, import and export."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from aiohttp import BodyPartReader, web

from adapters.console.route import Parameter, Route, whole
from adapters.console.studio_views import (
    ExamplesCount,
    FileCount,
    FileDiff,
    FileInfo,
    FilesBody,
    FileView,
    FindingsView,
    ImportView,
    PackFileBody,
    PackView,
    RevisionDetail,
    RevisionsView,
    RevisionView,
    ValidateBody,
)
from adapters.console.teaching import FindingView, author, finding, findings, if_match, tagged, told, with_more
from adapters.etags import tagged as unless_known
from adapters.http import InvalidField, NotFound, answer, file_name, read_json, readable_form
from adapters.problems import problem_response
from bot.conversation import User
from bot.errors import InvalidInput
from bot.pack_edit import Stale, put_file
from bot.pack_examples import examples_of, untaught
from bot.pack_import import Plan, differences, exported, packed, plan_pack, plan_rasa
from bot.revisions import Kind, Revision, Snapshot, etag
from bot.workspace import Workspace

MAX_PAGE = 200
MAX_NUMBER = 2**31 - 1
CONTEXT = 3
"""Lines around a change that are shown with it."""

ROUTES: tuple[Route, ...] = (
    Route("GET", "/api/v1/pack", "pack", "The pack: its files and what it lacks", "admin", gives=PackView, tagged=True),
    Route(
        "GET", "/api/v1/pack/file", "file", "A file of the pack, perhaps of an earlier revision", "admin",
        gives=FileView,
        query=(Parameter("path", does="Needed: the file within the pack"), whole("revision", 1, MAX_NUMBER)),
    ),
    Route(
        "PUT", "/api/v1/pack/file", "put_file", "Change a file as a whole (If-Match)", "admin",
        takes=PackFileBody, gives=FileView, matches=True,
        query=(Parameter("path", does="Needed: the file within the pack"),),
    ),
    Route(
        "POST", "/api/v1/pack/files", "put_files", "Change several files together", "admin",
        takes=FilesBody, gives=PackView,
    ),
    Route(
        "POST", "/api/v1/pack/validate", "validate", "What would be wrong with changed files", "admin",
        takes=ValidateBody, gives=FindingsView,
    ),
    Route(
        "GET", "/api/v1/pack/revisions", "revisions", "The pack's revisions, latest first", "admin",
        gives=RevisionsView, query=(whole("before", 1, MAX_NUMBER), whole("limit", 1, MAX_PAGE)),
    ),
    Route(
        "GET", "/api/v1/pack/revisions/{number}", "revision", "What a revision changed", "admin",
        gives=RevisionDetail,
    ),
    Route(
        "POST", "/api/v1/pack/revisions/{number}/undo", "undo", "Take a revision's changes back", "admin",
        gives=RevisionView,
    ),
    Route("GET", "/api/v1/pack/export", "export_pack", "The whole pack as a zip", "admin", media=("application/zip",)),
    Route(
        "GET", "/api/v1/pack/export/{language}", "export_examples", "A language's examples as Rasa NLU YAML", "admin",
        media=("application/yaml",),
    ),
    Route(
        "POST", "/api/v1/pack/import", "import_pack",
        "Import a pack (zip) or Rasa NLU YAML", "admin", gives=ImportView, form=True,
        query=(
            Parameter("dry_run", does="`1`: only tell what would change"),
            Parameter("language", does="That of the examples, where the file does not say it"),
            whole("revision", 1, MAX_NUMBER, "Only if this is still the current one"),
        ),
    ),
)  # fmt: skip


class StudioRoutes:
    """The routes' handlers."""

    def __init__(self, workspace: Workspace, max_upload: int) -> None:
        self._workspace = workspace
        self._max_upload = max_upload

    async def pack(self, request: web.Request, __: User) -> web.Response:
        """The pack as it is served."""
        return unless_known(request, self._view())

    @told
    async def file(self, request: web.Request, _: User) -> web.Response:
        """A file."""
        path, number = _path(request), request.query.get("revision")
        now = self._workspace.current
        snapshot = now if number is None else await self._workspace.snapshot(_number(number, "revision"))
        return _file(snapshot, path)

    @told
    async def put_file(self, request: web.Request, _: User) -> web.Response:
        """Change a file."""
        path, tag = _path(request), if_match(request)
        body = await read_json(request, PackFileBody)
        changed = await self._workspace.change(
            lambda now: put_file(now, path, body.text, tag), author(request), body.message or f"changes {path}"
        )
        if body.text is None:
            gone = etag(None)
            return tagged(FileView(path=path, text=None, etag=gone, revision=changed.revision.number), gone)
        return _file(changed, path)

    @told
    async def put_files(self, request: web.Request, _: User) -> web.Response:
        """Change several files."""
        body = await read_json(request, FilesBody)

        def change(now: Snapshot) -> Mapping[str, str | None]:
            changed: dict[str, str | None] = {}
            for one in body.files:
                tag = etag(None) if one.etag is None else one.etag
                changed |= put_file(now, one.path, one.text, tag)
            return changed

        paths = ", ".join(one.path for one in body.files[:3])
        await self._workspace.change(change, author(request), body.message or f"changes {paths}")
        return answer(self._view())

    async def validate(self, request: web.Request, _: User) -> web.Response:
        """Check files that are not saved yet."""
        body = await read_json(request, ValidateBody)
        found = await self._workspace.examine({one.path: one.text for one in body.files})
        return answer(FindingsView(findings=findings(found)))

    async def revisions(self, request: web.Request, _: User) -> web.Response:
        """A page of revisions."""
        limit = _number(request.query.get("limit", "50"), "limit", MAX_PAGE)
        given = request.query.get("before")
        found = await self._workspace.history(None if given is None else _number(given, "before"), limit)
        more = found[-1].number if len(found) == limit and found[-1].number > 1 else None
        return answer(RevisionsView(items=[render(revision) for revision in found], next=more))

    async def revision(self, request: web.Request, _: User) -> web.Response:
        """What a revision changed."""
        try:
            found, changes = await self._workspace.changes(_number(request.match_info["number"], "number"))
        except InvalidInput as error:
            raise NotFound(str(error)) from None
        files = [
            FileDiff(
                path=change.path,
                change="added" if change.before is None else "removed" if change.after is None else "changed",
                diff=_diff(change.before or "", change.after or ""),
            )
            for change in changes
        ]
        return answer(RevisionDetail(revision=render(found), files=files))

    @told
    async def undo(self, request: web.Request, _: User) -> web.Response:
        """Take back what a revision changed."""
        number = _number(request.match_info["number"], "number")
        done = await self._workspace.undo(number, author(request))
        return answer(render(done.revision))

    async def export_pack(self, _: web.Request, __: User) -> web.Response:
        """Everything, as a zip."""
        now = self._workspace.current
        name = f"{now.pack.name}-{now.revision.number}"
        return _download(packed(now.texts, now.pack.name), f"{name}.zip", "application/zip")

    async def export_examples(self, request: web.Request, _: User) -> web.Response:
        """The examples of a language."""
        now, language = self._workspace.current, request.match_info["language"]
        found, _wrong = examples_of(now.files, now.pack.default_language)
        mine = [(example.intent, example.written) for example in found if example.language == language]
        if not mine:
            raise NotFound(f"there are no examples in {language!r}")
        return _download(exported(mine).encode(), f"{language}.yml", "application/yaml")

    @told
    async def import_pack(self, request: web.Request, _: User) -> web.Response:
        """Take in a zip or a file of examples, or only tell what it would change."""
        name, content = await self._uploaded(request)
        dry_run = request.query.get("dry_run", "0") not in {"", "0", "false"}
        seen, language = request.query.get("revision"), request.query.get("language")

        def plan(now: Snapshot) -> Plan:
            if content.startswith(b"PK"):
                return plan_pack(now, content)
            try:
                return plan_rasa(now, name, content.decode("utf-8-sig"), language)
            except UnicodeDecodeError as error:
                raise InvalidField("file", f"is neither a zip nor UTF-8 (byte {error.start})") from None

        now = self._workspace.current
        planned = plan(now)
        wrong = [*planned.findings]
        if not wrong:
            wrong += await self._workspace.examine(planned.files)
        view = _import(now, planned, dry_run=dry_run)
        if dry_run or wrong:
            told_of = view.model_copy(update={"findings": findings(wrong)})
            if dry_run:
                return answer(told_of)
            refused = problem_response(422, "broken_pack", "\n".join(map(str, wrong)))
            return with_more(refused, **told_of.model_dump(mode="json"))

        def change(present: Snapshot) -> Mapping[str, str | None]:
            if seen is not None and present.revision.number != _number(seen, "revision"):
                raise Stale("the pack", present.revision.number, _number(seen, "revision"))
            return plan(present).files

        done = await self._workspace.change(change, author(request), f"imports {name}", kind=Kind.IMPORT)
        return answer(view.model_copy(update={"revision": done.revision.number}))

    async def _uploaded(self, request: web.Request) -> tuple[str, bytes]:
        if not request.content_type.startswith("multipart/"):
            raise InvalidField("", "the body is not multipart/form-data")
        with readable_form():
            part = await (await request.multipart()).next()
        if not isinstance(part, BodyPartReader) or not part.filename:
            raise InvalidField("", "there is no file in the form")
        content = bytearray()
        with readable_form():
            while chunk := await part.read_chunk(64 * 1024):
                content += chunk
                if len(content) > self._max_upload:
                    raise InvalidField("file", f"is over the limit of {self._max_upload} bytes")
        return file_name(part), bytes(content)

    def _view(self) -> PackView:
        now = self._workspace.current
        pack = now.pack
        examples, _ = examples_of(now.files, pack.default_language)
        gaps = [*pack.gaps, *untaught(pack, examples)]
        return PackView(
            name=pack.name,
            title=pack.title,
            default_language=pack.default_language,
            languages=list(pack.languages),
            revision=render(now.revision),
            files=[FileInfo(path=path, etag=etag(text), size=len(text)) for path, text in sorted(now.texts.items())],
            gaps=[_relative(finding(one), now) for one in gaps],
            problem=self._workspace.problem,
        )


def render(revision: Revision) -> RevisionView:
    """A revision as JSON."""
    return RevisionView(
        number=revision.number,
        at=revision.at,
        author=revision.author.id,
        author_name=revision.author.name,
        message=revision.message,
        kind=revision.kind.value,
        parent=revision.parent,
        undoes=revision.undoes,
    )


def _relative(found: FindingView, now: Snapshot) -> FindingView:
    return found.model_copy(update={"file": found.file.removeprefix(f"{now.pack.folder.as_posix()}/")})


def _file(snapshot: Snapshot, path: str) -> web.Response:
    text = snapshot.texts.get(path)
    if text is None:
        raise NotFound(f"the pack has no file {path!r} in revision {snapshot.revision.number}")
    tag = etag(text)
    return tagged(FileView(path=path, text=text, etag=tag, revision=snapshot.revision.number), tag)


def _import(now: Snapshot, planned: Plan, *, dry_run: bool) -> ImportView:
    changes = differences(now, planned.files)
    return ImportView(
        revision=now.revision.number,
        dry_run=dry_run,
        files=[FileCount(path=f.path, added=f.added, removed=f.removed) for f in changes.files],
        intents_added=list(changes.intents_added),
        intents_removed=list(changes.intents_removed),
        examples=[
            ExamplesCount(intent=intent, language=language, added=added, removed=removed)
            for (intent, language), (added, removed) in changes.examples.items()
        ],
        findings=[],
        notes=findings(planned.notes),
    )


def _diff(before: str, after: str) -> str:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), "before", "after", n=CONTEXT, lineterm="")
    return "\n".join(lines)


def _download(content: bytes, name: str, kind: str) -> web.Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return web.Response(body=content, content_type=kind, headers=headers)


def _path(request: web.Request) -> str:
    path = request.query.get("path")
    if not path:
        raise InvalidField("path", "is missing")
    return path


def _number(text: str, name: str, most: int = MAX_NUMBER) -> int:
    try:
        number = int(text)
    except ValueError:
        raise InvalidField(name, f"{text!r} is no whole number") from None
    if not 1 <= number <= most:
        raise InvalidField(name, f"{number} is not between 1 and {most}")
    return number
