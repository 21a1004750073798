from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.text import unshouted


@pytest.mark.parametrize(
    ("shouted", "read"),
    [
        ("WHERE IS MY ORDER 4711?!", "where is my order 4711?!"),
        ("WO IST MEINE BESTELLUNG bitte", "wo ist meine bestellung bitte"),
        ("ГДЕ МОЙ ЗАКАЗ", "где мой заказ"),
        ("SİPARİŞİM NEREDE", "siparişim nerede"),
    ],
)
def test_what_is_mostly_in_capitals_is_read_in_small_letters(shouted: str, read: str) -> None:
    assert unshouted(shouted) == read


@pytest.mark.parametrize(
    "text", ["", "Where is my DHL parcel?", "wo ist mein Paket", "Ab", "我的订单在哪里", "أين طلبي", "4711", "iPhone"]
)
def test_other_texts_are_read_as_they_are(text: str) -> None:
    assert unshouted(text) == text


@given(st.text())
def test_no_offset_moves(text: str) -> None:
    assert len(unshouted(text)) == len(text)
