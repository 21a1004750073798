"""The pictures of an evaluation, each as the bytes of a PNG.

Blue is right and orange is wrong throughout (Okabe and Ito's palette, which colour-blind people tell apart), and never
colour alone says which. matplotlib is used without pyplot, which would keep state.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, PercentFormatter

from nlu.training.figures import CALIBRATION_BINS, HISTOGRAM_BINS, binned, calibration_error, wilson
from nlu.training.predictions import Bools, Figures

BLUE, ORANGE, GREY = "#0072B2", "#D55E00", "#6B6B6B"
DPI = 150
MARKED = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3)
"""Confidences whose places are marked on the risk-coverage curve."""

APART = 0.03
"""Of the messages, between two marks."""

FEWEST_FOR_RISK, LEAST_FOR_RISK = 10, 0.02
"""Messages, and of all messages, from which on a share of wrong answers is drawn."""


def rendered(figure: Figure, dpi: int = DPI) -> bytes:
    """A figure as a PNG, the same for the same figure."""
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        # A name in a script that the font lacks is drawn as boxes.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        about = {"Software": None}
        figure.savefig(buffer, format="png", dpi=dpi, bbox_inches="tight", pad_inches=0.15, metadata=about)
    return buffer.getvalue()


def confidence_histogram(confidence: Figures, right: Bools) -> bytes:
    """How sure the model was where it was right, and where it was wrong: (n,) each.

    The two have an axis of counts each, since there are many more right predictions than wrong ones.
    """
    bins = binned(confidence, right, HISTOGRAM_BINS)
    figure = Figure(figsize=(8, 6.4), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True)
    figure.suptitle("Confidence of the predictions", fontsize=13)
    for axes, counts, name, colour, hatch in (
        (above, bins.right, "right", BLUE, ""),
        (below, bins.wrong, "wrong", ORANGE, "//"),
    ):
        bars = axes.bar(
            bins.edges[:-1],
            counts,
            width=1 / HISTOGRAM_BINS,
            align="edge",
            color=colour,
            edgecolor="white",
            hatch=hatch,
            linewidth=0.8,
        )
        axes.bar_label(bars, labels=[f"{int(count)}" if count else "" for count in counts], fontsize=8, padding=2)
        axes.set_title(f"{int(counts.sum())} {name}", loc="left", fontsize=10)
        axes.set_ylabel("messages")
        axes.set_ylim(0, max(1.0, counts.max() * 1.12))
        axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        _plain(axes)
    below.set_xlim(0, 1)
    below.set_xticks(np.linspace(0, 1, 11))
    below.set_xlabel("confidence of the predicted intent (the two panels have scales of their own)")
    return rendered(figure)


def reliability_diagram(confidence: Figures, right: Bools) -> bytes:
    """How often answers of each confidence are right, and how many there are: (n,) each, of what is answered."""
    bins = binned(confidence, right, CALIBRATION_BINS)
    held = bins.total > 0
    ends = np.array([wilson(int(h), int(n)) for h, n in zip(bins.right[held], bins.total[held], strict=True)])
    accuracy, mean = bins.accuracy[held], bins.confidence[held]
    error = calibration_error(confidence, right)
    figure = Figure(figsize=(6.4, 7.2), layout="constrained")
    above, below = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
    above.plot([0, 1], [0, 1], color=GREY, linestyle="--", linewidth=1, label="perfectly calibrated")
    if held.any():
        above.errorbar(
            mean,
            accuracy,
            yerr=np.abs(ends.T - accuracy),
            color=BLUE,
            marker="o",
            markersize=5,
            linewidth=1.5,
            elinewidth=1,
            capsize=3,
            label="measured, with 95% interval",
        )
    above.set_ylim(0, 1.02)
    above.set_ylabel("share that is right")
    above.legend(loc="lower right", frameon=False)
    above.set_title(
        "Reliability of the answers\n"
        f"expected calibration error {'–' if error is None else f'{error:.3f}'}, {len(confidence)} messages answered",
        fontsize=12,
    )
    bars = below.bar(bins.edges[:-1], bins.total, width=1 / CALIBRATION_BINS, align="edge", color=GREY, edgecolor="w")
    below.bar_label(bars, labels=[f"{int(count)}" if count else "" for count in bins.total], fontsize=7, padding=2)
    below.set_ylim(0, max(1.0, bins.total.max() * 1.18))
    below.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=4))
    below.set_ylabel("messages")
    below.set_xlim(0, 1)
    below.set_xlabel("confidence")
    _plain(above)
    _plain(below)
    return rendered(figure)


def risk_coverage_curve(sureness: Figures, wrong: Bools, point: tuple[float, float, float] | None = None) -> bytes:
    """The share of wrong answers by the share of messages that are answered, the surest first: (n,) each.

    `point` is a chosen (answered, error, threshold). The band is the 95% interval at each place by itself.
    """
    order = np.argsort(-sureness, kind="stable")
    scores, wrongs = sureness[order], wrong[order].cumsum()
    n = len(order)
    # The first few are all or nothing and would set the scale.
    counts = np.arange(min(max(FEWEST_FOR_RISK, round(LEAST_FOR_RISK * n)), n), n + 1)
    risk, answered = wrongs[counts - 1] / counts, counts / n
    low, high = np.array([wilson(int(wrongs[k - 1]), int(k)) for k in counts]).T
    figure = Figure(figsize=(8, 6), layout="constrained")
    axes = figure.subplots()
    axes.fill_between(answered, low, high, color=BLUE, alpha=0.18, linewidth=0, label="95% interval")
    axes.plot(answered, risk, color=BLUE, linewidth=1.8, label="measured")
    top = max(0.01, float(risk.max()), float(high[len(high) // 4 :].max())) * 1.1
    taken = int((scores >= 0).sum())
    if taken < n:
        axes.axvline(taken / n, color=GREY, linestyle="--", linewidth=1)
        axes.annotate(
            f"the model refuses the rest ({(n - taken) / n:.0%}) ",
            (taken / n, top),
            ha="right",
            va="top",
            fontsize=9,
            color=GREY,
        )
    last = 0.0
    for mark in MARKED:
        place = int((scores >= mark).sum())
        if place >= counts[0] and place / n - last >= APART:
            last = place / n
            spot = last, wrongs[place - 1] / place
            axes.plot(*spot, color=BLUE, marker="o", markersize=6, linestyle="none")
            axes.annotate(
                f"{mark:.1f}", spot, textcoords="offset points", xytext=(-6, 6), ha="right", fontsize=9, color=BLUE
            )
    axes.plot([], [], color=BLUE, marker="o", linestyle="none", label="answer from this confidence on")
    if point is not None:
        axes.plot(
            point[0],
            point[1],
            color=ORANGE,
            marker="D",
            markersize=8,
            linestyle="none",
            label=f"wanted: {point[0]:.1%} answered, {point[1]:.1%} wrong, from {point[2]:.3f} on",
        )
    axes.set_xlim(0, 1.005)
    axes.set_ylim(0, top)
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.set_xlabel("messages that are answered, the surest first")
    axes.set_ylabel("wrong answers among them")
    axes.set_title(f"Risk and coverage of {n} messages", fontsize=13)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.13), ncols=2, frameon=False)
    _plain(axes)
    return rendered(figure)


def _plain(axes: Axes) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="y", color="#E4E4E4", linewidth=0.8)
    axes.set_axisbelow(True)


def labelled(names: Sequence[str], counts: Sequence[int]) -> list[str]:
    """Names with how many there are of each."""
    return [f"{name} ({count})" for name, count in zip(names, counts, strict=True)]
