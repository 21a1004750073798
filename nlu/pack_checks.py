"""What only the model's side can tell of a pack: whether its entities can be found as they are declared."""

from __future__ import annotations

from collections.abc import Iterator

from bot.errors import ConfigurationError
from bot.pack import Pack
from bot.pack_files import PackFiles
from bot.yamlsource import Finding
from nlu.entities import EntityFinder


def wrong_entities(pack: Pack, files: PackFiles) -> Iterator[Finding]:
    """Declarations that no finder can be made of."""
    if not pack.entities:
        return
    source = files.parse("entities.yml")
    for name, declaration in pack.entities.items():
        try:
            EntityFinder({name: declaration})
        except ConfigurationError as error:
            yield source.finding(["entities", name], str(error))
