"""The sentences: read, and checked with file, line and reason.

What the labels mean: `negative`, something has gone wrong for the writer or disappoints them, however politely it is
said; `neutral`, they ask, tell, order or answer, whatever the topic ("how do I report a lost card?"); `positive`,
thanks, praise, delight, relief. `anger`: they accuse, insult, threaten, shout, or mock. `urgent`: within hours, harm
comes or a chance is gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ConfigurationError
from bot.yamlsource import Finding

FOLDER = Path(__file__).parent
TESTS = FOLDER / "tests"


class Sentence(BaseModel):
    """What a customer wrote, and how it feels."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    text: str = Field(min_length=1)
    sentiment: Literal["negative", "neutral", "positive"]
    anger: bool
    urgent: bool


def read_sentences(folder: Path) -> list[tuple[str, Sentence]]:
    """The sentences of a folder with their languages, which the files are named after.

    Raises:
        ConfigurationError: there are none, or some are wrong; the message lists every finding.
    """
    findings: list[Finding] = []
    sentences: list[tuple[str, Sentence]] = []
    for file in sorted(folder.glob("*.jsonl")):
        sentences += [(file.stem, sentence) for sentence in _read(file, findings)]
    if findings:
        raise ConfigurationError("\n".join(str(finding) for finding in findings))
    if not sentences:
        raise ConfigurationError(f"{folder}: holds no sentences")
    return sentences


def _read(file: Path, findings: list[Finding]) -> Iterator[Sentence]:
    seen: dict[str, int] = {}
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        try:
            sentence = Sentence.model_validate_json(line)
        except ValidationError as error:
            problem = error.errors()[0]
            where = ".".join(str(part) for part in problem["loc"])
            findings.append(Finding(file, number, f"{where}: {problem['msg']}" if where else problem["msg"]))
            continue
        if sentence.anger and sentence.sentiment != "negative":
            findings.append(Finding(file, number, f"anger: is {sentence.sentiment}, and anger is negative"))
        if sentence.text in seen:
            findings.append(Finding(file, number, f"text: stands in line {seen[sentence.text]} already"))
        seen[sentence.text] = number
        yield sentence
