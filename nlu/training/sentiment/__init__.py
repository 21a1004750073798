"""Makes the head that tells sentiment, anger and urgency, from sentences written for the purpose.

`*.jsonl`, one file a language, are what it learns from; `tests/*.jsonl`, written afterwards, are what it is tested on.
"""
