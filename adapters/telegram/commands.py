"""The commands that Telegram shows in a chat's menu, by language."""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, Mapping[str, str]] = {
    "": {"human": "Talk to a person", "language": "Change the language", "stop": "Stop", "help": "What I can do"},
    "de": {
        "human": "Mit einem Menschen sprechen",
        "language": "Sprache ändern",
        "stop": "Abbrechen",
        "help": "Was ich kann",
    },
    "es": {
        "human": "Hablar con una persona",
        "language": "Cambiar el idioma",
        "stop": "Detener",
        "help": "Qué puedo hacer",
    },
    "fr": {
        "human": "Parler à une personne",
        "language": "Changer de langue",
        "stop": "Arrêter",
        "help": "Ce que je sais faire",
    },
    "pt": {"human": "Falar com uma pessoa", "language": "Mudar o idioma", "stop": "Parar", "help": "O que posso fazer"},
    "zh": {"human": "转人工客服", "language": "更换语言", "stop": "停止", "help": "我能做什么"},
    "ru": {"human": "Поговорить с человеком", "language": "Сменить язык", "stop": "Остановить", "help": "Что я умею"},
    "ar": {"human": "التحدث إلى شخص", "language": "تغيير اللغة", "stop": "إيقاف", "help": "ما الذي يمكنني فعله"},
    "hi": {"human": "किसी व्यक्ति से बात करें", "language": "भाषा बदलें", "stop": "रोकें", "help": "मैं क्या कर सकता हूँ"},
    "ja": {"human": "担当者と話す", "language": "言語を変える", "stop": "中止する", "help": "できること"},
}
"""Telegram's language code, the empty one for all others → command → description."""
