from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import ModelError
from bot.language_codes import language_code
from bot.understanding import Hints
from nlu.language import LanguageIdentifier
from nlu.language_models import CHAT_MODEL
from nlu.language_requests import LanguageRequests
from nlu.lexicon import Lexicon, phrase_key
from nlu.scripts import candidates, chinese_script, scripts_of

ANSWERED = ("en", "de", "es", "fr", "pt", "ar", "hi", "zh-Hans", "zh-Hant", "ja", "ko", "th", "ru", "tr")

SENTENCES = {
    "en": "Where is my order?",
    "de": "Wo ist meine Bestellung?",
    "es": "¿Dónde está mi pedido?",
    "fr": "Où est ma commande ?",
    "pt": "Onde está o meu pedido?",
    "ar": "أين طلبي؟",
    "hi": "मेरा ऑर्डर कहाँ है?",
    "zh-Hans": "我的订单在哪里？",
    "zh-Hant": "我的訂單在哪裡？",
    "ja": "注文はどこですか",
    "ko": "제 주문은 어디에 있나요?",
    "th": "คำสั่งซื้อของฉันอยู่ที่ไหน",
    "ru": "Где мой заказ?",
    "tr": "Siparişim nerede?",
}

WITHOUT_LANGUAGE = [
    "",
    "   ",
    "👍",
    "🇩🇪🇩🇪",
    "12345",
    "١٢٣٤٥",
    "A-1029384",
    "...",
    "?!",
    "https://example.com/wo-ist-meine-bestellung",
    "ana.lopez@example.com",
    "@bob",
    "#bestellung",
    "¯\\_(ツ)_/¯",
    "ಠ_ಠ",
]


@pytest.fixture(scope="session")
def identifier(language_model: Path) -> LanguageIdentifier:
    return LanguageIdentifier(language_model, ANSWERED, Lexicon({}, {"hola": "es", "谢谢": "zh-Hans"}))


def said(code: str, messages: float = 3) -> Hints:
    return Hints(spoken={code: messages})


@pytest.mark.model
@pytest.mark.parametrize("code", SENTENCES)
def test_a_sentence_of_a_stranger_is_identified(identifier: LanguageIdentifier, code: str) -> None:
    guess = identifier.identify(SENTENCES[code], Hints())

    assert guess.code == code
    assert 0.5 < guess.confidence <= 1
    assert identifier.code_of(SENTENCES[code]) == code


@pytest.mark.model
@pytest.mark.parametrize("after", SENTENCES)
@pytest.mark.parametrize("before", ["en", "de", "ja", "zh-Hant"])
def test_a_real_switch_is_followed_at_once(identifier: LanguageIdentifier, before: str, after: str) -> None:
    assert identifier.identify(SENTENCES[after], said(before, 20)).code == after


@pytest.mark.model
@pytest.mark.parametrize("text", WITHOUT_LANGUAGE)
@pytest.mark.parametrize("spoken", ["de", "zh-Hant", "ja"])
def test_a_message_without_language_keeps_the_conversations(
    identifier: LanguageIdentifier, text: str, spoken: str
) -> None:
    assert identifier.identify(text, said(spoken)).code == spoken


@pytest.mark.model
@pytest.mark.parametrize("text", ["ok", "OK", "no", "si", "ja", "hm", "ok!", "ok 👍 12345"])
@pytest.mark.parametrize("spoken", ["en", "de", "fr", "th", "zh-Hans"])
def test_two_letters_keep_the_conversations_language(identifier: LanguageIdentifier, text: str, spoken: str) -> None:
    assert identifier.identify(text, said(spoken)).code == spoken


@pytest.mark.model
def test_one_odd_message_does_not_outweigh_the_language_that_was_mostly_spoken(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("ok", Hints(spoken={"de": 5, "en": 1})).code == "de"
    assert identifier.identify("ok", Hints(spoken={"de": 1, "en": 5})).code == "en"


@pytest.mark.model
def test_a_number_within_a_sentence_changes_nothing(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("Wo ist meine Bestellung DE-12345678?", said("en")).code == "de"
    assert identifier.identify("Where is https://example.com/ou-est-ma-commande ?", said("fr")).code == "en"


@pytest.mark.model
@pytest.mark.parametrize("code", ["en", "de", "fr", "ru"])
def test_shouting_is_the_same_language(identifier: LanguageIdentifier, code: str) -> None:
    assert identifier.identify(SENTENCES[code].upper(), Hints()).code == code


@pytest.mark.model
def test_line_breaks_are_read_over(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("Wo ist\n\nmeine\r\nBestellung?", Hints()).code == "de"


@pytest.mark.model
@pytest.mark.parametrize(
    ("locale", "code"), [("de-DE", "de"), ("pt-BR", "pt"), ("zh-TW", "zh-Hant"), ("zh-Hans-HK", "zh-Hans")]
)
@pytest.mark.parametrize("text", ["", "👍", "ok"])
def test_the_platforms_locale_decides_when_the_first_message_does_not(
    identifier: LanguageIdentifier, locale: str, code: str, text: str
) -> None:
    assert identifier.identify(text, Hints(locale=locale)).code == code


@pytest.mark.model
@pytest.mark.parametrize("locale", ["xx-YY", "und", "nonsense!", ""])
def test_a_locale_that_names_no_language_is_ignored(identifier: LanguageIdentifier, locale: str) -> None:
    assert identifier.identify("", Hints(locale=locale, default="fr")).code == "fr"


@pytest.mark.model
def test_the_text_outweighs_the_locale(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("Where is my order?", Hints(locale="de-DE")).code == "en"


@pytest.mark.model
def test_what_was_spoken_outweighs_the_locale(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("ok", Hints(spoken={"es": 2}, locale="de-DE")).code == "es"


@pytest.mark.model
def test_with_nothing_else_known_it_is_the_packs_default(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("12345", Hints(default="tr")).code == "tr"


@pytest.mark.model
@pytest.mark.parametrize("text", ["", "ok", *SENTENCES.values()])
def test_a_pinned_language_is_certain(identifier: LanguageIdentifier, text: str) -> None:
    guess = identifier.identify(text, Hints(pinned="pt", spoken={"en": 9}, locale="de"))

    assert (guess.code, guess.confidence) == ("pt", 1.0)


@pytest.mark.model
def test_chinese_is_told_apart_by_its_characters_and_not_by_the_conversation(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("订单", said("zh-Hant")).code == "zh-Hans"
    assert identifier.identify("訂單", said("zh-Hans")).code == "zh-Hant"


@pytest.mark.model
def test_chinese_that_is_the_same_in_both_scripts_keeps_the_known_one(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("你好", Hints()).code == "zh-Hans"
    assert identifier.identify("你好", said("zh-Hant")).code == "zh-Hant"
    assert identifier.identify("你好", Hints(locale="zh-HK")).code == "zh-Hant"
    assert identifier.identify("你好", Hints(spoken={"zh-Hans": 3}, locale="zh-HK")).code == "zh-Hans"


@pytest.mark.model
def test_characters_without_kana_are_japanese_only_in_a_japanese_conversation(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("東京", said("ja")).code == "ja"
    assert identifier.identify("東京", Hints()).code == "zh-Hant"


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("iPhone 15 が届きません", "ja"),
        ("キャンセル", "ja"),
        ("네", "ko"),
        ("Galaxy S24 주문했어요", "ko"),
        ("ครับ", "th"),
        ("ยกเลิก iPhone 15", "th"),
        ("订单", "zh-Hans"),
        ("我的 iPhone 坏了", "zh-Hans"),
    ],
)
def test_a_script_of_one_language_is_followed_even_in_one_word(
    identifier: LanguageIdentifier, text: str, code: str
) -> None:
    assert identifier.identify(text, said("en", 20)).code == code


@pytest.mark.model
@pytest.mark.parametrize(
    "text",
    [
        "I bought the マキタ drill and it broke yesterday",
        "where is my Привет shirt order please",
        "I don't know ¯\\_(ツ)_/¯",
        "this is really bad ಠ_ಠ",
        "The label says 中 and I cannot read it",
    ],
)
def test_a_foreign_name_in_a_sentence_changes_nothing(identifier: LanguageIdentifier, text: str) -> None:
    assert identifier.identify(text, said("en")).code == "en"


@pytest.mark.model
def test_a_variety_is_answered_in_the_language_that_its_speakers_read(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("Wo isch mis Päckli? Ich ha sit drü Wuche nüt meh ghört.", said("en")).code == "de"


@pytest.mark.model
@pytest.mark.parametrize("text", ["hola", "Hola", "¡HOLA!", " hola... ", "ｈｏｌａ"])
def test_a_phrase_of_the_training_data_is_known_however_it_is_written(
    language_model: Path, identifier: LanguageIdentifier, text: str
) -> None:
    guess = identifier.identify(text, said("en"))

    assert guess.code == "es"
    assert guess.confidence > 0.8
    assert LanguageIdentifier(language_model, ANSWERED).identify(text, said("en")).code == "en"


@pytest.mark.model
def test_a_chinese_phrase_has_the_script_that_it_is_written_in(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("谢谢！", said("en")).code == "zh-Hans"


@pytest.mark.model
def test_a_pack_may_name_its_languages_with_a_region(language_model: Path) -> None:
    identifier = LanguageIdentifier(language_model, ("en", "pt-BR"))

    assert identifier.identify("Onde está o meu pedido?", said("en")).code == "pt"
    assert identifier.identify("", Hints(locale="pt-BR")).code == "pt"
    with_bonus = identifier.identify("ok", said("pt"))
    assert with_bonus == LanguageIdentifier(language_model, ("en", "pt")).identify("ok", said("pt"))


@pytest.mark.model
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.characters(), max_size=300) | st.text("aåжमกあ한中ツಠ'’-_@#:/.1\n\r\0\u2028 ", max_size=60),
    spoken=st.dictionaries(st.sampled_from(["en", "zh-Hant", "ja", "th", "xx", ""]), st.floats(0, 1e6), max_size=3),
    locale=st.none() | st.text(max_size=12) | st.sampled_from(["de", "zh_TW", "pt-BR", "und", "-"]),
)
def test_no_text_and_no_hint_makes_it_fail(
    identifier: LanguageIdentifier, text: str, spoken: dict[str, float], locale: str | None
) -> None:
    guess = identifier.identify(text, Hints(spoken=spoken, locale=locale))
    requested = identifier.requested(text)

    assert language_code(guess.code) == guess.code
    assert 0 <= guess.confidence <= 1 + 1e-9
    assert requested is None or language_code(requested) == requested


@pytest.mark.parametrize("content", [None, b"", b"not a model" * 100])
def test_a_file_that_is_no_model_is_named(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "lid.ftz"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(ModelError, match=r"lid\.ftz cannot be opened"):
        LanguageIdentifier(file, ["en"])


@pytest.fixture
def chat(tmp_path: Path) -> Path:
    for file in (CHAT_MODEL, CHAT_MODEL.with_suffix(".json")):
        shutil.copy(file, tmp_path / file.name)
    return tmp_path / CHAT_MODEL.name


@pytest.mark.model
def test_a_chat_model_that_is_missing_or_cut_is_named(language_model: Path, chat: Path) -> None:
    chat.write_bytes(chat.read_bytes()[:-1000])
    with pytest.raises(ModelError, match=r"chat_languages\.ftz cannot be opened: it is damaged"):
        LanguageIdentifier(language_model, ["en"], chat=chat)

    chat.unlink()
    with pytest.raises(ModelError, match=r"chat_languages\.ftz cannot be opened"):
        LanguageIdentifier(language_model, ["en"], chat=chat)


@pytest.mark.model
def test_a_chat_model_needs_its_card(language_model: Path, chat: Path) -> None:
    chat.with_suffix(".json").write_text("{}")
    with pytest.raises(ModelError, match=r"chat_languages\.json is no description"):
        LanguageIdentifier(language_model, ["en"], chat=chat)

    chat.with_suffix(".json").unlink()
    with pytest.raises(ModelError, match="cannot be opened"):
        LanguageIdentifier(language_model, ["en"], chat=chat)


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("kahan hai mera order", "hi"),
        ("Mera parcel kab aayega??", "hi"),
        ("nahi chahiye ab", "hi"),
        ("wein talabi el jdeed", "ar"),
        ("3ayez arga3 floosi", "ar"),
        ("law sama7t momken akallem 7ad", "ar"),
        ("wo de baoguo zai nali", "zh-Hans"),
        ("wo yao tui kuan", "zh-Hans"),
        ("Nǐ hǎo, wǒ de dìngdān ne?", "zh-Hans"),
    ],
)
@pytest.mark.parametrize("before", [None, "en", "de"])
def test_languages_typed_in_latin_letters_are_told(
    identifier: LanguageIdentifier, text: str, code: str, before: str | None
) -> None:
    assert identifier.identify(text, said(before) if before else Hints()).code == code


@pytest.mark.model
def test_pinyin_in_a_traditional_conversation_is_answered_in_traditional(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("wo de baoguo zai nali", said("zh-Hant")).code == "zh-Hant"


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("where order", "en"),
        ("cancel it", "en"),
        ("wo bleibt das", "de"),
        ("dónde está", "es"),
        ("donde esta mi paquete", "es"),
        ("c'est quand", "fr"),
        ("quero cancelar", "pt"),
        ("где заказ", "ru"),
        ("siparişim nerede", "tr"),
        ("siparisim nerede kaldi", "tr"),
    ],
)
def test_two_or_three_words_without_capitals_and_accents_are_enough(
    identifier: LanguageIdentifier, text: str, code: str
) -> None:
    assert identifier.identify(text, Hints()).code == code


@pytest.mark.model
@pytest.mark.parametrize("text", ["iPhone 15 Pro", "Galaxy S24", "Nike Air Max", "PlayStation", "XL", "IKEA Billy"])
@pytest.mark.parametrize("spoken", ["de", "fr", "hi", "zh-Hans", "tr"])
def test_the_name_of_a_product_does_not_switch_a_conversation(
    identifier: LanguageIdentifier, text: str, spoken: str
) -> None:
    assert identifier.identify(text, said(spoken)).code == spoken


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("mera iPhone 15 Pro kab aayega", "hi"),
        ("मेरा iPhone 15 Pro कब आएगा", "hi"),
        ("أين iPhone الذي طلبته", "ar"),
        ("ich habe das Galaxy S24 Ultra bestellt", "de"),
        ("où est ma PlayStation", "fr"),
    ],
)
def test_the_name_of_a_product_within_a_sentence_is_read_over(
    identifier: LanguageIdentifier, text: str, code: str
) -> None:
    assert identifier.identify(text, Hints()).code == code


@pytest.mark.model
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Де моє замовлення? Я чекаю вже тиждень.", "uk"),
        ("Kde je moje objednávka? Čekám už týden.", "cs"),
        ("Gdje je moja narudžba?", "hr"),
        ("Kur yra mano užsakymas?", "lt"),
        ("Kie estas mia mendo?", "eo"),
    ],
)
def test_languages_beyond_those_that_the_bot_answers_in_are_told(
    identifier: LanguageIdentifier, text: str, code: str
) -> None:
    assert identifier.identify(text, Hints()).code == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("English", "en"),
        ("English please", "en"),
        ("ENGLISH, PLEASE!", "en"),
        ("ＥＮＧＬＩＳＨ please", "en"),
        ("in English", "en"),
        ("Can you speak German?", "de"),
        ("could you answer in Spanish please", "es"),
        ("auf Deutsch bitte", "de"),
        ("kannst du Deutsch?", "de"),
        ("Sprechen Sie Englisch?", "en"),
        ("en español por favor", "es"),
        ("¿Habla inglés?", "en"),
        ("Parlez-vous français ?", "fr"),
        ("Pouvez-vous répondre en anglais ?", "en"),
        ("Fale português", "pt"),
        ("parla italiano per favore", "it"),
        ("по-русски", "ru"),
        ("По-английски, пожалуйста", "en"),
        ("на русском, пожалуйста", "ru"),
        ("Можно на английском?", "en"),
        ("Türkçe konuş", "tr"),
        ("mów po polsku", "pl"),
        ("Po polsku proszę", "pl"),
        ("nói tiếng Việt", "vi"),
        ("bahasa Inggris tolong", "en"),
        ("हिंदी में बोलो", "hi"),
        ("hindi mein baat karo", "hi"),
        ("بالعربية من فضلك", "ar"),
        ("日本語で", "ja"),
        ("日本語でお願いします。", "ja"),
        ("英語で話せますか？", "en"),
        ("한국어로", "ko"),
        ("한국어로 말해 주세요", "ko"),
        ("영어 가능한가요?", "en"),
        ("ภาษาไทย", "th"),
        ("พูดภาษาอังกฤษได้ไหมครับ", "en"),
        ("说中文", "zh-Hans"),
        ("请说英文", "en"),
        ("能不能说英语", "en"),
        ("繁體中文", "zh-Hant"),
        ("简体中文", "zh-Hans"),
    ],
)
def test_asking_for_a_language_is_recognised(text: str, code: str) -> None:
    assert LanguageRequests(ANSWERED).find(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "...",
        "no",
        "en",
        "Turkey",
        "French press",
        "French fries please",
        "turkish delight",
        "my German order",
        "English or German?",
        "I do not speak English",
        "I bought a French press yesterday and it is broken",
        "please please please please please please please please English",
        "Ich spreche kein Deutsch",
        "日本語の本が届きません",
        "英語は話せません",
        "英文说明书在哪里",
        "我不会说英文",
        "不要说中文",
        "영어 책이 안 왔어요",
        "ไม่พูดภาษาอังกฤษ",
        "English " + "please " * 20,
    ],
)
def test_naming_a_language_is_not_asking_for_it(text: str) -> None:
    assert LanguageRequests(ANSWERED).find(text) is None


@pytest.mark.model
def test_chinese_is_asked_for_in_the_script_that_it_is_asked_in(identifier: LanguageIdentifier) -> None:
    assert identifier.requested("请说中文") == "zh-Hans"
    assert identifier.requested("請說中文") == "zh-Hant"
    assert identifier.requested("Chinese please") == "zh-Hans"


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("en", "en"),
        ("EN", "en"),
        ("en-US", "en"),
        ("en_US.UTF-8", "en"),
        ("de_DE@euro", "de"),
        (" de ", "de"),
        ("pt-BR", "pt"),
        ("sr-Latn", "sr"),
        ("no", "nb"),
        ("nn", "nn"),
        ("iw", "he"),
        ("in", "id"),
        ("fil", "tl"),
        ("tl", "tl"),
        ("arz", "ar"),
        ("als", "de"),
        ("ceb", "ceb"),
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh_TW", "zh-Hant"),
        ("ZH-hk", "zh-Hant"),
        ("zh-MO", "zh-Hant"),
        ("zh-hant", "zh-Hant"),
        ("zh-Hans-HK", "zh-Hans"),
        ("zh-Hant-CN", "zh-Hant"),
        ("yue", "zh-Hans"),
    ],
)
def test_every_way_of_writing_a_code_becomes_ours(tag: str, code: str) -> None:
    assert language_code(tag) == code


@pytest.mark.parametrize("tag", ["", "-", "x", "xx", "C", "POSIX", "english", "123", "en-", "und", "mul", "zxx"])
def test_what_names_no_language_has_no_code(tag: str) -> None:
    assert language_code(tag) is None


@given(st.text(max_size=20))
def test_a_code_of_ours_stays_itself(tag: str) -> None:
    code = language_code(tag)

    assert code is None or language_code(code) == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("hello", None),
        ("123", None),
        ("สวัสดี", {"th"}),
        ("안녕", {"ko"}),
        ("こんにちは", {"ja"}),
        ("東京へ", {"ja"}),
        ("東京", {"zh", "ja"}),
        ("שלום", {"he"}),
        ("γεια", {"el"}),
        ("iPhone ไม่", {"th"}),
        ("the word ไทย in a long English sentence", None),
        ("the word テレビ in a long English sentence", None),
    ],
)
def test_the_script_leaves_only_its_languages(text: str, codes: set[str] | None) -> None:
    assert candidates(scripts_of(text)) == codes


def test_a_script_of_several_languages_leaves_them_all() -> None:
    assert candidates(scripts_of("где"))
    assert {"ru", "uk", "bg"} <= (candidates(scripts_of("где")) or set())
    assert {"ar", "fa", "ur"} <= (candidates(scripts_of("سلام")) or set())


def test_the_chinese_script_is_that_of_most_characters() -> None:
    assert chinese_script("我的订单") == "zh-Hans"
    assert chinese_script("我的訂單") == "zh-Hant"
    assert chinese_script("订单订单訂") == "zh-Hans"
    assert chinese_script("訂單訂單订") == "zh-Hant"
    assert chinese_script("你好", otherwise="zh-Hant") == "zh-Hant"
    assert chinese_script("hello") == "zh-Hans"


def test_phrases_are_the_same_whatever_their_case_width_and_punctuation() -> None:
    assert phrase_key("¡Hola!") == phrase_key(" hola ") == phrase_key("ＨＯＬＡ。") == "hola"
    assert phrase_key("vielen  dank") == phrase_key("Vielen Dank…")


@pytest.mark.model
def test_a_greeting_in_capitals_is_no_name(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("Guten Tag", said("en")).code == "de"
    assert identifier.identify("Falsche Lieferung", said("en")).code == "de"


@pytest.mark.model
@pytest.mark.parametrize("text", ["Onde está o meu pedido?", "Gdzie jest moja paczka?", "Var är mitt paket?"])
def test_a_sentence_is_told_by_an_identifier_that_expects_no_language(language_model: Path, text: str) -> None:
    known = LanguageIdentifier(language_model, ())

    assert known.identify(text, Hints()).code == known.identify(text, said("de")).code != "de"
