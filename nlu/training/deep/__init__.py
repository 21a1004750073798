"""Deep fine-tuning: the encoder itself is trained on the owner's intents, and exported as an encoder of its own.

`settings` says how. `activations` runs the frozen layers once, `network` is what is trained, `losses`, `splits` and
`optimizer` are what it is trained with; `loop` trains and `checkpoint` lets it go on after a kill. `finetune` makes an
encoder's folder of examples, `trainer` a model with a `report` of before and after, `run` is the command.
"""
