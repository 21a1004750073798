"""What errors look like over HTTP, and how states are compared."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from pydantic import BaseModel

from adapters.etags import check_match, tagged
from adapters.http import error_middleware, read_json
from adapters.problems import Forbidden, NotFound, TooManyTries
from bot.errors import Conflict, InvalidInput, ModelError, Overloaded, StorageUnavailable


class Thing(BaseModel):
    """What the routes of these tests give and take."""

    count: int


Client = TestClient[web.Request, web.Application]


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    errors: dict[str, Exception] = {
        "gone": NotFound("there is no thing"),
        "bad": InvalidInput("it is bad"),
        "closed": Forbidden("not for you"),
        "race": Conflict("somebody was quicker"),
        "tries": TooManyTries("too often", retry_after=7.2),
        "full": Overloaded("too much", retry_after=3),
        "disk": StorageUnavailable("no space"),
        "model": ModelError("broken"),
        "bug": LookupError("secret detail"),
    }

    async def fail(request: web.Request) -> web.Response:
        raise errors[request.match_info["name"]]

    async def take(request: web.Request) -> web.Response:
        return tagged(request, await read_json(request, Thing))

    async def change(request: web.Request) -> web.Response:
        check_match(request, Thing(count=1), required=True)
        return tagged(request, Thing(count=2))

    app = web.Application(middlewares=[error_middleware])
    for prefix in ("/api/v1", "/v3/directline"):
        app.router.add_get(prefix + "/fail/{name}", fail)
    app.router.add_post("/api/v1/thing", take)
    app.router.add_put("/api/v1/thing", change)
    async with TestClient(TestServer(app)) as running:
        yield running


@pytest.mark.parametrize(
    ("name", "status", "code", "title", "detail"),
    [
        ("gone", 404, "not_found", "Not Found", "there is no thing"),
        ("bad", 400, "invalid", "Bad Request", "it is bad"),
        ("closed", 403, "forbidden", "Forbidden", "not for you"),
        ("race", 409, "conflict", "Conflict", "somebody was quicker"),
        ("tries", 429, "too_many_tries", "Too Many Requests", "too often"),
        ("full", 503, "overloaded", "Service Unavailable", "too much"),
        ("disk", 503, "unavailable", "Service Unavailable", "no space"),
        ("model", 500, "error", "Internal Server Error", "broken"),
    ],
)
async def test_an_error_of_the_api_is_a_problem_document_with_the_old_shape_inside(
    client: Client, name: str, status: int, code: str, title: str, detail: str
) -> None:
    async with client.get(f"/api/v1/fail/{name}") as response:
        assert (response.status, response.content_type) == (status, "application/problem+json")
        assert await response.json(content_type=None) == {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": detail,
            "code": code,
            "error": {"code": code, "message": detail},
        }
        waits = {"tries": "8", "full": "3", "disk": "1"}
        assert response.headers.get("Retry-After") == waits.get(name)


async def test_an_error_elsewhere_keeps_its_protocols_shape(client: Client) -> None:
    async with client.get("/v3/directline/fail/gone") as response:
        assert response.content_type == "application/json"
        assert await response.json() == {"error": {"code": "not_found", "message": "there is no thing"}}


async def test_a_bug_tells_nothing_but_where_the_log_says_more(client: Client) -> None:
    async with client.get("/api/v1/fail/bug") as response:
        problem = await response.json(content_type=None)
    assert (response.status, problem["code"]) == (500, "error")
    assert "secret" not in str(problem)
    assert "the log says what" in problem["detail"]


async def test_what_the_server_itself_refuses_is_a_problem_too(client: Client) -> None:
    for method, path, status, code in (
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("GET", "/api/v1/thing", 405, "method_not_allowed"),
    ):
        async with client.request(method, path) as response:
            problem = await response.json(content_type=None)
            assert (response.status, problem["status"], problem["code"]) == (status, status, code)
    assert set(response.headers["Allow"].split(",")) == {"POST", "PUT"}


async def test_a_wrong_field_is_named_in_both_shapes(client: Client) -> None:
    async with client.post("/api/v1/thing", json={"count": "many"}) as response:
        problem = await response.json(content_type=None)
    assert (response.status, problem["field"], problem["error"]["field"]) == (400, "count", "count")


async def test_where_a_state_must_be_named_a_change_without_one_is_428(client: Client) -> None:
    async def put(**headers: str) -> tuple[int, Any]:
        async with client.put("/api/v1/thing", headers=headers) as response:
            return response.status, await response.json(content_type=None)

    status, problem = await put()
    assert (status, problem["code"]) == (428, "precondition_required")
    assert "If-Match" in problem["detail"]
    async with client.post("/api/v1/thing", json={"count": 1}) as response:
        tag = response.headers["ETag"]
    assert (await put(**{"If-Match": tag}))[0] == 200
    assert (await put(**{"If-Match": '"another"'}))[0] == 412
    assert (await put(**{"If-Match": ""}))[0] == 412
