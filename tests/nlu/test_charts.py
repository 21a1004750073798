from __future__ import annotations

import io
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from bot.understanding import OUT_OF_SCOPE
from nlu.training.charts import confidence_histogram, reliability_diagram, risk_coverage_curve
from nlu.training.confusion_chart import confusion_matrix
from nlu.training.figures import binned, wilson
from nlu.training.intent_report import confusion


def size(picture: bytes) -> tuple[int, int]:
    """Width and height of a PNG that has more than one colour."""
    with Image.open(io.BytesIO(picture)) as image:
        assert image.format == "PNG"
        assert len(image.convert("RGB").getcolors(1 << 24) or ()) > 10
        return image.size


def drawn(count: int) -> tuple[np.ndarray, np.ndarray]:
    draws = np.random.default_rng(3)
    confidence = draws.random(count)
    return confidence, draws.random(count) < confidence


def test_a_histogram_counts_right_and_wrong_ones_by_confidence() -> None:
    confidence = np.array([0.0, 0.05, 0.24, 0.25, 0.99, 1.0])
    right = np.array([False, True, True, False, True, True])

    bins = binned(confidence, right, 4)

    assert bins.edges.tolist() == [0, 0.25, 0.5, 0.75, 1]
    assert bins.right.tolist() == [2, 0, 0, 2]
    assert bins.wrong.tolist() == [1, 1, 0, 0]
    assert bins.total.sum() == 6


def test_bins_know_their_mean_confidence_and_accuracy() -> None:
    bins = binned(np.array([0.1, 0.2, 0.9]), np.array([True, False, True]), 2)

    assert bins.confidence.tolist() == pytest.approx([0.15, 0.9])
    assert bins.accuracy.tolist() == [0.5, 1.0]
    assert np.isnan(binned(np.array([0.1]), np.array([True]), 2).accuracy[1])


@pytest.mark.parametrize(
    ("hits", "n", "interval"), [(5, 10, (0.2366, 0.7634)), (0, 10, (0.0, 0.2775)), (10, 10, (0.7225, 1.0))]
)
def test_the_interval_of_a_share_stays_within_zero_and_one(hits: int, n: int, interval: tuple[float, float]) -> None:
    assert wilson(hits, n) == pytest.approx(interval, abs=1e-4)


def test_nothing_is_known_of_a_share_of_nothing() -> None:
    assert wilson(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize("count", [1, 12, 500])
def test_charts_are_pictures_of_a_readable_size(count: int) -> None:
    confidence, right = drawn(count)

    for picture in (
        confidence_histogram(confidence, right),
        reliability_diagram(confidence, right),
        risk_coverage_curve(confidence, ~right, (0.5, 0.1, 0.7)),
    ):
        width, height = size(picture)
        assert 800 < width < 1600
        assert 700 < height < 1600


def test_a_model_that_refuses_everything_has_its_charts_too() -> None:
    nothing = np.array([])

    assert size(reliability_diagram(nothing, nothing.astype(bool)))
    assert size(risk_coverage_curve(np.array([-0.5, -0.4]), np.array([True, False])))


def test_the_same_figures_give_the_same_picture() -> None:
    confidence, right = drawn(50)

    assert confidence_histogram(confidence, right) == confidence_histogram(confidence, right)


def test_a_confusion_matrix_grows_with_the_intents_so_that_it_stays_readable() -> None:
    sizes = {}
    for count in (2, 20, 60):
        names = np.array([f"intent_{n}" for n in range(count - 1)] + [OUT_OF_SCOPE])
        sizes[count] = size(confusion_matrix(*confusion(np.repeat(names, 3), np.repeat(np.roll(names, 1), 3))))

    assert sizes[2][0] < sizes[20][0] < sizes[60][0]
    assert sizes[60][0] > 60 * 18  # dots a cell
    assert sizes[60][0] < 4000


def test_names_that_the_font_lacks_or_that_look_like_formulas_are_drawn() -> None:
    names = np.array(["订单", "$price$", "a_b^c", OUT_OF_SCOPE])

    assert size(confusion_matrix(*confusion(names, names)))


def test_charts_keep_no_state_of_pyplot() -> None:
    script = (
        "import sys, numpy as np; from nlu.training.charts import confidence_histogram as draw; "
        "draw(np.array([0.5]), np.array([True])); assert 'matplotlib.pyplot' not in sys.modules"
    )

    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
