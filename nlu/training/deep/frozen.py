"""The layers of an encoder that stay as they are: run by ONNX Runtime on a CPU, by PyTorch on a GPU."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from nlu.encoder import padded, session_options
from nlu.training.network import to_torch
from nlu.weights import graph
from nlu.weights.bert import Adapter, Bert, Layer, Linear
from nlu.weights.blocks import Blocks, Matrix, quantise

Halves = NDArray[np.float16]
Bools = NDArray[np.bool_]

Frozen = Callable[[Sequence[Sequence[int]]], tuple[Halves, Bools]]
"""Token ids of some texts in; the states (texts, longest, hidden) after the last layer and the mask of tokens out."""

GRAPH = "frozen"
"""The folder of the graph while it is made; what is loaded of it is in memory."""


def way_of(device: str) -> str:
    """What computes the frozen layers on a device; other ways round otherwise."""
    return f"torch {torch.__version__}" if device == "cuda" else f"onnxruntime {onnxruntime.__version__}"


def frozen_layers(bert: Bert, folder: Path, device: str) -> Frozen:
    """The embeddings and the layers of an encoder, ready to run; `folder` takes its weights while they are loaded.

    Raises:
        OSError: the folder cannot be written.
    """
    return by_torch(bert, device) if device == "cuda" else by_graph(bert, folder)


def by_graph(bert: Bert, folder: Path) -> Frozen:
    """As the graph that serves, cut off above the last layer, down to how it rounds what goes into a matrix.

    So what is trained above learns from what it will be fed with. It is also faster than PyTorch.
    """
    place = folder / GRAPH
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir()
    try:
        # In a graph of four bits everything would become that; only what is in blocks keeps its own.
        graph.write(bert, place, "q4" if _in_blocks(bert) else "fp32", lambda _: None)
        session = onnxruntime.InferenceSession(
            place / "model.onnx", session_options(torch.get_num_threads()), providers=["CPUExecutionProvider"]
        )
    finally:
        shutil.rmtree(place, ignore_errors=True)

    def run(tokens: Sequence[Sequence[int]]) -> tuple[Halves, Bools]:
        inputs = padded(tokens)
        (states,) = session.run(["tokens"], inputs)
        return states.astype(np.float16), inputs["attention_mask"].astype(np.bool_)

    return run


def by_torch(bert: Bert, device: str) -> Frozen:
    """As a network, in single precision."""
    # The words are looked up in NumPy: as a tensor they would be the largest thing in memory.
    network = to_torch(without_words(bert)).to(device)

    def run(tokens: Sequence[Sequence[int]]) -> tuple[Halves, Bools]:
        inputs = padded(tokens)
        ids, mask = inputs["input_ids"], inputs["attention_mask"].astype(np.bool_)
        words, flat = bert.words, ids.reshape(-1)
        looked_up = words.dense(flat) if isinstance(words, Blocks) else words[flat]
        summed = looked_up.reshape(*ids.shape, -1) + bert.positions[: ids.shape[1]] + bert.token_type
        with torch.inference_mode():
            x = torch.from_numpy(summed.astype(np.float32)).to(device)
            x = network.embeddings.LayerNorm(x)
            x = through(network, x, torch.from_numpy(mask).to(device))
            states: Halves = x.to(torch.float16).cpu().numpy()
            return states, mask

    return run


def through(network: Any, x: Tensor, mask: Tensor, *, recompute: bool = False) -> Tensor:
    """What a `BertModel`'s layers make of states (texts, tokens, hidden); `mask` (texts, tokens) is true for tokens.

    With `recompute` a layer's inner states are not kept for the gradient but made again: less memory, more time.
    """
    attended = mask[:, None, None, :]
    for layer in network.encoder.layer:
        result = checkpoint(layer, x, attended, use_reentrant=False) if recompute else layer(x, attended)
        x = result[0] if isinstance(result, tuple) else result  # a tuple before transformers 5
    return x


def without_words(bert: Bert) -> Bert:
    """The encoder with a table of one word, for networks that are fed with states."""
    words = bert.words
    first = Blocks(words.bits, words.packed[:1], words.scales[:1]) if isinstance(words, Blocks) else words[:1]
    return replace(bert, words=first)


def as_served(bert: Bert) -> Bert:
    """The encoder with plain matrices in blocks of four bits, as the graph has those that are not trained.

    What is trained then builds on what it will stand on.
    """

    def blocks(matrix: Matrix) -> Matrix:
        return matrix if isinstance(matrix, Blocks) else quantise(matrix, 4)

    def linear(part: Linear) -> Linear:
        return Linear(blocks(part.weight), part.bias)

    def layer(part: Layer) -> Layer:
        adapter = part.adapter
        return replace(
            part,
            query=linear(part.query),
            key=linear(part.key),
            value=linear(part.value),
            attention_output=linear(part.attention_output),
            inner=linear(part.inner),
            outer=linear(part.outer),
            adapter=None if adapter is None else Adapter(linear(adapter.down), linear(adapter.up)),
        )

    return replace(bert, words=blocks(bert.words), layers=tuple(layer(part) for part in bert.layers))


def _in_blocks(bert: Bert) -> bool:
    return all(isinstance(matrix, Blocks) for matrix in _matrices(bert))


def _matrices(bert: Bert) -> list[Matrix]:
    linears = [
        part
        for layer in bert.layers
        for part in (
            layer.query,
            layer.key,
            layer.value,
            layer.attention_output,
            layer.inner,
            layer.outer,
            *((layer.adapter.down, layer.adapter.up) if layer.adapter is not None else ()),
        )
    ]
    return [bert.words, *(part.weight for part in linears)]
