"""Writes an encoder as an ONNX graph, made of ONNX Runtime's fused operators where its CPU kernels have them.

Inputs `input_ids` and `attention_mask`, int64 (batch, tokens), padded on the right. Outputs, both float32: `embedding`
(batch, hidden), the mean over the tokens, of length one; and `tokens` (batch, tokens, hidden), what the last layer says
of each token, from the same pass. The operators of the `com.microsoft` domain are documented
in ONNX Runtime's docs/ContribOperators.md.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from nlu.weights.bert import Bert, Layer, Linear, Norm
from nlu.weights.blocks import BLOCK, Bits, Blocks, Matrix, dense, quantise
from nlu.weights.manifest import Variant

MICROSOFT = "com.microsoft"
OPSET = 20
IR_VERSION = 10
PAGE = 4096
"""External data starts at page boundaries, so that it can be mapped into memory instead of being read."""


def write(bert: Bert, folder: Path, variant: Variant, written: Callable[[int], None]) -> None:
    """Write model.onnx and its weights, model.onnx.data, into an existing folder.

    `written` is told how many parts are done, of one for the embeddings and one for each layer.
    """
    with (folder / "model.onnx.data").open("wb") as data:
        graph = _Graph(data, variant)
        graph.encoder(bert, written)
        model = graph.model(bert.hidden)
    (folder / "model.onnx").write_bytes(model.SerializeToString())


class _Graph:
    """Collects nodes; each method adds some and gives the name of their result."""

    def __init__(self, data: IO[bytes], variant: Variant) -> None:
        self._data = data
        self._variant = variant
        self._nodes: list[onnx.NodeProto] = []
        self._tensors: list[onnx.TensorProto] = []

    def model(self, hidden: int) -> onnx.ModelProto:
        tokens = ["batch", "tokens"]
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, tokens) for name in ("input_ids", "attention_mask")
        ]
        outputs = [
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["batch", hidden]),
            helper.make_tensor_value_info("tokens", TensorProto.FLOAT, [*tokens, hidden]),
        ]
        graph = helper.make_graph(self._nodes, "encoder", inputs, outputs, self._tensors)
        opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="babeldesk")

    def encoder(self, bert: Bert, written: Callable[[int], None]) -> None:
        mask = self.op("Cast", "attention_mask", to=TensorProto.INT32)
        x = self.embeddings(bert)
        written(1)
        for index, layer in enumerate(bert.layers):
            x = self.layer(layer, x, mask, heads=bert.heads, epsilon=bert.epsilon)
            written(index + 2)
        pooled = self.mean(x, mask) if bert.pooling == "mean" else self.op("Gather", x, self.constant(0), axis=1)
        self.op("LpNormalization", pooled, axis=-1, p=2, output="embedding")
        self.op("Identity", x, output="tokens")

    def mean(self, x: str, mask: str) -> str:
        # The length is made one afterwards, so the sum over the tokens does for their mean.
        weights = self.op("Unsqueeze", self.op("Cast", mask, to=TensorProto.FLOAT), self.constant([1]))
        return self.op("Squeeze", self.op("MatMul", weights, x), self.constant([1]))

    def embeddings(self, bert: Bert) -> str:
        words = self.words(bert.words)
        count = self.op("Shape", "input_ids", start=1, end=2)
        # Every text is a single segment, so its row is added once and for all.
        table = self.tensor(bert.positions + bert.token_type)
        positions = self.op("Slice", table, self.constant([0]), count, self.constant([0]))
        return self.norm(words, positions, bert.norm, bert.epsilon)

    def words(self, table: Matrix) -> str:
        if self._variant == "fp32":
            return self.op("Gather", self.tensor(dense(table)), "input_ids")
        blocks = _blocks(table, 8 if self._variant == "q8" else 4)
        rows = self.op(
            "GatherBlockQuantized", self.tensor(blocks.packed), "input_ids", self.tensor(blocks.scales),
            domain=MICROSOFT, bits=blocks.bits, block_size=BLOCK, gather_axis=0, quantize_axis=1,
        )  # fmt: skip
        return self.op("Cast", rows, to=TensorProto.FLOAT) if blocks.scales.dtype == np.float16 else rows

    def layer(self, layer: Layer, x: str, mask: str, *, heads: int, epsilon: float) -> str:
        query, key, value = (self.linear(part, x) for part in (layer.query, layer.key, layer.value))
        attended = self.op("MultiHeadAttention", query, key, value, "", mask, domain=MICROSOFT, num_heads=heads)
        x = self.norm(self.linear(layer.attention_output, attended), x, layer.attention_norm, epsilon)
        inner = self.op("Gelu", self.linear(layer.inner, x), domain=MICROSOFT)
        outer = self.linear(layer.outer, inner)
        if layer.adapter is not None:
            narrow = self.op("Gelu", self.linear(layer.adapter.down, outer), domain=MICROSOFT)
            outer = self.op("Add", outer, self.linear(layer.adapter.up, narrow))
        return self.norm(outer, x, layer.output_norm, epsilon)

    def norm(self, x: str, skip: str, norm: Norm, epsilon: float) -> str:
        # SkipLayerNormalization would do both at once, but its CPU kernel is six times slower than these two.
        gain, shift = self.tensor(norm.weight), self.tensor(norm.bias)
        return self.op("LayerNormalization", self.op("Add", x, skip), gain, shift, epsilon=epsilon)

    def linear(self, linear: Linear, x: str) -> str:
        bias = self.tensor(linear.bias)
        if self._variant == "fp32":
            return self.op("Add", self.op("MatMul", x, self.tensor(dense(linear.weight).T)), bias)
        if self._variant == "int8":
            weights, scales = _per_column(dense(linear.weight))
            return self.op(
                "DynamicQuantizeMatMul", x, self.tensor(weights), self.tensor(scales), "", bias, domain=MICROSOFT
            )
        blocks = _blocks(linear.weight, 8 if self._variant == "q8" else 4)
        outputs, inputs = blocks.shape
        return self.op(
            "MatMulNBits", x, self.tensor(blocks.packed.reshape(outputs, inputs // BLOCK, -1)),
            self.tensor(blocks.scales.astype(np.float32)), "", "", bias,
            domain=MICROSOFT, K=inputs, N=outputs, bits=blocks.bits, block_size=BLOCK, accuracy_level=4,
        )  # fmt: skip

    def op(self, kind: str, *inputs: str, output: str = "", domain: str = "", **attributes: Any) -> str:
        name = output or f"{kind}_{len(self._nodes)}"
        while inputs and not inputs[-1]:
            inputs = inputs[:-1]
        self._nodes.append(helper.make_node(kind, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def constant(self, value: int | list[int]) -> str:
        name = f"constant_{len(self._tensors)}"
        self._tensors.append(numpy_helper.from_array(np.array(value, np.int64), name))
        return name

    def tensor(self, values: NDArray[Any]) -> str:
        """Append an array to the data file and refer to it there."""
        self._data.write(b"\0" * (-self._data.tell() % PAGE))
        name = f"tensor_{len(self._tensors)}"
        tensor = TensorProto(name=name, dims=values.shape, data_type=helper.np_dtype_to_tensor_dtype(values.dtype))
        tensor.data_location = TensorProto.EXTERNAL
        place = {"location": "model.onnx.data", "offset": self._data.tell(), "length": values.nbytes}
        for key, value in place.items():
            tensor.external_data.add(key=key, value=str(value))
        self._data.write(np.ascontiguousarray(values).data)
        self._tensors.append(tensor)
        return name


def _blocks(matrix: Matrix, bits: Bits) -> Blocks:
    """As blocks of at least so many bits: what comes finer stays so, since a coarser grid would undo a fine-tuning."""
    if isinstance(matrix, Blocks):
        return matrix if matrix.bits >= bits else quantise(matrix.dense(), bits)
    return quantise(matrix, bits)


def _per_column(weight: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """(outputs, inputs) weights as int8 (inputs, outputs) within ±63, and their scales (outputs,)."""
    scales = np.abs(weight).max(axis=1) / 63
    return np.rint(weight / scales[:, None]).astype(np.int8).T, scales.astype(np.float32)
