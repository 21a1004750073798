"""Downloads a checkpoint from the Hugging Face hub."""

from __future__ import annotations

from pathlib import Path

from bot.errors import Retryable
from nlu.weights.checkpoint import FILES


def download(model: str, folder: Path) -> None:
    """Have the model's files in `folder`; those that are there and current are not fetched again.

    Raises:
        Retryable: the hub cannot be reached, or does not give the model.
    """
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        snapshot_download(model, local_dir=folder, allow_patterns=list(FILES))
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise Retryable(
            f"the model {model} could not be fetched from the Hugging Face hub; is there a network, and is the name "
            f"right? A folder with the model's files can be named instead. The hub said:\n{error}"
        ) from error
