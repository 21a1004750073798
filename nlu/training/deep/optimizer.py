"""AdamW over the trained parameters, and its learning rate from step to step."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from nlu.training.deep.network import DeepNetwork
from nlu.training.deep.settings import DeepSettings


def make_optimizer(network: DeepNetwork, settings: DeepSettings) -> Any:
    """AdamW; biases and normalisations do not decay, and the head, which starts from little, learns faster."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in network.trained():
        rate = settings.head_learning_rate if name.startswith("head.") else settings.rate
        decay = settings.weight_decay if parameter.ndim > 1 else 0.0
        groups.setdefault((rate, decay), []).append(parameter)
    return torch.optim.AdamW(
        [
            {"params": parameters, "lr": rate, "highest": rate, "weight_decay": decay}
            for (rate, decay), parameters in groups.items()
        ]
    )


def set_rate(optimizer: Any, number: int, total: int, warm_up: float) -> None:
    """The learning rates of step `number` of `total`: they rise over the warm-up, then fall to zero, both straight."""
    rise = max(1, round(total * warm_up))
    share = min(1.0, (number + 1) / rise, (total - number) / max(1, total - rise))
    for group in optimizer.param_groups:
        group["lr"] = group["highest"] * share
