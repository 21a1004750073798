"""`python -m adapters.console.document` prints the API's description, from which the pages' client is typed.

With `--check FILE` it only tells whether a file still holds it.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from adapters.console.openapi import describe
from adapters.console.routes import ROUTES


def document() -> str:
    """The OpenAPI document as a file: keys in order, and no version, which changes when the API does not."""
    described = describe(ROUTES)
    described["info"]["version"] = "-"
    return json.dumps(described, indent=1, sort_keys=True) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the document, or check a file that should hold it: 1 when it does not."""
    parser = argparse.ArgumentParser(prog="python -m adapters.console.document", description="The console's API.")
    parser.add_argument("--check", type=Path, metavar="FILE", help="only tell whether FILE holds the document")
    kept: Path | None = parser.parse_args(arguments).check
    if kept is None:
        sys.stdout.write(document())
        return 0
    if kept.is_file() and kept.read_text(encoding="utf-8") == document():
        return 0
    sys.stderr.write(f"{kept} is stale: `make api` writes it anew\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
