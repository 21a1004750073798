"""A choice is taken from a button, its number, or the customer's own words."""

from __future__ import annotations

import pytest

from bot.flows import read_choice

EN = {"too_small": "Too small", "too_big": "Too big", "damaged": "Damaged or faulty", "mind": "Changed my mind"}
ES = {"too_small": "Demasiado pequeño", "too_big": "Demasiado grande", "damaged": "Dañado o defectuoso"}
HI = {"too_small": "बहुत छोटा है", "too_big": "बहुत बड़ा है"}


@pytest.mark.parametrize(
    ("text", "labels", "choice"),
    [
        ("Too small", EN, "too_small"),
        ("too big!", EN, "too_big"),
        ("2", EN, "too_big"),
        ("they are a bit small", EN, "too_small"),
        ("it arrived damaged", EN, "damaged"),
        ("I've changed my mind about it", EN, "mind"),
        ("me quedan pequeñas", ES, "too_small"),
        ("es muy grande", ES, "too_big"),
        ("ये छोटा है", HI, "too_small"),
    ],
)
def test_a_choice_is_read_from_the_customers_own_words(text: str, labels: dict[str, str], choice: str) -> None:
    assert read_choice(text, labels) == choice


@pytest.mark.parametrize("text", ["too", "blue", "", "👍", "small or maybe faulty", "9"])
def test_words_that_name_no_choice_or_several_choose_none(text: str) -> None:
    assert read_choice(text, EN) is None
