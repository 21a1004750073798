from __future__ import annotations

import json
import re
import shutil
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from tests.missing import needed

needed("torch", "transformers", "peft")

import torch
from typer.testing import CliRunner

from bot.cli import app
from bot.errors import ConfigurationError
from bot.pack_reader import read_pack
from bot.settings import Settings
from nlu.artifacts import Model
from nlu.encoder import Encoder
from nlu.serving import model_store, open_model
from nlu.training import network as bridge
from nlu.training import points
from nlu.training.dataset import Example
from nlu.training.deep import activations as kept_on_disk
from nlu.training.deep import losses
from nlu.training.deep.activations import make_activations
from nlu.training.deep.checkpoint import Checkpoints, work_folder
from nlu.training.deep.finetune import TokenIds, Tuned, fine_tune
from nlu.training.deep.frozen import as_served, by_graph, by_torch
from nlu.training.deep.network import DeepNetwork
from nlu.training.deep.run import train_deep_files, train_deep_pack
from nlu.training.deep.settings import DeepSettings
from nlu.training.run import train_pack
from nlu.understander import parse
from nlu.weights import reference, sources
from nlu.weights.bert import Bert, Layer, Linear
from nlu.weights.blocks import dense, quantise
from nlu.weights.convert import convert
from nlu.weights.fetch import fetch
from nlu.weights.progress import silent
from nlu.weights.sources import Source
from nlu.weights.store import Models
from tests.nlu import small_shop as shop
from tests.nlu import tiny_encoders as tiny

QUICK = DeepSettings(
    trained_layers=1, learning_rate=3e-3, batch_size=16, epochs=8, patience=8, dropout=0.0, checkpoint_steps=3
)


@dataclass(frozen=True)
class Base:
    """A tiny pretrained encoder, as it serves and as it came."""

    encoder: Encoder
    source: Source
    bert: Bert


def pretrained(folder: Path, kind: str) -> Base:
    tiny.write_checkpoint(folder / kind, kind)
    source = sources.folder("tiny", folder / kind)
    convert(source, folder / "encoder", "q4", silent, faithful=0.9)  # four bits are few for weights made by chance
    return Base(Encoder.open(folder / "encoder"), source, as_served(source.load()[0]))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Base:
    return pretrained(tmp_path_factory.mktemp("encoders"), "bert")


def needles(count: int, *, seed: int = 0) -> list[Example]:
    """Letters without meaning; the intent is whether there is a q or a z among them."""
    random = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        letters = random.choice(list("abcdefghijk"), 11).tolist()
        letters.insert(int(random.integers(12)), "qz"[number % 2])
        rows.append(Example(" ".join(letters), f"has_{'qz'[number % 2]}", "en", Path("made-up.yml"), number + 1))
    return rows


class Killed(Exception):
    """Stands in for the end of a process."""


def killed_at(step: str, number: int) -> Callable[..., None]:
    def progress(name: str, done: int, total: int, *, note: str = "") -> None:
        if name.startswith(step) and done == number:
            raise Killed

    return progress


def tuned(
    base: Base,
    work: Path,
    settings: DeepSettings = QUICK,
    examples: Sequence[Example] | None = None,
    progress: Callable[..., None] = silent,
) -> Tuned:
    rows = needles(120) if examples is None else examples
    work.mkdir(exist_ok=True)
    embeddings = base.encoder.encode([e.text for e in rows])
    return fine_tune(rows, embeddings, base.encoder, base.source, settings, work, seed=0, progress=progress)


def fingerprint(result: Tuned) -> str:
    return Encoder.open(result.folder).fingerprint


# --- what is learned --------------------------------------------------------------------------------------------------


def separation(encoder: Encoder, examples: Sequence[Example]) -> float:
    """How far the two intents lie apart, in multiples of how far each is spread."""
    embeddings = encoder.encode([e.text for e in examples])
    first = np.array([e.intent == examples[0].intent for e in examples])
    gap = embeddings[first].mean(axis=0) - embeddings[~first].mean(axis=0)
    along = embeddings @ gap / np.linalg.norm(gap)
    return float(np.linalg.norm(gap) / (along[first].std() + along[~first].std()))


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"method": "lora", "learning_rate": 1e-2},
        {"method": "adapters", "adapter_size": 32, "learning_rate": 1e-2, "trained_layers": 2},
        {"trained_layers": 2, "train_words": True},
        {"adversarial": 0.1},
        {"contrastive": 0.5},
        {"label_smoothing": 0.1, "learning_rate": 5e-3},
    ],
    ids=["full", "lora", "adapters", "words", "adversarial", "contrastive", "smoothing"],
)
def test_fine_tuning_tells_apart_what_the_frozen_encoder_hardly_does(
    base: Base, tmp_path: Path, changes: dict[str, object]
) -> None:
    result = tuned(base, tmp_path / "work", QUICK.model_copy(update=changes), needles(240))

    unseen = needles(100, seed=1)
    encoder = Encoder.open(result.folder)
    assert separation(base.encoder, unseen) < 1
    assert separation(encoder, unseen) > 1.5 * separation(base.encoder, unseen)
    assert result.best_accuracy > 0.9
    assert encoder.fingerprint != base.encoder.fingerprint


def test_a_relative_of_bert_with_other_positions_and_tokenizer_can_be_the_base(tmp_path: Path) -> None:
    other = pretrained(tmp_path, "xlm-roberta")

    result = tuned(other, tmp_path / "work", QUICK, needles(240))

    unseen = needles(100, seed=1)
    assert separation(Encoder.open(result.folder), unseen) > 1.5 * separation(other.encoder, unseen)


def test_checkpointing_gradients_saves_memory_and_changes_nothing_else(base: Base, tmp_path: Path) -> None:
    plain = QUICK.model_copy(update={"epochs": 2, "dropout": 0.1})
    saving = plain.model_copy(update={"gradient_checkpointing": True})

    results = tuned(base, tmp_path / "plain", plain), tuned(base, tmp_path / "saving", saving)

    assert fingerprint(results[0]) == fingerprint(results[1])


def test_training_stops_when_validation_gets_no_better_and_keeps_the_best_epoch(base: Base, tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"epochs": 50, "patience": 2, "learning_rate": 0.3})

    result = tuned(base, tmp_path / "work", settings)

    figures = [(epoch.validation_accuracy, -epoch.validation_loss) for epoch in result.epochs]
    assert len(figures) < 50
    assert max(figures) not in figures[-2:]


def test_only_the_trained_layers_change(base: Base) -> None:
    network = DeepNetwork(base.bert, 1, 3, QUICK)
    disturb(network)

    exported = network.export(base.bert)

    assert exported.layers[0] is base.bert.layers[0]
    assert exported.words is base.bert.words
    assert exported.layers[1].query.weight is not base.bert.layers[1].query.weight


def test_lower_layers_that_learn_leave_the_words_alone_unless_asked(base: Base) -> None:
    network = DeepNetwork(base.bert, 0, 3, QUICK.model_copy(update={"trained_layers": 2}))
    whole = DeepNetwork(base.bert, 0, 3, QUICK.model_copy(update={"trained_layers": 2, "train_words": True}))

    assert not any("embeddings" in name for name, _ in network.trained())
    assert any("word_embeddings" in name for name, _ in whole.trained())


# --- the network, the frozen layers and the export agree --------------------------------------------------------------


def disturb(network: DeepNetwork) -> None:
    """As training would, but by chance."""
    random = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for name, parameter in network.trained():
            if not name.startswith("head"):
                parameter.add_(0.08 * torch.randn(parameter.shape, generator=random))


def embedded(network: DeepNetwork, states: torch.Tensor, mask: torch.Tensor) -> np.ndarray:
    network.eval()
    with torch.inference_mode():
        return network.embed(network.inputs(states), mask).numpy()


TEXTS = ("where is my order", "refund", "a much longer text than the others, with commas, and so on", "q")


def hidden_states(bert: Bert, tokens: Sequence[Sequence[int]], layers: int) -> tuple[torch.Tensor, torch.Tensor]:
    """States after so many layers of the network, by torch, and the mask of tokens."""
    ids, mask = TokenIds(tokens).read(np.arange(len(tokens)))
    with torch.inference_mode():
        whole = bridge.to_torch(bert)(ids, attention_mask=mask, output_hidden_states=True)
    return whole.hidden_states[layers], mask


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_activations_are_read_as_the_frozen_layers_made_them(base: Base, tmp_path: Path, layers: int) -> None:
    tokens = base.encoder.tokens(TEXTS)
    lower = replace(base.bert, layers=base.bert.layers[:layers])
    made, made_mask = by_graph(lower, tmp_path)(tokens)

    with make_activations(lower, tokens, tmp_path, "these", "cpu", silent) as activations:
        states, mask = activations.read(np.arange(4))
        one, _ = activations.read(np.array([1]))

    assert np.array_equal(mask.numpy(), made_mask)
    assert np.array_equal(states.numpy()[made_mask], made[made_mask].astype(np.float32))
    assert not states[~mask].any()
    assert one.shape == (1, len(tokens[1]), tiny.HIDDEN)
    torch.testing.assert_close(one[0], states[1, : len(tokens[1])], atol=0, rtol=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["activations.f16", "activations.json"]


@pytest.mark.parametrize("layers", [0, 1, 2])
def test_by_either_way_the_frozen_layers_compute_what_the_whole_network_does(
    base: Base, tmp_path: Path, layers: int
) -> None:
    tokens = base.encoder.tokens(TEXTS)
    expected, mask = hidden_states(base.bert, tokens, layers)
    lower = replace(base.bert, layers=base.bert.layers[:layers])

    by_gpu, mask_by_gpu = by_torch(lower, "cpu")(tokens)
    states, _ = by_graph(lower, tmp_path)(tokens)

    assert np.array_equal(mask_by_gpu, mask.numpy())
    torch.testing.assert_close(torch.from_numpy(by_gpu).float()[mask], expected[mask], atol=4e-3, rtol=1e-3)
    # The graph rounds to eight bits what goes into a matrix, as it does while serving.
    cosines = torch.cosine_similarity(torch.from_numpy(states).float()[mask], expected[mask])
    assert float(cosines.min()) > 0.9995


def test_on_a_cpu_the_frozen_layers_are_those_that_serve(base: Base, tmp_path: Path) -> None:
    (served,) = base.encoder.read(["refund"])
    tokens = base.encoder.tokens(["refund"])

    states, _ = by_graph(base.bert, tmp_path)(tokens)

    own = states[0, [place for place, token in enumerate(tokens[0]) if token][-len(served.tokens) - 1 : -1]]
    np.testing.assert_allclose(own, served.tokens, atol=2e-3)


def finer(bert: Bert) -> Bert:
    """With eight bits in place of four in the layers, as after a fine-tuning."""
    network, random = bridge.to_torch(bert), torch.Generator().manual_seed(6)
    with torch.no_grad():
        for parameter in network.encoder.parameters():
            parameter.add_(0.03 * torch.randn(parameter.shape, generator=random))
    return bridge.from_torch(network, bert)


def test_the_frozen_layers_are_never_coarser_than_they_came(base: Base, tmp_path: Path) -> None:
    tokens = base.encoder.tokens(TEXTS)

    for bert in (base.source.load()[0], finer(base.bert)):
        expected, mask = hidden_states(bert, tokens, 2)
        errors = []
        for layers in (bert, coarsened(bert)):
            states, _ = by_graph(layers, tmp_path)(tokens)
            errors.append(1 - torch.cosine_similarity(torch.from_numpy(states).float()[mask], expected[mask]).mean())
        assert errors[0] < 1e-3
        assert errors[1] > 3 * errors[0]  # what it would be in four bits


def test_adapters_are_part_of_the_frozen_layers(base: Base, tmp_path: Path) -> None:
    tokens = base.encoder.tokens(TEXTS)
    network = DeepNetwork(base.bert, 0, 3, QUICK.model_copy(update={"method": "adapters", "adapter_size": 32}))
    disturb(network)
    adapted = network.export(base.bert)
    expected, mask = hidden_states(adapted, tokens, 2)

    states, _ = by_graph(adapted, tmp_path)(tokens)
    without, _ = by_graph(base.bert, tmp_path)(tokens)

    near = torch.cosine_similarity(torch.from_numpy(states).float()[mask], expected[mask])
    far = torch.cosine_similarity(torch.from_numpy(without).float()[mask], expected[mask])
    assert float(near.min()) > 0.999
    assert float(far.mean()) < 0.99


def coarsened(bert: Bert) -> Bert:
    """With four bits for every matrix of its layers."""

    def linear(part: Linear) -> Linear:
        return Linear(quantise(dense(part.weight), 4), part.bias)

    def layer(part: Layer) -> Layer:
        names = ("query", "key", "value", "attention_output", "inner", "outer")
        return replace(part, **{name: linear(getattr(part, name)) for name in names})

    return as_served(replace(bert, layers=tuple(layer(part) for part in bert.layers)))


def test_activations_that_were_computed_in_another_way_are_made_anew(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens, runs = base.encoder.tokens(TEXTS), []

    def count(name: str, done: int, total: int, *, note: str = "") -> None:
        runs.append(done)

    for way in ("torch 1", "torch 1", "onnxruntime 1"):
        monkeypatch.setattr(kept_on_disk, "way_of", lambda _, way=way: way)
        with make_activations(base.bert, tokens, tmp_path, "these", "cpu", count):
            pass

    assert runs == [1, 1]


@pytest.mark.parametrize("method", ["full", "lora", "adapters"])
def test_what_is_exported_computes_what_was_trained(base: Base, tmp_path: Path, method: str) -> None:
    network = DeepNetwork(base.bert, 1, 3, QUICK.model_copy(update={"method": method, "adapter_size": 32}))
    disturb(network)
    tokens = base.encoder.tokens(TEXTS)
    lower = replace(base.bert, layers=base.bert.layers[:1])
    with make_activations(lower, tokens, tmp_path, "these", "cpu", silent) as activations:
        trained = embedded(network, *activations.read(np.arange(4)))

    exported = network.export(base.bert)  # merges what LoRA added
    convert(
        Source("t", "d", base.source.prefixes, lambda: (exported, base.source.load()[1])), tmp_path / "e", "q4", silent
    )

    arithmetic = np.stack([reference.embed(exported, ids) for ids in tokens])
    served = Encoder.open(tmp_path / "e").encode(TEXTS)
    before = base.encoder.encode(TEXTS)
    assert (trained * arithmetic).sum(axis=1).min() > 0.9995
    assert (trained * served).sum(axis=1).min() > 0.998
    assert (trained * before).sum(axis=1).max() < 0.99


def test_an_encoder_with_adapters_can_be_trained_again(base: Base) -> None:
    network = DeepNetwork(base.bert, 1, 3, QUICK.model_copy(update={"method": "adapters", "adapter_size": 32}))
    disturb(network)
    once = network.export(base.bert)

    again = bridge.from_torch(bridge.to_torch(once), once)

    assert again.layers[1].adapter is not None
    assert once.layers[1].adapter is not None
    assert again.layers[1].adapter.down.weight is once.layers[1].adapter.down.weight
    ids = base.encoder.tokens(TEXTS)[2]
    np.testing.assert_allclose(reference.embed(again, ids), reference.embed(once, ids), atol=1e-6)


def test_the_head_starts_with_what_a_ridge_regression_knows(base: Base) -> None:
    rows = needles(200)
    targets = np.array([row.intent == "has_z" for row in rows]).astype(np.intp)
    embeddings = base.encoder.encode([row.text for row in rows])
    network = DeepNetwork(base.bert, 1, 2, QUICK)

    network.start_head(embeddings, targets)

    with torch.inference_mode():
        logits = network.eval().logits(torch.from_numpy(embeddings)).numpy()
    assert (logits.argmax(axis=1) == targets).mean() > 0.8


# --- kills ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("step", "number"),
    [("run the frozen", 2), ("epoch 1", 2), ("epoch 2", 5), ("epoch 3", 8), ("convert", 2)],
)
def test_a_killed_training_goes_on_and_ends_as_if_nothing_had_been(
    base: Base, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, number: int
) -> None:
    monkeypatch.setattr(kept_on_disk, "RUN_TOKENS", 400)
    settings = QUICK.model_copy(update={"epochs": 3, "dropout": 0.2})
    undisturbed = tuned(base, tmp_path / "undisturbed", settings)

    with pytest.raises(Killed):
        tuned(base, tmp_path / "work", settings, progress=killed_at(step, number))
    resumed = tuned(base, tmp_path / "work", settings)

    assert fingerprint(resumed) == fingerprint(undisturbed)
    figures = [(e.loss, e.validation_loss, e.validation_accuracy) for e in resumed.epochs]
    assert figures == [(e.loss, e.validation_loss, e.validation_accuracy) for e in undisturbed.epochs]


def test_a_resumed_training_does_again_only_what_came_after_the_checkpoint(base: Base, tmp_path: Path) -> None:
    with pytest.raises(Killed):
        tuned(base, tmp_path / "work", progress=killed_at("epoch 2", 5))
    steps: list[tuple[str, int]] = []

    tuned(base, tmp_path / "work", progress=lambda name, done, total, note="": steps.append((name, done)))

    assert not [step for step in steps if step[0] == "run the frozen layers" or step[0].startswith("epoch 1")]
    assert steps[0] == ("epoch 2 of 8", 4)  # checkpoints are written every three steps


def test_a_checkpoint_of_other_data_or_settings_is_not_used(base: Base, tmp_path: Path) -> None:
    settings = QUICK.model_copy(update={"epochs": 2})
    others = needles(120, seed=9)
    for name, rows, changed in (
        ("data", others, settings),
        ("settings", needles(120), settings.model_copy(update={"weight_decay": 0.5})),
    ):
        with pytest.raises(Killed):
            tuned(base, tmp_path / name, settings, progress=killed_at("epoch 2", 4))

        mixed = tuned(base, tmp_path / name, changed, rows)

        assert fingerprint(mixed) == fingerprint(tuned(base, tmp_path / f"{name}-anew", changed, rows))


def test_a_damaged_checkpoint_is_as_good_as_none(tmp_path: Path) -> None:
    Checkpoints(tmp_path, "a").write({"step": 3, "weights": {"w": torch.ones(2)}})
    stored = Checkpoints(tmp_path, "a").read()
    assert stored is not None
    assert stored["step"] == 3
    assert Checkpoints(tmp_path, "b").read() is None

    content = (tmp_path / "checkpoint.pt").read_bytes()
    (tmp_path / "checkpoint.pt").write_bytes(content[: len(content) // 2])

    assert Checkpoints(tmp_path, "a").read() is None


def test_two_trainings_do_not_share_a_folder(tmp_path: Path) -> None:
    with work_folder(tmp_path / "w"), pytest.raises(ConfigurationError, match="another deep training"):
        with work_folder(tmp_path / "w"):
            pass
    with work_folder(tmp_path / "w"):
        pass


# --- losses -----------------------------------------------------------------------------------------------------------


def test_the_contrastive_loss_is_the_papers() -> None:
    random = np.random.default_rng(3)
    z = random.standard_normal((6, 4))
    z /= np.linalg.norm(z, axis=1, keepdims=True)
    y = [0, 0, 1, 1, 1, 2]
    expected = []
    for i in range(6):
        positives = [p for p in range(6) if p != i and y[p] == y[i]]
        if positives:
            below = sum(np.exp(z[i] @ z[a] / 0.2) for a in range(6) if a != i)
            expected.append(-np.mean([np.log(np.exp(z[i] @ z[p] / 0.2) / below) for p in positives]))

    loss = losses.contrastive(torch.from_numpy(z), torch.tensor(y), 0.2)

    assert float(loss) == pytest.approx(np.mean(expected))
    assert float(losses.contrastive(torch.from_numpy(z), torch.arange(6), 0.2)) == 0


def test_the_adversarial_disturbance_has_its_size_and_leaves_the_padding() -> None:
    torch.manual_seed(0)
    x, gradient = torch.randn(2, 5, 8), torch.randn(2, 5, 8)
    mask = torch.tensor([[True] * 5, [True] * 2 + [False] * 3])

    moved = losses.disturbed(x, gradient, mask, 0.1)

    step = moved - x
    assert not step[1, 2:].any()
    assert float(step[1].norm()) == pytest.approx(0.1 * float(x[1, :2].square().sum().div(2).sqrt()), rel=1e-4)
    assert float((step * gradient)[mask].sum()) > 0


# --- memory -----------------------------------------------------------------------------------------------------------


def test_memory_does_not_grow_with_the_number_of_texts(base: Base, tmp_path: Path) -> None:
    tokens = [[2, *range(5, 35), 3]] * 6000
    lower = replace(base.bert, layers=())
    tracemalloc.start()
    try:
        with make_activations(lower, tokens, tmp_path, "these", "cpu", silent) as activations:
            for start in range(0, 6000, 32):
                activations.read(np.arange(start, min(start + 32, 6000)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert (tmp_path / kept_on_disk.VALUES).stat().st_size == 6000 * 32 * tiny.HIDDEN * 2  # 25 MB
    assert peak < 8e6


# --- the whole, as the command does it --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, models: Models) -> Settings:
    """Settings with a tiny encoder, and the language identification of this machine."""
    folder = tmp_path_factory.mktemp("desk")
    tiny.write_checkpoint(folder / "bert")
    data = folder / "data"
    (data / "models").mkdir(parents=True)
    shutil.copy(models.language, data / "models" / models.language.name)
    settings = Settings(data_dir=data, encoder_source=str(folder / "bert"))
    fetch(data, source=settings.encoder)
    return settings


def write_needles(file: Path, count: int, seed: int) -> Path:
    rows = [{"text": e.text, "intent": e.intent, "lang": "en"} for e in needles(count, seed=seed)]
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


@pytest.fixture
def by_meaning_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Letters are all that there is in the sentences of these tests, and the encoder is to tell them."""
    monkeypatch.setattr(points, "WRITING", 0.0)


@pytest.mark.usefixtures("by_meaning_alone")
def test_a_model_folder_brings_its_encoder_and_a_report_of_before_and_after(desk: Settings, tmp_path: Path) -> None:
    train, test = write_needles(tmp_path / "a.jsonl", 120, 0), write_needles(tmp_path / "b.jsonl", 60, 1)

    done = train_deep_files(desk, [train], tmp_path / "model", QUICK, tests=[test])

    report = json.loads((tmp_path / "model" / "deep_report.json").read_text())
    assert report["better"] is done.report.better is True
    assert report["after"]["accuracy"] > report["before"]["accuracy"]
    assert report["after"]["accuracy"] > 0.9
    assert report["test"] == {"n": 60, "source": "the test files"}
    assert report["examples"] == {"training": 108, "validation": 12}
    assert len(report["epochs"]) == 8
    opened, problem = open_model(desk.data_dir, source=desk.encoder, threads=1, folder=tmp_path / "model")
    assert problem is None
    assert opened.encoder.fingerprint == opened.model.metadata.encoder.fingerprint
    assert opened.model.encoder == tmp_path / "model" / "encoder"
    # No sentiment was made for this encoder but what the model brings.
    assert opened.model.sentiment is not None
    assert opened.model.sentiment.encoder == opened.encoder.fingerprint
    (felt,) = parse(opened.interpreter, opened.encoder, ["THIS IS A SCAM!!! 😡"])
    assert felt.sentiment is not None
    assert felt.sentiment.label == "negative"
    assert opened.model.metadata.quality["sentiment_accuracy"] > 0.34  # of three labels
    assert not list((desk.data_dir / "deep").iterdir())  # nothing is left of the work


@pytest.mark.usefixtures("by_meaning_alone")
def test_the_command_shows_loss_figures_and_what_became_of_it(
    desk: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    train, test = write_needles(tmp_path / "a.jsonl", 120, 0), write_needles(tmp_path / "b.jsonl", 40, 1)
    (tmp_path / "deep.toml").write_text("trained_layers = 2\nlearning_rate = 3e-3\nbatch_size = 16\ndropout = 0\n")
    monkeypatch.setenv("BABELDESK_DATA_DIR", str(desk.data_dir))
    monkeypatch.setenv("BABELDESK_ENCODER_SOURCE", desk.encoder_source)
    files = ["--data", str(train), "--test", str(test), "--out", str(tmp_path / "model")]

    done = CliRunner().invoke(
        app, ["train", "--deep", *files, "--deep-settings", str(tmp_path / "deep.toml"), "--epochs", "2"]
    )

    assert done.exit_code == 0, done.output
    assert re.search(r"epoch 2 of 2: loss 0\.\d+, validation: loss 0\.\d+, accuracy [01]\.\d+", done.stderr)
    assert "40 messages (the test files), never trained on" in done.stdout
    assert re.search(r"accuracy +0\.\d{3} +[01]\.\d{3} +[+-]0\.\d{3}", done.stdout)
    assert "2 layers trained (full, " in done.stdout
    assert re.search(r"model: (no )?better than the frozen encoder on the test files\n$", done.stdout)


def test_without_test_files_some_examples_are_held_out_for_the_report(desk: Settings, tmp_path: Path) -> None:
    train = write_needles(tmp_path / "a.jsonl", 120, 0)

    done = train_deep_files(desk, [train], tmp_path / "model", QUICK.model_copy(update={"epochs": 1}))

    assert done.report.test == {"n": 12, "source": "examples held out"}
    assert sum(done.report.examples.values()) == 108
    assert done.model.metadata.languages == {"en": 120}  # the classifier learned from them at the end
    assert done.verdict.endswith("than the frozen encoder on examples held out")


def test_the_order_and_the_number_of_files_do_not_matter(desk: Settings, tmp_path: Path) -> None:
    quick = QUICK.model_copy(update={"epochs": 1})
    train, test = write_needles(tmp_path / "a.jsonl", 80, 0), write_needles(tmp_path / "b.jsonl", 20, 1)
    lines = train.read_text().splitlines(keepends=True)
    (tmp_path / "1.jsonl").write_text("".join(lines[:30]))
    (tmp_path / "2.jsonl").write_text("".join(lines[30:]))
    halves = [tmp_path / "2.jsonl", tmp_path / "1.jsonl"]

    whole = train_deep_files(desk, [train], tmp_path / "x", quick, tests=[test])
    split = train_deep_files(desk, halves, tmp_path / "y", quick, tests=[test])

    assert whole.model.metadata.encoder.fingerprint == split.model.metadata.encoder.fingerprint


@pytest.fixture(scope="module")
def pack_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return shop.write_pack(tmp_path_factory.mktemp("packs") / "tiny")


@pytest.mark.usefixtures("by_meaning_alone")
def test_a_deep_model_is_promoted_only_when_it_is_better(desk: Settings, pack_folder: Path) -> None:
    pack = read_pack(pack_folder)
    _, serving = train_pack(desk, pack)
    store = model_store(desk.data_dir, pack.name)
    ruinous = QUICK.model_copy(update={"epochs": 1, "learning_rate": 0.9, "trained_layers": 2, "warm_up": 0.0})

    worse = train_deep_pack(desk, pack, ruinous)

    assert not worse.report.better
    assert not worse.promoted
    assert "kept as a version" in worse.verdict
    assert store.promoted()[0] == Path(serving).name
    assert Model.open(Path(worse.where), encoder_fingerprint=None).metadata.pack == pack.name  # it is there, and whole

    better = train_deep_pack(desk, pack, QUICK.model_copy(update={"epochs": 10, "trained_layers": 2}))

    assert better.promoted is better.report.better is True
    assert store.promoted()[0] == Path(better.where).name
    assert (Path(better.where) / "deep_report.json").is_file()


def test_a_killed_run_leaves_the_serving_model_as_it_is(desk: Settings, pack_folder: Path) -> None:
    pack = read_pack(pack_folder)
    train_pack(desk, pack)
    store = model_store(desk.data_dir, pack.name)
    before = {path: path.stat().st_mtime_ns for path in store.folder.rglob("*")}

    with pytest.raises(Killed):
        train_deep_pack(desk, pack, QUICK, progress=killed_at("epoch 1", 4))

    assert {path: path.stat().st_mtime_ns for path in store.folder.rglob("*")} == before
