"""Hindi, Urdu and Chinese in Latin letters, as people type them: training data that nobody has collected for us.

Nobody types a scholar's romanisation. Vowels are long or short as the writer pleases, frequent words have several
spellings, and English words keep their English spelling. The last are found in parallel sentences: a word whose
consonants are those of a word of the translation is that word.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random

import regex
from pypinyin import Style, lazy_pinyin
from pypinyin.contrib.mmseg import seg

Typed = Mapping[str, Sequence[str]]
"""Words and the ways in which they are typed in Latin letters, a frequent one repeated."""

_CONSONANTS: Mapping[str, tuple[str, ...]] = {
    letter: tuple(spellings.split("/"))
    for letter, spellings in zip(
        "कखगघङचछजझञटठडढणतथदधनपफबभमयरलळवशषसह",
        "k kh g gh n ch chh/ch j jh n t th d dh n t th d dh n p ph/f b bh m y r l l v/w sh sh s h".split(),
        strict=True,
    )
}
_WITH_NUKTA: Mapping[str, tuple[str, ...]] = {
    letter: tuple(spellings.split("/"))
    for letter, spellings in zip("कखगजडढफ", "q/k kh g/gh z/j d/r dh/rh f".split(), strict=True)
}
_VOWELS: Mapping[str, tuple[str, ...]] = {
    letter: tuple(spellings.split("/"))
    for letter, spellings in zip("अआइईउऊएऐओऔऑऋऍ", "a a/a/aa i i/ee u u/oo e ai/e o au/o o ri e".split(), strict=True)
}
_SIGNS: Mapping[str, str] = dict(zip("ािीुूेैोौॉृॅ", "आइईउऊएऐओऔऑऋऍ", strict=True))
_VIRAMA, _NUKTA = "्", "़"
_NASAL, _BREATH = "ंँ", "ः"
_INHERENT = "a"

_SKELETON = (
    (regex.compile(r"[^a-z]"), ""),
    (regex.compile(r"ph"), "f"),
    (regex.compile(r"x"), "ks"),
    (regex.compile(r"c(?=[eiy])"), "s"),
    (regex.compile(r"ch|c|q|ck"), "k"),
    (regex.compile(r"[sz]h|z"), "s"),
    (regex.compile(r"g(?=[eiy])"), "j"),
    (regex.compile(r"w"), "v"),
    (regex.compile(r"[aeiouyh]"), ""),
    (regex.compile(r"(.)\1+"), r"\1"),
)


class Spellings:
    """Which words of a language are a word of another, learnt from parallel sentences."""

    def __init__(self, pairs: Iterable[tuple[Iterable[tuple[str, str]], Iterable[str]]], *, matching: int = 3) -> None:
        """Each pair: the words of a sentence with a plain romanisation of each, and the words of its translation.

        `matching` consonants must be the same for two words to be taken for one.
        """
        votes: dict[str, Counter[str]] = {}
        for words, translation in pairs:
            known = {skeleton(word): word for word in translation}
            for word, plain in words:
                found = known.get(consonants) if len(consonants := skeleton(plain)) >= matching else None
                votes.setdefault(word, Counter())[found or ""] += 1
        self._of = {}
        for word, counts in votes.items():
            best = min((name for name in counts if name), key=lambda name: (-counts[name], name), default="")
            # Loanwords stand in most of the translations, chance likenesses in few.
            if best and counts[best] * 2 >= counts.total():
                self._of[word] = best

    def get(self, word: str) -> str | None:
        """The other language's spelling of a word, if it is one of its words."""
        return self._of.get(word)


def skeleton(word: str) -> str:
    """The consonants of a romanised word, those that sound alike written alike."""
    word = word.lower()
    for pattern, replacement in _SKELETON:
        word = pattern.sub(replacement, word)
    return word


def romanise_hindi(text: str, typed: Typed, english: Spellings, random: Random) -> str:
    """A Hindi sentence as its writer might type it; `typed` are the spellings of frequent words."""
    words = []
    for word in unicodedata.normalize("NFC", text).split():
        if word in typed:
            words.append(random.choice(typed[word]))
        else:
            words.append(english.get(word) or devanagari(word, random))
    return " ".join(words)


def devanagari(word: str, random: Random) -> str:
    """A word in Latin letters, its inherent vowels kept where they are spoken.

    The last one is silent, and, from the right, each between two spoken syllables (Ohala 1983, "Aspects of Hindi
    Phonology").
    """
    units: list[list[str]] = []  # consonant, vowel, nasal
    for letter in unicodedata.normalize("NFD", word):
        if letter in _CONSONANTS:
            units.append([letter, _INHERENT, ""])
        elif letter in _VOWELS:
            units.append(["", letter, ""])
        elif units and letter in _SIGNS:
            units[-1][1] = _SIGNS[letter]
        elif units and letter == _VIRAMA:
            units[-1][1] = ""
        elif units and letter == _NUKTA:
            units[-1][0] += _NUKTA
        elif units and letter in _NASAL:
            units[-1][2] = "n"
        elif letter not in _BREATH:
            units.append([letter, "", ""])
    if len(units) > 1 and units[-1][1] == _INHERENT and not units[-1][2]:
        units[-1][1] = ""
    for before, unit, after in zip(units[-3::-1], units[-2:0:-1], units[:1:-1], strict=True):
        if unit[1] == _INHERENT and not unit[2] and before[1] and after[1]:
            unit[1] = ""
    last = len(units) - 1
    return "".join(
        _consonant(consonant, random) + _vowel(vowel, random, final=place == last) + nasal
        for place, (consonant, vowel, nasal) in enumerate(units)
    )


def _consonant(letter: str, random: Random) -> str:
    spellings = _WITH_NUKTA.get(letter[0]) if letter.endswith(_NUKTA) else None
    return random.choice(spellings or _CONSONANTS.get(letter[:1], (letter,)))


def _vowel(letter: str, random: Random, *, final: bool) -> str:
    spellings = _VOWELS.get(letter, (letter,))
    return spellings[0] if final else random.choice(spellings)


_URDU_LETTERS: Mapping[str, str] = dict(
    zip(
        "ابپتٹثجچحخدڈذرڑزژسشصضطظعغفقکگلمنںوہھءیےآئؤأكيىة",
        "a b p t t s j ch h kh d d z r r z zh s sh s z t z a gh f q k g l m n n o h h  i e aa  o a k i i a".split(" "),
        strict=True,
    )
)
_FIRST_W = regex.compile("^و|(?<=ا)و")
_LAST_A = regex.compile("ہ$")
_GAP = regex.compile(r"(?<=[^aeiou\s])(?=[^aeiouh\s])")


def plain_urdu(word: str) -> str:
    """A word letter by letter: its consonants, and of its vowels those that are written."""
    word = _FIRST_W.sub("w", _LAST_A.sub("a", word))
    return "".join(_URDU_LETTERS.get(letter, letter) for letter in word if letter in _URDU_LETTERS or letter.isascii())


def romanise_urdu(text: str, typed: Typed, hindi: Spellings, english: Spellings, random: Random) -> str:
    """An Urdu sentence as its writer might type it; the vowels that Urdu does not write are those of the Hindi word."""
    words = []
    for word in text.split():
        if word in typed:
            words.append(random.choice(typed[word]))
        else:
            found = english.get(word) or hindi.get(word)
            words.append(found or _GAP.sub(lambda _: random.choice("aaaiu"), plain_urdu(word)))
    return " ".join(filter(None, words))


_JOINED = 0.6
"""Writers who write the syllables of a word together."""

_PAIRED = 0.35
"""Single syllables in a row that are one word all the same: the segmenter's dictionary lacks many."""


def romanise_chinese(text: str, random: Random) -> str:
    """A Chinese sentence in pinyin without tones, its words in one or syllable by syllable."""
    joined = random.random() < _JOINED
    written: list[str] = []
    single = False
    for word in seg.cut(text):
        syllables = lazy_pinyin(word, style=Style.NORMAL)
        if not joined:
            written += syllables
        elif single and len(syllables) == 1 and random.random() < _PAIRED:
            written[-1] += syllables[0]
            single = False
        else:
            written.append("".join(syllables))
            single = len(syllables) == 1
    return " ".join(written)
