"""Slot-filling flows: collect, confirm, act; interrupted by another question, they resume. Pure, like the policy.

The flows of a conversation are a stack. A question asked in the middle is answered and the flow's own question asked
again; another flow started in the middle is finished first.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from itertools import takewhile

from bot.conversation import CONFIRM, FlowState
from bot.decision import ActionFinished, Reason, RunAction
from bot.draft import CHOICE, NO, YES, Draft
from bot.messages import Button
from bot.pack import Flow, FlowTexts, Slot
from bot.ports import UNAVAILABLE
from bot.understanding import Entity, Understanding

MAX_ATTEMPTS = 3
"""Answers that could not be read, after which a human is called."""

LEAST_LETTERS = 4
"""Of a word that can tell choices apart."""

_BETWEEN_WORDS = re.compile(r"""[\s.,;:!?¡¿…/()«»„“”"'’-]+""")


def start(draft: Draft, flow: Flow, entities: tuple[Entity, ...] = ()) -> None:
    """Begin a flow, with what the customer already said filled in; if it is under way already, go on with it."""
    state = draft.conversation.flow
    if state is None or state.flow != flow.name:
        stack = tuple(s for s in draft.conversation.flows if s.flow != flow.name)
        state = FlowState(flow.name)
        draft.change(flows=(*stack, state))
    _put(draft, replace(state, slots={**state.slots, **_found(flow, entities)}))
    proceed(draft)


def put_off(draft: Draft, flow: Flow, entities: tuple[Entity, ...]) -> None:
    """Put a flow that has not begun on the stack, for when those that come onto it are done."""
    stack = tuple(state for state in draft.conversation.flows if state.flow != flow.name)
    draft.change(flows=(*stack, FlowState(flow.name, slots=_found(flow, entities))))


def proceed(draft: Draft) -> None:
    """Ask for the next missing slot, then for confirmation, then act."""
    state, flow, _ = _current(draft)
    missing = next((slot for slot in flow.slots.values() if slot.name not in state.slots), None)
    if missing is not None:
        _put(draft, replace(state, asking=missing.name))
        _ask(draft)
    elif flow.confirm and state.asking != CONFIRM:
        _put(draft, replace(state, asking=CONFIRM, attempts=0))
        _ask(draft)
    else:
        _put(draft, replace(state, asking=None))
        draft.do(RunAction(flow.name, flow.action, dict(state.slots)))


def resume(draft: Draft) -> None:
    """Come back to the flow on top of the stack, if there is one, and ask its question again, or its first one."""
    if draft.conversation.flow is None:
        return
    state, _, texts = _current(draft)
    draft.say_system("flow_resumed", "flow resumed", title=texts.title)
    if state.asking is None:
        proceed(draft)
    else:
        _ask(draft)


def stop(draft: Draft) -> None:
    """Leave the flow under way; an interrupted one below it resumes."""
    _, _, texts = _current(draft)
    draft.change(flows=draft.conversation.flows[:-1])
    draft.say_system("flow_stopped", "flow stopped", title=texts.title)
    resume(draft)


def answer(draft: Draft, text: str, understanding: Understanding | None) -> bool:
    """Take the customer's words as the answer to the flow's question; False if they are none."""
    state, flow, _ = _current(draft)
    entities = understanding.entities if understanding else ()
    if state.asking == CONFIRM:
        return _confirmed(draft, understanding, _found(flow, entities))
    slot = flow.slots.get(state.asking or "")
    if slot is None:
        return False
    value = read_slot(draft, slot, text, entities)
    if value is None:
        return False
    filled = {**_found(flow, entities), **state.slots, slot.name: value}
    _put(draft, replace(state, slots=filled, attempts=0))
    proceed(draft)
    return True


def read_slot(draft: Draft, slot: Slot, text: str, entities: tuple[Entity, ...]) -> str | None:
    """The slot's value in the customer's words: an entity, a choice by its label, or the text itself."""
    if slot.entity is not None:
        return next((e.value for e in entities if e.entity == slot.entity), None)
    if slot.choices:
        _, _, texts = _current(draft)
        return read_choice(text, {choice: texts.slots[slot.name].choices[choice] for choice in slot.choices})
    shortest, longest = slot.length
    stripped = text.strip()
    return stripped if shortest <= len(stripped) <= longest else None


def read_choice(text: str, labels: Mapping[str, str]) -> str | None:
    """The choice that the words name: by its label, its number, or a word that stands in one label alone.

    Words count as the same if they begin alike ("pequeñas", "pequeño"); short ones ("too") tell nothing.
    """
    said = text.strip().casefold()
    for number, (choice, label) in enumerate(labels.items(), 1):
        folded = label.casefold()
        if said in {folded, choice, str(number)} or (len(said) > len(folded) and folded in said):
            return choice
    words = _telling(said)
    named = {
        choice
        for choice, label in labels.items()
        if any(_alike(word, other) for word in words for other in _telling(label.casefold()))
    }
    return named.pop() if len(named) == 1 else None


def _telling(text: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(text) if len(word) >= LEAST_LETTERS]


def _alike(one: str, other: str) -> bool:
    shared = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
    return shared >= LEAST_LETTERS and shared * 3 >= max(len(one), len(other)) * 2


def answers(draft: Draft, text: str, entities: tuple[Entity, ...]) -> bool:
    """Whether the words plainly answer the question under way: the entity that it wants, or one of its choices."""
    state, flow, _ = _current(draft)
    slot = flow.slots.get(state.asking or "")
    return slot is not None and not takes_free_text(draft) and read_slot(draft, slot, text, entities) is not None


def takes_free_text(draft: Draft) -> bool:
    """Whether the question under way can be answered with any words."""
    state, flow, _ = _current(draft)
    slot = flow.slots.get(state.asking or "")
    return slot is not None and slot.entity is None and not slot.choices


def pressed(draft: Draft, value: str) -> bool:
    """A button of the flow was pressed; False if it is none of the question under way."""
    state, flow, _ = _current(draft)
    if state.asking == CONFIRM and value in {YES, NO}:
        if value == YES:
            proceed(draft)
        else:
            _start_over(draft)
        return True
    slot = flow.slots.get(state.asking or "")
    choice = value.removeprefix(CHOICE)
    if slot is not None and value.startswith(CHOICE) and choice in slot.choices:
        _put(draft, replace(state, slots={**state.slots, slot.name: choice}, attempts=0))
        proceed(draft)
        return True
    return False


def not_understood(draft: Draft) -> None:
    """The answer could not be read: say what is wanted, or call a human after the third time."""
    state, _, texts = _current(draft)
    if _stuck(draft, state):
        return
    _put(draft, replace(state, attempts=state.attempts + 1))
    slot = texts.slots.get(state.asking or "")
    if slot is None:
        _ask(draft)
    else:
        draft.say(slot.invalid, f"flow {state.flow}: {state.asking} not read", state.slots, _buttons(draft))


def used_up(state: FlowState) -> bool:
    """Whether one more answer that cannot be read ends the flow: it is not come back to after a human."""
    return state.attempts + 1 >= MAX_ATTEMPTS


def finished(draft: Draft, event: ActionFinished) -> None:
    """The action came back: say how it went, ask again if the outcome wants it, or call a human."""
    state, flow, texts = _current(draft)
    values = {**_spoken(texts, state), **event.values}
    if event.outcome not in flow.outcomes:
        draft.change(flows=draft.conversation.flows[:-1])
        if event.outcome != UNAVAILABLE:
            draft.note(f"action {flow.action}: the outcome {event.outcome!r} is not declared by flow {flow.name}")
        draft.say_system("flow_handoff", f"flow {flow.name}: {event.outcome}")
        draft.call_human(Reason.FLOW, flow.trigger, state.slots)
        return
    again = flow.outcomes[event.outcome]
    draft.say(texts.outcomes[event.outcome], f"flow {flow.name}: {event.outcome}", values)
    if again is None:
        draft.change(flows=draft.conversation.flows[:-1])
        resume(draft)
    elif not _stuck(draft, state):
        kept = {name: value for name, value in state.slots.items() if name != again}
        _put(draft, replace(state, slots=kept, asking=again, attempts=state.attempts + 1))


# --- inside ---------------------------------------------------------------------------------------------------------


def _current(draft: Draft) -> tuple[FlowState, Flow, FlowTexts]:
    state = draft.conversation.flows[-1]
    return state, draft.pack.flows[state.flow], draft.texts.flows[state.flow]


def _put(draft: Draft, state: FlowState) -> None:
    draft.change(flows=(*draft.conversation.flows[:-1], state))


def _found(flow: Flow, entities: tuple[Entity, ...]) -> dict[str, str]:
    """Slots that the message fills by itself."""
    values: dict[str, str] = {}
    for slot in flow.slots.values():
        for entity in entities:
            if slot.entity is not None and entity.entity == slot.entity:
                values.setdefault(slot.name, entity.value)
    return values


def _ask(draft: Draft) -> None:
    state, flow, texts = _current(draft)
    why = f"flow {flow.name}: asks {state.asking}"
    if state.asking == CONFIRM:
        draft.say(texts.confirm or "", f"flow {flow.name}: confirms", _spoken(texts, state), _buttons(draft))
    elif state.asking is not None:
        draft.say(texts.slots[state.asking].ask, why, _spoken(texts, state), _buttons(draft))


def _buttons(draft: Draft) -> tuple[Button, ...]:
    state, flow, texts = _current(draft)
    if state.asking == CONFIRM:
        system = draft.texts.system
        return (Button(system["yes"], YES), Button(system["no"], NO))
    slot = flow.slots.get(state.asking or "")
    if slot is None:
        return ()
    return tuple(Button(texts.slots[slot.name].choices[choice], f"{CHOICE}{choice}") for choice in slot.choices)


def _spoken(texts: FlowTexts, state: FlowState) -> dict[str, str]:
    """Slot values as the customer reads them: a choice by its label."""
    return {
        name: texts.slots[name].choices.get(value, value) if name in texts.slots else value
        for name, value in state.slots.items()
    }


def _confirmed(draft: Draft, understanding: Understanding | None, found: dict[str, str]) -> bool:
    state, _, _ = _current(draft)
    corrected = {name: value for name, value in found.items() if state.slots.get(name) != value}
    if corrected:
        _put(draft, replace(state, slots={**state.slots, **corrected}, asking=None))
        proceed(draft)
        return True
    intent = understanding.intent if understanding else None
    if intent is None or intent.confidence < draft.pack.thresholds.clarify:
        return False
    if intent.name == "affirm":
        proceed(draft)
        return True
    if intent.name == "deny":
        _start_over(draft)
        return True
    return False


def _start_over(draft: Draft) -> None:
    """Something in the summary is wrong: collect everything again."""
    state, _, _ = _current(draft)
    if not _stuck(draft, state):
        _put(draft, FlowState(state.flow, attempts=state.attempts + 1))
        proceed(draft)


def _stuck(draft: Draft, state: FlowState) -> bool:
    if not used_up(state):
        return False
    flow = draft.pack.flows[state.flow]
    draft.change(flows=draft.conversation.flows[:-1])
    draft.call_human(Reason.FLOW_STUCK, flow.trigger, state.slots)
    return True
