from __future__ import annotations

import io
import sys

import pytest

from nlu.weights.progress import on_stderr


def work() -> None:
    with on_stderr() as progress:
        for done in range(6):
            progress("download weights", done, 5)
        progress("convert", 1, 1)


def test_a_log_gets_a_line_when_a_step_begins_and_one_when_it_ends(capsys: pytest.CaptureFixture[str]) -> None:
    work()

    assert capsys.readouterr().err.splitlines() == [
        "download weights …",
        "download weights: done",
        "convert …",
        "convert: done",
    ]


def test_a_terminal_gets_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("TERM", "xterm-256color")

    work()

    shown = terminal.getvalue()
    assert "\x1b[" in shown
    assert "download weights" in shown
    assert "100%" in shown
