"""Tables as CSV files that spreadsheets open safely."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote

from aiohttp import web

BOM = "\ufeff"
"""Without it, Excel takes UTF-8 for the machine's old code page."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def render_row(cells: Sequence[str]) -> str:
    """A line of RFC 4180; a text that a spreadsheet would run as a formula is told apart by an apostrophe."""
    line = io.StringIO()
    csv.writer(line).writerow([f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells])
    return line.getvalue()


async def send_csv(
    request: web.Request, name: str, header: Sequence[str], rows: AsyncIterator[Sequence[str]]
) -> web.StreamResponse:
    """Answer with a file of this name, row by row, however many there are."""
    response = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
    )
    await response.prepare(request)
    await response.write((BOM + render_row(header)).encode())
    async for row in rows:
        await response.write(render_row(row).encode("utf-8", "replace"))
    await response.write_eof()
    return response
