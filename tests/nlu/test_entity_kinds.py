from __future__ import annotations

import time
from datetime import datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.errors import ConfigurationError
from bot.understanding import Entity
from nlu.entities import KINDS, EntityFinder, resolve_overlaps

REFERENCE = datetime(2026, 11, 25, 10, 0)  # noqa: DTZ001 - a customer's own clock
FINDER = EntityFinder({}, kinds=KINDS)


def found(text: str, language: str = "en") -> list[tuple[str, str, str]]:
    return [(e.entity, text[e.start : e.end], e.value) for e in FINDER.find(text, language)]


@pytest.mark.parametrize(
    ("language", "text", "words", "value"),
    [
        ("en", "I paid twenty-three times", "twenty-three", "23"),
        ("zh-Hans", "买了二十三件", "二十三", "23"),
        ("es", "compré veintitrés camisas", "veintitrés", "23"),
        ("de", "ich habe dreiundzwanzig bestellt", "dreiundzwanzig", "23"),
        ("fr", "il en reste soixante-douze", "soixante-douze", "72"),
        ("pt", "comprei vinte e três camisas", "vinte e três", "23"),
        ("it", "ho ordinato ventitré magliette", "ventitré", "23"),
        ("ja", "二十三枚ください", "二十三", "23"),
        ("ko", "이십삼 개 주문", "이십삼", "23"),
        ("ar", "اشتريت ثلاثة وعشرين قميصا", "ثلاثة وعشرين", "23"),
        ("hi", "मैंने तेईस कमीज़ खरीदी", "तेईस", "23"),
        ("tr", "yirmi üç gömlek aldım", "yirmi üç", "23"),
        ("nl", "ik heb drieëntwintig besteld", "drieëntwintig", "23"),
        ("ru", "купил двадцать три рубашки", "двадцать три", "23"),
        ("vi", "tôi mua hai mươi ba chiếc áo", "hai mươi ba", "23"),
    ],
)
def test_numbers_are_read_in_words(language: str, text: str, words: str, value: str) -> None:
    assert ("number", words, value) in found(text, language)


@pytest.mark.parametrize(
    ("language", "text", "words", "value"),
    [
        ("en", "it arrived on May 5, 2026", "May 5, 2026", "2026-05-05"),
        ("en-GB", "it arrived on 05/06/2026", "05/06/2026", "2026-06-05"),
        ("en", "it arrived on 05/06/2026", "05/06/2026", "2026-05-06"),
        ("zh-Hans", "2026年5月5日到的", "2026年5月5日", "2026-05-05"),
        ("es", "llegó 5 de mayo de 2026", "5 de mayo de 2026", "2026-05-05"),
        ("de", "kam am 5. Mai 2026 an", "5. Mai 2026", "2026-05-05"),
        ("fr", "arrivé 5 mai 2026", "5 mai 2026", "2026-05-05"),
        ("pt", "chegou 5 de maio de 2026", "5 de maio de 2026", "2026-05-05"),
        ("it", "arrivato 5 maggio 2026", "5 maggio 2026", "2026-05-05"),
        ("ja", "2026年5月5日に届いた", "2026年5月5日", "2026-05-05"),
        ("ko", "2026년 5월 5일에 도착", "2026년 5월 5일", "2026-05-05"),
        ("ar", "وصل 5 مايو 2026", "5 مايو 2026", "2026-05-05"),
        ("hi", "5 मई 2026 आया", "5 मई 2026", "2026-05-05"),
        ("tr", "5 Mayıs 2026 geldi", "5 Mayıs 2026", "2026-05-05"),
        ("nl", "kwam op 5 mei 2026 aan", "5 mei 2026", "2026-05-05"),
        ("ru", "пришло 5 мая 2026", "5 мая 2026", "2026-05-05"),
        ("vi", "giao 5 tháng 5 năm 2026", "5 tháng 5 năm 2026", "2026-05-05"),
    ],
)
def test_dates_are_read_in_every_language(language: str, text: str, words: str, value: str) -> None:
    assert any(words in piece and (kind, given) == ("date", value) for kind, piece, given in found(text, language))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "can I get it tomorrow"), ("zh-Hans", "明天能到吗"), ("es", "puede llegar mañana"),
        ("de", "kommt es morgen"), ("fr", "est-ce pour demain"), ("pt", "chega amanhã"), ("it", "arriva domani"),
        ("ja", "明日届きますか"), ("ko", "내일 오나요"), ("ar", "هل يصل غدا"), ("hi", "क्या यह कल आएगा"),
        ("tr", "yarın gelir mi"), ("nl", "komt het morgen"), ("ru", "придет завтра"), ("vi", "ngày mai có không"),
    ],
)  # fmt: skip
def test_tomorrow_is_relative_without_a_clock_and_a_date_with_one(language: str, text: str) -> None:
    finder = EntityFinder({}, kinds=["date"])

    assert [e.value for e in finder.find(text, language)] == ["P1D"]
    assert [e.value for e in finder.find(text, language, REFERENCE)] == ["2026-11-26"]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "wait two weeks", "P2W"),
        ("de", "schon drei Tage", "P3D"),
        ("es", "espero dos horas", "PT2H"),
        ("fr", "depuis trois jours", "P3D"),
        ("zh-Hans", "等了三天", "P3D"),
        ("ru", "жду три дня", "P3D"),
        ("tr", "üç gün bekledim", "P3D"),
        ("vi", "chờ ba ngày", "P3D"),
    ],
)
def test_durations_are_iso_8601(language: str, text: str, value: str) -> None:
    finder = EntityFinder({}, kinds=["duration"])

    assert [e.value for e in finder.find(text, language)] == [value]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "it cost $12.50", "12.50 USD"),
        ("de", "es kostet 1.234,50 €", "1234.50 EUR"),
        ("fr", "ça coûte douze euros", "12 EUR"),
        ("zh-Hans", "一共500元", "500 CNY"),
        ("ja", "３０００円です", "3000 JPY"),
        ("hi", "यह 500 रुपये है", "500 INR"),
        ("ru", "стоит 500 рублей", "500 RUB"),
        ("vi", "giá 500 đồng", "500 VND"),
        ("tr", "500 lira ödedim", "500 TRY"),
    ],
)
def test_money_is_an_amount_and_a_currency(language: str, text: str, value: str) -> None:
    assert ("money", value) in [(kind, given) for kind, _, given in found(text, language)]


def test_a_point_means_what_the_language_makes_of_it() -> None:
    finder = EntityFinder({}, kinds=["number"])

    assert [e.value for e in finder.find("1.234", "de")] == ["1234"]
    assert [e.value for e in finder.find("1.234", "en")] == ["1.234"]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("write to Jane.Doe@Example.org!", "email", "jane.doe@example.org"),
        ("see https://example.org/a?b=1.", "url", "https://example.org/a?b=1"),
        ("UPS 1Z999AA10123456784 is late", "tracking_number", "1Z999AA10123456784"),
        ("item RR 473 124 829 GB", "tracking_number", "RR473124829GB"),
        ("to DE89 3704 0044 0532 0130 00 please", "iban", "DE89370400440532013000"),
        ("the book 978-0-306-40615-7", "isbn", "9780306406157"),
        ("card 4111 1111 1111 1111", "card_number", "4111111111111111"),
        ("call +49 171 1234567", "phone", "+491711234567"),
        ("up by 5 percent", "percentage", "5%"),
        ("my 2nd order", "ordinal", "2"),
    ],
)
def test_codes_and_addresses_are_normalised(text: str, kind: str, value: str) -> None:
    assert (kind, value) in [(found_kind, given) for found_kind, _, given in found(text)]


@pytest.mark.parametrize(
    "text",
    ["1Z999AA10123456785", "RR473124828GB", "DE89370400440532013001", "978-0-306-40615-8", "4111 1111 1111 1112"],
)
def test_a_wrong_check_digit_is_no_code(text: str) -> None:
    kinds = {kind for kind, _, _ in found(text)}

    assert kinds.isdisjoint({"tracking_number", "iban", "isbn", "card_number"})


@pytest.mark.parametrize(("language", "text"), [("en", "Good morning!"), ("de", "Guten Abend"), ("pt", "boa noite")])
def test_a_greeting_is_no_time(language: str, text: str) -> None:
    assert found(text, language) == []


def test_a_bare_number_is_no_phone_unless_it_is_called_one() -> None:
    finder = EntityFinder({}, kinds=["phone"])

    assert finder.find("order 12345678") == ()
    assert [e.value for e in finder.find("my phone is 12345678")] == ["12345678"]


def test_a_pack_declares_a_kind_under_its_own_name() -> None:
    finder = EntityFinder({"delivery_date": {"type": "date"}}, kinds=KINDS)

    assert [(e.entity, e.value) for e in finder.find("tomorrow")] == [("delivery_date", "P1D")]


def test_what_a_pack_declares_wins_over_longer_built_in_kinds() -> None:
    finder = EntityFinder({"order": {"pattern": r"\d{5}"}}, kinds=KINDS)

    assert finder.find("12345 dollars") == (Entity("order", 0, 5, "12345"),)


@pytest.mark.parametrize(
    ("declaration", "reason"),
    [({"type": "colour"}, "'colour' is none of"), ({"type": "date", "pattern": "x"}, "give either")],
)
def test_a_wrong_kind_is_named(declaration: dict[str, str], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        EntityFinder({"when": declaration})


@pytest.mark.parametrize(
    ("text", "value"), [("the headfones", "headphones"), ("head phones", None), ("haedphones", "headphones")]
)
def test_a_misspelled_name_of_a_list_is_found(text: str, value: str | None) -> None:
    entities = EntityFinder({"product": {"list": {"headphones": []}}}).find(text)

    assert [e.value for e in entities] == ([value] if value else [])
    assert all(e.confidence < 1 for e in entities)


@pytest.mark.parametrize("text", ["smell", "smaller", "I stall", "X200 camera"])
def test_short_words_and_other_figures_are_no_misspellings(text: str) -> None:
    declared = {"thing": {"list": {"small": [], "X100 camera": []}}}

    assert EntityFinder(declared).find(text) == ()


def test_misspellings_may_be_switched_off() -> None:
    assert EntityFinder({"product": {"list": {"headphones": []}, "fuzzy": False}}).find("headfones") == ()


def test_of_overlapping_entities_the_earlier_group_stands_then_the_longest() -> None:
    short, long, other = Entity("s", 0, 2, ""), Entity("l", 0, 5, ""), Entity("o", 4, 9, "")

    assert resolve_overlaps([short, long], [other]) == (long,)
    assert resolve_overlaps([short], [long, other]) == (short, other)


@settings(max_examples=60, deadline=None)
@given(st.text("0123456789.,:/-+$€ 年月日時一十百 amptoday'h%", max_size=60), st.sampled_from(["en", "de", "ja", "ar"]))
def test_entities_lie_within_the_text_and_never_overlap(text: str, language: str) -> None:
    entities = FINDER.find(text, language, REFERENCE)

    assert all(0 <= e.start < e.end <= len(text) for e in entities)
    assert all(one.end <= other.start for one, other in pairwise(entities))


@pytest.mark.parametrize("text", ["1 " * 2000, "12/12/" * 700, "a@" * 2000, "one and " * 500, "+1 (" * 1000])
def test_no_text_takes_long(text: str) -> None:
    started = time.process_time()
    FINDER.find(text)

    assert time.process_time() - started < 10


# --- a message's own time ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "tomorrow", "2026-11-26"),
        ("de", "bitte morgen liefern", "2026-11-26"),
        ("zh-Hans", "明天送到", "2026-11-26"),
        ("de", "letzte Woche", "2026-W47"),
        ("en", "the next 3 hours", "2026-11-25T10:00:00/2026-11-25T13:00:00"),
        ("en", "right now", "2026-11-25T10:00:00"),
        ("en", "on 12 November", "2026-11-12"),
        ("en", "on 12 January", "2027-01-12"),
        ("en", "on 29 February", "2028-02-29"),
        ("en", "in September", "2026-09"),
        ("en", "in March", "2027-03"),
        ("en", "from 20 December to 5 January", "2026-12-20/2027-01-05"),
        ("en", "from Friday to Monday", "2026-11-27/2026-11-30"),
    ],
)
def test_what_is_relative_has_a_date_where_the_time_of_the_message_is_known(
    language: str, text: str, value: str
) -> None:
    assert value in [entity.value for entity in FINDER.find(text, language, REFERENCE)]


def test_the_days_are_those_of_the_references_time_zone() -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=ZoneInfo("UTC"))

    assert [e.value for e in FINDER.find("tomorrow", "en", late)] == ["2026-11-26"]
    assert [e.value for e in FINDER.find("tomorrow", "en", late.astimezone(ZoneInfo("Asia/Tokyo")))] == ["2026-11-27"]


def test_hours_are_counted_as_they_pass_when_the_clocks_are_set_back() -> None:
    before = datetime(2026, 10, 25, 1, 30, tzinfo=ZoneInfo("Europe/Berlin"))

    assert [e.value for e in FINDER.find("in 3 hours", "en", before)] == ["2026-10-25T03:30:00"]


@pytest.mark.parametrize(
    ("language", "text", "words", "value"),
    [
        ("tr", "13:30'dan 16'ya kadar yokum", "13:30'dan 16'ya kadar", "T13:30/T16:00"),
        ("tr", "bu ayın 4'üyle 22'si arası", "bu ayın 4'üyle 22'si arası", "2026-11-04/2026-11-22"),
        ("tr", "bu akşam 8'de arayın", "bu akşam 8", "2026-11-25T20:00"),
        ("fr", "ouvert de 16 heures à 17 heures", "de 16 heures à 17 heures", "T16:00/T17:00"),
        ("fr", "entre 10h et 11h30", "entre 10h et 11h30", "T10:00/T11:30"),
        ("es", "abierto de las 5 a las 6 p.m.", "de las 5 a las 6 p.m.", "T17:00/T18:00"),
        ("es", "el 15 a las 8:00", "15 a las 8:00", "2026-12-15T08:00"),
        ("fr", "lundi 30 à 18h", "lundi 30 à 18h", "2026-11-30T18:00"),
        ("fr", "le premier vendredi du mois prochain", "premier vendredi du mois prochain", "2026-12-04"),
        ("en", "the last monday of this month", "last monday of this month", "2026-11-30"),
        ("en", "the 5th of next month", "the 5th of next month", "2026-12-05"),
        ("en", "I ordered 1 month 2 years ago", "1 month 2 years ago", "2024-10-25"),
        ("fr", "en 2016 ou avant", "2016 ou avant", "../2016"),
        ("en", "next week from Wednesday to Friday", "next week from Wednesday to Friday", "2026-12-02/2026-12-04"),
        ("en", "call from two to five pm", "from two to five pm", "T14:00/T17:00"),
        ("en", "at twenty to five pm", "twenty to five pm", "T16:40"),
        ("es", "a las 8 a. m.", "8 a. m.", "T08:00"),
        ("fr", "à 8 heures et 31 secondes", "8 heures et 31 secondes", "T08:00:31"),
    ],
)
def test_days_and_hours_are_read_as_they_are_said(language: str, text: str, words: str, value: str) -> None:
    assert (words, value) in [(text[e.start : e.end], e.value) for e in FINDER.find(text, language, REFERENCE)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "may I return it"),
        ("fr", "mon colis a été perdu"),
        ("fr", "un jeu vidéo"),
        ("de", "ich habe gerade bestellt"),
        ("es", "¿a qué hora está abierto?"),
        ("it", "una borsa marrone"),
        ("it", "l'ora attuale"),
        ("tr", "sesi kısar mısın"),
        ("tr", "bana bildir"),
        ("tr", "dünya kupası"),
        ("tr", "beni ara"),
    ],
)
def test_words_that_only_look_like_times_are_none(language: str, text: str) -> None:
    assert [e for e in FINDER.find(text, language) if e.entity not in {"number", "ordinal"}] == []


def test_what_follows_a_weekday_and_is_counted_is_no_day() -> None:
    assert ("date", "friday", "XXXX-WXX-5") in found("on friday 2 parcels came")
