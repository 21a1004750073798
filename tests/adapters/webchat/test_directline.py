"""Direct Line 3.0, as any client speaks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import timedelta

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.webchat.activities import Activity, parse_activity, render_message
from adapters.webchat.tokens import Token, Tokens
from bot.conversation import Conversation, Role, User
from bot.messages import Author, Button, Message, Outbound, Receipt, Sender
from bot.ports import Channel
from tests.adapters.contract import ChannelContract, RecordingIntake
from tests.adapters.webchat.rig import WebRig, web_rig
from tests.fakes import MORNING
from tests.standins.directline import DirectLineCustomer

KIM = User("u-kim", "kim", "Kim", Role.AGENT, "-", MORNING)


@pytest.fixture
async def rig() -> AsyncIterator[WebRig]:
    async with web_rig() as running:
        yield running


async def test_a_customer_is_welcomed_and_answered_in_their_language(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url, locale="de-DE") as customer:
        assert await customer.wait_for_texts(1) == ["Willkommen bei Tiny."]
        await customer.write("wie lange dauert es?")
        assert (await customer.wait_for_texts(2))[1] == "Es dauert 3 Tage."


async def test_the_clients_own_message_comes_back_with_the_id_it_was_told(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        identity = await customer.write("hello", client_id="c-1")
        await customer.wait_for_texts(2)
        (own,) = [a for a in customer.activities if a["from"]["role"] == "user"]
        assert own["id"] == identity
        assert own["channelData"]["clientActivityID"] == "c-1"
        assert own["text"] == "hello"


async def test_a_message_that_is_posted_again_is_stored_and_answered_once(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        ids = {await customer.write("hello", client_id="c-1") for _ in range(3)}
        await customer.wait_for_texts(2)
        await asyncio.sleep(0.1)
        assert len(ids) == 1
        assert customer.texts == ["Welcome to Tiny.", "Hello from Tiny!"]


async def test_opening_a_conversation_again_does_not_welcome_again(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        await customer.wait_for_texts(1)
        again = await customer.call("POST", "conversations", expect=200)
        assert again["conversationId"] == customer.conversation
        await asyncio.sleep(0.1)
        assert len(customer.texts) == 1


async def test_a_client_may_poll_with_a_watermark(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url, socket=False) as customer:
        await customer.write("hello")
        async with asyncio.timeout(5):
            while len((first := await customer.get())["activities"]) < 3:
                await asyncio.sleep(0.01)
        assert [a["text"] for a in first["activities"]] == ["Welcome to Tiny.", "hello", "Hello from Tiny!"]
        rest = await customer.get(first["watermark"])
        assert rest == {"activities": [], "watermark": first["watermark"]}


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.sampled_from(["write", "cut", "resume", "wait"]), min_size=3, max_size=15))
async def test_whenever_the_connection_is_cut_nothing_is_lost_or_doubled(cuts: list[str]) -> None:
    async with web_rig() as rig, DirectLineCustomer(rig.url) as customer:
        written = 0
        for step in cuts:
            if step == "write":
                written += 1
                await customer.write("hello")
            elif step == "cut":
                await customer.cut()
            elif step == "resume":
                await customer.cut()
                await customer.resume()
            else:
                await asyncio.sleep(0.01)
        await customer.cut()
        await customer.resume()
        await customer.wait_for_texts(written + 1)
        await asyncio.sleep(0.02)
        ids = [a["id"] for a in customer.activities]
        assert len(ids) == len(set(ids)) == 2 * written + 1


async def test_two_tabs_see_the_same_conversation(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as first, DirectLineCustomer(rig.url) as second:
        second.conversation, second.token, second.watermark = first.conversation, first.token, None
        await second.cut()
        second.activities.clear()
        await second.resume()
        await first.write("hello")
        await first.wait_for_texts(2)
        assert await second.wait_for_texts(2) == first.texts


async def test_an_agents_words_and_typing_reach_the_open_chat(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        await customer.write("a person please")
        await customer.wait_for_texts(2)
        async with rig.store.unit(write=False) as unit:
            (handoff,) = await unit.handoffs.list(["waiting"])  # type: ignore[list-item]
        await rig.core.desk.claim(handoff.conversation, KIM)
        await rig.core.desk.typing(handoff.conversation, KIM)
        await rig.core.desk.answer(handoff.conversation, KIM, "Hello, Kim here.")
        assert (await customer.wait_for_texts(4))[3] == "Hello, Kim here."
        last = customer.activities[-1]
        assert last["from"]["name"] == "Kim"
        assert last["channelData"]["babeldesk"]["author"] == "agent"
        assert any(t["channelData"]["babeldesk"]["author"] == "agent" for t in customer.typing)


async def test_what_agents_note_among_themselves_never_leaves(rig: WebRig) -> None:
    rig.model.error = RuntimeError("secret detail")
    async with DirectLineCustomer(rig.url) as customer:
        await customer.write("hello")
        await customer.wait_for_texts(3)
        everything = json.dumps((await customer.get())["activities"])
        assert "secret detail" not in everything
        assert "/start" not in everything


async def test_a_token_opens_its_own_conversation_only(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as ana, DirectLineCustomer(rig.url) as ben:
        for method, path in (
            ("GET", f"conversations/{ben.conversation}/activities"),
            ("POST", f"conversations/{ben.conversation}/activities"),
            ("GET", f"conversations/{ben.conversation}"),
            ("POST", f"conversations/{ben.conversation}/upload"),
        ):
            status, body = await ana.raw(
                method, path, json_body={"type": "message", "text": "hi"} if method == "POST" else None
            )
            assert (status, body["error"]["code"]) == (403, "Forbidden")
        stream = f"{rig.url}/v3/directline/conversations/{ben.conversation}/stream?t={ana.token}"
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await ana.session.ws_connect(stream)
        assert caught.value.status == 403


async def test_a_token_expires_and_can_be_refreshed_before(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        rig.clock.advance(29 * 60)
        refreshed = await customer.call("POST", "tokens/refresh")
        rig.clock.advance(2 * 60)
        status, body = await customer.raw("GET", f"conversations/{customer.conversation}/activities")
        assert (status, body["error"]["code"]) == (403, "TokenExpired")
        customer.token = refreshed["token"]
        await customer.get()


async def test_a_customer_who_comes_back_the_next_day_finds_the_conversation(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        await customer.write("hello")
        await customer.wait_for_texts(2)
        await customer.cut()
        rig.clock.advance(86_400)
        again = await customer.call("POST", "tokens/generate", {"resume": customer.resume_token})
        assert again["conversationId"] == customer.conversation
        customer.token = again["token"]
        assert len((await customer.get())["activities"]) == 3
        rig.clock.advance(31 * 86_400)
        status, _ = await customer.raw("POST", "tokens/generate", json_body={"resume": customer.resume_token})
        assert status == 403
        status, _ = await customer.raw("POST", "tokens/generate", json_body={"resume": customer.token})
        assert status == 403


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "eyJhbGciOiJub25lIn0.eyJjb252IjoieCIsInN1YiI6IngifQ."])
async def test_a_forged_token_is_refused(rig: WebRig, token: str) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        status, _ = await customer.raw("GET", f"conversations/{customer.conversation}/activities", token=token)
        assert status == 401
        foreign = Tokens("another secret").sign(Token(customer.conversation, "u"), MORNING + timedelta(minutes=1))
        status, _ = await customer.raw("GET", f"conversations/{customer.conversation}/activities", token=foreign)
        assert status == 401


async def test_nobody_can_write_as_somebody_else(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url, name="Ana") as customer:
        await customer.write("hello", **{"from": {"id": "the-boss", "name": "The Boss"}})
        await customer.wait_for_texts(2)
        (own,) = [a for a in customer.activities if a["from"]["role"] == "user"]
        assert own["from"].get("name") == "Ana"


async def test_with_a_secret_only_its_bearer_gets_tokens() -> None:
    async with web_rig(direct_line_secret="s3cret") as rig, aiohttp.ClientSession() as http:
        url = f"{rig.url}/v3/directline/tokens/generate"
        assert (await http.post(url)).status == 401
        assert (await http.post(url, headers={"Authorization": "Bearer s3cret"})).status == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"\xff\xff", 400),
        (b"[]", 400),
        (b'{"text": "no type"}', 400),
        (b'{"type": "message", "text": 7}', 400),
        (b'{"type": "message", "attachments": [{"contentUrl": "data:image/png;base64,###"}]}', 400),
        (b'{"type": "message", "text": "' + b"x" * 200_000 + b'"}', 413),
    ],
)
async def test_a_malformed_activity_is_refused_and_nothing_stored(rig: WebRig, body: bytes, status: int) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        await customer.wait_for_texts(1)
        got, answer = await customer.raw("POST", f"conversations/{customer.conversation}/activities", data=body)
        assert got == status
        assert answer["error"]["message"]
        await asyncio.sleep(0.05)
        assert len((await customer.get())["activities"]) == 1


async def test_a_watermark_that_is_none_is_refused(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        status, body = await customer.raw("GET", f"conversations/{customer.conversation}/activities?watermark=x")
        assert (status, body["error"]["code"]) == (400, "BadArgument")


async def test_ten_thousand_emoji_and_broken_unicode_are_answered(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        await customer.write("😀" * 10_000)
        assert (await customer.wait_for_texts(2))[1] == "More than 8000 characters."
        raw = b'{"type": "message", "text": "\\ud83d a \\u0000 b"}'
        await customer.raw("POST", f"conversations/{customer.conversation}/activities", data=raw)
        await customer.wait_for_texts(3)


async def test_a_file_is_uploaded_with_a_text_and_served_to_who_has_its_address(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        form = aiohttp.FormData()
        activity = json.dumps({"type": "message", "text": "hello", "from": {"id": "u"}})
        form.add_field("activity", activity, content_type="application/vnd.microsoft.activity")
        form.add_field("file", b"\x89PNG...", filename="bild ä.png", content_type="image/png")
        status, _ = await customer.raw("POST", f"conversations/{customer.conversation}/upload", data=form)
        assert status == 200
        await customer.wait_for_texts(2)
        (own,) = [a for a in customer.activities if a["from"]["role"] == "user"]
        (attachment,) = own["attachments"]
        assert (attachment["name"], attachment["contentType"]) == ("bild ä.png", "image/png")
        async with customer.session.get(rig.url + attachment["contentUrl"]) as response:
            assert await response.read() == b"\x89PNG..."
        async with customer.session.get((rig.url + attachment["contentUrl"])[:-2] + "00") as response:
            assert response.status == 403


async def test_a_file_over_the_limit_is_refused(rig: WebRig) -> None:
    async with DirectLineCustomer(rig.url) as customer:
        form = aiohttp.FormData()
        form.add_field("file", b"x" * 20_001, filename="big.bin")
        status, body = await customer.raw("POST", f"conversations/{customer.conversation}/upload", data=form)
        assert (status, body["error"]["code"]) == (413, "MessageSizeTooBig")


async def test_pages_of_other_sites_may_use_the_chat_and_only_the_chat(rig: WebRig) -> None:
    async with aiohttp.ClientSession(headers={"Origin": "https://shop.example"}) as http:
        async with http.options(f"{rig.url}/v3/directline/conversations") as response:
            assert response.status == 204
            assert "Authorization" in response.headers["Access-Control-Allow-Headers"]
        async with http.post(f"{rig.url}/v3/directline/conversations") as response:
            assert response.headers["Access-Control-Allow-Origin"] == "*"
        async with http.post(f"{rig.url}/webhooks/rest/webhook", json={"message": "hello"}) as response:
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_the_owner_can_name_the_sites_that_may_embed_the_chat() -> None:
    async with web_rig(allowed_origins=("https://shop.example",)) as rig, aiohttp.ClientSession() as http:
        url = f"{rig.url}/v3/directline/tokens/generate"
        async with http.post(url, headers={"Origin": "https://shop.example"}) as response:
            assert response.headers["Access-Control-Allow-Origin"] == "https://shop.example"
        async with http.post(url, headers={"Origin": "https://evil.example"}) as response:
            assert "Access-Control-Allow-Origin" not in response.headers


async def test_asking_for_tokens_without_end_is_slowed_down(rig: WebRig) -> None:
    async with aiohttp.ClientSession() as http:
        statuses = [(await http.post(f"{rig.url}/v3/directline/tokens/generate")).status for _ in range(62)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


class WebChatRig:
    """Plays a browser for the contract."""

    has_wire = False

    def __init__(self, rig: WebRig, intake: RecordingIntake, customer: DirectLineCustomer) -> None:
        self.channel: Channel = rig.webchat
        self.intake = intake
        self._rig = rig
        self._customer = customer
        self._retries: asyncio.Task[None] | None = None

    async def write(self, text: str, *, times: int = 1) -> None:
        for _ in range(times):
            await self._customer.write(text, client_id=f"id-{text}")

    async def write_until_taken(self, text: str) -> None:
        async def keep_trying() -> None:
            body = {"type": "message", "text": text, "channelData": {"clientActivityID": "again"}}
            path = f"conversations/{self._customer.conversation}/activities"
            while (await self._customer.raw("POST", path, json_body=body))[0] != 200:
                await asyncio.sleep(0.05)

        self._retries = asyncio.create_task(keep_trying())

    async def press(self, outbound: Outbound, button: Button) -> None:
        await self._customer.write(button.label, value=button.value)

    async def attach(self, name: str, content: bytes) -> None:
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name, content_type="application/pdf")
        status, _ = await self._customer.raw("POST", f"conversations/{self._customer.conversation}/upload", data=form)
        assert status == 200

    async def seen(self) -> Sequence[str]:
        return [a["text"] for a in (await self._customer.get())["activities"] if a["from"]["role"] == "bot"]

    async def throttle(self, seconds: float) -> None:
        raise AssertionError("nothing goes over a wire")

    async def refuse(self) -> None:
        raise AssertionError("nothing goes over a wire")


class TestContract(ChannelContract):
    @pytest.fixture
    async def rig(self) -> AsyncIterator[WebChatRig]:
        intake = RecordingIntake()
        async with web_rig(intake=intake) as running, DirectLineCustomer(running.url, socket=False) as customer:
            intake.inbounds.clear()  # the opening
            rig = WebChatRig(running, intake, customer)
            deliver = running.webchat.send

            async def send(outbound: Outbound) -> Receipt:
                """As the core does it: a message is in the history before the channel hears of it."""
                message, at = outbound.message, outbound.message.at
                async with running.store.unit() as unit:
                    customer = await unit.customers.resolve("webchat", Sender("u"), at)
                    conversation = Conversation(message.conversation, outbound.address, customer.id, at, at, seq=1)
                    await unit.conversations.add(replace(conversation, version=1))
                    await unit.messages.append([message])
                return await deliver(outbound)

            running.webchat.send = send  # type: ignore[method-assign]
            yield rig
            if rig._retries is not None:
                await rig._retries


@pytest.mark.parametrize(
    ("named", "said", "sender"),
    [
        (None, "  Ana \n Ruiz ", Sender("u", "Ana Ruiz", "de", vouched=False)),
        (None, " ", Sender("u", None, "de", vouched=False)),
        ("Zoë", "Root", Sender("u", "Zoë", "de")),
    ],
)
def test_a_name_that_the_client_gives_is_taken_where_the_token_has_none(
    named: str | None, said: str, sender: Sender
) -> None:
    activity = Activity.model_validate({"type": "message", "text": "hi", "from": {"id": "me", "name": said}})
    inbound = parse_activity(activity, Token("c", "u", named, "de"), "1", MORNING)
    assert inbound is not None
    assert inbound.sender == sender


def test_a_message_is_rendered_with_its_buttons() -> None:
    message = Message(
        "m1", "c", 2, Author.BOT, MORNING, "Did you mean:", buttons=(Button("Yes", "yes"),), in_reply_to="c|1"
    )
    activity = render_message(message, "c", "u", lambda a: a.name)
    (action,) = activity["suggestedActions"]["actions"]
    assert (action["title"], action["value"]) == ("Yes", "yes")
    assert activity["replyToId"] == "c|1"
