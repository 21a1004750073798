"""Stand-ins for what lies behind the core's ports: a model that knows a few sentences, a channel kept in memory."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.errors import InvalidInput, ModelError
from bot.measuring import Difference, Interval, Measurement
from bot.messages import Address, Attachment, Inbound, Outbound, Receipt, Sender, Text
from bot.model_versions import LineUp, MadeBy
from bot.pack import Pack
from bot.pack_examples import Taught
from bot.ports import ActionCall, ActionResult, Hints, Intake
from bot.ports_studio import Evaluation, Progress, Trained
from bot.understanding import Entity, LanguageGuess, RankedIntent, Sentiment, Understanding

SENTENCES: dict[str, tuple[str, str, float]] = {
    "hello": ("en", "greeting", 0.97),
    "hallo": ("de", "greeting", 0.97),
    "how long does it take?": ("en", "delivery_time", 0.93),
    "wie lange dauert es?": ("de", "delivery_time", 0.93),
    "where is my order?": ("en", "order_status", 0.95),
    "where is order 12345?": ("en", "order_status", 0.95),
    "i want to return something": ("en", "return_request", 0.92),
    "where is my money?": ("en", "refund_status", 0.91),
    "i was robbed": ("en", "fraud", 0.9),
    "a person please": ("en", "talk_to_human", 0.96),
    "yes": ("en", "affirm", 0.95),
    "no": ("en", "deny", 0.95),
    "forget it": ("en", "stop", 0.94),
    "thank you": ("en", "thanks", 0.96),
    "12345": ("en", "order_status", 0.4),
    "my thing about the thing": ("en", "delivery_time", 0.45),
    "the other thing": ("en", "refund_status", 0.4),
    "sing me a song": ("en", "out_of_scope", 0.9),
    "où est mon colis ?": ("fr", "delivery_time", 0.9),
}
"""Lower-case text → language, intent, confidence."""

MORNING = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
"""A Monday within the tiny pack's working hours."""


def understand(text: str, hints: Hints | None = None) -> Understanding:
    """What the scripted model makes of a text."""
    hints = hints or Hints()
    kept = max(hints.spoken, key=lambda code: hints.spoken[code]) if hints.spoken else hints.default
    code, intent, confidence = SENTENCES.get(text.casefold(), (kept, "out_of_scope", 0.5))
    rest = [name for name in ("refund_status", "delivery_time", "order_status") if name != intent]
    ranking = (
        RankedIntent(intent, confidence),
        RankedIntent(rest[0], (1 - confidence) * 0.6),
        RankedIntent(rest[1], (1 - confidence) * 0.3),
    )
    entities = tuple(
        Entity("order_number", m.start(), m.end(), m.group()) for m in re.finditer(r"(?<!\d)\d{5,8}(?!\d)", text)
    )
    wanted = {"english please": "en", "auf deutsch bitte": "de", "en français svp": "fr"}.get(text.casefold())
    return Understanding(
        text=text,
        language=LanguageGuess(hints.pinned or code, 0.9),
        ranking=ranking,
        entities=entities,
        in_scope=intent != "out_of_scope",
        requested_language=wanted,
    )


@dataclass
class ScriptedUnderstander:
    """A model that knows `SENTENCES`; fails with `error` while that is set, and finds `sentiment` in all it reads.

    `version` is its name, if it has one.
    """

    error: Exception | None = None
    sentiment: Sentiment | None = None
    version: str | None = None
    asked: list[str] = field(default_factory=list)
    hints: list[Hints] = field(default_factory=list)
    delay: float = 0.0

    async def understand(self, text: str, hints: Hints) -> Understanding:
        self.asked.append(text)
        self.hints.append(hints)
        await asyncio.sleep(self.delay)
        if self.error is not None:
            raise self.error
        return replace(understand(text, hints), model=self.version, sentiment=self.sentiment)


@dataclass
class FakeModels:
    """Versions that are only names; the challenger makes of a message what `opinion` says."""

    line: LineUp = field(default_factory=LineUp)
    opinion: Callable[[str], Awaitable[Understanding]] | None = None
    asked: list[tuple[str, LanguageGuess]] = field(default_factory=list)
    problem: str | None = None
    challenger_problem: str | None = None
    packs: list[Pack] = field(default_factory=list)
    taught: list[Taught] = field(default_factory=list)

    @property
    def challenger(self) -> str | None:
        return self.line.challenger

    async def line_up(self) -> LineUp:
        return replace(self.line, problem=self.problem, challenger_problem=self.challenger_problem)

    async def promote(self, version: str) -> None:
        self._check(version)
        challenger = None if self.line.challenger == version else self.line.challenger
        self.line = replace(self.line, champion=version, previous=self.line.champion, challenger=challenger)

    async def rollback(self) -> None:
        if self.line.previous is None:
            raise ModelError("no version served before the present one")
        self.line = replace(self.line, champion=self.line.previous, previous=None)

    async def challenge(self, version: str | None) -> None:
        if version is not None:
            self._check(version)
        self.line = replace(self.line, challenger=version)

    async def use(self, pack: Pack) -> None:
        self.packs.append(pack)

    async def learn(self, taught: Sequence[Taught]) -> None:
        self.taught = list(taught)

    async def judge(self, text: str, language: LanguageGuess) -> Understanding:
        self.asked.append((text, language))
        return understand(text) if self.opinion is None else await self.opinion(text)

    async def watch(self) -> None:
        await asyncio.Event().wait()

    def _check(self, version: str) -> None:
        found = [known for known in self.line.versions if known.name == version]
        if not found:
            raise InvalidInput(f"no version is called {version!r}")
        if found[0].problem is not None:
            raise ModelError(found[0].problem)


@dataclass
class AlikeByWord:
    """Takes texts for alike that end with the same word; the last of them is the most typical."""

    asked: list[tuple[Sequence[str], Sequence[str]]] = field(default_factory=list)

    async def groups(self, texts: Sequence[str], languages: Sequence[str]) -> Sequence[Sequence[int]]:
        self.asked.append((texts, languages))
        groups: dict[str, list[int]] = {}
        for row, text in enumerate(texts):
            groups.setdefault(text.split()[-1], []).insert(0, row)
        return sorted(groups.values(), key=len, reverse=True)


@dataclass
class FakeTrainer:
    """Trains nothing: gives, or raises, what is `next`, and knows of some versions how they did."""

    next: list[Trained | Exception] = field(default_factory=list)
    known: dict[str, Evaluation] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)
    asked_by: list[MadeBy | None] = field(default_factory=list)

    async def train(self, folder: Path, progress: Progress, by: MadeBy | None = None) -> Trained:
        self.folders.append(folder)
        self.asked_by.append(by)
        progress("fitting", 1, 2)
        done = self.next.pop(0) if self.next else Trained("v1")
        if isinstance(done, Exception):
            raise done
        return done

    async def evaluation(self, version: str) -> Evaluation | None:
        return self.known.get(version)


@dataclass
class FakeMeasurer:
    """Measures nothing: gives, or raises, what is `next`, and knows what some versions made of the tests."""

    known: dict[str, Measurement] = field(default_factory=dict)
    next: list[Measurement | Exception] = field(default_factory=list)
    verdict: str = "unclear"
    compared: list[tuple[str, str]] = field(default_factory=list)

    async def measured(self, version: str) -> Measurement | None:
        return self.known.get(version)

    async def measure(self, version: str, folder: Path, progress: Progress) -> Measurement:
        progress("measuring", 0, 1)
        found = self.next.pop(0)
        if isinstance(found, Exception):
            raise found
        self.known[version] = found
        return found

    async def difference(self, this: str, other: str) -> Difference:
        self.compared.append((this, other))
        nothing = Interval(0.5, 0.5, 0.0, -0.1, 0.1)
        return Difference(nothing, nothing, 1.0, self.verdict, {"en": nothing})


@dataclass
class FakeClock:
    """Time that moves only when told."""

    at: datetime = MORNING

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


@dataclass
class FakeActions:
    """The owner's system: knows the orders it is given."""

    orders: dict[str, str] = field(default_factory=dict)
    down: bool = False
    calls: list[ActionCall] = field(default_factory=list)

    async def run(self, call: ActionCall) -> ActionResult:
        self.calls.append(call)
        if self.down:
            return ActionResult("unavailable")
        if call.name == "create_return":
            return ActionResult("created", {"return_number": "R-1"})
        number = call.slots["order_number"]
        if number not in self.orders:
            return ActionResult("not_found")
        return ActionResult("found", {"status": self.orders[number]})


@dataclass
class MemoryChannel:
    """A platform kept in memory. `failures` are raised by the next sendings, one each."""

    name: str = "memory"
    sent: list[Outbound] = field(default_factory=list)
    failures: list[Exception] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    typed: list[Address] = field(default_factory=list)
    stall: asyncio.Event | None = None
    problem: str | None = None

    async def run(self, intake: Intake) -> None:
        await asyncio.Event().wait()

    async def send(self, outbound: Outbound) -> Receipt:
        if self.stall is not None:
            await self.stall.wait()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(outbound)
        return Receipt(f"{self.name}-{len(self.sent)}")

    async def typing(self, address: Address) -> None:
        self.typed.append(address)

    async def fetch(self, attachment: Attachment) -> AsyncIterator[bytes]:
        yield self.files[attachment.source or ""]

    def texts(self, conversation: str | None = None) -> Sequence[str]:
        return [o.message.text for o in self.sent if conversation in {None, o.address.conversation}]

    async def wait_for(self, count: int) -> Sequence[str]:
        async with asyncio.timeout(5):
            while len(self.sent) < count:
                await asyncio.sleep(0.005)
        return self.texts()


@dataclass
class MemoryBlobs:
    """Files kept in memory."""

    files: dict[str, bytes] = field(default_factory=dict)

    async def put(self, name: str, chunks: AsyncIterator[bytes], limit: int) -> tuple[str, int]:
        content = b"".join([chunk async for chunk in chunks])
        if len(content) > limit:
            raise InvalidInput(f"{name}: is over {limit} bytes")
        key = f"b{len(self.files)}"
        self.files[key] = content
        return key, len(content)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        if key not in self.files:
            raise InvalidInput(f"there is no file {key!r}")
        yield self.files[key]


_ids = iter(range(10**9))


def inbound(
    text: str,
    *,
    conversation: str = "ana",
    event: str | None = None,
    channel: str = "memory",
    attachments: tuple[Attachment, ...] = (),
    locale: str | None = None,
) -> Inbound:
    """A text from a customer."""
    number = event or f"e{next(_ids)}"
    return Inbound(
        id=number,
        address=Address(channel, conversation),
        sender=Sender(conversation, conversation.title(), locale),
        at=MORNING,
        content=Text(text),
        attachments=attachments,
        reference=f"ref-{number}",
    )
