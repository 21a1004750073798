"""Is it alive, is it ready, what does it count."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from adapters.ops import mount_ops
from bot.metrics import Metrics


async def client(problems: Mapping[str, str | None]) -> TestClient[web.Request, web.Application]:
    async def status() -> Mapping[str, str | None]:
        return problems

    metrics = Metrics()
    metrics.received.labels("telegram").inc(3)
    app = web.Application()
    mount_ops(app, status=status, metrics=metrics)
    return TestClient(TestServer(app))


async def test_a_lost_database_makes_the_server_unready_but_leaves_it_alive() -> None:
    async with await client({"database": "the disk is full", "telegram": None}) as http:
        ready = await http.get("/readyz")
        assert ready.status == 503
        assert (await ready.json())["components"] == {"database": "the disk is full", "telegram": "ok"}
        assert (await http.get("/healthz")).status == 200


async def test_a_channel_in_trouble_is_told_and_leaves_the_others_ready() -> None:
    async with await client({"database": None, "telegram": "the token is wrong"}) as http:
        ready = await http.get("/readyz")
        assert ready.status == 200
        assert (await ready.json())["components"]["telegram"] == "the token is wrong"


async def test_a_scraper_reads_the_counters() -> None:
    async with await client({"database": None}) as http:
        text = await (await http.get("/metrics")).text()
        assert 'babeldesk_received_total{channel="telegram"} 3.0' in text
