"""The file from which the pages' client is typed."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.console.document import document, main

KEPT = Path(__file__).parents[2] / "web" / "console" / "openapi.json"


def test_the_pages_are_typed_from_the_api_as_it_is() -> None:
    assert KEPT.read_text(encoding="utf-8") == document(), "`make api` writes it anew"


def test_a_stale_document_is_told_with_the_way_to_renew_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "openapi.json"
    assert main(["--check", str(kept)]) == 1
    kept.write_text(document().replace("/api/v1/queue", "/api/v1/line"), encoding="utf-8")
    assert main(["--check", str(kept)]) == 1
    assert "make api" in capsys.readouterr().err
    assert main([]) == 0
    kept.write_text(capsys.readouterr().out, encoding="utf-8")
    assert main(["--check", str(kept)]) == 0
