"""ETags: what has not changed is not sent again, and nobody overwrites what they have not seen."""

from __future__ import annotations

import hashlib
from http import HTTPStatus

from aiohttp import ETag, web
from pydantic import BaseModel

from adapters.problems import PreconditionFailed, PreconditionRequired


def etag_of(view: BaseModel) -> str:
    """The strong tag of what a route gives: a digest of its JSON, without quotes."""
    return hashlib.sha256(view.model_dump_json().encode()).hexdigest()[:32]


def tagged(request: web.Request, view: BaseModel, status: int = 200) -> web.Response:
    """A model as JSON with its tag; to a GET that names this tag in `If-None-Match`, 304 without a body."""
    tag = etag_of(view)
    if request.method == "GET" and _names(request.if_none_match, tag, weak=True):
        response = web.Response(status=HTTPStatus.NOT_MODIFIED)
    else:
        response = web.Response(text=view.model_dump_json(), content_type="application/json", status=status)
    response.etag = tag
    response.headers["Cache-Control"] = "private, no-cache"
    return response


def check_match(request: web.Request, present: BaseModel, *, required: bool = False) -> None:
    """Refuse a change by somebody who names another state in `If-Match` than the present one.

    Call it in the transaction that makes the change, with what a GET would give at that moment.

    Raises:
        PreconditionFailed: it has changed since.
        PreconditionRequired: `required`, and the header is missing.
    """
    if "If-Match" not in request.headers:
        if required:
            raise PreconditionRequired("the header If-Match is missing: send the ETag of what you have read")
        return
    if not _names(request.if_match, etag_of(present), weak=False):
        raise PreconditionFailed("somebody has changed this in the meantime: read it again, then decide anew")


def _names(tags: tuple[ETag, ...] | None, tag: str, *, weak: bool) -> bool:
    return any(one.value in {"*", tag} and (weak or not one.is_weak) for one in tags or ())
