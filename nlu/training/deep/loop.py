"""The training itself: batches, steps, validation after each epoch, early stopping, and going on after a kill."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from nlu.training.deep import losses
from nlu.training.deep.checkpoint import Checkpoints
from nlu.training.deep.network import DeepNetwork
from nlu.training.deep.optimizer import make_optimizer, set_rate
from nlu.training.deep.settings import DeepSettings
from nlu.training.deep.splits import Batches, Ints
from nlu.training.deep.task import Epoch, Task
from nlu.weights.progress import Progress

LONGEST_GRADIENT = 1.0
"""Gradients are cut to this norm."""

VALIDATION_BATCH = 128


@dataclass(slots=True)
class _Place:
    epoch: int = 0
    step: int = 0
    loss: float = 0.0
    seconds: float = 0.0
    waited: int = 0
    finished: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)


class Training:
    """A network being trained; the same command on the same folder goes on from its last checkpoint."""

    def __init__(
        self, network: DeepNetwork, task: Task, settings: DeepSettings, seed: int, checkpoints: Checkpoints, device: str
    ) -> None:
        self._network = network.to(device)
        self._task = task
        self._settings = settings
        self._checkpoints = checkpoints
        self._device = device
        self._batches = Batches(
            task.lengths[task.training],
            task.targets[task.training],
            settings.batch_size,
            seed,
            cap=settings.examples_per_epoch,
            pairs=settings.contrastive > 0,
        )
        self._optimizer = make_optimizer(network, settings)
        self._place = _Place()
        self._best: dict[str, Tensor] = {}

    def run(self, progress: Progress) -> list[Epoch]:
        """Train to the end and leave the network with the weights of its best epoch; the figures of all epochs."""
        self._resume()
        began = time.process_time() - self._place.seconds
        while not self._place.finished:
            self._epoch(began, progress)
        parameters = dict(self._network.trained())
        with torch.no_grad():
            for name, values in self._best.items():
                parameters[name].copy_(values)
        self._network.eval()
        return [Epoch(**row) for row in self._place.history]

    def _epoch(self, began: float, progress: Progress) -> None:
        place, steps = self._place, self._batches.steps
        step = f"epoch {place.epoch + 1} of {self._settings.epochs}"
        self._network.train()
        for number, batch in enumerate(self._batches.epoch(place.epoch)):
            if number < place.step:
                continue
            place.loss += self._step(self._task.training[batch], place.epoch * steps + number)
            place.step += 1
            place.seconds = time.process_time() - began
            if place.step % self._settings.checkpoint_steps == 0:
                self._save()
            progress(step, place.step, steps + 1, note=f"loss {place.loss / place.step:.3f}")
        loss, accuracy = self._validate()
        place.seconds = time.process_time() - began
        spent = place.seconds - sum(row["seconds"] for row in place.history)
        epoch = Epoch(place.epoch + 1, place.loss / max(place.step, 1), loss, accuracy, spent)
        if not place.history or (accuracy, -loss) > max(
            (row["validation_accuracy"], -row["validation_loss"]) for row in place.history
        ):
            self._best = {name: values.detach().cpu().clone() for name, values in self._network.trained()}
            place.waited = 0
        else:
            place.waited += 1
        place.history.append(asdict(epoch))
        place.epoch, place.step, place.loss = place.epoch + 1, 0, 0.0
        place.finished = place.epoch >= self._settings.epochs or place.waited >= self._settings.patience
        self._save()
        note = f"loss {epoch.loss:.3f}, validation: loss {loss:.3f}, accuracy {accuracy:.3f}"
        progress(step, steps + 1, steps + 1, note=note)

    def _step(self, texts: Ints, number: int) -> float:
        """Learn from a batch; the loss before it."""
        settings, network = self._settings, self._network
        set_rate(self._optimizer, number, self._batches.steps * settings.epochs, settings.warm_up)
        x, mask = (part.to(self._device) for part in self._task.inputs.read(texts))
        targets = torch.from_numpy(self._task.targets[texts]).to(self._device)
        states = network.inputs(x)
        if settings.adversarial:
            states = states.requires_grad_() if states.is_leaf else states
            states.retain_grad()
        loss = self._loss(states, mask, targets)
        loss.backward()
        if settings.adversarial and states.grad is not None:
            # The second pass starts from the disturbed states: the words have had their share of gradient.
            moved = losses.disturbed(states.detach(), states.grad, mask, settings.adversarial)
            self._loss(moved, mask, targets).backward()
        nn.utils.clip_grad_norm_([parameter for _, parameter in network.trained()], LONGEST_GRADIENT)
        self._optimizer.step()
        self._optimizer.zero_grad(set_to_none=True)
        return float(loss.detach())

    def _loss(self, states: Tensor, mask: Tensor, targets: Tensor) -> Tensor:
        settings = self._settings
        embeddings = self._network.embed(states, mask)
        loss = losses.classification(self._network.logits(embeddings), targets, settings.label_smoothing)
        if settings.contrastive:
            temperature = settings.contrastive_temperature
            loss = loss + settings.contrastive * losses.contrastive(embeddings, targets, temperature)
        return loss

    def _validate(self) -> tuple[float, float]:
        """Loss and accuracy of the head on the texts held out."""
        self._network.eval()
        texts = self._task.validation
        texts = texts[np.argsort(self._task.lengths[texts], kind="stable")]
        loss, right = 0.0, 0
        with torch.inference_mode():
            for start in range(0, len(texts), VALIDATION_BATCH):
                batch = texts[start : start + VALIDATION_BATCH]
                x, mask = (part.to(self._device) for part in self._task.inputs.read(batch))
                targets = torch.from_numpy(self._task.targets[batch]).to(self._device)
                logits = self._network.logits(self._network.embed(self._network.inputs(x), mask))
                loss += float(losses.classification(logits, targets, 0.0)) * len(batch)
                right += int((logits.argmax(dim=1) == targets).sum())
        return loss / max(1, len(texts)), right / max(1, len(texts))

    def _save(self) -> None:
        self._checkpoints.write(
            {
                "place": asdict(self._place),
                "best": self._best,
                "weights": {name: values.detach() for name, values in self._network.trained()},
                "centre": self._network.centre,
                "spread": self._network.spread,
                "optimizer": self._optimizer.state_dict(),
                "random": torch.get_rng_state(),
                "random_gpu": torch.cuda.get_rng_state() if self._device == "cuda" else None,
            }
        )

    def _resume(self) -> None:
        content = self._checkpoints.read()
        if content is None:
            return
        parameters = dict(self._network.trained())
        with torch.no_grad():
            for name, values in content["weights"].items():
                parameters[name].copy_(values)
            self._network.centre.copy_(content["centre"])
            self._network.spread.copy_(content["spread"])
        self._optimizer.load_state_dict(content["optimizer"])
        self._place = _Place(**content["place"])
        self._best = content["best"]
        torch.set_rng_state(content["random"])
        if content["random_gpu"] is not None:
            torch.cuda.set_rng_state(content["random_gpu"])
