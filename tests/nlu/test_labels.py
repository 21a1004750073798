"""What people said in the review is learned beside the pack's examples."""

from __future__ import annotations

from pathlib import Path

from bot.labels import as_jsonl
from bot.review import Label, Verdict
from nlu.training.dataset import Dataset, Example
from nlu.training.run import with_labels
from tests.bot.rig import PACK
from tests.fakes import MORNING


def label(text: str, intent: str | None, language: str = "en", verdict: Verdict = Verdict.INTENT) -> Label:
    return Label("a", f"m-{text}", text, language, verdict, "u", "Root", MORNING, intent)


EXAMPLES = Dataset((Example("Where is my order?", "order_status", "en", Path("en.yml"), 3),))


def test_reviewed_messages_are_learned_and_dismissed_ones_are_not() -> None:
    labels = as_jsonl(
        [
            label("parcel not here", "order_status"),
            label("Paket nicht da", "order_status", "de"),
            label("sing!", None, verdict=Verdict.OUT_OF_SCOPE),
            label("whatever", None, verdict=Verdict.DISMISSED),
        ]
    )
    learned = with_labels(EXAMPLES, PACK, labels)
    assert [(e.text, e.intent, e.language) for e in learned.examples] == [
        ("Where is my order?", "order_status", "en"),
        ("parcel not here", "order_status", "en"),
        ("Paket nicht da", "order_status", "de"),
        ("sing!", "out_of_scope", "en"),
    ]
    assert learned.notes == ()


def test_the_packs_authors_have_the_last_word() -> None:
    learned = with_labels(EXAMPLES, PACK, as_jsonl([label("where is my ORDER?", "refund_status")]))
    assert learned.examples == EXAMPLES.examples
    assert "example of the pack already" in learned.notes[0].reason


def test_an_intent_that_the_pack_does_not_have_yet_is_left_out_and_told() -> None:
    learned = with_labels(EXAMPLES, PACK, as_jsonl([label("blue bicycle", "bicycles")]))
    assert learned.examples == EXAMPLES.examples
    assert "'bicycles'" in learned.notes[0].reason


def test_of_two_verdicts_on_the_same_words_the_latest_counts() -> None:
    learned = with_labels(
        EXAMPLES, PACK, as_jsonl([label("it is late", "refund_status"), label("It  is late", "fraud")])
    )
    assert [e.intent for e in learned.examples[1:]] == ["refund_status"]


def test_without_verdicts_nothing_changes() -> None:
    assert with_labels(EXAMPLES, PACK, "") is EXAMPLES
    assert with_labels(EXAMPLES, PACK, as_jsonl([label("whatever", None, verdict=Verdict.DISMISSED)])) is EXAMPLES
