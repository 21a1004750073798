"""What a machine may lack: its tests are skipped there with a line that says so, except in CI, where they fail."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import NoReturn

import pytest


def missing(what: str) -> NoReturn:
    """Skip the test, or the tests of the file, that ask, or fail them in CI."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what, allow_module_level=True)


def needed(*modules: str) -> None:
    """Skip the test, or the tests of the file, that ask for modules of the `train` extra where one is not installed."""
    for module in modules:
        if find_spec(module) is None:
            missing(f"{module} is not installed: pip install '.[train]'")
