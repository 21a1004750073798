"""What every channel must do, whatever the platform: one suite, run over each by a rig that plays the platform."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import pytest

from bot.errors import ChannelUnavailable, DeliveryRefused, StorageUnavailable
from bot.messages import Address, Author, Button, Inbound, Message, Outbound, Pressed, Text
from bot.ports import Channel

AWKWARD = "a < b & c > d *bold* _it_ ~no~ `code` [x](http://y) <b>hi</b> \\n {shop} @everyone 😀 مرحبا ¯\\_(ツ)_/¯"


@dataclass
class RecordingIntake:
    """An intake that keeps what it gets, and refuses while `broken`."""

    inbounds: list[Inbound] = field(default_factory=list)
    typed: list[Address] = field(default_factory=list)
    broken: bool = False

    async def accept(self, inbound: Inbound) -> bool:
        if self.broken:
            raise StorageUnavailable("the disk is full")
        new = all(known.id != inbound.id for known in self.inbounds)
        self.inbounds.append(inbound)
        return new

    async def typing(self, address: Address) -> None:
        self.typed.append(address)

    async def wait_for(self, count: int) -> list[Inbound]:
        async with asyncio.timeout(10):
            while len(self.inbounds) < count:
                await asyncio.sleep(0.01)
        return self.inbounds


class Rig(Protocol):
    """Plays the platform for one channel that is already running against `intake`."""

    channel: Channel
    intake: RecordingIntake
    has_wire: bool
    """Whether sending goes over a wire that can fail."""

    async def write(self, text: str, *, times: int = 1) -> None:
        """The customer writes; the platform delivers the same event `times` times."""

    async def write_until_taken(self, text: str) -> None:
        """The customer writes; the platform repeats the event until it is acknowledged. Returns at once."""

    async def press(self, outbound: Outbound, button: Button) -> None:
        """The customer presses a button of a message that was sent."""

    async def attach(self, name: str, content: bytes) -> None:
        """The customer sends a file."""

    async def seen(self) -> Sequence[str]:
        """The texts that the customer sees from the bot, as a person reads them (markup undone), in order."""

    async def throttle(self, seconds: float) -> None:
        """The platform answers the next sending with "too many requests, come back in `seconds`"."""

    async def refuse(self) -> None:
        """The platform refuses every sending for good."""


def outbound(address: Address, text: str, buttons: tuple[Button, ...] = (), seq: int = 1) -> Outbound:
    message = Message(
        id=uuid.uuid4().hex,
        conversation="c1",
        seq=seq,
        author=Author.BOT,
        at=datetime.now(UTC),
        text=text,
        language="en",
        buttons=buttons,
    )
    return Outbound(address, message)


class ChannelContract:
    """Subclass it and give a `rig` fixture."""

    async def test_what_a_customer_writes_arrives_as_a_text(self, rig: Rig) -> None:
        await rig.write("¿dónde está mi pedido?")
        (inbound,) = await rig.intake.wait_for(1)
        assert inbound.content == Text("¿dónde está mi pedido?")
        assert inbound.address.channel == rig.channel.name
        assert inbound.at.tzinfo is not None

    async def test_two_messages_of_a_customer_share_an_address_and_differ_in_id(self, rig: Rig) -> None:
        await rig.write("one")
        await rig.write("two")
        first, second = await rig.intake.wait_for(2)
        assert first.address == second.address
        assert first.id != second.id
        assert [first.content, second.content] == [Text("one"), Text("two")]

    async def test_an_event_that_the_platform_repeats_keeps_its_id(self, rig: Rig) -> None:
        await rig.write("hello", times=3)
        inbounds = await rig.intake.wait_for(1)
        assert len({inbound.id for inbound in inbounds}) == 1

    async def test_a_message_that_could_not_be_stored_is_not_lost(self, rig: Rig) -> None:
        rig.intake.broken = True
        await rig.write_until_taken("keep me")
        await asyncio.sleep(0.3)
        assert rig.intake.inbounds == []
        rig.intake.broken = False
        inbounds = await rig.intake.wait_for(1)
        assert inbounds[0].content == Text("keep me")

    async def test_any_text_reaches_the_customer_as_it_is(self, rig: Rig) -> None:
        await rig.write("hi")
        (inbound,) = await rig.intake.wait_for(1)
        await rig.channel.send(outbound(inbound.address, AWKWARD))
        assert list(await rig.seen()) == [AWKWARD]

    async def test_a_long_text_arrives_whole_and_in_order(self, rig: Rig) -> None:
        await rig.write("hi")
        (inbound,) = await rig.intake.wait_for(1)
        text = " ".join(f"Sentence number {i} is here." for i in range(600))
        await rig.channel.send(outbound(inbound.address, text))
        assert " ".join(" ".join(await rig.seen()).split()) == text

    async def test_a_pressed_button_comes_back_with_its_value(self, rig: Rig) -> None:
        await rig.write("hi")
        (inbound,) = await rig.intake.wait_for(1)
        buttons = (Button("Track my order", "intent:order_status"), Button("人間と話す", "human"))
        sent = outbound(inbound.address, "Did you mean:", buttons)
        await rig.channel.send(sent)
        await rig.press(sent, buttons[1])
        pressed = (await rig.intake.wait_for(2))[1]
        assert isinstance(pressed.content, Pressed)
        assert pressed.content.value == "human"
        assert pressed.address == inbound.address

    async def test_a_file_can_be_read_as_it_was_sent(self, rig: Rig) -> None:
        content = bytes(range(256)) * 40
        await rig.attach("Rechnung März.pdf", content)
        (inbound,) = await rig.intake.wait_for(1)
        (attachment,) = inbound.attachments
        assert attachment.name == "Rechnung März.pdf"
        if attachment.blob is None:
            got = b"".join([chunk async for chunk in rig.channel.fetch(attachment)])
            assert got == content

    async def test_too_many_requests_say_when_to_come_back(self, rig: Rig) -> None:
        if not rig.has_wire:
            return
        await rig.write("hi")
        (inbound,) = await rig.intake.wait_for(1)
        await rig.throttle(7)
        sent = outbound(inbound.address, "answer")
        with pytest.raises(ChannelUnavailable) as caught:
            await rig.channel.send(sent)
        assert caught.value.retry_after == pytest.approx(7, abs=1)
        await rig.channel.send(sent)
        assert list(await rig.seen()) == ["answer"]

    async def test_a_refusal_is_final(self, rig: Rig) -> None:
        if not rig.has_wire:
            return
        await rig.write("hi")
        (inbound,) = await rig.intake.wait_for(1)
        await rig.refuse()
        with pytest.raises(DeliveryRefused):
            await rig.channel.send(outbound(inbound.address, "answer"))
