from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from numpy.typing import NDArray

from nlu.weights import e5s1, graph, reference
from nlu.weights.bert import Adapter, Bert, Linear, Pooling
from nlu.weights.blocks import quantise
from nlu.weights.manifest import Variant
from tests.nlu import tiny_encoders as tiny

TOKENS = [[0, 5, 9, 12, 2], [0, 40, 2], [0, *range(5, 43), 2], [0, 2]]


@pytest.fixture
def bert(tmp_path: Path) -> Bert:
    (tmp_path / "tiny.bin").write_bytes(tiny.e5s1())
    return e5s1.read(tmp_path / "tiny.bin")[0]


def run(folder: Path, tokens: list[list[int]]) -> NDArray[np.float32]:
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    longest = max(map(len, tokens))
    mask = np.array([[1] * len(ids) + [0] * (longest - len(ids)) for ids in tokens], np.int64)
    # What stands in the padding must not matter.
    padded = np.array([ids + [17] * (longest - len(ids)) for ids in tokens], np.int64)
    (embeddings,) = session.run(["embedding"], {"input_ids": padded, "attention_mask": mask})
    return embeddings


@pytest.mark.parametrize("pooling", ["mean", "cls"])
@pytest.mark.parametrize(("variant", "least"), [("fp32", 0.999999), ("q8", 0.9995), ("q4", 0.9995), ("int8", 0.99)])
def test_every_variant_computes_what_the_weights_mean(
    bert: Bert, tmp_path: Path, variant: Variant, pooling: Pooling, least: float
) -> None:
    bert = dataclasses.replace(bert, pooling=pooling)
    parts: list[int] = []

    graph.write(bert, tmp_path, variant, parts.append)

    expected = np.stack([reference.embed(bert, tokens) for tokens in TOKENS])
    cosines = (run(tmp_path, TOKENS) * expected).sum(axis=1)
    assert cosines.min() > least
    assert cosines.max() < 1.0001
    assert parts == [1, 2, 3]
    # The texts are far enough apart that none could stand for another.
    assert (expected @ expected.T - np.eye(len(TOKENS))).max() < 0.95


@pytest.mark.parametrize(("variant", "least"), [("fp32", 0.999999), ("q8", 0.9995), ("q4", 0.9995), ("int8", 0.99)])
def test_a_layer_may_have_an_adapter(bert: Bert, tmp_path: Path, variant: Variant, least: float) -> None:
    random = np.random.default_rng(3)

    def linear(outputs: int, inputs: int) -> Linear:
        weight = random.standard_normal((outputs, inputs)) * 0.2
        return Linear(quantise(weight.astype(np.float32), 8), random.standard_normal(outputs).astype(np.float32))

    plain = np.stack([reference.embed(bert, tokens) for tokens in TOKENS])
    adapter = Adapter(linear(32, bert.hidden), linear(bert.hidden, 32))
    bert = dataclasses.replace(bert, layers=(bert.layers[0], dataclasses.replace(bert.layers[1], adapter=adapter)))

    graph.write(bert, tmp_path, variant, lambda _: None)

    expected = np.stack([reference.embed(bert, tokens) for tokens in TOKENS])
    assert (run(tmp_path, TOKENS) * expected).sum(axis=1).min() > least
    assert (plain * expected).sum(axis=1).max() < 0.95


@pytest.mark.parametrize("variant", ["q4", "q8", "fp32"])
def test_a_text_has_the_same_embedding_alone_and_among_others(bert: Bert, tmp_path: Path, variant: Variant) -> None:
    graph.write(bert, tmp_path, variant, lambda _: None)

    alone = np.concatenate([run(tmp_path, [tokens]) for tokens in TOKENS])

    np.testing.assert_allclose(run(tmp_path, TOKENS), alone, atol=2e-6)


def test_the_weights_lie_beside_the_graph_at_page_boundaries(bert: Bert, tmp_path: Path) -> None:
    import onnx

    graph.write(bert, tmp_path, "q4", lambda _: None)

    model = onnx.load(tmp_path / "model.onnx", load_external_data=False)
    places = [
        int(entry.value)
        for tensor in model.graph.initializer
        for entry in tensor.external_data
        if entry.key == "offset"
    ]
    assert len(places) > 20
    assert all(place % 4096 == 0 for place in places)
    onnx.checker.check_model(str(tmp_path / "model.onnx"))
