"""The API does what its OpenAPI document says, whatever it is sent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from adapters.console.openapi import describe
from adapters.console.routes import ROUTES
from bot.errors import DeliveryRefused
from bot.model_versions import LineUp, ModelVersion
from tests.console.rig import ConsoleRig, console_rig
from tests.fakes import inbound


def document() -> dict[str, Any]:
    """The API's description without how one is let in: here a good token or cookie goes along, whatever is made up."""
    described = describe(ROUTES)
    for methods in described["paths"].values():
        for operation in methods.values():
            operation["security"] = []
    return described


SCHEMA = schemathesis.openapi.from_dict(document())
OPERATIONS: dict[str, APIOperation[Any, Any, Any, Any]] = {
    operation.definition.raw["operationId"]: operation
    for operation in (result.ok() for result in SCHEMA.get_all_operations())
    if operation.definition.raw["operationId"] != "stream"  # a WebSocket
}
BROWSER = {route.handler for route in ROUTES if route.browser}
REFUSES_MORE = {
    *("add_token", "change_password", "upload", "reply"),
    *("add_team", "change_team", "add_skill", "change_skill", "describe_agent", "assign", "transfer", "snooze"),
    *("figures", "figures_csv", "rating_comments", "decide", "put_hours", "send_test"),
    *("inbox", "search", "mark_read", "add_note", "change_tags", "change_attributes", "add_canned", "change_canned"),
    *("file", "put_file", "put_files", "undo", "import_pack"),
    *("add_intent", "put_meaning", "delete_intent", "rename_intent", "put_examples", "put_replies", "understand"),
    *("flows", "draft_flows", "compared", "put_thresholds"),
}
"""What a schema cannot say: that a time is past, a password the wrong one, a file too long, a reply without words; that
somebody or something named does not exist; that a period ends before it begins; that a cursor is none that a list has
given, a question has no word in it, a conversation has fewer entries, a value is none of its kind; that a pack would
not be sound, and that a change names the content that was seen."""
LONGEST_LINE = 8000
"""What aiohttp reads of a request's first line."""
SLOW = {"sign_in", "change_password", "add_user", "change_user"}
"""A password is hashed, which takes its time on purpose."""


@dataclass(frozen=True)
class Server:
    """A running desk with something of everything in it; `known` are ids that exist, by the parameter's place."""

    url: str
    token: str
    cookie: str
    known: dict[str, str]

    def ask(self, case: Case, operation: str) -> None:
        """Send what was made up, and check the answer."""
        place = case.operation.path
        for name in case.path_parameters or {}:
            if (identity := self.known.get(place.split("{")[0])) is not None:
                case.path_parameters[name] = identity
        if operation in BROWSER:
            more: dict[str, Any] = {"cookies": {"babeldesk_session": self.cookie}}
        else:
            more = {"headers": {"Authorization": f"Bearer {self.token}"}}
        response = case.call(base_url=self.url, **more)
        if len(response.request.url or "") > LONGEST_LINE:
            return  # refused before it reached a route
        excluded = [positive_data_acceptance] if operation in REFUSES_MORE else []
        case.validate_response(response, excluded_checks=excluded)


async def furnished(rig: ConsoleRig) -> Server:
    rig.models.line = LineUp((ModelVersion("v2"), ModelVersion("v1", problem="broken")), champion="v2")
    core = rig.core
    core.memory.failures = [DeliveryRefused("blocked by the user")]
    identity = await rig.waiting()
    core.model.error = RuntimeError("the model is broken")
    await core.hears(inbound("hello", conversation="bob"))
    await core.settled()
    core.model.error = None
    root = await rig.agent("root")
    script = await rig.script("root")
    other = await rig.script("kim")
    await root.call("PATCH", "/api/v1/users/u-lee", {"role": "viewer"})
    letters = (await root.get("/api/v1/dead-letters"))["items"]
    blob, _ = await rig.console._areas[1][1]._blobs.put("a.txt", _bytes(), 100)  # type: ignore[attr-defined]
    (cookie,) = [c.value for c in root.session.cookie_jar]
    known = {
        "/api/v1/users/": "u-kim",
        "/api/v1/conversations/": identity,
        "/api/v1/dead-letters/": letters[0]["message"]["id"],
        "/api/v1/files/": blob,
        "/api/v1/tokens/": other.id,
        "/api/v1/intents/": "greeting",
        "/api/v1/pack/revisions/": "1",
        "/api/v1/pack/export/": "en",
        "/api/v1/models/": "v2",
    }
    return Server(rig.url, script.token, cookie, known)


async def _bytes() -> Any:
    yield b"hello"


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """In a thread with a loop of its own: what is made up is sent from where no loop runs."""
    ready: Future[Server] = Future()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()

    async def run() -> None:
        try:
            async with console_rig() as rig:
                ready.set_result(await furnished(rig))
                await stop.wait()
        except BaseException as error:
            if ready.done():
                raise
            ready.set_exception(error)

    thread = threading.Thread(target=lambda: loop.run_until_complete(run()))
    thread.start()
    try:
        yield ready.result(timeout=60)
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=30)
        loop.close()


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_route_answers_as_it_is_described(server: Server, operation: str) -> None:
    described = OPERATIONS[operation]
    right = described.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = described.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @settings(
        max_examples=2 if operation in SLOW else 10,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=st.one_of(right, wrong))
    def ask(case: Case) -> None:
        server.ask(case, operation)

    ask()
