"""What a search finds, in any script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.searching import found_in, parse_question, snippet, terms


def finds(question: str, text: str) -> bool:
    return found_in(parse_question(question), [term.text for term in terms(text)])


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("refund", "Where is my REFUND?"),
        ("ref", "Where is my refund?"),
        ("order ref", "a refund for this order"),
        ("cafe", "Le café est fermé"),
        ("CAFÉ", "le cafe"),
        ("strasse", "Hauptstraße 5, Straße"),
        ("fahrrad", "Fahrradversicherung"),
        ("zoe", "Zoe\u0308 schreibt"),
        ("lodz", "z Łódź"),
        ("don hang", "Đơn hàng của tôi"),
        ("退款", "我想申请退款，可以吗？"),
        ("款", "我想申请退款"),
        ("我", "我想申请退款"),
        ("申请退", "我想申请退款"),
        ("注文", "注文をキャンセルしたい"),
        ("キャンセル", "注文をｷｬﾝｾﾙしたい"),
        ("배송", "무료배송인가요"),
        ("주문", "주문이 안 왔어요"),
        ("คืนเงิน", "ขอคืนเงินหน่อยค่ะ"),
        ("طلب", "أين الطلب؟"),
        ("الطلب", "أين طلبي"),
        ("الط", "أين طلبي"),
        ("احمد", "أَحْمَد"),
        ("فاتوره", "الفاتورة من فضلك"),
        ("مدرسه", "مدرســـة"),
        ("पैसा", "मेरा पैसा कब आएगा"),
        ("ё", "Ежик"),
        ("ana@example.com", "write to Ana@Example.com please"),
        ("A-1234", "order A-1234 is late"),
        ('"my refund"', "where is my refund now"),
        ("iPhone手机", "新的 iphone手机壳"),
        ("１２３", "order 123456"),
    ],
)
def test_words_are_found_however_they_are_written(question: str, text: str) -> None:
    assert finds(question, text)


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("refund", "reorder"),
        ("fund", "refund"),
        ("退钱", "我想申请退款"),
        ("款退", "退款"),
        ("A-1234", "1234 A"),
        ('"refund my"', "my refund"),
        ('"ref"', "refund"),
        ("refund order", "a refund"),
        ("की", "का"),
        ("か", "が"),
    ],
)
def test_other_words_are_not(question: str, text: str) -> None:
    assert not finds(question, text)


def test_a_question_without_words_asks_for_nothing() -> None:
    assert parse_question(' "" -- … ') == ()


def test_a_snippet_shows_what_was_found_and_where() -> None:
    text = "Good morning. " * 40 + "I would like my réfund\nand another refund, please. " + "Thank you. " * 40
    piece = snippet(text, parse_question("refund my"))
    assert len(piece.text) <= 162
    assert piece.text.startswith("…")
    assert piece.text.endswith("…")
    assert [piece.text[a:b] for a, b in piece.marks] == ["my", "réfund", "refund"]
    assert "\n" not in piece.text


def test_pairs_of_characters_are_marked_as_one() -> None:
    piece = snippet("我想申请退款，可以吗？", parse_question("申请退款"))
    assert [piece.text[a:b] for a, b in piece.marks] == ["申请退款"]


@given(st.text(max_size=60))
def test_every_text_is_found_by_its_own_words(text: str) -> None:
    phrases = parse_question(text.replace('"', " "))
    assert found_in(phrases, [term.text for term in terms(text.replace('"', " "))])


@given(st.text(max_size=300), st.text(max_size=10))
def test_marks_lie_within_the_snippet(text: str, question: str) -> None:
    piece = snippet(text, parse_question(question), length=50)
    assert all(0 <= a < b <= len(piece.text) for a, b in piece.marks)
