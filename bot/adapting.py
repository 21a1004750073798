"""What a conversation and a model go by when the pack is changed under them. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot.conversation import CONFIRM, Conversation
from bot.pack import Flow, Pack
from bot.understanding import OUT_OF_SCOPE, Understanding


def known_to(pack: Pack, understanding: Understanding) -> Understanding:
    """What the model says, without the intents that the pack has no more: it was trained before they went."""
    known = pack.intents.keys() | {OUT_OF_SCOPE}
    if all(ranked.name in known for ranked in (*understanding.ranking, *understanding.intents)):
        return understanding
    ranking = tuple(ranked for ranked in understanding.ranking if ranked.name in known)
    intents = tuple(ranked for ranked in understanding.intents if ranked.name in known)
    return replace(understanding, ranking=ranking, intents=intents)


def within(pack: Pack, conversation: Conversation) -> Conversation:
    """A conversation without what the pack has no more: it may have begun before the pack was changed."""
    stack = []
    for state in conversation.flows:
        flow = pack.flows.get(state.flow)
        if flow is None:
            continue
        asking = state.asking if state.asking in {None, CONFIRM, *flow.slots} else None
        kept = {name: value for name, value in state.slots.items() if _fits(flow, name, value)}
        stack.append(replace(state, asking=asking, slots=kept))
    offered = tuple(intent for intent in conversation.clarifying if intent in pack.intents)
    if tuple(stack) == conversation.flows and offered == conversation.clarifying:
        return conversation
    return replace(conversation, flows=tuple(stack), clarifying=offered)


def _fits(flow: Flow, slot: str, value: str) -> bool:
    declared = flow.slots.get(slot)
    return declared is not None and (not declared.choices or value in declared.choices)
