"""The part of the policy that says what customers do: words, buttons, commands, files, languages. Pure."""

from __future__ import annotations

from dataclasses import replace

from bot import flows, survey
from bot.conversation import Owner
from bot.decision import (
    EndHandoff,
    Heard,
    Reason,
    TurnFailed,
)
from bot.draft import HUMAN, INTENT, LANGUAGE, NONE, Draft
from bot.language_codes import language_code
from bot.locales import language_name
from bot.messages import MAX_TEXT, Button, Command, Pressed, Unsupported
from bot.mood import felt
from bot.policy_routing import leave_queue, waits
from bot.understanding import OUT_OF_SCOPE, Entity, RankedIntent, Understanding

INTERRUPTS = 0.95
"""How sure another intent must be to interrupt a question that any words could answer."""

THIRD = 0.08
"""The probability from which a third intent is worth a "did you mean" button."""

FORGETTING = 0.8
"""What one more message leaves of the weight of the languages spoken before it."""

NOTHING = RankedIntent(OUT_OF_SCOPE, 0.0)
"""What a message without words asks for."""

NEVER_OFFERED = frozenset({OUT_OF_SCOPE, "affirm", "deny", "stop", "greeting", "goodbye", "thanks"})
"""Intents that no "did you mean" should offer."""


def heard(draft: Draft, event: Heard) -> None:
    """What a customer's message, button, command or file does."""
    if survey.answered(draft, event):
        return
    _listen(draft, event.understanding)
    content = event.content
    if draft.conversation.owner is Owner.CLOSED:
        draft.change(owner=Owner.BOT, flows=(), clarifying=(), rephrased=False)
    if not isinstance(content, Command):
        waits(draft)
    if isinstance(content, Command) and content.name == "language":
        _language_command(draft, content.argument)
    elif isinstance(content, Pressed) and content.value.startswith(LANGUAGE):
        _pin(draft, content.value.removeprefix(LANGUAGE))
    elif draft.conversation.owner is Owner.AGENT:
        return
    elif draft.conversation.owner is Owner.QUEUE:
        _waiting(draft, event)
    elif isinstance(content, Command):
        _command(draft, content)
    elif isinstance(content, Pressed):
        _pressed(draft, content)
    elif isinstance(content, Unsupported):
        key = "too_long" if content.reason == "too_long" else "unsupported"
        draft.say_system(key, f"cannot read: {content.what}", limit=str(MAX_TEXT))
    elif event.understanding is None:
        _files_only(draft, event)
    else:
        _missing_language(draft)
        _words(draft, event.understanding)


def _listen(draft: Draft, understanding: Understanding | None) -> None:
    """Follow language and mood turn by turn: the model has weighed the language against what was spoken before."""
    conversation = draft.conversation
    if understanding is None or not understanding.text.strip():
        if not conversation.language:
            hint = conversation.pinned or language_code(conversation.locale or "") or draft.pack.default_language
            draft.change(language=hint)
        return
    heard = understanding.language
    spoken = {code: weight * FORGETTING for code, weight in conversation.spoken.items() if weight > 0.05}  # noqa: PLR2004 - below it, a language is forgotten
    spoken[heard.code] = spoken.get(heard.code, 0.0) + heard.confidence
    mood = felt(conversation.mood, understanding.sentiment, draft.pack.sentiment, draft.at)
    draft.change(language=conversation.pinned or heard.code, spoken=spoken, mood=mood)


def _missing_language(draft: Draft) -> None:
    """Say once that the customer's language has no replies, in the default one, and offer a human."""
    language = draft.conversation.language
    if draft.pack.language_for(language) is not None or draft.conversation.told_language == language:
        return
    draft.change(told_language=language)
    name = language_name(language, draft.language)
    draft.say_system("language_missing", f"no replies in {language}", (draft.human_button(),), language=name)


def _words(draft: Draft, understanding: Understanding) -> None:
    intent = understanding.intent or NOTHING
    name = intent.name if understanding.in_scope else OUT_OF_SCOPE
    confidence = intent.confidence
    if understanding.requested_language is not None:
        _pin(draft, understanding.requested_language)
        return
    calls_anyway = draft.pack.thresholds.sure(intent) and (name in draft.pack.sensitive or name == "talk_to_human")
    if draft.conversation.mood.angry and draft.pack.sentiment.handoff_on_anger and not calls_anyway:
        _call_human_for_upset(draft, name)
        return
    if draft.conversation.flow is not None:
        _words_in_flow(draft, understanding, replace(intent, name=name))
        return
    if (chosen := _chosen(draft, understanding.text)) is not None:
        _intent(draft, chosen, 1.0, understanding.entities)
    elif asked := _asked(draft, understanding):
        _several(draft, asked, understanding.entities)
    elif name != OUT_OF_SCOPE and draft.pack.thresholds.sure(intent):
        _intent(draft, name, confidence, understanding.entities)
    elif draft.conversation.rephrased:
        draft.call_human(Reason.LOW_CONFIDENCE, name)
    elif draft.upset:
        _call_human_for_upset(draft, name)
    elif name != OUT_OF_SCOPE and confidence >= draft.pack.thresholds.clarify:
        _clarify(draft, understanding)
    else:
        _rephrase(draft, name, confidence)


def _asked(draft: Draft, understanding: Understanding) -> list[RankedIntent]:
    """What a message asks for in its parts, small talk apart; empty if it has but one part, or an unsure one."""
    several = understanding.intents
    if len(several) < 2 or not all(map(draft.pack.thresholds.sure, several)):  # noqa: PLR2004 - one is no compound
        return []
    return [intent for intent in several if intent.name not in NEVER_OFFERED]


def _several(draft: Draft, asked: list[RankedIntent], entities: tuple[Entity, ...]) -> None:
    """Do all that a message asks for: what is answered at once first, then a human or the flows, one after another."""
    pack = draft.pack
    urgent = [i for i in asked if i.name == "talk_to_human" or i.name in pack.sensitive]
    rest = [i for i in asked if i not in urgent]
    for intent in rest:
        if pack.flow_for(intent.name) is None:
            _intent(draft, intent.name, intent.confidence, entities)
    if urgent:
        _intent(draft, urgent[0].name, urgent[0].confidence, entities)
        return
    draft.change(rephrased=False, clarifying=())
    started = [flow for i in rest if (flow := pack.flow_for(i.name)) is not None]
    for flow in reversed(started[1:]):
        flows.put_off(draft, flow, entities)
    for flow in started[:1]:
        flows.start(draft, flow, entities)


def _words_in_flow(draft: Draft, understanding: Understanding, intent: RankedIntent) -> None:
    """The flow's question is answered, or another intent interrupts it."""
    name, confidence = intent.name, intent.confidence
    state = draft.conversation.flows[-1]
    sure = confidence >= INTERRUPTS if flows.takes_free_text(draft) else draft.pack.thresholds.sure(intent)
    own = {OUT_OF_SCOPE, "affirm", "deny", draft.pack.flows[state.flow].trigger}
    interrupts = name not in own and sure
    urgent = name in {"talk_to_human", "stop"} or name in draft.pack.sensitive
    if interrupts and (urgent or not flows.answers(draft, understanding.text, understanding.entities)):
        _intent(draft, name, confidence, understanding.entities)
    elif state.asking is None:  # the pack was changed, and what was asked for is wanted no more
        flows.proceed(draft)
    elif flows.answer(draft, understanding.text, understanding):
        return
    elif draft.upset and not flows.used_up(state):
        _call_human_for_upset(draft, draft.pack.flows[state.flow].trigger)
    else:
        flows.not_understood(draft)


def _call_human_for_upset(draft: Draft, intent: str) -> None:
    """Patience is used up; the flow under way waits, and its slots go along."""
    flow = draft.conversation.flow
    draft.call_human(Reason.UPSET, intent, flow.slots if flow is not None else None)


def _chosen(draft: Draft, text: str) -> str | None:
    """One of the offered intents, typed as its label or its number instead of pressed."""
    said = text.strip().casefold()
    for number, intent in enumerate(draft.conversation.clarifying, 1):
        if said in {str(number), draft.texts.labels[intent].casefold()}:
            return intent
    return None


def _intent(draft: Draft, name: str, confidence: float, entities: tuple[Entity, ...] = ()) -> None:
    """Do what a recognised intent asks for."""
    draft.change(rephrased=False, clarifying=())
    why = f"{name} {confidence:.2f}"
    reply = draft.texts.replies.get(name)
    if name in draft.pack.sensitive or name == "talk_to_human":
        if reply is not None:
            draft.say(reply[0], why)
        draft.call_human(Reason.REQUESTED if name == "talk_to_human" else Reason.SENSITIVE, name)
    elif (flow := draft.pack.flow_for(name)) is not None:
        flows.start(draft, flow, entities)
    elif name == "change_language":
        _choose_language(draft)
    elif name == "stop" and draft.conversation.flow is not None:
        flows.stop(draft)
    else:
        # "yes", "no" and "never mind" with nothing to answer to: say what can be done.
        known = name if reply is not None else "help"
        texts = draft.texts.replies.get(known, (draft.texts.system["welcome"],))
        buttons = draft.pack.intents[known].buttons if known in draft.pack.intents else ()
        offered = tuple(draft.intent_button(button) for button in buttons)
        if draft.upset and draft.human_button() not in offered:
            offered = (*offered, draft.human_button())
        draft.say(texts[draft.conversation.seq % len(texts)], why, buttons=offered)
        flows.resume(draft)


def _clarify(draft: Draft, understanding: Understanding) -> None:
    likeliest = [ranked for ranked in understanding.ranking if ranked.name not in NEVER_OFFERED]
    offered = [r.name for i, r in enumerate(likeliest[:3]) if i < 2 or r.confidence >= THIRD]  # noqa: PLR2004 - at least two
    buttons = [draft.intent_button(name) for name in offered]
    buttons.append(Button(draft.texts.system["none_of_these"], NONE))
    draft.change(clarifying=tuple(offered), rephrased=True)
    confidences = ", ".join(f"{r.name} {r.confidence:.2f}" for r in likeliest[:3])
    draft.say_system("clarify", f"clarify: {confidences}", tuple(buttons))


def _rephrase(draft: Draft, name: str, confidence: float) -> None:
    draft.change(rephrased=True, clarifying=())
    draft.say_system("rephrase", f"not sure: {name} {confidence:.2f}", (draft.human_button(),))


def _waiting(draft: Draft, event: Heard) -> None:
    """The customer does something while no human has come yet."""
    content = event.content
    intent = event.understanding.intent if event.understanding else None
    takes_back = isinstance(content, Command) and content.name in {"bot", "stop", "cancel"}
    if intent is not None and intent.name == "stop" and draft.pack.thresholds.sure(intent):
        takes_back = True
    if takes_back:
        draft.change(owner=Owner.BOT)
        leave_queue(draft)
        draft.do(EndHandoff("cancelled"))
        draft.say_system("handoff_cancelled", "cancelled by the customer")
        flows.resume(draft)
    elif not draft.conversation.told_waiting:
        draft.change(told_waiting=True)
        draft.say_system("still_waiting", "waits for a human")


def _command(draft: Draft, command: Command) -> None:
    match command.name:
        case "start":
            buttons = draft.pack.intents["greeting"].buttons if "greeting" in draft.pack.intents else ()
            draft.say_system("welcome", "opened", tuple(draft.intent_button(name) for name in buttons))
        case "human":
            draft.call_human(Reason.REQUESTED, "talk_to_human")
        case "stop" | "cancel" if draft.conversation.flow is not None:
            flows.stop(draft)
        case _:
            _intent(draft, "help", 1.0)


def _pressed(draft: Draft, pressed: Pressed) -> None:
    value = pressed.value
    if value == HUMAN:
        draft.call_human(Reason.REQUESTED, "talk_to_human")
    elif value == NONE and draft.conversation.clarifying:
        draft.call_human(Reason.LOW_CONFIDENCE)
    elif draft.conversation.flow is not None and flows.pressed(draft, value):
        return
    elif value.startswith(INTENT) and value.removeprefix(INTENT) in draft.pack.intents:
        _intent(draft, value.removeprefix(INTENT), 1.0)
    elif draft.conversation.flow is not None:
        # A button of an older message: the question under way still stands.
        flows.resume(draft)
    else:
        _intent(draft, "help", 1.0)


def _files_only(draft: Draft, event: Heard) -> None:
    if event.files:
        draft.say_system("file_received", "file", (draft.human_button(),))
    else:
        draft.say_system("unsupported", "empty message")
    flows.resume(draft)


def _language_command(draft: Draft, argument: str) -> None:
    wanted = argument.strip()
    match = next((code for code in draft.pack.languages if code.casefold() == wanted.casefold()), None)
    if match is not None:
        _pin(draft, match)
    elif wanted == "auto":
        draft.change(pinned=None)
        draft.say_system("language_set", "language automatic", language=language_name(draft.language))
    else:
        _choose_language(draft)


def _choose_language(draft: Draft) -> None:
    buttons = tuple(Button(language_name(code), f"{LANGUAGE}{code}") for code in draft.pack.languages)
    draft.say_system("choose_language", "asks for the language", buttons)


def _pin(draft: Draft, code: str) -> None:
    """The customer chose a language by hand; no message overrules it until another choice."""
    draft.change(language=code, pinned=code)
    if draft.pack.language_for(code) is None:
        draft.change(told_language=None)
        _missing_language(draft)
    else:
        draft.say_system("language_set", f"language set to {code}", language=language_name(code))
    if draft.conversation.owner is Owner.BOT:
        flows.resume(draft)


def turn_failed(draft: Draft, event: TurnFailed) -> None:
    """The customer's message could not be handled: they are told, and a human is called."""
    draft.note(f"the message could not be handled: {event.error}")
    if draft.conversation.owner in {Owner.BOT, Owner.CLOSED}:
        draft.say_system("error", "error")
        draft.call_human(Reason.ERROR)
