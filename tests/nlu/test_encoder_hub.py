from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from huggingface_hub import constants

from bot.errors import Retryable
from nlu.weights import hub
from tests.nlu import tiny_encoders as tiny

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def set_endpoint(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the environment variable HF_ENDPOINT does before the library is imported."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + "/{repo_id}/resolve/{revision}/{filename}")


@pytest.fixture
def hosted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A hub that has one model, `somebody/tiny`, with the files of the folder."""
    folder = tmp_path / "hosted"
    tiny.write_checkpoint(folder)
    (folder / "pytorch_model.bin").write_bytes(b"a pickle that nobody wants")

    class Hub(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.do_GET()

        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/api/models/somebody/tiny/revision/main":
                content = json.dumps({"id": "somebody/tiny", "sha": COMMIT}).encode()
            elif path == f"/api/models/somebody/tiny/tree/{COMMIT}":
                files = [{"type": "file", "path": file.name, "size": 1, "oid": "1"} for file in folder.iterdir()]
                content = json.dumps(files).encode()
            elif path.startswith(f"/somebody/tiny/resolve/{COMMIT}/"):
                content = (folder / path.rpartition("/")[2]).read_bytes()
            else:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.send_header("ETag", f'"{hashlib.sha1(content).hexdigest()}"')
            self.send_header("X-Repo-Commit", COMMIT)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    set_endpoint(f"http://127.0.0.1:{server.server_port}", monkeypatch)
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_files_that_we_read_are_downloaded_and_no_others(hosted: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"

    hub.download("somebody/tiny", target)

    names = {path.name for path in target.iterdir() if path.is_file()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json"}
    assert (target / "model.safetensors").read_bytes() == (hosted / "model.safetensors").read_bytes()


def test_a_model_that_is_not_there_is_named(hosted: Path, tmp_path: Path) -> None:
    with pytest.raises(Retryable, match=r"nobody/nothing could not be fetched .*is the name right.*\n.*404"):
        hub.download("nobody/nothing", tmp_path / "target")


def test_a_hub_out_of_reach_is_a_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_endpoint("http://127.0.0.1:1", monkeypatch)

    with pytest.raises(Retryable, match=r"somebody/tiny could not be fetched .*is there a network"):
        hub.download("somebody/tiny", tmp_path / "target")
