"""Recognises a message that asks for another language ("English please", "auf Deutsch bitte", "日本語で")."""

from __future__ import annotations

from collections.abc import Iterable

import regex
from babel import Locale, UnknownLocaleError

from bot.language_codes import SIMPLIFIED, TRADITIONAL, language_code
from nlu.text import comparable

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}'’-]+")
_UNSPACED = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Hangul}]")
"""Scripts whose particles stand right beside the language's name."""

MOST_WORDS = 8
"""A longer message is about something else."""

_CUES = frozenset(
    """
    please speak in to switch change language can could you talk reply answer respond do
    bitte auf sprechen sprich sie du kannst können antworten sprache wechseln
    por favor en hablar habla hablas puedes puede responder idioma español
    s'il vous te plaît plait svp stp parler parlez parles vous tu pouvez répondre peut-on langue
    em falar fala fale pode responda idioma
    in per favore parlare parli parla puoi può rispondi lingua
    на по говорить говорите можно пожалуйста можете ответьте язык давайте
    lütfen konuş konuşabilir misin misiniz mısınız olarak dil
    tolong bahasa pakai dalam bisa
    xin vui lòng nói tiếng bằng được không
    में कृपया बोलो बात करें करो कीजिए बोलिए mein bolo please baat karo
    من فضلك تكلم تحدث هل يمكنك اللغة لو سمحت
    로 으로 말해 주세요 해주세요
    op spreek praat graag kunt u på snakk tala prata po proszę mów
    """.split()
)

_PARTICLES = regex.compile(
    r"(?:\L<particles>|[\s\p{P}])+",
    particles="""
    请 請 说 說 讲 講 用 话 話 语 語 吧 吗 嗎 呢 你 您 我 们 們 能 会 會 可以 可 想 要 希望 跟 和 给 給 麻烦 麻煩
    能不能 会不会 會不會 可不可以 回答 回复 回覆 回應 回应 交流 沟通 溝通 聊 聊天 对话 對話
    服务 服務 一下 谢谢 謝謝 改 换 換 切换 切換 成 到 为 為 来 來 好
    で を に は が も お 話 し せ て ます か 対応 返信 返事 回答 答え 願い でき ください 下さい
    致し いたし もらえ いただけ 可能 です 変更 変え 切り替え 使 って え
    로 으로 를 을 가능 한가요 합니까 말 말씀 할 하고 해 답변 대답 응답 상담 대화 수 있나요 있어요 있습니까
    주세요 주실 주시겠어요 줘 부탁 드려요 드립니다 합니다 변경 바꿔 전환 싶어요 요 좀
    ภาษา พูด เป็น ด้วย ได้ ไหม มั้ย ครับ ค่ะ คะ ขอ ช่วย กรุณา ตอบ หน่อย คุณ เปลี่ยน ใช้ สนทนา คุย นะ
    """.split(),
)
"""What asks for a language in such scripts; a text with anything else («我不会说英文», «英文说明书») is about it."""

_ADVERBS = {
    "по-русски": "ru",
    "по-английски": "en",
    "по-немецки": "de",
    "по-французски": "fr",
    "по-испански": "es",
    "по-китайски": "zh",
    "по-арабски": "ar",
    "по-турецки": "tr",
    "по-итальянски": "it",
    "по-португальски": "pt",
    "русском": "ru",
    "английском": "en",
    "немецком": "de",
    "французском": "fr",
    "испанском": "es",
    "китайском": "zh",
    "арабском": "ar",
    "турецком": "tr",
    "итальянском": "it",
    "португальском": "pt",
    "украинском": "uk",
    "українською": "uk",
    "po polsku": "pl",
    "bahasa inggris": "en",
    "inglese": "en",
    "普通话": SIMPLIFIED,
    "国语": SIMPLIFIED,
    "简体中文": SIMPLIFIED,
    "简体": SIMPLIFIED,
    "繁體中文": TRADITIONAL,
    "繁體": TRADITIONAL,
    "中文": "zh",
    "汉语": "zh",
    "英文": "en",
    "日文": "ja",
    "德文": "de",
    "法文": "fr",
    "韩文": "ko",
    "英語": "en",
    "中国語": "zh",
    "hindi": "hi",
    "हिंदी": "hi",
    "بالعربية": "ar",
    "عربي": "ar",
    "بالانجليزية": "en",
    "بالإنجليزية": "en",
    "hindi mein": "hi",
    "mandarin": "zh",
}
"""Ways of saying it that CLDR's list of names lacks."""

_TARGETS = "en zh es de fr pt ar hi ja ru tr it ko vi id nl pl uk sv da nb fi cs el he th fa ur bn ro hu bg".split()


class LanguageRequests:
    """Knows the names of languages in the languages that customers write in."""

    def __init__(self, spoken: Iterable[str]) -> None:
        self._names = dict(_ADVERBS)
        for code in {*spoken, *_TARGETS}:
            try:
                locale = Locale.parse(code, sep="-")
            except (UnknownLocaleError, ValueError):
                continue
            for target in _TARGETS:
                name = locale.languages.get(target)
                if name:
                    self._names.setdefault(comparable(name), target)
        self._long = sorted((name for name in self._names if _UNSPACED.search(name)), key=len, reverse=True)

    def find(self, text: str, traditional: bool = False) -> str | None:  # noqa: FBT001, FBT002 - a fact of the text
        """The language that the message asks for, if it does little else."""
        said = comparable(text).strip(" .!?¿¡,;:。！？")
        if not said or len(said) > 60:  # noqa: PLR2004 - no mere request is longer
            return None
        code = self._names.get(said) or self._spaced(said) or self._unspaced(said)
        if code == "zh":
            return TRADITIONAL if traditional else SIMPLIFIED
        return language_code(code) if code else None

    def _spaced(self, said: str) -> str | None:
        words = [part for word in _WORD.findall(said) for part in ([word] if word in self._names else word.split("-"))]
        if not 1 < len(words) <= MOST_WORDS:
            return None
        for at in range(len(words) - 2, -1, -1):
            pair = " ".join(words[at : at + 2])
            if pair in self._names:
                words[at : at + 2] = [pair]
        named = [self._names[word] for word in words if word in self._names]
        others = [word for word in words if word not in self._names]
        if len(set(named)) != 1 or not others:
            return None
        # Every other word must be one with which languages are asked for: «French press» is a thing.
        return named[0] if all(word in _CUES for word in others) else None

    def _unspaced(self, said: str) -> str | None:
        for name in self._long:
            if name in said:
                rest = said.replace(name, "", 1)
                return self._names[name] if _PARTICLES.fullmatch(rest) else None
        return None
