"""The Telegram channel against a strict stand-in for the Bot API, with the real SDK in between."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st
from telegram import Update

from adapters.http import error_middleware
from adapters.telegram import TelegramChannel
from adapters.telegram.parse import Me, parse_update
from adapters.telegram.render import render_parts
from adapters.telegram.target import Target
from adapters.texts import split_text, utf16_length
from bot.errors import ChannelUnavailable, DeliveryRefused
from bot.messages import Attachment, Button, Command, Edited, Inbound, Outbound, Pressed, Text, Unsupported
from tests.adapters.contract import ChannelContract, RecordingIntake, outbound
from tests.fakes import MORNING, MemoryBlobs
from tests.standins.telegram import TOKEN, Chat, TelegramStandIn, shown

PAYLOADS = Path(__file__).parent / "payloads"
ME = Me(123456, "babel_test_bot")


@dataclass
class TelegramRig:
    """A running channel, the stand-in behind it, and one customer."""

    channel: TelegramChannel
    intake: RecordingIntake
    server: TelegramStandIn
    chat: Chat
    blobs: MemoryBlobs
    url: str
    has_wire: bool = True

    async def write(self, text: str, *, times: int = 1) -> None:
        await self.chat.write(text, times=times)

    async def write_until_taken(self, text: str) -> None:
        await self.chat.write(text)

    async def press(self, outbound: Outbound, button: Button) -> None:
        await self.chat.press(button.label)

    async def attach(self, name: str, content: bytes) -> None:
        await self.chat.send_file(name, content)

    async def seen(self) -> Sequence[str]:
        return self.chat.texts

    async def throttle(self, seconds: float) -> None:
        self.server.throttled.append(seconds)

    async def refuse(self) -> None:
        self.server.refusing = "Forbidden: bot was blocked by the user"


@asynccontextmanager
async def telegram_rig(*, webhook: bool, token: str = TOKEN) -> AsyncIterator[TelegramRig]:
    async with TelegramStandIn() as server:
        app = web.Application(middlewares=[error_middleware])
        runner = web.AppRunner(app, shutdown_timeout=0.2)
        intake, blobs = RecordingIntake(), MemoryBlobs()
        probe = web.AppRunner(web.Application())
        await probe.setup()
        site = web.TCPSite(probe, "127.0.0.1", 0)
        await site.start()
        port = probe.addresses[0][1]
        await probe.cleanup()
        url = f"http://127.0.0.1:{port}"
        channel = TelegramChannel(
            token=token,
            base_url=server.url,
            public_url=url if webhook else None,
            secret="s3cret",
            blobs=blobs,
            max_download=1_000_000,
        )
        channel.mount(app, intake)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        async with channel:
            task = asyncio.create_task(channel.run(intake))
            try:
                if token == TOKEN:
                    async with asyncio.timeout(5):
                        while (server.webhook is None) if webhook else (server.pollers == 0):
                            await asyncio.sleep(0.01)
                yield TelegramRig(channel, intake, server, server.chat(language_code="es"), blobs, url)
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
        await runner.cleanup()


class TestContractByPolling(ChannelContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[TelegramRig]:
        async with telegram_rig(webhook=False) as rig:
            yield rig


class TestContractByWebhook(ChannelContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[TelegramRig]:
        async with telegram_rig(webhook=True) as rig:
            yield rig


@pytest.fixture
async def polling() -> AsyncIterator[TelegramRig]:
    async with telegram_rig(webhook=False) as rig:
        yield rig


@pytest.fixture
async def hooked() -> AsyncIterator[TelegramRig]:
    async with telegram_rig(webhook=True) as rig:
        yield rig


async def test_messages_that_wait_keep_their_order_while_storing_fails(polling: TelegramRig) -> None:
    polling.intake.broken = True
    for text in ("one", "two", "three"):
        await polling.chat.write(text)
    await asyncio.sleep(0.3)
    assert polling.channel.problem is not None
    assert "disk" in polling.channel.problem
    polling.intake.broken = False
    inbounds = await polling.intake.wait_for(3)
    assert [i.content for i in inbounds] == [Text("one"), Text("two"), Text("three")]
    assert polling.channel.problem is None


async def test_a_second_poller_is_reported(polling: TelegramRig) -> None:
    other = TelegramChannel(
        token=TOKEN, base_url=polling.server.url, public_url=None, secret="x", blobs=MemoryBlobs(), max_download=1
    )
    async with other:
        task = asyncio.create_task(other.run(RecordingIntake()))
        async with asyncio.timeout(5):
            while "another process" not in (other.problem or ""):
                await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_wrong_token_is_reported() -> None:
    async with telegram_rig(webhook=False, token="1:wrong") as rig, asyncio.timeout(5):
        while "BotFather" not in (rig.channel.problem or ""):
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("secret", [None, "wrong"])
async def test_a_webhook_call_without_our_secret_is_forbidden_and_nothing_stored(
    hooked: TelegramRig, secret: str | None
) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
    update = json.loads((PAYLOADS / "text.json").read_text())
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{hooked.url}/webhooks/telegram", json=update, headers=headers) as response:
            assert response.status == 403
    assert hooked.intake.inbounds == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff",
        b'{"update_id": "x"}',
        b'{"message": {}}',
        b'{"update_id": 1, "message": {"chat": 3}}',
    ],
)
async def test_a_webhook_call_that_is_no_update_is_a_bad_request(hooked: TelegramRig, body: bytes) -> None:
    assert hooked.server.webhook is not None
    headers = {"X-Telegram-Bot-Api-Secret-Token": hooked.server.webhook["secret_token"]}
    async with aiohttp.ClientSession() as http:
        async with http.post(f"{hooked.url}/webhooks/telegram", data=body, headers=headers) as response:
            assert response.status == 400, await response.text()
    assert hooked.intake.inbounds == []


async def test_typing_is_shown_and_not_repeated_within_seconds(polling: TelegramRig) -> None:
    address = Target(polling.chat.id).address()
    for _ in range(3):
        await polling.channel.typing(address)
    await asyncio.sleep(0.2)
    assert polling.chat.actions == ["typing"]


async def test_a_pressed_button_stops_spinning(polling: TelegramRig) -> None:
    address = Target(polling.chat.id).address()
    await polling.channel.send(outbound(address, "Choose", (Button("Yes", "yes"),)))
    await polling.chat.press("Yes")
    (inbound,) = await polling.intake.wait_for(1)
    assert inbound.content == Pressed("yes", "Yes")
    await asyncio.sleep(0.2)
    assert len(polling.server.answered) == 1


async def test_a_retry_sends_only_the_parts_that_are_missing(polling: TelegramRig) -> None:
    text = "\n\n".join(f"Paragraph {i} " + "x" * 3000 for i in range(3))
    sent = outbound(Target(polling.chat.id).address(), text)
    polling.server.throttled = []
    polling.server.failing = []
    original = polling.server._do_sendMessage
    calls = 0

    async def second_fails(parameters: dict[str, object]) -> object:
        nonlocal calls
        calls += 1
        if calls == 2:
            polling.server.throttled.append(1)
        return await original(parameters)

    polling.server._do_sendMessage = second_fails  # type: ignore[method-assign]
    with pytest.raises(ChannelUnavailable):
        await polling.channel.send(sent)
    await polling.channel.send(sent)
    assert [t[:11] for t in polling.chat.texts] == ["Paragraph 0", "Paragraph 1", "Paragraph 2"]


async def test_a_server_error_is_tried_again_and_a_missing_chat_is_not(polling: TelegramRig) -> None:
    polling.server.failing = [502]
    with pytest.raises(ChannelUnavailable):
        await polling.channel.send(outbound(Target(polling.chat.id).address(), "hi"))
    with pytest.raises(DeliveryRefused, match="not found"):
        await polling.channel.send(outbound(Target(999).address(), "hi"))


async def test_an_agents_picture_and_document_are_sent(polling: TelegramRig) -> None:
    polling.blobs.files = {"p": b"x" * 10, "d": b"y" * 20}
    sent = outbound(Target(polling.chat.id).address(), "Look:")
    files = (Attachment("a.png", "image/png", blob="p"), Attachment("b.pdf", "application/pdf", blob="d"))
    message = type(sent.message)(
        **{f: getattr(sent.message, f) for f in sent.message.__slots__} | {"attachments": files}
    )
    await polling.channel.send(Outbound(sent.address, message))
    assert polling.chat.texts == ["Look:", "[photo of 10 bytes]", "[file of 20 bytes]"]


async def test_a_file_that_is_too_large_is_refused_with_the_reason(polling: TelegramRig) -> None:
    with pytest.raises(DeliveryRefused, match="limit"):
        await anext(polling.channel.fetch(Attachment("big", "x/y", 2_000_000, "f")))
    with pytest.raises(DeliveryRefused, match=r"(?i)invalid file_id"):
        await anext(polling.channel.fetch(Attachment("gone", "x/y", 2, "nope")))


async def test_the_token_never_appears_in_logs(polling: TelegramRig, caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    caplog.set_level(logging.INFO)
    await polling.chat.send_file("a.pdf", b"abc")
    (inbound,) = await polling.intake.wait_for(1)
    b"".join([chunk async for chunk in polling.channel.fetch(inbound.attachments[0])])
    polling.server.failing = [500]
    with pytest.raises(ChannelUnavailable) as caught:
        await polling.channel.send(outbound(inbound.address, "hi"))
    assert TOKEN not in caplog.text
    assert TOKEN not in str(caught.value)


async def test_in_a_group_only_what_is_meant_for_the_bot_is_heard_and_answered_as_a_reply(
    polling: TelegramRig,
) -> None:
    group = polling.server.chat(kind="supergroup")
    await group.write("just chatting")
    asked = await group.write("@babel_test_bot where is my order?")
    (inbound,) = await polling.intake.wait_for(1)
    assert inbound.content == Text("where is my order?")
    sent = outbound(inbound.address, "Which order?")
    await polling.channel.send(Outbound(sent.address, sent.message, reply_to=inbound.reference))
    assert group.messages[0]["sent"]["reply_parameters"]["message_id"] == asked["message_id"]


# --- parsing ----------------------------------------------------------------------------------------------------------


def parsed(name: str) -> Inbound | None:
    update = Update.de_json(json.loads((PAYLOADS / f"{name}.json").read_text()), None)
    assert update is not None
    return parse_update(update, ME, MORNING)


@pytest.mark.parametrize(
    ("name", "content", "conversation"),
    [
        ("text", Text("Hallo, wo bleibt meine Bestellung 483920?"), "42"),
        ("start", Command("start", "from-shop"), "42"),
        ("command_in_group", Command("human"), "-1001234567890//42"),
        ("edited", Edited("17", "Hallo, wo ist meine Bestellung?"), "42"),
        ("pressed", Pressed("intent:order_status", "Track my order"), "42"),
        ("photo", Text("kaputt angekommen"), "42"),
        ("voice", Text(""), "42"),
        ("sticker", Text("👍"), "42"),
        ("location", Unsupported("a location"), "42"),
        ("topic_mention", Text("hello?"), "-1001234567890/7/42"),
        ("reply_in_group", Text("yes please"), "-1001234567890//42"),
    ],
)
def test_updates_are_read(name: str, content: object, conversation: str) -> None:
    inbound = parsed(name)
    assert inbound is not None
    assert inbound.content == content
    assert inbound.address.conversation == conversation
    assert inbound.sender.id == "42"


@pytest.mark.parametrize("name", ["group_chatter", "command_for_another_bot", "from_a_bot", "joined", "channel_post"])
def test_updates_that_are_not_for_the_bot_are_passed_over(name: str) -> None:
    assert parsed(name) is None


def test_the_largest_photo_is_taken_and_the_language_hint_kept() -> None:
    inbound = parsed("photo")
    assert inbound is not None
    assert inbound.attachments == (Attachment("photo.jpg", "image/jpeg", 98_304, "AgAC-large"),)
    assert inbound.sender.locale == "de"


@given(st.integers(-(10**13), 10**13), st.none() | st.integers(1, 10**6), st.none() | st.integers(1, 10**10))
def test_a_target_survives_the_way_through_an_address(chat: int, thread: int | None, member: int | None) -> None:
    target = Target(chat, thread, member)
    assert Target.parse(target.address()) == target


KEYS = "id chat from text date type entities photo data".split()

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-100, 10**10) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["message", "edited_message", "callback_query"]), json_values, max_size=2))
def test_whatever_comes_is_read_or_refused_and_never_breaks_otherwise(body: dict[str, object]) -> None:
    try:
        update = Update.de_json({"update_id": 1, **body}, None)
        inbound = parse_update(update, ME, MORNING) if update else None
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError, OSError):
        return
    assert inbound is None or inbound.address.channel == "telegram"


# --- rendering --------------------------------------------------------------------------------------------------------


@given(st.text(max_size=300).map(lambda t: t * 30))
def test_any_text_is_rendered_within_the_limits_and_reads_the_same(text: str) -> None:
    parts = render_parts(outbound(Target(1).address(), text))
    seen = [shown(part.html, "HTML") for part in parts if part.html.strip()]
    assert "".join("".join(seen).split()) == "".join(text.split())


@given(st.text(alphabet="ab .\n!。👍🏽é", min_size=1, max_size=400), st.integers(5, 60))
def test_splitting_keeps_everything_and_respects_the_limit(text: str, limit: int) -> None:
    parts = split_text(text, limit, utf16_length)
    assert all(utf16_length(part) <= limit for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_a_long_text_is_split_at_the_ends_of_sentences() -> None:
    text = " ".join(f"This is sentence number {i}." for i in range(400))
    parts = render_parts(outbound(Target(1).address(), text))
    assert len(parts) == 3
    assert all(part.html.endswith(".") for part in parts)


def test_a_flag_or_a_family_is_never_cut_in_two() -> None:
    family = "👨‍👩‍👧‍👦"
    parts = split_text(family * 100, 50, utf16_length)
    assert all(set(part.replace(family, "")) == set() for part in parts)


def test_short_buttons_stand_side_by_side_under_the_last_part() -> None:
    buttons = (Button("Yes", "yes"), Button("No", "no"), Button("Talk to a person about this", "human"))
    parts = render_parts(outbound(Target(1).address(), "x " * 3000, buttons))
    assert parts[0].keyboard is None
    assert parts[-1].keyboard is not None
    assert [[b.text for b in row] for row in parts[-1].keyboard.inline_keyboard] == [
        ["Yes", "No"],
        ["Talk to a person about this"],
    ]
