"""The picture of a confusion matrix, readable for ten intents and for a hundred and fifty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import LinearSegmentedColormap, Normalize, PowerNorm
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from nlu.training.charts import BLUE, ORANGE, labelled, rendered
from nlu.training.intent_report import Counts

CELL, FEWEST_INCHES = 0.2, 3.5
"""Inches a cell, and of the whole matrix at the least."""

BIGGEST_CELL = 0.45
BAR = 0.16
"""Inches that the scale of colours is wide."""

MANY = 40
"""Intents from which on the columns are named at the top too."""

DARK = 0.55
"""Shares from which on a cell's count is written in white."""

FINE, COARSE = 150, 100
"""Dots an inch, for few and for many intents."""

_RIGHT = LinearSegmentedColormap.from_list("right", ["#FFFFFF", BLUE])
_WRONG = LinearSegmentedColormap.from_list("wrong", ["#FFFFFF", ORANGE, "#7A3400"])


def confusion_matrix(names: Sequence[str], matrix: Counts) -> bytes:
    """A row for each intent, (intents, intents), coloured by shares of the row and with the counts written in.

    Right ones are blue. Wrong ones are orange on a scale by the square root, so that a rare confusion is seen too.
    """
    count = len(names)
    asked = matrix.sum(axis=1)
    shares = matrix / np.maximum(asked, 1)[:, None]
    cell = min(BIGGEST_CELL, max(CELL, FEWEST_INCHES / count))
    side = cell * count
    font = min(9.0, cell * 72 * 0.55)
    # Room for the longest name, at about 0.6 of the font's height a letter.
    room = max(map(len, labelled(names, asked.tolist()))) * font * 0.6 / 72 + 0.5
    width, height = room + side + 2.6, room + side + 1.0
    figure = Figure(figsize=(width, height))
    axes = figure.add_axes((room / width, room / height, side / width, side / height))
    right, wrong = ScalarMappable(Normalize(0, 1), _RIGHT), ScalarMappable(PowerNorm(0.5, vmin=0, vmax=1), _WRONG)
    colours = np.where(np.eye(count, dtype=bool)[..., None], right.to_rgba(shares), wrong.to_rgba(shares))
    edges = np.arange(count + 1) - 0.5
    axes.pcolormesh(edges, edges, colours, edgecolors="#E4E4E4", linewidth=0.5)
    axes.invert_yaxis()
    for row, column in zip(*np.nonzero(matrix), strict=True):
        dark = shares[row, column] > DARK if row == column else shares[row, column] > DARK / 2
        axes.text(
            column,
            row,
            str(matrix[row, column]),
            ha="center",
            va="center",
            fontsize=font * (0.9 if matrix[row, column] < 100 else 0.7),  # noqa: PLR2004 - three figures are wide
            color="white" if dark else "black",
        )
    axes.set_xticks(range(count), names, rotation=90, fontsize=font, parse_math=False)
    axes.set_yticks(range(count), labelled(names, asked.tolist()), fontsize=font, parse_math=False)
    # A long column is hard to follow down to its name.
    axes.tick_params(which="both", length=0, labeltop=count > MANY)
    axes.set_xlabel("predicted")
    axes.set_ylabel("right intent (messages)")
    hits = int(np.trace(matrix))
    axes.set_title(f"{hits} of {int(matrix.sum())} messages are told right", fontsize=12, pad=10)
    bar = min(side, 4.0)
    for place, image, text in (
        (0.25, right, "told right, share of the row"),
        (1.35, wrong, "taken for another, share of the row"),
    ):
        left, bottom = room + side + place, room + side - bar
        beside = figure.add_axes((left / width, bottom / height, BAR / width, bar / height))
        figure.colorbar(image, cax=beside, format=PercentFormatter(1)).set_label(text, fontsize=8)
        beside.tick_params(labelsize=8)
    return rendered(figure, dpi=FINE if count <= MANY else COARSE)
