"""A desk with a past, made at random through the core itself; and its figures, counted from the histories by hand."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from statistics import mean, median, quantiles
from typing import Any

from bot.conversation import Conversation, Handoff, HandoffState, Owner
from bot.errors import Conflict
from bot.figures import FiguresWanted
from bot.messages import Address, Command, Content, Message, Pressed, Sender, Text, Unsupported
from bot.outcomes import Turn
from bot.pack import Intent
from bot.ports import Store
from bot.ports_inbox import Rating
from bot.understanding import Sentiment
from tests.bot.rig import KIM, LEE, PACK, Bench, bench
from tests.fakes import MORNING, SENTENCES, inbound

WORDS = [*SENTENCES, *["thank you"] * 4, "hello", "qwertz", "small", "blue"]
CALM = Sentiment("neutral", 0.0)
CROSS = Sentiment("negative", -0.6, 0.1)


@dataclass
class Past:
    """What happened: the state before and after each of the customers' events, and everything that is stored."""

    states: dict[str, tuple[Conversation | None, Conversation]] = field(default_factory=dict)
    histories: dict[str, list[Message]] = field(default_factory=dict)
    channels: dict[str, str] = field(default_factory=dict)
    handoffs: list[Handoff] = field(default_factory=list)
    conversations: list[Conversation] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)
    ratings: list[Rating] = field(default_factory=list)
    heard: dict[str, Content] = field(default_factory=dict)
    now: datetime = MORNING


async def live(seed: int, events: int) -> Past:
    """What is stored when customers and agents have done so many things, minutes to hours apart."""
    async with bench() as core:
        # The tiny pack knows no thanks, which are what confirms that a customer was helped.
        core.packs.append(replace(PACK, intents={**PACK.intents, "thanks": Intent("thanks", "says thank you")}))
        return await _lived(core, seed, events)


async def pour(past: Past, store: Store) -> None:
    """Put all that is stored into another store."""
    async with store.unit() as unit:
        for conversation in past.conversations:
            sender = Sender(conversation.address.conversation)
            customer = await unit.customers.resolve(conversation.address.channel, sender, conversation.created_at)
            await unit.conversations.add(replace(conversation, customer=customer.id))
            await unit.messages.append(past.histories[conversation.id])
        for handoff in past.handoffs:
            await unit.handoffs.add(handoff)
        for turn in past.turns:
            await unit.turns.put(turn)
        for rating in past.ratings:
            await unit.ratings.add(rating)


async def _lived(core: Bench, seed: int, events: int) -> Past:
    chance = random.Random(seed)
    places = [Address(channel, f"{channel}-{n}") for channel in ("memory", "other") for n in range(4)]
    place, past = places[0], Past()
    for number in range(events):
        if stays := chance.random() < 0.6:
            core.clock.advance(chance.choice((20.5, 90.25, 600, 1800)))
        else:
            core.clock.advance(chance.choice((600, 5000, 9000, 40_000)))
        place = place if stays else chance.choice(places)
        before = await _at(core, place)
        if before is not None and before.owner in {Owner.QUEUE, Owner.AGENT} and chance.random() < 0.55:
            with suppress(Conflict):
                await _agent(core, chance, before)
            continue
        core.model.sentiment = CROSS if chance.random() < 0.07 else CALM
        event = replace(
            inbound("", conversation=place.conversation, channel=place.channel, event=f"{seed}-{number}"),
            content=_content(chance, before),
            at=core.clock.now(),
        )
        await core.hears(event)
        await core.settled()
        after = await _at(core, place)
        assert after is not None
        past.states[event.id] = (before, after)
        past.heard[event.id] = event.content
    async with core.store.unit(write=False) as unit:
        past.handoffs = list(await unit.handoffs.list(list(HandoffState), limit=10_000))
        for place in places:
            if (conversation := await unit.conversations.at(place)) is not None:
                past.histories[conversation.id] = list(await unit.messages.after(conversation.id, 0, 10_000))
                past.channels[conversation.id] = place.channel
                past.conversations.append(conversation)
                past.ratings.extend(await unit.ratings.of(conversation.id))
                for entry in past.histories[conversation.id]:
                    if (turn := await unit.turns.get(conversation.id, entry.seq)) is not None:
                        past.turns.append(turn)
    past.now = core.clock.now()
    return past


async def _at(core: Bench, place: Address) -> Conversation | None:
    async with core.store.unit(write=False) as unit:
        return await unit.conversations.at(place)


async def _agent(core: Bench, chance: random.Random, conversation: Conversation) -> None:
    desk, user = core.core.desk, chance.choice((KIM, KIM, LEE))
    if conversation.owner is Owner.QUEUE:
        await desk.claim(conversation.id, user)
    elif (what := chance.random()) < 0.5:
        await desk.answer(conversation.id, user, "I am looking into it")
    elif what < 0.75:
        await desk.give_back(conversation.id, user)
    else:
        await desk.close(conversation.id, user)


def _content(chance: random.Random, before: Conversation | None) -> Content:
    if before is not None and before.survey is not None and chance.random() < 0.8:
        return chance.choice(
            (Text(chance.choice("12345")), Pressed(f"rate:{chance.randint(1, 5)}"), Text("Kim is kind"))
        )
    what = chance.random()
    if what < 0.8:
        return Text(chance.choice(WORDS))
    if what < 0.88:
        return Pressed(chance.choice(("human", "none", "yes", "no", "intent:delivery_time", "lang:de", "rate:2")))
    if what < 0.96:
        return Command(chance.choice(("start", "human", "help", "language", "stop", "bot")))
    return Unsupported("sticker")


# --- counted by hand --------------------------------------------------------------------------------------------------


@dataclass
class Said:
    """A customer's entry and what came of it, as one reads it in the history."""

    entry: Message
    came: str
    quiet: timedelta | None
    asked: bool
    reason: str | None = None


def read(past: Past, history: Sequence[Message]) -> list[Said]:
    """What became of each of the customer's entries of a history."""
    found, last = [], None
    for entry in history:
        if entry.author == "customer":
            before, after = past.states[entry.in_reply_to or ""]
            replies = [
                one for one in history if one.in_reply_to == entry.in_reply_to and one is not entry and not one.internal
            ]
            why = [one.decision or "" for one in replies]
            called = [one.removeprefix("handoff: ") for one in why if one.startswith("handoff: ")]
            flow = before.flow if before and before.owner == "bot" else None
            name = entry.understanding.intent.name if entry.understanding and entry.understanding.intent else ""
            answers = flow is not None and flow.asking is not None
            interrupts = bool(name) and (
                len(after.flows) > len(before.flows if before else ())
                or any(one.split(" ")[0] == name and one != name for one in why)
            )
            found.append(
                Said(
                    entry,
                    "human called" if called else _came(why, after),
                    None if last is None else entry.at - last,
                    asked=answers and not interrupts,
                    reason=called[0] if called else None,
                )
            )
        if not entry.internal:
            last = entry.at
    return found


def _came(why: Sequence[str], after: Conversation) -> str:
    def has(*parts: str) -> bool:
        return any(part in one for one in why for part in parts)

    nothing = {"opened", "asks for the language", "empty message", "file", "commented"}
    if has("clarify: ", "not sure: ", " not read"):
        return "clarified" if has("clarify: ") else "rephrased"
    if after.owner in {Owner.AGENT, Owner.QUEUE}:
        return "to a human" if after.owner is Owner.AGENT else "waiting"
    if why and after.flow is not None and after.flow.asking:
        return "asked"
    if all(one in nothing or one.startswith(("language ", "no replies in", "cannot read", "rated ")) for one in why):
        return "nothing"
    return "answered"


def recount(past: Past, wanted: FiguresWanted) -> dict[str, Any]:
    """The figures of a period as the API gives them, from the histories alone."""

    def within(at: datetime, channel: str, language: str) -> bool:
        return (
            wanted.since <= at < wanted.until
            and channel == (wanted.channel or channel)
            and language == (wanted.language or language)
        )

    talks = {identity: read(past, history) for identity, history in past.histories.items()}
    said = {
        identity: [s for s in talk if within(s.entry.at, past.channels[identity], s.entry.language)]
        for identity, talk in talks.items()
    }
    everything = [s for talk in said.values() for s in talk]
    ends: Counter[str] = Counter()
    for identity, talk in talks.items():
        starts = [n for n, s in enumerate(talk) if s.quiet is None or s.quiet > wanted.silence]
        for start, end in zip(starts, [*starts[1:], None], strict=True):
            if talk[start] in said[identity]:
                last = talk[end].entry.seq if end is not None else 10**9
                wrote = [
                    e.at
                    for e in past.histories[identity]
                    if e.author == "agent" and talk[start].entry.seq < e.seq < last
                ]
                ends[_end(talk[start:end], wrote, wanted)] += 1
    entries = [
        e
        for identity, history in past.histories.items()
        for e in history
        if not e.internal and within(e.at, past.channels[identity], e.language)
    ]
    handoffs = [h for h in past.handoffs if within(h.opened_at, past.channels[h.conversation], h.language)]
    languages = Counter(s.entry.language for s in everything)
    moments = [s.entry.at.astimezone(wanted.zone) for s in everything]
    return {
        "conversations": {
            "new": sum(1 for talk in talks.values() if talk[0] in everything),
            "active": sum(1 for talk in said.values() if talk),
            "sessions": ends.total(),
        },
        "messages": {who: sum(1 for e in entries if e.author == who) for who in ("customer", "bot", "agent", "system")},
        "containment": {
            "open": ends["open"],
            "human": ends["human"],
            "abandoned": {where: ends[where] for where in ("clarification", "question", "waiting")},
            "nothing_asked": ends["nothing_asked"],
            "confirmed": ends["confirmed"],
            "doubtful": ends["doubtful"],
            "assumed": ends["assumed"],
        },
        "handoffs": {
            "total": len(handoffs),
            "by_reason": dict(Counter(str(h.reason) for h in handoffs)),
            "first_response": _spread([w for h in handoffs if (w := _answered(past, h)) is not None]),
            "resolution": _spread(
                [
                    (h.done_at - h.opened_at).total_seconds()
                    for h in handoffs
                    if h.done_at is not None and h.outcome != "cancelled"
                ]
            ),
        },
        "intents": _intents(everything),
        "ratings": _ratings(
            [
                score
                for identity, history in past.histories.items()
                for at, language, score in _rated(past, history)
                if within(at, past.channels[identity], language)
            ]
        ),
        "agents": {agent: _ratings(scores) for agent, scores in _by_agent(past, within).items()},
        "languages": {
            code: {"messages": n, "conversations": sum(any(s.entry.language == code for s in t) for t in said.values())}
            for code, n in languages.items()
        },
        "load": [[sum(1 for m in moments if (m.weekday(), m.hour) == (d, h)) for h in range(24)] for d in range(7)],
    }


def _end(session: Sequence[Said], wrote: Sequence[datetime], wanted: FiguresWanted) -> str:  # noqa: PLR0911 - a table
    if max([*(s.entry.at for s in session), *wrote]) > wanted.now - wanted.silence:
        return "open"
    if wrote:
        return "human"
    meant = [s for s in session if s.came != "nothing"]
    match meant[-1].came if meant else "":
        case "clarified" | "rephrased":
            return "clarification"
        case "asked":
            return "question"
        case "human called" | "to a human" | "waiting":
            return "waiting"
    name = {s.entry.id: s.entry.understanding.ranking[0].name for s in meant if s.entry.understanding}
    wish = [s for s in meant if s.came != "answered" or name.get(s.entry.id) not in {"greeting", "goodbye", "thanks"}]
    if not wish:
        return "nothing_asked"
    trouble = [
        s
        for s in session
        if s.came in {"clarified", "rephrased", "human called", "waiting"}
        or (s.entry.understanding and s.entry.understanding.sentiment == CROSS)
    ]
    thanks = [s for s in meant if s.came == "answered" and name.get(s.entry.id) == "thanks"]
    if thanks and all(thanks[-1].entry.seq > one.entry.seq for one in (wish[0], *trouble)):
        return "confirmed"
    return "doubtful" if trouble else "assumed"


def _rated(past: Past, history: Sequence[Message]) -> list[tuple[datetime, str, int | None]]:
    """When a customer was asked how it was, in which language they had last written, and the last score they gave."""
    asked: list[tuple[datetime, str, int | None]] = []
    language = ""
    for entry in history:
        if entry.decision == "asks for a rating":
            asked.append((entry.at, language, None))
        elif entry.author == "customer":
            language = entry.language
            match past.heard[entry.in_reply_to or ""]:
                case Pressed(value) if value.startswith("rate:") and asked:
                    asked[-1] = (*asked[-1][:2], int(value[-1]))
                case Text(text) if any(
                    one.decision == f"rated {text}" for one in history if one.in_reply_to == entry.in_reply_to
                ):
                    asked[-1] = (*asked[-1][:2], int(text))
    return asked


def _by_agent(past: Past, within: Callable[[datetime, str, str], bool]) -> dict[str, list[int | None]]:
    """The scores of each agent's questions, in the order in which customers were asked."""
    found: dict[str, list[int | None]] = {}
    for identity, history in past.histories.items():
        own = sorted((r for r in past.ratings if r.conversation == identity), key=lambda rating: rating.asked_at)
        for rating, (at, language, score) in zip(own, _rated(past, history), strict=True):
            if within(at, past.channels[identity], language):
                found.setdefault(rating.agent, []).append(score)
    return found


def _ratings(scores: Sequence[int | None]) -> dict[str, Any]:
    given = [score for score in scores if score is not None]
    return {
        "asked": len(scores),
        "answered": len(given),
        "scores": {str(n): given.count(n) for n in range(1, 6)},
        "mean": round(mean(given), 3) if given else None,
    }


def _answered(past: Past, handoff: Handoff) -> float | None:
    wrote = [e.at for e in past.histories[handoff.conversation] if e.author == "agent" and e.at >= handoff.opened_at]
    if not wrote or (handoff.done_at is not None and min(wrote) > handoff.done_at):
        return None
    return (min(wrote) - handoff.opened_at).total_seconds()


def _spread(values: Sequence[float]) -> dict[str, Any]:
    if len(values) < 2:
        only = values[0] if values else None
        return {"n": len(values), "median": only, "p90": only}
    p90 = quantiles(values, n=10, method="inclusive")[-1]
    return {"n": len(values), "median": round(median(values), 3), "p90": round(p90, 3)}


def _intents(everything: Sequence[Said]) -> dict[str, dict[str, int]]:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in everything:
        understood = one.entry.understanding
        if understood and not one.asked and one.came not in {"to a human", "waiting", "nothing"}:
            counts[understood.ranking[0].name if understood.in_scope else "out_of_scope"][one.came] += 1
    return {
        name: {
            "messages": n.total(),
            "low_confidence": n["rephrased"],
            "clarified": n["clarified"],
            "handed_over": n["human called"],
            "failed": n["rephrased"] + n["clarified"] + n["human called"],
        }
        for name, n in counts.items()
    }
