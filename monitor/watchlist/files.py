"""From files and directories to watchlists that hold together: catalogue read, `use` resolved, version taken."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from collections.abc import Mapping as Dict
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from monitor.errors import ConfigError
from monitor.model import Entity, Watchlist
from monitor.watchlist.entities import entities
from monitor.watchlist.expectations import expectations
from monitor.watchlist.reader import Reader, TooManyProblemsError
from monitor.watchlist.rules import Known, rules
from monitor.watchlist.versions import version
from monitor.yamlfile import Entry, Mapping, Node, Place, nearest, read

WATCHLIST_KEYS = ("watchlist", "use", "entities", "rules", "tests")
CATALOGUE_KEYS = ("entities",)
CATALOGUE = "entities"
SUFFIXES = (".yml", ".yaml")


def load(paths: Sequence[Path]) -> tuple[Watchlist, ...]:
    """Read watchlists from files and directories, in the order given, a directory's files by name.

    A directory's `entities/` is the catalogue that its watchlists `use`; for a single file the catalogue is looked
    for beside it. Raises ConfigError with the problems of all files.
    """
    reader = Reader()
    found: dict[str, Watchlist] = {}
    with suppress(TooManyProblemsError):
        _load(reader, paths, found)
    if reader.problems:
        raise ConfigError(list(dict.fromkeys(reader.problems)))
    return tuple(found.values())


def _load(reader: Reader, paths: Sequence[Path], found: dict[str, Watchlist]) -> None:
    """Read all files into `found`."""
    catalogues: dict[Path, _Catalogue] = {}
    seen: set[Path] = set()
    for path in paths:
        if path.is_dir():
            catalogues.setdefault(path / CATALOGUE, _Catalogue(reader, path / CATALOGUE))
        for file in _files(reader, path):
            if file.resolve() in seen:
                continue
            seen.add(file.resolve())
            watchlist = _watchlist(reader, file, catalogues)
            if watchlist.id in found:
                message = f"watchlist {watchlist.id!r} is also read from {found[watchlist.id].file}"
                reader.wrong(Place(str(file)), message, "rename one of the two files")
            found[watchlist.id] = watchlist
    for catalogue in catalogues.values():
        catalogue.entities()


def load_catalogue(directory: Path) -> Dict[str, Entity]:
    """Read the shared entities of one directory, by id. Raises ConfigError with the problems of all files."""
    catalogue = _Catalogue(Reader(), directory)
    with suppress(TooManyProblemsError):
        catalogue.entities()
    if catalogue.reader.problems:
        raise ConfigError(catalogue.reader.problems)
    return catalogue.entities()


def _files(reader: Reader, path: Path) -> tuple[Path, ...]:
    """Return the files that a path stands for."""
    if not path.is_dir():
        return (path,)
    found = _yaml_files(reader, path)
    if found is None:
        return ()
    if not found:
        reader.wrong(Place(str(path)), "no watchlist in this directory", "add a `name.yml`, or point somewhere else")
    return found


def _yaml_files(reader: Reader, directory: Path) -> tuple[Path, ...] | None:
    """Return a directory's YAML files by name; none where there is no directory, None where it can't be read."""
    if not directory.is_dir():
        return ()
    try:
        return tuple(sorted(child for child in directory.iterdir() if child.suffix in SUFFIXES and child.is_file()))
    except OSError as error:
        reader.wrong(Place(str(directory)), f"can't be read: {error.strerror}", "check its permissions")
        return None


@dataclass(slots=True)
class _Catalogue:
    """The shared entities of one directory, read when first asked for."""

    reader: Reader
    directory: Path
    _entities: dict[str, Entity] | None = field(default=None)

    def entities(self) -> Dict[str, Entity]:
        """Return all shared entities by id; one id in two files is a mistake."""
        if self._entities is None:
            self._entities = {entity.id: entity for entity in self._read()}
        return self._entities

    def _read(self) -> Iterator[Entity]:
        places: dict[str, Place] = {}
        for file in _yaml_files(self.reader, self.directory) or ():
            node, problems = read(file)
            self.reader.problems += problems
            if problems:
                continue
            body = self.reader.mapping(node, "catalogue", CATALOGUE_KEYS)
            entry = body.get("entities")
            for key, (entity, item) in entities(self.reader, entry.value).items() if entry else ():
                if key in places:
                    message = f"entity {key!r} stands also in {places[key].file}:{places[key].line}"
                    self.reader.wrong(item.place, message, "keep one of them")
                else:
                    places[key] = item.place
                    yield entity


def _watchlist(reader: Reader, file: Path, catalogues: dict[Path, _Catalogue]) -> Watchlist:
    """Read one watchlist; with problems it may be partial."""
    node, problems = read(file)
    reader.problems += problems
    if problems:
        return Watchlist(file.stem, file.stem, {}, file=str(file))
    body = reader.mapping(node, "watchlist", WATCHLIST_KEYS)
    values = {entry.key: entry.value for entry in body}
    if "watchlist" not in values and isinstance(node, Mapping):
        reader.wrong(node.place, "no `watchlist` key", "begin with `watchlist: …`, the title that alerts show")
    title = reader.text(values["watchlist"], "watchlist") if "watchlist" in values else ""
    directory = file.parent / CATALOGUE
    catalogue = catalogues.setdefault(directory, _Catalogue(reader, directory)) if "use" in values else None
    shared = catalogue.entities() if catalogue else {}
    used = _used(reader, values["use"], shared, directory) if "use" in values else {}
    own = entities(reader, values["entities"]) if "entities" in values else {}
    _distinct(reader, used, own)
    every = used | {key: entity for key, (entity, _) in own.items()}
    if not every and not reader.problems and isinstance(node, Mapping):
        reader.wrong(node.place, "the watchlist has no entities", "add `use` or `entities`")
    # An id that is defined but broken is still known: a rule that names it is right.
    defined = {entry.key for entry in reader.mapping(values["entities"], "entities")} if "entities" in values else set()
    known = Known(every.keys() | defined, shared.keys() - every.keys())
    ruled = rules(reader, values["rules"], known) if "rules" in values else ()
    names = tuple(rule.name for rule in ruled)
    tests = expectations(reader, values["tests"], known, names) if "tests" in values else ()
    return Watchlist(file.stem, title, every, ruled, tests, version(title, every, ruled), str(file))


def _used(reader: Reader, node: Node, shared: Dict[str, Entity], directory: Path) -> dict[str, Entity]:
    """Return the shared entities that the watchlist uses."""
    found = {}
    for item in reader.many(node, "use"):
        name = item.text
        if name in shared:
            found[name] = shared[name]
        elif not directory.is_dir():
            reader.wrong(item.place, f"no catalogue to take {name!r} from", f"make the directory {directory}")
        else:
            fix = nearest(name, shared, "in the catalogue")
            reader.wrong(item.place, f"entity {name!r} is not in the catalogue {directory}", fix)
    return found


def _distinct(reader: Reader, used: Dict[str, Entity], own: Dict[str, tuple[Entity, Entry]]) -> None:
    """Note every entity that is both used and defined: which one would hold?"""
    for key, (_, entry) in own.items():
        if key in used:
            message = f"entity {key!r} is defined here and also used from the catalogue"
            reader.wrong(entry.place, message, f"remove {key} from `use`, or give this one another id")
