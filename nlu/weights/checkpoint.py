"""Reader of a folder as Hugging Face's libraries write it: config.json, model.safetensors and a tokenizer."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, cast

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from bot.errors import ModelError
from nlu.tokenizer import JSON, SENTENCEPIECE
from nlu.weights.bert import Bert, Layer, Linear, Norm, Pooling
from nlu.weights.blocks import BLOCK
from nlu.weights.manifest import Kind, sha256

CONFIG: Final = "config.json"
WEIGHTS: Final = "model.safetensors"
POOLING: Final = "1_Pooling/config.json"
PROMPTS: Final = "config_sentence_transformers.json"

FILES: Final = (CONFIG, WEIGHTS, JSON, SENTENCEPIECE, POOLING, PROMPTS)
"""All that we read of such a folder."""

RELATIVES: Final = {"bert": False, "roberta": True, "xlm-roberta": True, "camembert": True}
"""`model_type`s with BERT's layers; True where positions are numbered from the padding token's id + 1 on."""


def digest(folder: Path) -> str:
    """The sha256 over the content of all files that we read; they are read whole."""
    sums = [(name, sha256(folder / name)) for name in FILES if (folder / name).is_file()]
    return hashlib.sha256(json.dumps(sums).encode()).hexdigest()


def tokenizer(folder: Path) -> Path:
    """The tokenizer's file.

    Raises:
        ModelError: there is none; the message says how to make it.
    """
    for name in (SENTENCEPIECE, JSON):
        if (folder / name).is_file():
            return folder / name
    raise ModelError(
        f"{folder} has no {JSON}. With the transformers library, "
        f"`AutoTokenizer.from_pretrained(FOLDER, use_fast=True).save_pretrained(FOLDER)` writes it"
    )


def prefixes(folder: Path, name: str) -> dict[Kind, str]:
    """What goes before queries and passages: what the folder says, else e5's for e5 models, else nothing."""
    prompts = _json(folder / PROMPTS).get("prompts") if (folder / PROMPTS).is_file() else None
    if prompts:
        return {"query": prompts.get("query", ""), "passage": prompts.get("passage", prompts.get("document", ""))}
    is_e5 = "e5" in name.rpartition("/")[2].lower().replace("_", "-").split("-")
    return {"query": "query: ", "passage": "passage: "} if is_e5 else {"query": "", "passage": ""}


def read(folder: Path) -> Bert:
    """Read the encoder.

    Raises:
        ModelError: a file or tensor is missing or damaged, or it is not a relative of BERT that we can convert.
    """
    config = _json(folder / CONFIG)
    kind = config.get("model_type")
    if kind not in RELATIVES:
        known = ", ".join(RELATIVES)
        raise ModelError(f"{folder / CONFIG}: the model_type {kind!r} is not supported; these are: {known}")
    expected = {"hidden_act": "gelu", "position_embedding_type": "absolute", "is_decoder": False}
    for key, value in expected.items():
        if config.get(key, value) != value:
            raise ModelError(f"{folder / CONFIG}: {key} is {config[key]!r}, only {value!r} is supported")
    try:
        layers, heads = int(config["num_hidden_layers"]), int(config["num_attention_heads"])
        epsilon = float(config.get("layer_norm_eps", 1e-12))
        first = int(config.get("pad_token_id", 1)) + 1 if RELATIVES[kind] else 0
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"{folder / CONFIG}: missing or malformed: {error}") from error
    tensors = _Tensors(folder / WEIGHTS)
    words = tensors.get("embeddings.word_embeddings.weight")
    if heads < 1 or words.shape[1] % heads:
        raise ModelError(f"{folder / CONFIG}: {words.shape[1]} dimensions cannot be shared by {heads} heads")
    return Bert(
        heads=heads,
        epsilon=epsilon,
        words=words,
        positions=tensors.get("embeddings.position_embeddings.weight")[first:],
        token_type=tensors.get("embeddings.token_type_embeddings.weight")[0],
        norm=tensors.norm("embeddings.LayerNorm"),
        layers=tuple(tensors.layer(f"encoder.layer.{index}") for index in range(layers)),
        pooling=_pooling(folder),
    )


def _pooling(folder: Path) -> Pooling:
    if not (folder / POOLING).is_file():
        return "mean"
    modes = {key for key, on in _json(folder / POOLING).items() if key.startswith("pooling_mode_") and on is True}
    if modes == {"pooling_mode_mean_tokens"}:
        return "mean"
    if modes == {"pooling_mode_cls_token"}:
        return "cls"
    found = ", ".join(sorted(modes)) or "nothing"
    raise ModelError(f"{folder / POOLING}: pools by {found}; only mean or cls, alone, is supported")


class _Tensors:
    """The tensors of a safetensors file, under the names that BERT gives them."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise ModelError(f"{path} is missing; only weights in one {WEIGHTS} are read, no pickles and no shards")
        try:
            self._file = cast("Any", safe_open)(path, framework="np")
            self._names = set(self._file.keys())
        except SafetensorError as error:
            raise ModelError(f"{path} is damaged: {error}") from error
        self._path = path
        # Checkpoints with a head on top call the encoder `bert.` or `roberta.`.
        anchor = "embeddings.word_embeddings.weight"
        self._prefix = next((name.removesuffix(anchor) for name in self._names if name.endswith(anchor)), "")

    def get(self, name: str) -> NDArray[np.float32]:
        full = self._prefix + name
        if full not in self._names:
            raise ModelError(f"{self._path}: the tensor {full} is missing")
        tensor: NDArray[Any] = self._file.get_tensor(full)
        if tensor.ndim > 1 and tensor.shape[-1] % BLOCK:
            raise ModelError(f"{self._path}: {full} has rows of {tensor.shape[-1]}, not a multiple of {BLOCK}")
        return tensor.astype(np.float32)

    def norm(self, name: str) -> Norm:
        return Norm(self.get(f"{name}.weight"), self.get(f"{name}.bias"))

    def linear(self, name: str) -> Linear:
        return Linear(self.get(f"{name}.weight"), self.get(f"{name}.bias"))

    def layer(self, name: str) -> Layer:
        return Layer(
            query=self.linear(f"{name}.attention.self.query"),
            key=self.linear(f"{name}.attention.self.key"),
            value=self.linear(f"{name}.attention.self.value"),
            attention_output=self.linear(f"{name}.attention.output.dense"),
            attention_norm=self.norm(f"{name}.attention.output.LayerNorm"),
            inner=self.linear(f"{name}.intermediate.dense"),
            outer=self.linear(f"{name}.output.dense"),
            output_norm=self.norm(f"{name}.output.LayerNorm"),
        )


def _json(path: Path) -> Mapping[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise ModelError(f"{path} cannot be read ({error})") from error
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise ModelError(f"{path}: expected an object")
    return content
