"""More training sentences out of those at hand: as people mistype, shorten, romanise and mix them.

A *noise* makes of a text what another customer would have written for it. All are pure: the same text, language and
random numbers give the same. `nlu.training.augmentation.ablation` tells which of them help with the data at hand.
"""
