"""Entities as their author writes them: spellings by language, strong or weak, roles with dates, evidence words."""

from __future__ import annotations

import re

from monitor.model import Alias, Entity, Role
from monitor.watchlist import names
from monitor.watchlist.reader import Reader
from monitor.yamlfile import Entry, Listing, Mapping, Node, Scalar, nearest

KINDS = ("person", "organisation", "place", "process")
ENTITY_KEYS = ("name", "kind", "aliases", "weak", "roles", "support", "against")
ROLE_KEYS = ("office", "of", "title", "since", "until")

_ID = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*")
MAX_ID = 64


def entities(reader: Reader, node: Node) -> dict[str, tuple[Entity, Entry]]:
    """Read the `entities` mapping: id -> (entity, the entry it was read from)."""
    found: dict[str, tuple[Entity, Entry]] = {}
    for entry in reader.mapping(node, "entities"):
        if identifier(reader, entry):
            found[entry.key] = (_entity(reader, entry), entry)
    return found


def identifier(reader: Reader, entry: Entry) -> bool:
    """Tell whether the entry's key is fit to be an entity's id; note if not."""
    if _ID.fullmatch(entry.key) and len(entry.key) <= MAX_ID:
        return True
    message = f"{entry.key!r} is not fit to be an entity's id"
    reader.wrong(entry.place, message, "use small Latin letters, digits and single hyphens, as in astana-format")
    return False


def _entity(reader: Reader, entry: Entry) -> Entity:
    """Read one entity."""
    what = f"entity {entry.key!r}"
    body = reader.mapping(entry.value, what, ENTITY_KEYS)
    values = {child.key: child.value for child in body}
    name = reader.text(values["name"], "name") if "name" in values else ""
    if "name" not in values:
        reader.wrong(entry.place, f"{what} has no name", "add `name: …`, the name that alerts show")
    kind = reader.one_of(values["kind"], "kind", KINDS, "person") if "kind" in values else "person"
    before = len(reader.problems)
    aliases = _aliases(reader, values)
    roles = _roles(reader, values["roles"]) if "roles" in values else ()
    if not aliases and not roles and len(reader.problems) == before:
        reader.wrong(entry.place, f"{what} has nothing to be found by", "add `aliases: {ar: …, en: …}`")
    return Entity(
        id=entry.key,
        name=name,
        kind=kind,
        aliases=aliases,
        roles=roles,
        support=_words(reader, values, "support"),
        against=_words(reader, values, "against"),
    )


def _aliases(reader: Reader, values: dict[str, Node]) -> tuple[Alias, ...]:
    """Read strong and weak spellings; the same spelling twice counts once."""
    found: dict[tuple[str, str], Alias] = {}
    for key, weak in (("aliases", False), ("weak", True)):
        if key not in values:
            continue
        for language, spellings in reader.by_language(values[key], "alias").items():
            for spelling in spellings:
                text = spelling.text
                known = found.get((language, text))
                if known is not None and known.weak != weak:
                    message = f"alias {text!r} is both strong and weak"
                    reader.wrong(spelling.place, message, "keep it under `weak` if it is also a common word")
                elif weak or _long_enough(reader, spelling, text):
                    found[language, text] = Alias(text, language, weak)
    return tuple(found.values())


def _long_enough(reader: Reader, spelling: Scalar, text: str) -> bool:
    """Tell whether a spelling is long enough to stand on its own; note if not."""
    if sum(character.isalnum() for character in text) > 2:
        return True
    reader.wrong(
        spelling.place, f"alias {text!r} is too short to be strong", "move it to `weak` and add `support` words"
    )
    return False


def _words(reader: Reader, values: dict[str, Node], key: str) -> dict[str, tuple[str, ...]]:
    """Read support or against words by language."""
    if key not in values:
        return {}
    words = reader.by_language(values[key], f"{key} word")
    return {language: tuple(dict.fromkeys(word.text for word in found)) for language, found in words.items()}


def _roles(reader: Reader, node: Node) -> tuple[Role, ...]:
    """Read a list of roles; one role may stand without a list."""
    items = node.items if isinstance(node, Listing) else (node,)
    found = []
    for item in items:
        role = _role(reader, item)
        if role is not None:
            found.append(role)
    return tuple(found)


def _role(reader: Reader, node: Node) -> Role | None:
    """Read one role; None where what it is can't be read. A wrong date does not hide it."""
    body = reader.mapping(node, "role", ROLE_KEYS)
    if not isinstance(node, Mapping):
        if isinstance(node, Scalar) and node.empty:
            reader.wrong(node.place, "role is empty", "write `{office: …, of: …, since: …}`")
        return None
    values = {child.key: child for child in body}
    since = reader.day(values["since"].value, "since") if "since" in values else None
    until = reader.day(values["until"].value, "until") if "until" in values else None
    if since is not None and until is not None and until <= since:
        message = (
            f"the role ends ({until}) before it begins ({since})" if until < since else "the role ends as it begins"
        )
        reader.wrong(values["until"].value.place, message, "`until` is the first day it was no longer held")
    if ("office" in values) == ("title" in values):
        both = "both an office and a title" if "office" in values else "neither an office nor a title"
        reader.wrong(body.place, f"the role has {both}", "give `office` with `of`, or `title` by language")
        return None
    if "title" in values:
        if "of" in values:
            reader.wrong(values["of"].place, "`of` goes with an office, not with a title", "say it in the title itself")
        titles = reader.by_language(values["title"].value, "title")
        texts = {language: tuple(text.text for text in found) for language, found in titles.items()}
        return Role(titles=texts, since=since, until=until)
    office = _office(reader, values["office"].value)
    of = _country(reader, values)
    return Role(office=office, of=of, since=since, until=until) if office and of else None


def _office(reader: Reader, node: Node) -> str | None:
    """Read an office that the program has titles for."""
    text = reader.text(node, "office")
    if not text:
        return None
    key = names.office(text)
    if key is None:
        fix = f"{nearest(text, names.offices(), 'known offices')} Or write `title: {{ar: …, en: …}}`"
        reader.wrong(node.place, f"unknown office {text!r}", fix)
    return key


def _country(reader: Reader, values: dict[str, Entry]) -> str | None:
    """Read the country or organisation that an office belongs to."""
    if "of" not in values:
        reader.wrong(values["office"].place, "office without a country", "add `of: …`, as in `of: Türkiye`")
        return None
    node = values["of"].value
    text = reader.text(node, "of")
    if not text:
        return None
    key = names.country(text)
    if key is None:
        fix = nearest(text, names.countries(), "known countries and organisations")
        reader.wrong(node.place, f"unknown country or organisation {text!r}", fix)
    return key
