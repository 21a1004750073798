"""How the encoder is fine-tuned: settings with their defaults, read from TOML and from options, and what they need."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import ConfigurationError

Method = Literal["full", "lora", "adapters"]

FULL_RATE, NARROW_RATE = 1e-4, 1e-3
"""Learning rates of whole layers, and of LoRA or adapters; see docs/decisions/0011-deep-fine-tuning.md."""

LAYERS_ON_CPU = 4

Share = Annotated[float, Field(gt=0, le=0.5)]
Chance = Annotated[float, Field(ge=0, lt=1)]
Weight = Annotated[float, Field(ge=0)]
Rate = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(gt=0)]


class DeepSettings(BaseModel):
    """Every setting of a fine-tuning; `docs/guides/deep-training.md` is the owner's list.

    `trained_layers` are the upper layers that learn (None: 4 on a CPU, all on a GPU). `learning_rate` is the highest of
    the schedule (None: by method). `warm_up` is the share of the steps in which it rises. `examples_per_epoch` caps an
    epoch; the next one goes on where it stopped. `adversarial` is the length of the disturbance that FGM adds to the
    input of the first trained layer, in multiples of a text's typical length (0: off). `contrastive` is the weight of
    the supervised contrastive loss beside the cross-entropy (0: off). `patience` is the number of epochs without a
    better validation figure after which training stops. `checkpoint_steps` is the number of steps between checkpoints.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: Method = "full"
    trained_layers: Count | None = None
    train_words: bool = False
    learning_rate: Rate | None = None
    head_learning_rate: Rate = 2e-3
    weight_decay: Weight = 0.01
    warm_up: Chance = 0.1
    batch_size: Annotated[int, Field(gt=1)] = 32
    epochs: Count = 8
    patience: Count = 2
    examples_per_epoch: Count | None = None
    validation_share: Share = 0.1
    test_share: Share = 0.1
    dropout: Chance = 0.1
    label_smoothing: Chance = 0.0
    adversarial: Weight = 0.0
    contrastive: Weight = 0.0
    contrastive_temperature: Annotated[float, Field(gt=0)] = 0.1
    lora_rank: Count = 16
    lora_alpha: Count = 32
    adapter_size: Annotated[int, Field(gt=0, multiple_of=32)] = 64
    gradient_checkpointing: bool = False
    checkpoint_steps: Count = 200

    @property
    def rate(self) -> float:
        """The highest learning rate of the encoder's weights."""
        if self.learning_rate is not None:
            return self.learning_rate
        return FULL_RATE if self.method == "full" else NARROW_RATE

    def frozen_layers(self, layers: int, *, accelerated: bool) -> int:
        """How many of an encoder's layers stay as they are.

        Raises:
            ConfigurationError: more layers are to be trained than there are, or the words without all layers.
        """
        wanted = self.trained_layers or (layers if accelerated or self.train_words else min(LAYERS_ON_CPU, layers))
        if wanted > layers:
            raise ConfigurationError(f"trained_layers is {wanted}, but the encoder has {layers} layers")
        if self.train_words and wanted < layers:
            raise ConfigurationError(f"train_words needs all {layers} layers to be trained, not {wanted}")
        return layers - wanted


def read_deep_settings(file: Path | None = None, options: Mapping[str, Any] | None = None) -> DeepSettings:
    """The settings of a TOML file, if there is one; options that are not None go before it.

    Raises:
        ConfigurationError: the file cannot be read, or a setting is unknown or wrong; it is named with the reason.
    """
    values: dict[str, Any] = {}
    if file is not None:
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"{file}: cannot be read: {error.strerror}") from None
        except ValueError as error:
            raise ConfigurationError(f"{file}: is no TOML: {error}") from None
    given = {name: value for name, value in (options or {}).items() if value is not None}
    try:
        return DeepSettings.model_validate({**values, **given})
    except ValidationError as error:
        lines = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        where = file or "the options"
        raise ConfigurationError(f"wrong settings of the deep training ({where}):\n  " + "\n  ".join(lines)) from None


def require_libraries(method: Method) -> None:
    """Whether what fine-tuning needs is installed.

    Raises:
        ConfigurationError: something is missing; the message says how to get it.
    """
    needed = ("torch", "transformers", *(("peft",) if method == "lora" else ()))
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise ConfigurationError(
            f"train --deep needs {' and '.join(missing)}, which not every machine has to have: "
            "pip install 'babeldesk[train]'"
        )
