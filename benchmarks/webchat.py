"""One message through the web chat, beside the encoder alone, in the same run; start-up time and memory.

    python -m benchmarks.webchat [messages]

Starts the server as `make run` does, on SQLite in a fresh folder with the models of the data folder, and writes to it
over one WebSocket: message, answer, message, answer. Between any two messages the encoder is timed on the same text in
this process, while the server is idle, so that both see the same machine.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import aiohttp
import psutil

from nlu.encoder import Encoder
from nlu.weights.store import locate

TEXTS = [
    "how long does shipping take?",
    "wie lange dauert der Versand?",
    "¿cuánto cuesta el envío?",
    "can i pay with paypal",
    "配送需要多长时间？",
    "est-ce que vous livrez en suisse ?",
    "i forgot my password",
    "quanto tempo demora a entrega?",
]
GOAL = 2.5


async def main(messages: int) -> None:
    data = Path(os.environ.get("BABELDESK_DATA_DIR", "data"))
    models = locate(data)
    encoder = Encoder.open(models.encoder, threads=min(4, os.cpu_count() or 1))
    with tempfile.TemporaryDirectory() as folder:
        fresh = Path(folder)
        (fresh / "models").symlink_to((data / "models").absolute())
        if (data / "intents").exists():
            (fresh / "intents").symlink_to((data / "intents").absolute())
        started = time.perf_counter()
        environment = {
            **os.environ,
            "BABELDESK_DATA_DIR": str(fresh),
            "BABELDESK_PORT": "18181",
            "LOG_LEVEL": "WARNING",
        }
        server = subprocess.Popen([sys.executable, "-m", "bot.cli", "serve"], env=environment)  # noqa: ASYNC220 - nothing else runs yet
        try:
            await measure(server, encoder, messages, started)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


async def measure(server: subprocess.Popen[bytes], encoder: Encoder, messages: int, started: float) -> None:
    url = "http://127.0.0.1:18181"
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.post(f"{url}/v3/directline/tokens/generate") as response:
                    token = (await response.json())["token"]
                    break
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)
        headers = {"Authorization": f"Bearer {token}"}
        async with http.post(f"{url}/v3/directline/conversations", headers=headers) as response:
            opened = await response.json()
        post = f"{url}/v3/directline/conversations/{opened['conversationId']}/activities"
        async with http.ws_connect(opened["streamUrl"]) as socket:
            await answer(socket)  # the welcome
            first = await ask(http, socket, post, headers, TEXTS[0])
            ready = time.perf_counter() - started
            ours: list[float] = []
            alone: list[float] = []
            encoder.encode(TEXTS)
            for index in range(messages):
                text = TEXTS[index % len(TEXTS)]
                ours.append(await ask(http, socket, post, headers, text))
                begin = time.perf_counter()
                encoder.encode([text])
                alone.append(time.perf_counter() - begin)
                await asyncio.sleep(0.01)
    memory = psutil.Process(server.pid).memory_info().rss / 2**20
    ratio = statistics.median(ours) / statistics.median(alone)
    print("| what | p50 | p95 |\n| --- | --- | --- |")
    print(f"| message to answer, web chat | {ms(ours, 50)} | {ms(ours, 95)} |")
    print(f"| encoder alone, same texts | {ms(alone, 50)} | {ms(alone, 95)} |")
    print(f"\np50 ratio {ratio:.2f} (goal: under {GOAL}), over {messages} messages")
    print(f"start to first answered message {ready:.1f} s (first answer {first * 1000:.0f} ms)")
    print(f"memory of the serving process {memory:.0f} MB")


async def ask(
    http: aiohttp.ClientSession, socket: aiohttp.ClientWebSocketResponse, post: str, headers: dict[str, str], text: str
) -> float:
    """Seconds from sending a message to reading its answer."""
    activity = {"type": "message", "text": text, "channelData": {"clientActivityID": uuid.uuid4().hex}}
    begin = time.perf_counter()
    async with http.post(post, json=activity, headers=headers) as response:
        assert response.status == 200, await response.text()
        await answer(socket)
    return time.perf_counter() - begin


async def answer(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Wait for something that the bot says."""
    async for message in socket:
        if message.data and message.type is aiohttp.WSMsgType.TEXT:
            told = json.loads(message.data)
            if any(a["type"] == "message" and a["from"]["role"] == "bot" for a in told["activities"]):
                return


def ms(seconds: list[float], percentile: int) -> str:
    return f"{statistics.quantiles(seconds, n=100)[percentile - 1] * 1000:.1f} ms"


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 200))
