from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.errors import InvalidInput
from bot.hours_edit import closes_at, hours_of, put_hours
from bot.pack import WorkingHours
from bot.pack_edit import Stale
from bot.pack_files import TextFiles
from bot.pack_reader import examine_pack, raw_files
from bot.revisions import SERVER, Kind, Revision, Snapshot, etag
from tests.bot.rig import PACK
from tests.fakes import MORNING

BERLIN = ZoneInfo("Europe/Berlin")


def snapshot(head: str) -> Snapshot:
    """The tiny pack with another head, as a revision."""
    texts = {**raw_files(PACK.folder), "pack.yml": head}
    pack, findings = examine_pack(TextFiles(texts, PACK.folder), complete=False)
    assert pack is not None, findings
    return Snapshot(Revision("tiny", 1, MORNING, SERVER, "", Kind.SEED, {}), texts, pack)


def head_of(hours: str) -> str:
    text = (PACK.folder / "pack.yml").read_text()
    return text.partition("working_hours:")[0] + hours


def changed(before: str, timezone: str | None, **days: list[str]) -> tuple[str, Snapshot]:
    """The text of the hours after a change, and the pack with it."""
    text = put_hours(snapshot(head_of(before)), timezone, days, "*")["pack.yml"]
    assert text is not None
    return text.removeprefix(head_of("")), snapshot(text)


WRITTEN = """working_hours:
  timezone: Europe/Berlin  # where the desk is
  days:
    # early birds
    monday: ["08:00-12:00", "13:00-17:00"]
    friday: ["08:00-12:00"]
"""


def test_hours_are_changed_in_their_place_and_comments_stay() -> None:
    text, after = changed(WRITTEN, "Europe/Berlin", monday=["09:00-12:00", "13:00-17:00"], sunday=["22:00-24:00"])
    assert "# where the desk is" in text
    assert "# early birds" in text
    assert hours_of(after.pack) == {
        "timezone": "Europe/Berlin",
        "days": {
            **{key: [] for key in ("tuesday", "wednesday", "thursday", "friday", "saturday")},
            "monday": ["09:00-12:00", "13:00-17:00"],
            "sunday": ["22:00-24:00"],
        },
    }


def test_a_pack_gets_hours_that_had_none_and_loses_those_it_had() -> None:
    _, after = changed("", "Asia/Tokyo", monday=["09:00-18:00"])
    hours = hours_of(after.pack)
    assert hours is not None
    assert (hours["timezone"], hours["days"]["monday"]) == ("Asia/Tokyo", ["09:00-18:00"])
    text, without = changed(WRITTEN, None)
    assert (hours_of(without.pack), "working_hours" in text) == (None, False)


def test_hours_in_one_line_are_changed_too() -> None:
    _, after = changed(
        'working_hours: {timezone: UTC, days: {monday: ["09:00-10:00"]}}\n', "UTC", friday=["1:00-2:00"][:0]
    )
    hours = hours_of(after.pack)
    assert hours is not None
    assert not any(hours["days"].values())


@pytest.mark.parametrize(
    ("zone", "spans", "reason"),
    [
        ("Mars/Olympus", [], "there is no time zone"),
        ("UTC", ["09:00-08:00"], "does not end after it begins"),
        ("UTC", ["9-5"], "is no span such as"),
        ("UTC", ["09:00-12:00", "11:00-13:00"], "two spans overlap"),
        ("UTC", ["09:00"], "is no span such as"),
        ("UTC", [f"{n:02}:00-{n:02}:30" for n in range(13)], "over the limit"),
    ],
)
def test_hours_that_make_no_sense_are_refused(zone: str, spans: list[str], reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        put_hours(snapshot(head_of(WRITTEN)), zone, {"monday": spans}, "*")


def test_hours_that_somebody_else_changed_are_not_overwritten() -> None:
    now = snapshot(head_of(WRITTEN))
    seen = etag(hours_of(now.pack))
    assert put_hours(now, "UTC", {}, seen)
    with pytest.raises(Stale):
        put_hours(snapshot(head_of("")), "UTC", {}, seen)


def test_when_people_leave_is_the_end_of_spans_that_touch() -> None:
    hours = WorkingHours(
        BERLIN,
        {0: ((time(9), time(12)), (time(12), time(18))), 1: ((time(20), time.max),), 2: ((time(0), time(2)),)},
    )
    monday = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert closes_at(hours, monday) == datetime(2026, 11, 23, 18, tzinfo=BERLIN)
    assert closes_at(hours, datetime(2026, 11, 24, 22, tzinfo=UTC)) == datetime(2026, 11, 25, 2, tzinfo=BERLIN)
    always = WorkingHours(BERLIN, dict.fromkeys(range(7), ((time(0), time.max),)))
    assert closes_at(always, monday) is None
    assert closes_at(None, monday) is None


def test_the_packs_that_come_with_it_can_be_changed() -> None:
    for file in sorted(Path("packs").glob("*/pack.yml")):
        folder = file.parent
        texts = raw_files(folder)
        pack, _ = examine_pack(TextFiles(texts, folder), complete=False)
        assert pack is not None
        now = Snapshot(Revision(pack.name, 1, MORNING, SERVER, "", Kind.SEED, {}), texts, pack)
        text = put_hours(now, "Asia/Tokyo", {"sunday": ["10:00-11:00"]}, "*")["pack.yml"]
        assert text is not None
        after, _ = examine_pack(TextFiles({**texts, "pack.yml": text}, folder), complete=False)
        assert after is not None
        hours = hours_of(after)
        assert hours is not None
        assert [day for day, spans in hours["days"].items() if spans] == ["sunday"]
