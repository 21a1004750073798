"""The Slack channel against a strict stand-in, with the real SDKs in between."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from adapters.http import error_middleware
from adapters.slack import SlackChannel
from adapters.slack.parse import Me, Place, parse_action, parse_event, plain_text
from adapters.slack.render import MAX_BLOCKS, MAX_SECTION, MAX_TEXT, render_posts
from bot.conversation import Conversation
from bot.errors import ChannelUnavailable, DeliveryRefused
from bot.messages import Attachment, Author, Button, Command, Edited, Outbound, Pressed, Sender, Text
from storage.memory import MemoryStore
from tests.adapters.contract import ChannelContract, RecordingIntake, outbound
from tests.fakes import MORNING, MemoryBlobs
from tests.standins.slack import (
    APP_TOKEN,
    BOT_TOKEN,
    SIGNING_SECRET,
    TEAM,
    Room,
    SlackStandIn,
    check_blocks,
    shown,
    sign,
)

PAYLOADS = Path(__file__).parent / "payloads"
ME = Me(TEAM, "U0BOT", "B0001")


@dataclass
class SlackRig:
    """A running channel, the stand-in behind it, and one customer."""

    channel: SlackChannel
    intake: RecordingIntake
    server: SlackStandIn
    room: Room
    blobs: MemoryBlobs
    store: MemoryStore
    url: str
    has_wire: bool = True

    async def write(self, text: str, *, times: int = 1) -> None:
        await self.room.write(text, times=times)

    async def write_until_taken(self, text: str) -> None:
        await self.room.write(text)

    async def press(self, outbound: Outbound, button: Button) -> None:
        await self.room.press(button.label)

    async def attach(self, name: str, content: bytes) -> None:
        await self.room.send_file(name, content)

    async def seen(self) -> Sequence[str]:
        return self.room.texts

    async def throttle(self, seconds: float) -> None:
        self.server.throttled.append(seconds)

    async def refuse(self) -> None:
        self.server.refusing = "is_archived"

    async def settle(self) -> None:
        """Until everything was handed over."""
        async with asyncio.timeout(5):
            while self.server._tasks:
                await asyncio.sleep(0.01)


@asynccontextmanager
async def slack_rig(*, socket_mode: bool, bot_token: str = BOT_TOKEN) -> AsyncIterator[SlackRig]:
    async with SlackStandIn() as server:
        intake, blobs, store = RecordingIntake(), MemoryBlobs(), MemoryStore()
        channel = SlackChannel(
            bot_token=bot_token,
            signing_secret=None if socket_mode else SIGNING_SECRET,
            app_token=APP_TOKEN if socket_mode else None,
            base_url=server.url,
            store=store,
            blobs=blobs,
            max_download=1_000_000,
        )
        app = web.Application(middlewares=[error_middleware])
        channel.mount(app, intake)
        runner = web.AppRunner(app, shutdown_timeout=0.2, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhooks/slack/events"
        if not socket_mode:
            server.events_url = url
        async with channel:
            task = asyncio.create_task(channel.run(intake))
            try:
                if bot_token == BOT_TOKEN:
                    async with asyncio.timeout(5):
                        while (not server.sockets) if socket_mode else channel.problem:
                            await asyncio.sleep(0.01)
                yield SlackRig(channel, intake, server, server.dm(), blobs, store, url)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await runner.cleanup()


class TestContractByHttp(ChannelContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[SlackRig]:
        async with slack_rig(socket_mode=False) as rig:
            yield rig


class TestContractBySocketMode(ChannelContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[SlackRig]:
        async with slack_rig(socket_mode=True) as rig:
            yield rig


@pytest.fixture
async def http_mode() -> AsyncIterator[SlackRig]:
    async with slack_rig(socket_mode=False) as rig:
        yield rig


async def post(rig: SlackRig, body: bytes, headers: dict[str, str], kind: str = "application/json") -> int:
    async with aiohttp.ClientSession() as http:
        async with http.post(rig.url, data=body, headers={"Content-Type": kind, **headers}) as response:
            return response.status


async def test_a_mention_that_comes_twice_under_two_event_ids_is_one_event(http_mode: SlackRig) -> None:
    channel = http_mode.server.channel()
    await channel.write("<@U0BOT> where is my order?")
    await http_mode.settle()
    inbounds = await http_mode.intake.wait_for(2)
    assert len({inbound.id for inbound in inbounds}) == 1
    assert {inbound.content for inbound in inbounds} == {Text("where is my order?")}


async def test_a_mention_is_answered_in_the_thread_it_opens(http_mode: SlackRig) -> None:
    event = await http_mode.server.channel().write("<@U0BOT> hello")
    (inbound, *_) = await http_mode.intake.wait_for(1)
    assert inbound.address.conversation == f"{TEAM}:C0SHOP:{event['ts']}"
    thread = http_mode.server.channel(thread=event["ts"])
    await http_mode.channel.send(outbound(inbound.address, "Hi there"))
    assert thread.texts == ["Hi there"]


async def test_in_a_thread_of_the_bots_nobody_needs_to_mention_it_again(http_mode: SlackRig) -> None:
    other = http_mode.server.channel(thread="1.000001")
    await other.write("just us talking")
    await http_mode.settle()
    assert http_mode.intake.inbounds == []
    address = Place(TEAM, "C0SHOP", "1.000001").address()
    async with http_mode.store.unit() as unit:
        customer = await unit.customers.resolve("slack", Sender("U0ANA"), MORNING)
        await unit.conversations.add(Conversation("c", address, customer.id, MORNING, MORNING, version=1))
    await other.write("and what about my refund?")
    (inbound,) = await http_mode.intake.wait_for(1)
    assert inbound.content == Text("and what about my refund?")


async def test_the_bots_own_messages_are_not_heard(http_mode: SlackRig) -> None:
    address = Place(TEAM, http_mode.room.id).address()
    await http_mode.channel.send(outbound(address, "I am the bot"))
    await http_mode.settle()
    assert http_mode.intake.inbounds == []
    assert http_mode.server.statuses == [200]


async def test_the_senders_name_and_language_are_looked_up_once(http_mode: SlackRig) -> None:
    await http_mode.room.write("hola")
    await http_mode.room.write("hola")
    first, _ = await http_mode.intake.wait_for(2)
    assert (first.sender.name, first.sender.locale) == ("Ana", "es-ES")
    assert [method for method, _ in http_mode.server.calls].count("users.info") == 1


async def test_who_we_are_is_asked_once_and_not_for_every_event(http_mode: SlackRig) -> None:
    for _ in range(3):
        await http_mode.room.write("hola")
    await http_mode.intake.wait_for(3)
    assert [method for method, _ in http_mode.server.calls].count("auth.test") == 1


async def test_an_edit_comes_as_an_edit_and_a_preview_does_not(http_mode: SlackRig) -> None:
    event = await http_mode.room.write("hola")
    await http_mode.intake.wait_for(1)
    await http_mode.room.edit(event, event["text"])
    await http_mode.room.edit(event, "adiós")
    inbounds = await http_mode.intake.wait_for(2)
    assert [i.content for i in inbounds] == [Text("hola"), Edited(event["ts"], "adiós")]


async def test_a_slash_command_is_a_command(http_mode: SlackRig) -> None:
    await http_mode.server.command(http_mode.room, "/babeldesk", "language de")
    (inbound,) = await http_mode.intake.wait_for(1)
    assert inbound.content == Command("language", "de")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Slack-Request-Timestamp": "now", "X-Slack-Signature": "v0=abc"},
        {"X-Slack-Request-Timestamp": "1", "X-Slack-Signature": "v0=abc"},
    ],
)
async def test_an_unsigned_event_is_refused_and_nothing_stored(http_mode: SlackRig, headers: dict[str, str]) -> None:
    assert await post(http_mode, (PAYLOADS / "message_im.json").read_bytes(), headers) == 401
    assert http_mode.intake.inbounds == []


async def test_an_old_or_foreign_signature_is_refused(http_mode: SlackRig) -> None:
    body = (PAYLOADS / "message_im.json").read_bytes()
    assert await post(http_mode, body, sign(body, at=time.time() - 600)) == 401
    assert await post(http_mode, body, sign(body, secret="another")) == 401
    assert await post(http_mode, body + b" ", sign(body)) == 401
    assert http_mode.intake.inbounds == []


@pytest.mark.parametrize("body", [b"{", b"", b"[]", b"null", b"payload=%7B", b"\xff\xfe"])
async def test_a_signed_body_that_cannot_be_read_is_a_bad_request(http_mode: SlackRig, body: bytes) -> None:
    for kind in ("application/json", "application/x-www-form-urlencoded"):
        assert await post(http_mode, body, sign(body), kind) in ({400} if body != b"\xff\xfe" else {400, 401})
    assert http_mode.intake.inbounds == []


async def test_slacks_challenge_is_answered(http_mode: SlackRig) -> None:
    body = json.dumps({"type": "url_verification", "challenge": "abc", "token": "x"}).encode()
    async with aiohttp.ClientSession() as http:
        async with http.post(http_mode.url, data=body, headers={"Content-Type": "application/json", **sign(body)}) as r:
            assert r.status == 200
            assert "abc" in await r.text()


async def test_events_that_mean_nothing_to_us_are_acknowledged(http_mode: SlackRig) -> None:
    for event in ({"type": "app_home_opened"}, {"type": "message", "subtype": "channel_join", "user": "U1"}):
        body = json.dumps({"type": "event_callback", "team_id": TEAM, "event": event, "event_id": "E"}).encode()
        assert await post(http_mode, body, sign(body)) == 200
    assert http_mode.intake.inbounds == []


async def test_a_wrong_token_is_reported() -> None:
    async with slack_rig(socket_mode=False, bot_token="xoxb-wrong") as rig, asyncio.timeout(5):
        while rig.channel.problem != "Slack refuses: invalid_auth":
            await asyncio.sleep(0.01)


async def test_a_short_rate_limit_is_waited_out(http_mode: SlackRig) -> None:
    http_mode.server.throttled = [1]
    await http_mode.channel.send(outbound(Place(TEAM, http_mode.room.id).address(), "hi"))
    assert http_mode.room.texts == ["hi"]


async def test_a_server_error_is_tried_again_and_an_unknown_channel_is_not(http_mode: SlackRig) -> None:
    http_mode.server.failing = [503]
    with pytest.raises(ChannelUnavailable):
        await http_mode.channel.send(outbound(Place(TEAM, http_mode.room.id).address(), "hi"))
    with pytest.raises(DeliveryRefused, match="channel_not_found"):
        await http_mode.channel.send(outbound(Place(TEAM, "C404").address(), "hi"))


async def test_our_token_goes_to_slack_only(http_mode: SlackRig) -> None:
    with pytest.raises(DeliveryRefused, match="does not lie with Slack"):
        await anext(http_mode.channel.fetch(Attachment("x", "a/b", 1, "https://evil.example/files/x")))


async def test_an_agents_message_carries_the_agents_name_and_files(http_mode: SlackRig) -> None:
    sent = outbound(Place(TEAM, http_mode.room.id).address(), "Look:")
    http_mode.blobs.files = {"d": b"y" * 20}
    message = replace(
        sent.message,
        author=Author.AGENT,
        author_name="Kim",
        attachments=(Attachment("b.pdf", "application/pdf", blob="d"),),
    )
    await http_mode.channel.send(Outbound(sent.address, message))
    assert http_mode.room.messages[0]["blocks"][0]["elements"][0]["text"] == "Kim"
    assert http_mode.room.texts == ["Look:", "[file of 20 bytes]"]


# --- parsing ----------------------------------------------------------------------------------------------------------


def payload(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((PAYLOADS / f"{name}.json").read_text())
    return body


def test_a_direct_message_is_read() -> None:
    candidate = parse_event(payload("message_im"), ME)
    assert candidate is not None
    assert candidate.addressed
    assert candidate.inbound.content == Text("Is 3 < 4 & 5 > 2? See https://shop.example/a?b=1&c=2 @U0KIM")
    assert candidate.inbound.address.conversation == f"{TEAM}:D0ANA"


def test_a_pressed_button_is_read() -> None:
    inbound = parse_action(payload("block_actions"), MORNING)
    assert inbound is not None
    assert inbound.content == Pressed("intent:order_status", "Track my order")
    assert inbound.address.conversation == f"{TEAM}:C0SHOP:1795500000.000100"


@pytest.mark.parametrize("name", ["bot_message", "message_deleted", "unfurl"])
def test_what_is_no_customers_message_is_passed_over(name: str) -> None:
    assert parse_event(payload(name), ME) is None


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("<@U0BOT> hi", "hi"),
        ("<@U0BOT|babel> hi", "hi"),
        ("<mailto:a@b.example|a@b.example>", "a@b.example"),
        ("<https://x.example|the shop>", "the shop (https://x.example)"),
        ("<https://x.example>", "https://x.example"),
        ("<!here> <#C1|general>", "@here #general"),
        ("1 &lt; 2 &amp;amp; &gt;", "1 < 2 &amp; >"),
    ],
)
def test_slacks_markup_is_read_as_it_was_typed(raw: str, said: str) -> None:
    assert plain_text(raw, ME) == said


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**12) | st.text(max_size=15),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from("type text ts user channel files message previous_message subtype edited thread_ts".split()),
        inner | st.sampled_from(["message", "app_mention", "message_changed", "1.2"]),
        max_size=6,
    ),
    max_leaves=15,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["event", "team_id", "type"]), json_values))
def test_whatever_event_comes_parsing_does_not_break(body: dict[str, Any]) -> None:
    candidate = parse_event(body, ME)
    assert candidate is None or candidate.inbound.address.channel == "slack"


# --- rendering --------------------------------------------------------------------------------------------------------


@given(st.text(max_size=200).map(lambda t: t * 60), st.integers(0, 30))
def test_any_text_is_rendered_within_the_limits_and_reads_the_same(text: str, buttons: int) -> None:
    choices = tuple(Button(f"Choice {i} " + "x" * 80, f"v{i}") for i in range(buttons))
    posts = render_posts(outbound(Place(TEAM, "D1").address(), text, choices))
    for rendered in posts:
        check_blocks(rendered.blocks)
        assert len(rendered.blocks) <= MAX_BLOCKS
        assert len(rendered.text) <= MAX_TEXT
    seen = "".join(shown({"blocks": p.blocks}) for p in posts)
    assert "".join(seen.split()) == "".join(text.split())


def test_addresses_in_a_text_can_be_followed() -> None:
    (rendered,) = render_posts(outbound(Place(TEAM, "D1").address(), "See https://a.example/b?c=1, please."))
    (section,) = rendered.blocks[0]["elements"]
    assert [e["type"] for e in section["elements"]] == ["text", "link", "text"]
    assert section["elements"][1]["url"] == "https://a.example/b?c=1"


def test_a_long_text_takes_several_blocks_and_the_buttons_come_last() -> None:
    text = " ".join(f"Sentence number {i}." for i in range(3000))
    posts = render_posts(outbound(Place(TEAM, "D1").address(), text, (Button("Yes", "yes"),)))
    assert len(posts) == 2
    assert [b["type"] for b in posts[-1].blocks][-1] == "actions"
    rich = [block for post in posts for block in post.blocks if block["type"] == "rich_text"]
    assert all(len(part["text"]) <= MAX_SECTION for block in rich for part in block["elements"][0]["elements"])
