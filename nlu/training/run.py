"""Training as the commands do it: from files into a folder, or from a pack into the store that the server reads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import structlog

from bot.errors import ConfigurationError
from bot.model_versions import MadeBy
from bot.pack import Pack
from bot.pack_examples import FEWEST
from bot.settings import Settings
from bot.understanding import OUT_OF_SCOPE
from bot.yamlsource import Finding
from nlu.artifacts import Model, check_target
from nlu.embedding_cache import EmbeddingCache
from nlu.encoder import Encoder
from nlu.language import LanguageIdentifier
from nlu.means import means_for
from nlu.serving import examples_fingerprint, model_store
from nlu.text import comparable
from nlu.training.augmentation.asked import METHODS, asking_ways
from nlu.training.augmentation.augment import augmented, checked
from nlu.training.check import check_examples
from nlu.training.dataset import Dataset, read_dataset
from nlu.training.fit import Name, Origin, fit
from nlu.training.folds import Remembering
from nlu.weights.manifest import Manifest
from nlu.weights.progress import Progress, silent
from nlu.weights.store import locate, locate_language

log = structlog.get_logger(__name__)


def train_files(
    settings: Settings,
    files: Sequence[Path],
    out: Path,
    *,
    seed: int = 0,
    augment: Sequence[str] = (),
    progress: Progress = silent,
) -> Model:
    """Train on files and write the model to a folder; `augment` names ways to make more of the examples.

    Raises:
        ConfigurationError: the data are wrong; the message lists every finding.
        ModelError: the models are not fetched, or the folder cannot be written.
    """
    check_target(out)  # said before the work, not after it
    places = locate(settings.data_dir, source=settings.encoder)
    dataset = read_dataset(files, LanguageIdentifier(places.language, ()).code_of)
    model = _fit(settings, dataset, Origin(settings.encoder), seed, progress, augment=augment)
    model.save(out)
    return model


def train_pack(
    settings: Settings,
    pack: Pack,
    out: Path | None = None,
    *,
    seed: int = 0,
    augment: Sequence[str] = (),
    progress: Progress = silent,
    labels: str = "",
    complete: bool = True,
) -> tuple[Model, str]:
    """Train on a pack; the model serves from the next start on, unless it goes to a folder of its own. And where it is.

    `labels` are verdicts of the review, as JSON Lines; see `with_labels`. Unless the pack must be
    `complete`, intents with too few examples are passed over.

    Raises:
        PackError: the pack's examples are wrong; the message lists every finding.
        ModelError: the models are not fetched, or the folder cannot be written.
    """
    if out is not None:
        check_target(out)
    dataset, origin = pack_dataset(settings, pack, complete=complete)
    before = len(dataset.notes)
    dataset = with_labels(dataset, pack, labels)
    if left_out := dataset.notes[before:]:
        # The reasons quote what customers wrote, which is for no log.
        log.warning(
            "reviewed messages left out", count=len(left_out), why="in the pack already, or of an unknown intent"
        )
    store = model_store(settings.data_dir, pack.name)
    model = _fit(settings, dataset, origin, seed, progress, spoken(pack), called(pack), augment=augment)
    if out is not None:
        model.save(out)
        return model, str(out)
    version = store.add(model)
    store.promote(version)
    return model, str(store.folder / version)


def train_version(
    settings: Settings, pack: Pack, *, seed: int = 0, progress: Progress = silent, by: MadeBy | None = None
) -> tuple[Model, str]:
    """Train on a pack that need not be complete, and store the version beside the others; it does not serve. Its name.

    Raises:
        PackError: the pack's examples are wrong; the message lists every finding.
        ModelError: the models are not fetched, or the folder cannot be written.
    """
    dataset, origin = pack_dataset(settings, pack, complete=False)
    origin = replace(origin, made_by=by)
    model = _fit(settings, dataset, origin, seed, progress, spoken(pack), called(pack))
    return model, model_store(settings.data_dir, pack.name).add(model)


def pack_dataset(settings: Settings, pack: Pack, *, complete: bool = True) -> tuple[Dataset, Origin]:
    """A pack's examples with its entities, and where they come from, the version that serves now being the parent.

    Unless the pack must be `complete`, examples of intents that have too few of them are left out.

    Raises:
        PackError: the examples are wrong; the message lists every finding.
    """
    check_examples(pack, complete=complete)
    fingerprint = examples_fingerprint(pack.examples)
    dataset = read_dataset(pack.examples, lambda _: pack.default_language)
    parent = next(iter(model_store(settings.data_dir, pack.name).promoted()), None)
    origin = Origin(settings.encoder, pack.name, fingerprint, parent=parent, made_by=MadeBy("command"))
    examples = dataset.examples
    if not complete:
        counts = Counter(example.intent for example in examples)
        examples = tuple(example for example in examples if counts[example.intent] >= FEWEST)
    return Dataset(examples, pack.entities, dataset.notes), origin


def with_labels(dataset: Dataset, pack: Pack, labels: str) -> Dataset:
    """A pack's examples and what people said of customers' messages, as JSON Lines of `text`, `intent` and `lang`.

    Left out, with a note each: a text that the pack has as an example, for its authors have the last word, and one of
    an intent that the pack does not have (yet), for the bot would have no answer.
    """
    if not labels:
        return dataset
    with TemporaryDirectory() as folder:
        file = Path(folder) / "labels.jsonl"
        file.write_text(labels, encoding="utf-8")
        reviewed = read_dataset([file], lambda _: pack.default_language).examples
    known = {(example.language, comparable(example.text)) for example in dataset.examples}
    kept, notes = [], []
    for example in reviewed:
        if (example.language, comparable(example.text)) in known:
            notes.append(Finding(Path("review"), example.line, f"{example.text!r} is an example of the pack already"))
        elif example.intent not in {*pack.intents, OUT_OF_SCOPE}:
            notes.append(Finding(Path("review"), example.line, f"the pack has no intent {example.intent!r}"))
        else:
            kept.append(example)
    return Dataset((*dataset.examples, *kept), dataset.entities, (*dataset.notes, *notes))


def spoken(pack: Pack) -> Iterator[tuple[str, str]]:
    """Everything that the bot says, with its language."""
    for code, texts in pack.replies.items():
        slots = [slot for flow in texts.flows.values() for slot in flow.slots.values()]
        flows = [text for slot in slots for text in (slot.ask, slot.invalid)]
        variants = [text for reply in texts.replies.values() for text in reply]
        for text in (*texts.labels.values(), *variants, *texts.system.values(), *flows):
            yield code, text


def called(pack: Pack) -> Iterator[Name]:
    """What the pack calls its intents: on buttons, in every language."""
    for code, texts in pack.replies.items():
        for intent, label in texts.labels.items():
            yield Name(intent, code, label)


def _fit(
    settings: Settings,
    dataset: Dataset,
    origin: Origin,
    seed: int,
    progress: Progress,
    replies: Iterable[tuple[str, str]] = (),
    called: Iterable[Name] = (),
    augment: Sequence[str] = (),
) -> Model:
    if seed < 0:
        raise ConfigurationError(f"the seed is {seed}; it must be 0 or more")
    folder = locate(settings.data_dir, source=settings.encoder).encoder
    origin = replace(origin, encoder_variant=Manifest.parse(folder).variant)
    encoder = Encoder.open(folder, threads=settings.threads)
    cache = EmbeddingCache(settings.data_dir / "cache", encoder.fingerprint)
    augmentation = None
    if augment:
        names = checked(augment, METHODS)
        asking = asking_ways(settings, LanguageIdentifier(locate_language(settings.data_dir), ()).code_of, names)
        known = Remembering(encoder, cache.read())
        augmentation = augmented(
            dataset.examples, known, means_for(encoder), names, others=asking, seed=seed, progress=progress
        )
    return fit(
        dataset,
        encoder,
        origin,
        seed=seed,
        replies=replies,
        names=called,
        cache=cache,
        progress=progress,
        augmentation=augmentation,
    )
