"""All benchmarks, one after the other: `python -m benchmarks [DATA_FOLDER]`.

With a folder of the public data sets, those of understanding on these too; see each module for the files it reads.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RECOGNIZERS = "recognizers_specs/half.jsonl.gz"

commands: list[list[str]] = [["intents"], ["encoder"], ["webchat"]]
if len(sys.argv) > 1:
    data = Path(sys.argv[1])
    commands += [[f"nlu.{name}", str(data)] for name in ("intents", "languages", "language", "slots")]
    commands.append(["nlu.recognizers", str(data / RECOGNIZERS)])
for module, *arguments in commands:
    print(f"\n## {module}\n", flush=True)
    subprocess.run([sys.executable, "-m", f"benchmarks.{module}", *arguments], check=True)
