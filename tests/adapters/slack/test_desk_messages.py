"""What agents do in Slack is read, and what they see there is written: as tables, without a wire."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.slack.desk_parse import parse_desk_event, parse_desk_press
from adapters.slack.desk_render import render_card, render_shown
from adapters.slack.desk_texts import REPLIES, reply_text
from adapters.slack.parse import Me
from adapters.slack.render import MAX_SECTION, MAX_TEXT, Post
from bot.desk_values import (
    Account,
    DeskCard,
    DeskEvent,
    DeskReply,
    Press,
    Pushed,
    ReplyKind,
    Rewrote,
    Shown,
    Standing,
    Wrote,
)
from bot.messages import Attachment, Author, Button, Message
from tests.fakes import MORNING
from tests.standins.slack import BOT_USER, TEAM, check_blocks
from tests.standins.slack_desk import words

ME = Me(TEAM, BOT_USER, "B0001")
KIM = Account("slack", f"{TEAM}:UKIM")
FILE = {"id": "F1", "name": "a.pdf", "mimetype": "application/pdf", "size": 3, "url_private": "https://f.example/1"}


def message(text: str = "hello", **fields: Any) -> dict[str, Any]:
    event = {
        "type": "message",
        "channel": "C0DESK",
        "user": "UKIM",
        "text": text,
        "ts": "1795500000.000200",
        "thread_ts": "1795500000.000100",
        **fields,
    }
    return {"team_id": TEAM, "event": event}


def wrote(body: dict[str, Any]) -> list[tuple[str, bool, int]]:
    """Texts, whether they are private, and how many files go along."""
    events = parse_desk_event(body, ME)
    assert all(isinstance(event.content, Wrote) for event in events)
    return [(e.content.text, e.content.private, len(e.attachments)) for e in events if isinstance(e.content, Wrote)]


# --- in ---------------------------------------------------------------------------------------------------------------


def test_a_reply_in_a_thread_is_for_the_customer() -> None:
    (event,) = parse_desk_event(message("Look: &lt;b&gt; <https://a.example|here>"), ME)
    assert event == DeskEvent(
        id=f"{TEAM}:C0DESK:1795500000.000200",
        channel="C0DESK",
        thread="1795500000.000100",
        account=KIM,
        at=event.at,
        content=Wrote("Look: <b> here (https://a.example)"),
    )


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hello", [("hello", False, 0)]),
        ("// ask Lee", [("ask Lee", True, 0)]),
        ("//ask Lee\n//now", [("ask Lee\nnow", True, 0)]),
        ("hello\n  // ask Lee\nagain", [("ask Lee", True, 0), ("hello\nagain", False, 0)]),
        ("see http://a.example // not a note", [("see http://a.example // not a note", False, 0)]),
        ("//", []),
        ("", []),
        ("<@U0BOT>", []),
    ],
)
def test_lines_with_slashes_are_notes(text: str, found: list[tuple[str, bool, int]]) -> None:
    assert wrote(message(text)) == found


def test_files_go_to_the_customer_but_not_beside_a_mere_note() -> None:
    assert wrote(message("", subtype="file_share", files=[FILE])) == [("", False, 1)]
    assert wrote(message("see\n// psst", subtype="file_share", files=[FILE])) == [("psst", True, 0), ("see", False, 1)]
    ((text, private, files),) = wrote(message("// psst", subtype="file_share", files=[FILE]))
    assert (private, files) == (True, 0)
    assert "a.pdf" in text


@pytest.mark.parametrize(
    "fields",
    [
        {"thread_ts": None},
        {"thread_ts": "1795500000.000200"},
        {"user": BOT_USER},
        {"user": None},
        {"bot_id": "B0001"},
        {"user": "USLACKBOT"},
        {"subtype": "channel_join"},
        {"subtype": "message_deleted"},
        {"type": "reaction_added"},
    ],
)
def test_what_is_no_agents_word_in_a_thread_is_passed_over(fields: dict[str, Any]) -> None:
    assert parse_desk_event(message(**fields), ME) == ()


def test_an_edit_is_known_and_a_preview_is_none() -> None:
    old = message("helo // x")["event"]
    new = {**old, "text": "hello\n// y", "edited": {"user": "UKIM", "ts": "1795500009.000000"}}
    body = message(subtype="message_changed", message=new, previous_message=old)
    (event,) = parse_desk_event(body, ME)
    assert event.content == Rewrote()
    assert event.thread == "1795500000.000100"
    assert event.id.endswith(":edit:1795500009.000000")
    assert parse_desk_event(message(subtype="message_changed", message=old, previous_message=old), ME) == ()


def press(action: str = "desk:claim", **fields: Any) -> dict[str, Any]:
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": "UKIM", "name": "kim"},
        "container": {"type": "message", "message_ts": "1.1", "channel_id": "C0DESK"},
        "actions": [{"type": "button", "action_id": action, "value": "h1", "action_ts": "2.2"}],
        **fields,
    }


@pytest.mark.parametrize("wanted", Press)
def test_a_pressed_button_is_read(wanted: Press) -> None:
    event = parse_desk_press(press(f"desk:{wanted}"), MORNING)
    assert event is not None
    assert (event.content, event.thread, event.account.id) == (Pushed(wanted), "1.1", KIM.id)
    assert event.id == "action:C0DESK:1.1:2.2"


@pytest.mark.parametrize("body", [{}, press("choice-0"), press(actions=[]), press(user={}), press(container=None)])
def test_another_button_is_none_of_the_desks(body: dict[str, Any]) -> None:
    assert parse_desk_press(body, MORNING) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-10, 10**12) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(
        st.sampled_from("type text ts user channel files message previous_message subtype edited thread_ts".split()),
        inner | st.sampled_from(["message", "message_changed", "1.2", "1.3"]),
        max_size=6,
    ),
    max_leaves=10,
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["event", "team_id"]), json_values))
def test_whatever_comes_parsing_does_not_break(body: dict[str, Any]) -> None:
    assert all(event.account.platform == "slack" for event in parse_desk_event(body, ME))


# --- out --------------------------------------------------------------------------------------------------------------

CARD = DeskCard(
    handoff="h1",
    standing=Standing.WAITING,
    agent=None,
    until=None,
    customer="Ana",
    channel="telegram",
    language="de",
    reason="flow",
    intent="order_status",
    urgent=True,
    team="Billing",
    slots=(("email", "a@b.example"), ("order_number", "483920")),
    recent=(),
    url="https://desk.example/console/c/1",
    presses=(Press.CLAIM,),
)


def entry(text: str = "hi", author: Author = Author.CUSTOMER, **fields: Any) -> Message:
    return Message("m1", "c1", 1, author, MORNING, text, **fields)


def test_a_card_says_what_an_agent_has_to_know() -> None:
    post = render_card(CARD)
    check_blocks(post.blocks)
    text = words({"blocks": post.blocks})
    for part in (
        "URGENT · ⏳ Waiting for an agent",
        "Customer: Ana",
        "Writes on: telegram, German",
        "Why: the bot has collected what a person needs (order_status)",
        "Team: Billing",
        "Known: email: a@b.example, order_number: 483920",
    ):
        assert part in text
    assert "https://desk.example/console/c/1" in str(post.blocks)
    assert post.text.startswith("🔥 URGENT")


@pytest.mark.parametrize(
    ("standing", "fields", "shown"),
    [
        (Standing.OFFERED, {"agent": "Lee"}, "Offered to Lee"),
        (Standing.TAKEN, {"agent": "Lee"}, "With Lee"),
        (Standing.SNOOZED, {}, "Snoozed until the customer writes"),
        (Standing.SNOOZED, {"until": MORNING}, "Snoozed until 2026-11-23 10:00 UTC"),
        (Standing.GIVEN_BACK, {"agent": "Lee", "presses": ()}, "Given back to the bot by Lee"),
        (Standing.CLOSED, {"presses": ()}, "Closed by an agent"),
        (Standing.CANCELLED, {"presses": ()}, "the customer goes on with the bot"),
    ],
)
def test_a_card_shows_where_the_handoff_stands(standing: Standing, fields: dict[str, Any], shown: str) -> None:
    post = render_card(replace(CARD, standing=standing, **fields))
    check_blocks(post.blocks)
    assert shown in post.blocks[0]["elements"][0]["elements"][0]["text"]
    labels = [e["text"]["text"] for b in post.blocks if b["type"] == "actions" for e in b["elements"]]
    assert labels == (["Claim"] if fields.get("presses") is None else [])


@pytest.mark.parametrize(
    ("shown", "text"),
    [
        (Shown(entry("*hi* <@U1> & co")), "Customer\n*hi* <@U1> & co"),
        (Shown(entry(author_name="Ana")), "Ana\nhi"),
        (Shown(entry("/human", author_name="Ana", internal=True)), "Ana, a command\n/human"),
        (Shown(entry(author_name="Ana"), edited=True), "✏️ Ana changed what they had written\nhi"),
        (Shown(entry(author=Author.BOT, buttons=(Button("Yes", "yes"),))), "Bot\nhi\n[Yes]"),
        (Shown(entry(author=Author.SYSTEM)), "Automatic, to the customer\nhi"),
        (Shown(entry(author=Author.SYSTEM, internal=True)), "Babeldesk, to agents only\nhi"),
        (Shown(entry(author=Author.AGENT, author_name="Kim")), "Kim, from the console\nhi"),
        (Shown(entry(author=Author.AGENT, author_name="Kim", internal=True)), "🔒 Kim, private note\nhi"),
        (Shown(entry("", attachments=(Attachment("a", "b/c", error="gone"),))), "Customer\n[a could not be had: gone]"),
        (Shown(entry(), refused="why"), "Customer\n⚠️ This cannot be shown here (why). The console has it."),
    ],
)
def test_an_entry_says_whose_it_is(shown: Shown, text: str) -> None:
    (post,) = render_shown(shown)
    assert isinstance(post, Post)
    check_blocks(post.blocks)
    assert words({"blocks": post.blocks}) == text


def test_files_follow_their_entry_but_not_an_edit_of_it() -> None:
    file = Attachment("a.pdf", "application/pdf", 3, blob="b")
    first, second = render_shown(Shown(entry("", attachments=(file,))))
    assert isinstance(first, Post)
    assert second == file
    assert len(render_shown(Shown(entry("x", attachments=(file,)), edited=True))) == 1


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.text(min_size=1, max_size=150).map(lambda t: t * 100), st.text(max_size=200), st.text(max_size=300))
def test_whatever_is_written_is_within_slacks_limits_and_reads_the_same(text: str, name: str, value: str) -> None:
    said = entry(text, author_name=name)
    posts = [post for post in render_shown(Shown(said)) if isinstance(post, Post)]
    for post in posts:
        check_blocks(post.blocks)
        assert len(post.text) <= MAX_TEXT
    read = "".join(words({"blocks": post.blocks[1:]}) for post in posts)
    if text.strip():
        assert "".join(read.split()) == "".join(text.split())
    card = render_card(replace(CARD, customer=name, team=value, slots=((name, value),), recent=(said,) * 8))
    check_blocks(card.blocks)
    assert all(len(e["text"]) <= MAX_SECTION + 1 for b in card.blocks if b["type"] == "rich_text"
               for s in b["elements"] for e in s["elements"])  # fmt: skip


@pytest.mark.parametrize("kind", ReplyKind)
def test_there_is_a_text_for_every_reply(kind: ReplyKind) -> None:
    assert set(REPLIES) == set(ReplyKind)
    text = reply_text(DeskReply(kind, "Lee"))
    assert "{" not in text
    assert ("Lee" in text) == ("{detail}" in REPLIES[kind])
