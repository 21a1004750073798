"""A language model behind any OpenAI-compatible server, asked for lines of text in JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pydantic import BaseModel, ValidationError

from bot.errors import ConfigurationError, Permanent, Retryable
from bot.settings import Settings

if TYPE_CHECKING:
    from openai import AsyncOpenAI

PATIENCE = 5
"""Requests that may fail one after the other, each with its retries, before the server is held to be down."""

_SHOWN = 300
"""Characters of a server's own words that an error repeats."""


class Unusable(Permanent):
    """This request got no usable answer; the message is the reason, without the request's text."""


class Unavailable(Retryable):
    """The server cannot be used; the message names its URL and the reason."""


class Lines(BaseModel):
    """What every answer must be."""

    texts: list[str]


def wanted(settings: Settings) -> bool:
    """Whether a language model is configured; it is if all of its settings are set, and is not if none is.

    Raises:
        ConfigurationError: some are set; the message names those that are missing.
    """
    given = {
        "LLM_BASE_URL": settings.llm_base_url,
        "LLM_API_KEY": settings.llm_api_key,
        "LLM_MODEL": settings.llm_model,
    }
    missing = [name for name, value in given.items() if value is None]
    if 0 < len(missing) < len(given):
        there = " and ".join(name for name in given if name not in missing)
        hint = "; a server that asks for no key takes any" if "LLM_API_KEY" in missing else ""
        raise ConfigurationError(f"{' and '.join(missing)} must be set beside {there}{hint}")
    return not missing


class LanguageModel:
    """An async context around the client.

    Each try of a request takes at most `timeout` seconds. The client itself tries again, `retries` times, with the
    pauses that the server asks for (429, 5xx, lost connections).
    """

    def __init__(self, client: AsyncOpenAI, model: str) -> None:
        self.model = model
        self.url = str(client.base_url)
        self._client = client
        self._failures = 0

    @classmethod
    def open(cls, settings: Settings, *, timeout: float = 60.0, retries: int = 3) -> Self:
        """The language model that the settings name.

        Raises:
            ConfigurationError: they name none, or the extra `llm` is not installed.
        """
        if not wanted(settings) or settings.llm_api_key is None or settings.llm_model is None:
            raise ConfigurationError("LLM_BASE_URL, LLM_API_KEY and LLM_MODEL must be set for this")
        try:
            from openai import AsyncOpenAI
        except ImportError:
            raise ConfigurationError("a language model needs the extra `llm`: pip install 'babeldesk[llm]'") from None
        client = AsyncOpenAI(
            base_url=settings.llm_base_url,
            api_key=settings.llm_api_key.get_secret_value(),
            timeout=timeout,
            max_retries=retries,
        )
        return cls(client, settings.llm_model)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self._client.close()

    async def ask(self, instructions: str, data: Mapping[str, Any]) -> list[str]:
        """The lines that the model answers with.

        `data` goes into the prompt as JSON between marks that nothing in it can close.

        Raises:
            Unusable: no answer to this request, or one of the wrong form.
            Unavailable: nobody answers at the URL, or `PATIENCE` requests in a row have failed.
            ConfigurationError: the server knows neither the key nor the model.
        """
        from openai import APIConnectionError, APIError, APIStatusError, APITimeoutError

        try:
            completion = await self._client.chat.completions.create(
                model=self.model,
                messages=[
                    {"role": "system", "content": instructions},
                    {"role": "user", "content": f"<data>\n{_enclosed(data)}\n</data>"},
                ],
                response_format={"type": "json_object"},
            )
        except APITimeoutError as error:
            raise self._failed("the server did not answer in time") from error
        except APIConnectionError as error:
            raise Unavailable(f"{self.url}: {error.__cause__ or error}") from error
        except APIStatusError as error:
            if error.status_code in {401, 403, 404}:
                raise ConfigurationError(
                    f"{self.url} does not serve the model {self.model!r}: {error.status_code}: "
                    f"{error.message[:_SHOWN]} (see LLM_BASE_URL, LLM_API_KEY, LLM_MODEL)"
                ) from error
            raise self._failed(f"the server answered {error.status_code}", error.message) from error
        except (APIError, ValueError) as error:  # a body that is no JSON raises the latter
            raise self._failed("the server's answer is no completion", str(error)) from error
        # Servers differ in how they say nothing; some answer with a page, which the client hands on as it is.
        choices: Sequence[Any] = getattr(completion, "choices", None) or ()
        if not choices or choices[0].message is None:
            raise self._failed("the server's answer is no completion")
        self._failures = 0
        return _lines(_text(choices[0]))

    def _failed(self, reason: str, detail: str = "") -> Unusable | Unavailable:
        self._failures += 1
        if self._failures < PATIENCE:
            return Unusable(reason)
        told = f": {detail[:_SHOWN]}" if detail else ""
        return Unavailable(f"{self.url}: {PATIENCE} requests in a row have failed; {reason}{told}")


def _enclosed(data: Mapping[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")


def _text(choice: Any) -> str:
    if choice.finish_reason == "length":
        raise Unusable("the answer was cut off")
    text = choice.message.content
    if not isinstance(text, str) or not text.strip():
        raise Unusable("the answer is empty")
    return text


def _lines(text: str) -> list[str]:
    # A model that thinks aloud, or fences its JSON, has it in the end.
    found = text.rpartition("</think>")[2]
    try:
        return Lines.model_validate_json(found[found.find("{") : found.rfind("}") + 1]).texts
    except ValidationError as error:
        kind = "is no JSON" if error.errors()[0]["type"] == "json_invalid" else "has not the form that was asked for"
        raise Unusable(f"the answer {kind}") from None
