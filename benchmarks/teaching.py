"""How long it takes from saving an example to being served: `python -m benchmarks.teaching [--times N]`.

A server of the e-commerce pack runs in a folder of its own, with the pretrained models, the embedding cache and the
versions of the data folder. An admin adds a German sentence to an intent over the API, as often as asked; the clock
runs from the request until the test bench is answered by the new version. The first time, the pack's tests are read by
the encoder too; after that, only the sentence that is new.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

import aiohttp
from pydantic import SecretStr

from bot.app import running
from bot.logs import configure_logs
from bot.pack_reader import read_pack
from bot.settings import read_settings

PACK = Path(__file__).parent.parent / "packs" / "ecommerce"
PASSWORD = "for the time of this benchmark"
SENTENCES = (
    "ab wann macht eure Hotline morgens auf",
    "seid ihr an Heiligabend telefonisch da",
    "bis wie viel Uhr kann man euch heute anrufen",
    "hat der Support auch am Feiertag geöffnet",
)
INTENT = "opening_hours"


async def teach(times: int) -> None:
    settings = read_settings()
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        (data / "models").symlink_to((settings.data_dir / "models").absolute())
        for name in ("cache", "intents"):
            if (settings.data_dir / name).exists():
                shutil.copytree(settings.data_dir / name, data / name)
        own = settings.model_copy(
            update={"data_dir": data, "database_url": None, "port": 0, "admin_password": SecretStr(PASSWORD)}
        )
        async with running(own, read_pack(PACK)) as server, aiohttp.ClientSession() as session:
            session.headers.update({"X-Requested-With": "babeldesk", "Origin": server.url})
            await _call(session, "POST", f"{server.url}/api/v1/session", {"name": "admin", "password": PASSWORD})
            for sentence in SENTENCES[:times]:
                await _once(session, server.url, sentence)


async def _once(session: aiohttp.ClientSession, url: str, sentence: str) -> None:
    intent = await _call(session, "GET", f"{url}/api/v1/intents/{INTENT}")
    german = next(taught for taught in intent["examples"] if taught["language"] == "de")
    path = f"{url}/api/v1/intents/{INTENT}/examples/de"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.perf_counter()
    await _call(session, "PUT", path, {"examples": [*german["examples"], sentence]}, german["etag"])
    saved = time.perf_counter() - began
    while (run := (await _call(session, "GET", f"{url}/api/v1/training"))["runs"][0])["ended_at"] is None:  # noqa: ASYNC110 - as a browser without a socket asks
        await asyncio.sleep(0.1)
    tried = await _call(session, "POST", f"{url}/api/v1/understand", {"text": sentence})
    served = time.perf_counter() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    best = tried["understanding"]["ranking"][0]
    trained = run["trained"] or {}
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in trained.get("seconds", {}).items())
    evaluation = trained.get("evaluation") or {}
    print(
        f"saved in {saved:.2f} s, {run['state']} after {served:.1f} s ({parts}; {used:.1f} s of processor time in the "
        f"worker); tests {evaluation.get('n')}, accuracy {evaluation.get('accuracy')}; "
        f"{best['name']} {best['confidence']:.2f} {run['reason'] or ''}",
        flush=True,
    )


async def _call(session: aiohttp.ClientSession, method: str, url: str, body: Any = None, tag: str | None = None) -> Any:
    headers = {} if tag is None else {"If-Match": f'"{tag}"'}
    async with session.request(method, url, json=body, headers=headers) as response:
        answered = await response.json()
        if not response.ok:
            raise RuntimeError(f"{method} {url}: {response.status} {answered}")
        return answered


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=2, choices=range(1, len(SENTENCES) + 1))
    configure_logs("ERROR")
    asyncio.run(teach(parser.parse_args().times))


if __name__ == "__main__":
    main()
