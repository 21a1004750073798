"""What the network is trained to make small."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional


def contrastive(embeddings: Tensor, targets: Tensor, temperature: float) -> Tensor:
    """The supervised contrastive loss (Khosla et al. 2020, equation 2) of a batch; zero if no label occurs twice.

    `embeddings` (n, hidden) have length one, `targets` are (n,).
    """
    itself = torch.eye(len(targets), dtype=torch.bool, device=targets.device)
    same = (targets[:, None] == targets[None, :]) & ~itself
    logits = (embeddings @ embeddings.T / temperature).masked_fill(itself, float("-inf"))
    log_shares = logits - logits.logsumexp(dim=1, keepdim=True)
    anchors = same.any(dim=1)
    if not anchors.any():
        return embeddings.sum() * 0
    # The diagonal is minus infinity, and no product with zero mends that.
    means = log_shares.masked_fill(~same, 0).sum(dim=1)[anchors] / same.sum(dim=1)[anchors]
    return -means.mean()


def classification(logits: Tensor, targets: Tensor, smoothing: float) -> Tensor:
    """The cross-entropy of logits (n, classes)."""
    return functional.cross_entropy(logits, targets, label_smoothing=smoothing)


def disturbed(x: Tensor, gradient: Tensor, mask: Tensor, size: float) -> Tensor:
    """`x` moved in the direction that makes the loss grow fastest (FGM, Miyato et al. 2017, equation 4).

    `x` and `gradient` are (texts, tokens, hidden), `mask` (texts, tokens). The step of a text is `size` times the
    root mean square length of its tokens.
    """
    weights = mask[:, :, None].to(x.dtype)
    tokens = weights.sum(dim=(1, 2), keepdim=True)
    length = ((x * weights).square().sum(dim=(1, 2), keepdim=True) / tokens).sqrt()
    direction = gradient * weights
    norm = direction.square().sum(dim=(1, 2), keepdim=True).sqrt()
    return x + size * length * direction / norm.clamp_min(1e-12)
