from __future__ import annotations

import pytest

from nlu.segments import MOST_PARTS, segments


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("where is my order and how do I pay?", ("where is my order", "how do I pay?")),
        ("Where is my order? I want a refund", ("Where is my order", "I want a refund")),
        ("Wo ist mein Paket, und wie zahle ich?", ("Wo ist mein Paket", "wie zahle ich?")),
        ("¿dónde está mi pedido y cómo pago?", ("¿dónde está mi pedido", "cómo pago?")),
        ("где мой заказ и как его оплатить", ("где мой заказ", "как его оплатить")),
        ("मेरा ऑर्डर कहाँ है और मैं भुगतान कैसे करूँ", ("मेरा ऑर्डर कहाँ है", "मैं भुगतान कैसे करूँ")),
        ("أين طلبي وكيف أدفع؟", ("أين طلبي", "كيف أدفع؟")),
        ("我的订单在哪里，怎么付款？", ("我的订单在哪里", "怎么付款？")),
        ("注文はどこですか。支払い方法を教えて", ("注文はどこですか", "支払い方法を教えて")),
        ("내 주문은 어디에 있나요? 환불해 주세요", ("내 주문은 어디에 있나요", "환불해 주세요")),
        ("siparişim nerede ve nasıl öderim", ("siparişim nerede", "nasıl öderim")),
        ("where is my order\nI want a refund", ("where is my order", "I want a refund")),
        # In whatever language the customer joins them.
        ("where is my order und wie zahle ich", ("where is my order", "wie zahle ich")),
    ],
)
def test_a_message_that_looks_like_several_is_taken_apart(text: str, parts: tuple[str, ...]) -> None:
    assert segments(text) == parts


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "?!",
        "where is my order",
        "Hi! Where is my order?",
        "Where is my order? Thanks!",
        "shoes and socks",
        "it costs 3.50 euros",
        "android is broken",  # an "and" within a word
        "我的订单在哪里",
        "谢谢，我的订单在哪里",
    ],
)
def test_a_message_of_one_part_is_left_alone(text: str) -> None:
    assert segments(text) == ()


def test_what_says_too_little_belongs_to_its_neighbour() -> None:
    assert segments("Hello! Where is my order? I want a refund. Thanks") == (
        "Hello! Where is my order",
        "I want a refund. Thanks",
    )


def test_a_story_is_no_list_of_questions() -> None:
    sentence = "Something has happened. "

    assert len(segments(sentence * MOST_PARTS)) == MOST_PARTS
    assert segments(sentence * (MOST_PARTS + 1)) == ()
