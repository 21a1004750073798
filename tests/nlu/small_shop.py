"""Sentences for the intents of the pack `tests/packs/tiny`, in English and German, and an encoder without weights."""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.understanding import OUT_OF_SCOPE
from nlu.encoder import Encoded
from nlu.training.dataset import Dataset, Example

WORD = re.compile(r"\S+")

TINY_PACK = Path(__file__).parent.parent / "packs" / "tiny"

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "delivery_time": """
            how long does delivery take
            how many days until a parcel arrives
            when will my package be delivered
            what are your shipping times
            how fast do you ship
            how long will shipping take to Berlin
        """,
        "refund_status": """
            when do I get my money back
            where is my refund
            I have not received my refund yet
            has my refund been paid out
            how long until the money is back in my account
            you still owe me a refund
        """,
        "fraud": """
            somebody used my card without permission
            I see a charge that I never made
            this is a scam, you stole my money
            my account was hacked
            a payment I did not authorise
            I want to report fraud
        """,
        "order_status": """
            where is my order
            track my order please
            what is the status of order 12345
            I want to follow my parcel
            can you tell me where my package is now
            has my order been shipped yet
        """,
        "return_request": """
            I want to return these shoes
            how can I send an item back
            I would like to return my order
            this jacket does not fit, I want to send it back
            please take back this broken lamp
            start a return for me
        """,
        "talk_to_human": """
            let me talk to a human
            I want to speak with an agent
            connect me to a real person
            can I talk to somebody from support
        """,
        "greeting": """
            hello
            hi there
            good morning
            hey, how are you
        """,
        "help": """
            what can you do
            help me
            what can I ask you
            how do you work
        """,
        "affirm": """
            yes
            yes please
            that is right
            sure
        """,
        "deny": """
            no
            no thanks
            that is wrong
            not at all
        """,
        "stop": """
            stop
            forget it
            cancel this conversation
            never mind
        """,
        "change_language": """
            can we speak another language
            please change the language
            do you speak German
            English please
        """,
        OUT_OF_SCOPE: """
            what is the capital of France
            write me a poem about the sea
            who won the football match last night
            how do I bake a chocolate cake
            tell me a joke
            what will the weather be like tomorrow
            solve this equation for me
            which planet is the largest
            play some jazz music
            how tall is Mount Everest
        """,
    },
    "de": {
        "delivery_time": """
            wie lange dauert die Lieferung
            wie viele Tage braucht ein Paket
            wann wird mein Paket geliefert
            wie sind eure Lieferzeiten
            wie schnell verschickt ihr
            wie lange dauert der Versand nach Wien
        """,
        "refund_status": """
            wann bekomme ich mein Geld zurück
            wo bleibt meine Erstattung
            ich habe meine Rückzahlung noch nicht erhalten
            wurde die Erstattung schon überwiesen
            wann ist das Geld wieder auf meinem Konto
            ihr schuldet mir noch eine Erstattung
        """,
        "fraud": """
            jemand hat meine Karte ohne Erlaubnis benutzt
            ich sehe eine Abbuchung, die ich nie gemacht habe
            das ist Betrug, ihr habt mein Geld gestohlen
            mein Konto wurde gehackt
            eine Zahlung, die ich nicht freigegeben habe
            ich möchte Betrug melden
        """,
        "order_status": """
            wo ist meine Bestellung
            bitte meine Bestellung verfolgen
            wie ist der Stand von Bestellung 12345
            ich möchte mein Paket verfolgen
            können Sie mir sagen, wo mein Paket gerade ist
            wurde meine Bestellung schon verschickt
        """,
        "return_request": """
            ich möchte diese Schuhe zurückgeben
            wie kann ich einen Artikel zurückschicken
            ich würde gern meine Bestellung zurücksenden
            die Jacke passt nicht, ich will sie zurückschicken
            bitte nehmen Sie diese kaputte Lampe zurück
            starte eine Rückgabe für mich
        """,
        "talk_to_human": """
            ich möchte mit einem Menschen sprechen
            verbinden Sie mich mit einem Mitarbeiter
            kann ich mit dem Kundendienst reden
            gib mir einen echten Menschen
        """,
        "greeting": """
            hallo
            guten Morgen
            guten Tag
            servus, wie geht es dir
        """,
        "help": """
            was kannst du
            hilf mir
            was kann ich dich fragen
            wie funktionierst du
        """,
        "affirm": """
            ja
            ja bitte
            das stimmt
            sicher
        """,
        "deny": """
            nein
            nein danke
            das ist falsch
            auf keinen Fall
        """,
        "stop": """
            stopp
            vergiss es
            brich das Gespräch ab
            schon gut
        """,
        "change_language": """
            können wir eine andere Sprache sprechen
            bitte die Sprache wechseln
            sprichst du Englisch
            auf Deutsch bitte
        """,
        OUT_OF_SCOPE: """
            was ist die Hauptstadt von Frankreich
            schreib mir ein Gedicht über das Meer
            wer hat gestern das Fußballspiel gewonnen
            wie backe ich einen Schokoladenkuchen
            erzähl mir einen Witz
            wie wird morgen das Wetter
            löse diese Gleichung für mich
            welcher Planet ist der größte
            spiel etwas Jazz
            wie hoch ist der Mount Everest
        """,
    },
}

TOPICS = ("delivery_time", "fraud", "order_status", "refund_status", "return_request")
"""Intents that are told apart by what they are about."""

UNSEEN = {
    "delivery_time": "how many days does the shipping usually need",
    "fraud": "there is a payment on my card that was not me",
    "order_status": "could you check where order 55555 is",
    "refund_status": "I am still waiting for my refund",
    "return_request": "the dress is too small, can I return it",
}

UNSEEN_OUTSIDE = (
    "who painted the Mona Lisa",
    "recommend a good film for tonight",
    "wie viele Einwohner hat Japan",
    "translate a song for me",
)


def sentences(language: str, intent: str) -> list[str]:
    return [line.strip() for line in SENTENCES[language][intent].strip().splitlines()]


def examples(intents: Iterable[str], languages: Iterable[str] = ("en", "de")) -> list[Example]:
    wanted = list(intents)
    return [
        Example(text, intent, language, Path(f"{language}.yml"), line)
        for language in languages
        for line, (text, intent) in enumerate(
            ((text, intent) for intent in wanted for text in sentences(language, intent)), 1
        )
    ]


def dataset(*intents: str, languages: Iterable[str] = ("en", "de")) -> Dataset:
    return Dataset(tuple(examples(intents or SENTENCES["en"], languages)))


def write_yaml(file: Path, language: str, intents: Iterable[str] = tuple(SENTENCES["en"])) -> Path:
    """A training file in Rasa's format."""
    lines = ['version: "3.1"', "nlu:"]
    for intent in intents:
        lines += [
            f"  - intent: {intent}",
            "    examples: |",
            *(f"      - {text}" for text in sentences(language, intent)),
        ]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return file


def write_pack(folder: Path) -> Path:
    """The tiny pack with examples for all of its intents."""
    shutil.copytree(TINY_PACK, folder)
    for language in SENTENCES:
        write_yaml(folder / "nlu" / f"{language}.yml", language)
    return folder


class Words:
    """An encoder that knows words only: each has a direction of its own, and a text is their sum."""

    hidden = 64

    def __init__(self, fingerprint: str = "words-and-nothing-but-words") -> None:
        self.fingerprint = fingerprint
        self.asked: list[str] = []

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.asked += texts
        rows = [
            sum((self._direction(word) for word in text.casefold().split()), np.ones(self.hidden)) for text in texts
        ]
        return np.array([row / np.linalg.norm(row) for row in rows], np.float32).reshape(len(texts), self.hidden)

    def read(self, texts: Sequence[str]) -> list[Encoded]:
        """A word's state knows nothing of the words around it."""
        return [
            Encoded(
                embedding,
                np.array([self._direction(word.group().casefold()) for word in words], np.float32).reshape(
                    -1, self.hidden
                ),
                tuple(word.span() for word in words),
            )
            for embedding, words in zip(self.encode(texts), [list(WORD.finditer(text)) for text in texts], strict=True)
        ]

    def _direction(self, word: str) -> NDArray[np.float64]:
        seed = int.from_bytes(hashlib.sha256(word.encode("utf-8", "surrogatepass")).digest()[:8])
        return np.random.default_rng(seed).standard_normal(self.hidden)
