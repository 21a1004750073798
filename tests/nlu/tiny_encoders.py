"""Encoders small enough to write by hand, in each of the forms that weights come in."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file
from sentencepiece import SentencePieceNormalizer
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

from nlu.weights.vocabulary import sentencepiece_model

HIDDEN, LAYERS, HEADS, INNER, POSITIONS = 64, 2, 4, 128, 40

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]
WORDS = ["▁", "▁where", "▁is", "▁my", "▁order", "▁refund", "▁日本", "▁где", "▁заказ", "qu", "ery", "pass", "age"]
LETTERS = [*map(chr, range(33, 127)), *"áéíóúñçабвгдежзийклмн日本語中文"]
PIECES = [*SPECIAL, *WORDS, *LETTERS, "<mask>"]
SCORES = [0.0 if piece.startswith("<") and len(piece) > 1 else -2.0 - index / 10 for index, piece in enumerate(PIECES)]

Tensors = dict[str, NDArray[np.float32]]


def random_tensors(
    seed: int = 7, *, vocabulary: int = len(PIECES), positions: int = POSITIONS, types: int = 2
) -> Tensors:
    """Weights under the names of `transformers.BertModel`, large enough to make texts differ."""
    random = np.random.default_rng(seed)

    def draw(*shape: int, scale: float = 0.15, around: float = 0.0) -> NDArray[np.float32]:
        return (around + scale * random.standard_normal(shape)).astype(np.float32)

    def norm(name: str) -> Tensors:
        return {f"{name}.weight": draw(HIDDEN, around=1), f"{name}.bias": draw(HIDDEN)}

    def linear(name: str, outputs: int, inputs: int) -> Tensors:
        return {f"{name}.weight": draw(outputs, inputs), f"{name}.bias": draw(outputs)}

    tensors = {
        "embeddings.word_embeddings.weight": draw(vocabulary, HIDDEN, scale=1),
        "embeddings.position_embeddings.weight": draw(positions, HIDDEN, scale=0.5),
        "embeddings.token_type_embeddings.weight": draw(types, HIDDEN),
        **norm("embeddings.LayerNorm"),
    }
    for index in range(LAYERS):
        name = f"encoder.layer.{index}"
        for part in ("attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"):
            tensors |= linear(f"{name}.{part}", HIDDEN, HIDDEN)
        tensors |= linear(f"{name}.intermediate.dense", INNER, HIDDEN) | linear(f"{name}.output.dense", HIDDEN, INNER)
        tensors |= norm(f"{name}.attention.output.LayerNorm") | norm(f"{name}.output.LayerNorm")
    return tensors


# --- E5S1 -------------------------------------------------------------------------------------------------------------

SHORT_NAMES = {
    "attention.self.query": "q",
    "attention.self.key": "k",
    "attention.self.value": "v",
    "attention.output.dense": "ao",
    "attention.output.LayerNorm": "aln",
    "intermediate.dense": "fi",
    "output.dense": "fo",
    "output.LayerNorm": "oln",
}


def e5s1(seed: int = 7) -> bytes:
    """A whole E5S1 file, written by the description of the format alone."""
    pieces = [piece.encode() for piece in PIECES]
    offsets = np.cumsum([0, *map(len, pieces)])
    blob = b"".join(pieces)
    head = b"E5S1" + struct.pack("<I7ifi", 1, HIDDEN, LAYERS, HEADS, INNER, len(PIECES), POSITIONS, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(blob)) + struct.pack(f"<{len(offsets)}I", *offsets)
    head += struct.pack(f"<{len(SCORES)}f", *SCORES) + blob + struct.pack("<iI", 1, 3) + b"map"
    entries = list(_entries(random_tensors(seed)))
    place = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in entries)
    directory, data = struct.pack("<i", len(entries)), b""
    for name, quantised, elements, content in entries:
        directory += struct.pack("<H", len(name)) + name
        directory += struct.pack("<BIQQ", quantised, elements, place + len(data), len(content))
        data += content
    return head + directory + data


def _entries(tensors: Tensors) -> Iterator[tuple[bytes, bool, int, bytes]]:
    for name, tensor in tensors.items():
        quantised = tensor.ndim == 2 and not name.startswith(("embeddings.position", "embeddings.token"))
        content = q4_0(tensor) if quantised else tensor.tobytes()
        yield _short(name).encode(), quantised, tensor.size, content


def _short(name: str) -> str:
    if name.startswith("embeddings"):
        parts = {
            "word_embeddings.weight": "word",
            "position_embeddings.weight": "pos",
            "token_type_embeddings.weight": "type",
        }
        rest = name.removeprefix("embeddings.")
        return f"emb.{parts.get(rest, rest.replace('LayerNorm.weight', 'ln.w').replace('LayerNorm.bias', 'ln.b'))}"
    _, _, layer, rest = name.split(".", 3)
    part, _, kind = rest.rpartition(".")
    return f"l{layer}.{SHORT_NAMES[part]}.{kind[0]}"


def q4_0(weights: NDArray[np.float32]) -> bytes:
    """ggml's Q4_0, one block after another, in plain Python."""
    content = b""
    for block in weights.reshape(-1, 32):
        scale = np.float16(max(block, key=abs) / -8)
        quants = [min(15, max(0, round(float(weight) / float(scale)) + 8)) for weight in block]
        content += scale.tobytes() + bytes(quants[j] | quants[j + 16] << 4 for j in range(16))
    return content


def q4_0_values(weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """What `q4_0` keeps of the weights."""
    blocks = np.frombuffer(q4_0(weights), np.uint8).reshape(-1, 18)
    scales = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    quants = np.concatenate([blocks[:, 2:] & 15, blocks[:, 2:] >> 4], axis=1).astype(np.float32) - 8
    return (quants * scales).reshape(weights.shape)


# --- checkpoints ------------------------------------------------------------------------------------------------------


def write_checkpoint(folder: Path, kind: str = "bert", *, prefix: str = "") -> Tensors:
    """A folder as transformers writes it, of a BERT with WordPiece or an XLM-RoBERTa with Unigram; its weights."""
    tokenizer = word_piece() if kind == "bert" else unigram()
    # XLM-RoBERTa numbers its positions from 2 on.
    extra = 0 if kind == "bert" else 2
    tensors = random_tensors(vocabulary=tokenizer.get_vocab_size(), positions=POSITIONS + extra, types=2 - extra // 2)
    config = {
        "model_type": kind,
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INNER,
        "vocab_size": tokenizer.get_vocab_size(),
        "max_position_embeddings": POSITIONS + extra,
        "type_vocab_size": 2 - extra // 2,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": 1 if extra else 0,
    }
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config))
    save_file({prefix + name: tensor for name, tensor in tensors.items()}, folder / "model.safetensors")
    tokenizer.save(str(folder / "tokenizer.json"))
    return tensors


def word_piece() -> Tokenizer:
    marks = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    letters = [chr(code) for code in range(33, 127)]
    vocabulary = [*marks, "where", "is", "my", "order", *letters, *(f"##{letter}" for letter in letters)]
    tokenizer = Tokenizer(models.WordPiece({piece: token for token, piece in enumerate(vocabulary)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(marks)
    return tokenizer


def unigram() -> Tokenizer:
    """As in XLM-RoBERTa's tokenizer.json."""
    tokenizer = Tokenizer(models.Unigram(list(zip(PIECES, SCORES, strict=True)), unk_id=3, byte_fallback=False))
    compiled = sentencepiece_model(SentencePieceNormalizer(rule_name="nmt_nfkc").serialized_model_proto())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Precompiled(compiled.normalizer_spec.precompiled_charsmap),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(["<s>", "<pad>", "</s>", "<unk>", "<mask>"])
    return tokenizer
