"""What the routes of `adapters.console.studio` take and give."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from adapters.console.teaching import FindingView
from adapters.console.views import Body, View


class FileInfo(View):
    """A file of the pack; `etag` is the tag of its content, `size` counts characters."""

    path: str
    etag: str
    size: int


class RevisionView(View):
    """A revision: who, when, and what it says of itself. `undoes` is the revision that it takes back."""

    number: int
    at: datetime
    author: str | None
    author_name: str
    message: str
    kind: Literal["seed", "edit", "import", "undo"]
    parent: int | None
    undoes: int | None


class PackView(View):
    """The pack as it is served; `gaps` are texts that a language lacks or nothing uses, and intents hardly taught."""

    name: str
    title: str
    default_language: str
    languages: list[str]
    revision: RevisionView
    files: list[FileInfo]
    gaps: list[FindingView]
    problem: str | None


class FileView(View):
    """A file's text, as of a revision; null if the file is there no more."""

    path: str
    text: str | None
    etag: str
    revision: int


class FileBody(Body):
    """A file's new text, or null to take the file away."""

    text: str | None
    message: str = Field(default="", max_length=500)


class ChangedFile(Body):
    """A file's new text or null; `etag` is the tag of the content that was seen, null if there was no such file."""

    path: str = Field(min_length=1, max_length=300)
    text: str | None
    etag: str | None


class FilesBody(Body):
    """Several files that change together."""

    files: list[ChangedFile] = Field(min_length=1, max_length=100)
    message: str = Field(default="", max_length=500)


class DraftFile(Body):
    """A file as it would be, or null if it were taken away."""

    path: str = Field(min_length=1, max_length=300)
    text: str | None


class ValidateBody(Body):
    """Files as they would be; all others are as they are."""

    files: list[DraftFile] = Field(min_length=1, max_length=100)


class FindingsView(View):
    """Everything that would be wrong with the pack; nothing if it would be sound."""

    findings: list[FindingView]


class RevisionsView(View):
    """Revisions, latest first; `next` is the `before` of the next page."""

    items: list[RevisionView]
    next: int | None


class FileDiff(View):
    """A file that a revision changed: its lines before and after, as a unified diff."""

    path: str
    change: Literal["added", "changed", "removed"]
    diff: str


class RevisionDetail(View):
    """A revision and what it changed."""

    revision: RevisionView
    files: list[FileDiff]


class FileCount(View):
    """How many lines of a file come and go."""

    path: str
    added: int
    removed: int


class ExamplesCount(View):
    """How many examples of an intent in a language come and go."""

    intent: str
    language: str
    added: int
    removed: int


class ImportView(View):
    """What an import changes, or would; `findings` is what stands against it, `notes` what was passed over."""

    revision: int
    dry_run: bool
    files: list[FileCount]
    intents_added: list[str]
    intents_removed: list[str]
    examples: list[ExamplesCount]
    findings: list[FindingView]
    notes: list[FindingView]
