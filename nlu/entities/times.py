from __future__ import annotations
TIMES = ("date", "time", "datetime", "date_range", "time_range", "datetime_range", "duration", "recurrence")
def find_times(text, tokens, lexicon, reference):
    return []
