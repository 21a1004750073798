"""The parts of a message that may each ask for something of its own: "where is my order and how do I pay?"."""

from __future__ import annotations

import regex

LEAST_WORDS, LEAST_CHARACTERS = 2, 7
"""Of a part that says something by itself; both, for "is it" does not, and "أين طلبي" does."""

LEAST_UNSPACED = 4
"""Letters that do, in scripts that write no spaces between words."""

MOST_PARTS = 4
"""A longer message is a story, not a list of questions."""

CONJUNCTIONS = {
    "ar": "و|وأيضا|وأيضًا|كذلك|وكذلك|كما",
    "de": "und|sowie|außerdem|und außerdem",
    "en": "and|and also|also|plus|as well as",
    "es": "y|e|y también|además|y además",
    "fr": "et|et aussi|ainsi que|de plus",
    "hi": "और|तथा|साथ ही",
    "id": "dan|serta|juga|dan juga",
    "it": "e|ed|e anche|inoltre",
    "ko": "그리고|또|또한",
    "nl": "en|en ook|bovendien",
    "pl": "i|oraz|a także",
    "pt": "e|e também|além disso",
    "ru": "и|а также|и ещё|и еще",
    "tr": "ve|ayrıca|ve ayrıca",
    "uk": "і|та|а також",
    "vi": "và|với lại|ngoài ra",
}
"""What joins sentences, by language. A message may mix languages, so that all are looked for in all."""

ARABIC_JOINED = "أين|اين|كيف|متى|هل|ما|ماذا|كم|لماذا|أريد|اريد"
"""Words of a question or wish, before which Arabic writes its "and" without a space."""

UNSPACED = "还有|另外|以及|并且|而且|還有|並且|それと|それから|あと、|また、|そして"
"""What joins sentences in Chinese and Japanese, where no spaces stand around it."""


def _pattern() -> regex.Pattern[str]:
    spaced = "|".join(sorted("|".join(CONJUNCTIONS.values()).split("|"), key=len, reverse=True))
    return regex.compile(
        rf"[!?。！？؟।;；\n]+|\.(?=\s|$)|[，、]|,?\s+(?:{spaced})[,،]?\s+|[،,]?\s+و(?=(?:{ARABIC_JOINED})\b)|{UNSPACED}",
        regex.IGNORECASE,
    )


_BETWEEN = _pattern()
_UNSPACED_LETTER = regex.compile(r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]")


def segments(text: str) -> tuple[str, ...]:
    """The parts of a message that looks like more than one; none if it does not.

    Parts that say too little by themselves ("shoes and socks", "Hi!") belong to the one before, else to the next.
    """
    parts: list[tuple[int, int]] = []
    start = 0
    for end, begin in [*(match.span() for match in _BETWEEN.finditer(text)), (len(text), len(text))]:
        if not _says_something(text[start:end]):
            if end == len(text) and parts:
                parts[-1] = (parts[-1][0], end)
            continue
        parts.append((start, end))
        start = begin
    if not 2 <= len(parts) <= MOST_PARTS:  # noqa: PLR2004 - one part is no compound
        return ()
    return tuple(text[start:end].strip() for start, end in parts)


def _says_something(part: str) -> bool:
    return len(_UNSPACED_LETTER.findall(part)) >= LEAST_UNSPACED or (
        len(part.split()) >= LEAST_WORDS and len(part.strip()) >= LEAST_CHARACTERS
    )
