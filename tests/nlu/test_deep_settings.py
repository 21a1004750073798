from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bot.errors import ConfigurationError
from nlu.training.deep import settings as deep_settings
from nlu.training.deep.settings import DeepSettings, read_deep_settings, require_libraries
from nlu.training.deep.splits import Batches, held_out

# --- batches and splits -----------------------------------------------------------------------------------------------


def test_an_epoch_has_each_text_once_in_batches_of_like_length() -> None:
    random = np.random.default_rng(0)
    lengths, targets = random.integers(3, 60, 1000), random.integers(0, 7, 1000)
    batches = Batches(lengths, targets, 16, 0)

    epoch = list(batches.epoch(0))

    assert len(epoch) == batches.steps == 63
    assert sorted(np.concatenate(epoch)) == list(range(1000))
    assert np.mean([np.ptp(lengths[batch]) for batch in epoch]) < 5
    assert [b.tolist() for b in epoch] == [b.tolist() for b in batches.epoch(0)]
    assert [b.tolist() for b in epoch] != [b.tolist() for b in batches.epoch(1)]


def test_capped_epochs_go_on_where_the_last_one_stopped() -> None:
    batches = Batches(np.full(100, 5), np.zeros(100, np.intp), 8, 0, cap=40)

    epochs = [np.concatenate(list(batches.epoch(number))).tolist() for number in range(5)]

    assert [len(epoch) for epoch in epochs] == [40] * 5
    assert sorted(np.concatenate(epochs).tolist()) == sorted([*range(100), *range(100)])
    assert len({*epochs[0], *epochs[1]}) == 80


def test_for_a_contrastive_loss_texts_of_an_intent_come_in_pairs() -> None:
    random = np.random.default_rng(0)
    lengths, targets = random.integers(3, 60, 600), random.integers(0, 30, 600)

    epoch = list(Batches(lengths, targets, 16, 0, pairs=True).epoch(0))

    assert sorted(np.concatenate(epoch)) == list(range(600))
    alone = [int((np.bincount(targets[batch]) == 1).sum()) for batch in epoch]
    assert sum(alone) < 60


def test_the_validation_split_has_its_share_of_every_intent_and_language() -> None:
    groups = [("a", "en")] * 100 + [("a", "de")] * 50 + [("b", "en")] * 20 + [("c", "en")] * 2

    out = held_out(groups, 0.1, seed=0)

    counts = {group: int(sum(out[i] for i, g in enumerate(groups) if g == group)) for group in set(groups)}
    assert counts[("a", "en")] == 10
    assert counts[("a", "de")] == 5
    assert counts[("b", "en")] == 2
    assert counts[("c", "en")] == 0  # two have to stay
    assert out.tolist() == held_out(groups, 0.1, seed=0).tolist()
    assert out.tolist() != held_out(groups, 0.1, seed=1).tolist()


# --- settings ---------------------------------------------------------------------------------------------------------


def test_settings_come_from_a_file_and_options_go_before_it(tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text('method = "lora"\nepochs = 7\n')

    settings = read_deep_settings(tmp_path / "deep.toml", {"epochs": 3, "method": None})

    assert (settings.method, settings.epochs, settings.rate) == ("lora", 3, 1e-3)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("epochs = 0", "epochs: Input should be greater than 0"),
        ("learning = 1", "learning: Extra inputs are not permitted"),
        ('method = "prompt"', "method: Input should be 'full', 'lora' or 'adapters'"),
        ("epochs 3", "is no TOML"),
        ("adapter_size = 30", "adapter_size: Input should be a multiple of 32"),
    ],
)
def test_wrong_settings_are_named(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "deep.toml").write_text(content)

    with pytest.raises(ConfigurationError, match=r"deep\.toml") as caught:
        read_deep_settings(tmp_path / "deep.toml")

    assert reason in str(caught.value)


def test_layers_that_an_encoder_lacks_cannot_be_trained() -> None:
    assert DeepSettings().frozen_layers(12, accelerated=False) == 8
    assert DeepSettings().frozen_layers(12, accelerated=True) == 0
    assert DeepSettings().frozen_layers(3, accelerated=False) == 0
    assert DeepSettings(train_words=True).frozen_layers(12, accelerated=False) == 0
    with pytest.raises(ConfigurationError, match="has 12 layers"):
        DeepSettings(trained_layers=13).frozen_layers(12, accelerated=False)
    with pytest.raises(ConfigurationError, match="train_words needs all 12 layers"):
        DeepSettings(trained_layers=4, train_words=True).frozen_layers(12, accelerated=False)


def test_what_is_not_installed_is_named_with_the_way_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deep_settings, "find_spec", lambda name: None if name in {"torch", "peft"} else object())

    with pytest.raises(ConfigurationError, match=r"needs torch, which .*: pip install 'babeldesk\[train\]'"):
        require_libraries("full")
    with pytest.raises(ConfigurationError, match="needs torch and peft"):
        require_libraries("lora")
