from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bot.errors import ModelError
from nlu.weights import e5s1
from nlu.weights.adaptation import LINEARS, Adaptation, Update
from nlu.weights.bert import Bert
from nlu.weights.blocks import Blocks, dense
from tests.nlu import tiny_encoders as tiny


@pytest.fixture
def bert(tmp_path: Path) -> Bert:
    (tmp_path / "tiny.bin").write_bytes(tiny.e5s1())
    return e5s1.read(tmp_path / "tiny.bin")[0]


def update(outputs: int, inputs: int, rank: int = 4) -> Update:
    random = np.random.default_rng(1)
    down, up = random.normal(size=(rank, inputs)) / 10, random.normal(size=(outputs, rank)) / 10
    return Update(down.astype(np.float16), up.astype(np.float16))


@pytest.fixture
def adaptation() -> Adaptation:
    return Adaptation(
        base="the base",
        layers=(1,),
        updates={(0, "query"): update(tiny.HIDDEN, tiny.HIDDEN), (0, "outer"): update(tiny.HIDDEN, tiny.INNER)},
    )


def test_only_the_named_layers_stay_and_only_the_named_matrices_change(bert: Bert, adaptation: Adaptation) -> None:
    (layer,) = adaptation.applied(bert).layers

    for name in LINEARS:
        old, new = getattr(bert.layers[1], name), getattr(layer, name)
        assert (old is new) == (name not in {"query", "outer"})
    change = dense(layer.query.weight) - dense(bert.layers[1].query.weight)
    factors = adaptation.updates[0, "query"]
    wanted = factors.up.astype(np.float32) @ factors.down.astype(np.float32)
    np.testing.assert_allclose(change, wanted, atol=0.01)
    assert np.corrcoef(change.ravel(), wanted.ravel())[0, 1] > 0.99


def test_changed_matrices_are_finer_than_the_base(bert: Bert, adaptation: Adaptation) -> None:
    weight = adaptation.applied(bert).layers[0].query.weight

    assert isinstance(weight, Blocks)
    assert weight.bits == 8


def test_an_adaptation_is_the_same_after_saving(tmp_path: Path, bert: Bert, adaptation: Adaptation) -> None:
    adaptation.save(tmp_path / "adaptation.npz")
    again = Adaptation.open(tmp_path / "adaptation.npz")

    assert (again.base, again.layers, again.updates.keys()) == ("the base", (1,), adaptation.updates.keys())
    assert again.digest == adaptation.digest
    ours, theirs = (part.applied(bert).layers[0].outer.weight for part in (adaptation, again))
    np.testing.assert_array_equal(dense(ours), dense(theirs))


def test_the_digest_tells_every_change(adaptation: Adaptation) -> None:
    changed = [
        replace(adaptation, base="another"),
        replace(adaptation, layers=(0,)),
        replace(adaptation, updates={(0, "query"): adaptation.updates[0, "query"]}),
        replace(adaptation, updates={**adaptation.updates, (0, "query"): update(tiny.HIDDEN, tiny.HIDDEN, 5)}),
    ]
    assert len({adaptation.digest, *(one.digest for one in changed)}) == 5


def test_a_damaged_or_missing_file_is_named(tmp_path: Path, adaptation: Adaptation) -> None:
    file = tmp_path / "adaptation.npz"
    with pytest.raises(ModelError, match=r"adaptation\.npz"):
        Adaptation.open(file)
    adaptation.save(file)
    file.write_bytes(file.read_bytes()[:-200])
    with pytest.raises(ModelError, match=r"adaptation\.npz"):
        Adaptation.open(file)
