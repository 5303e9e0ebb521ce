"""Rules as their author writes them: which matches alert, how novel they must be, and where to."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, field

from monitor.model import Condition, Digest, Kind, Near, Quiet, Rule
from monitor.watchlist.reader import Reader
from monitor.yamlfile import Entry, Listing, Mapping, Node, Scalar, nearest

RULE_KEYS = (
    "name",
    "when",
    "novelty",
    "cooldown",
    "budget",
    "quiet",
    "digest",
    "severity",
    "revisions",
    "send_to",
)
GROUP_KEYS = ("all", "any", "none")
WHEN_KEYS = (*GROUP_KEYS, "near", "via", "languages", "sources")
NEAR_KEYS = ("entities", "within", "words")
SOURCE_KEYS = ("any", "none")
NOVELTY_KEYS = ("at_least", "kinds", "each_language")
EACH_LANGUAGE = ("every", "first")
QUIET_KEYS = ("from", "to", "timezone")
DIGEST_KEYS = ("at", "timezone")
VIA = ("name", "role", "either")
SEVERITIES = ("low", "normal", "high", "critical")
REVISIONS = ("alert", "ignore")
KINDS = tuple(kind.value for kind in Kind)
MAX_WORDS = 500
DEFAULT_AT_LEAST = 0.5

_BUDGET = re.compile(r"([1-9][0-9]{0,5})\s?/\s?day")
_NUMBER = re.compile(r"[0-9](?:\.[0-9]{1,6})?")
_WORDS = re.compile(r"[1-9][0-9]{0,5}")


@dataclass(frozen=True, slots=True)
class Known:
    """What a rule may speak of: the watchlist's entities, and the catalogue's that it does not use."""

    entities: Collection[str]
    unused: Collection[str] = ()

    def entity(self, reader: Reader, node: Node) -> str | None:
        """Read an entity's id; None where it is not known."""
        text = reader.text(node, "entity")
        if not text or text in self.entities:
            return text or None
        if text in self.unused:
            reader.wrong(node.place, f"entity {text!r} is in the catalogue but not used here", f"add {text} to `use`")
        else:
            reader.wrong(node.place, f"unknown entity {text!r}", nearest(text, self.entities, "entities here"))
        return None


def rules(reader: Reader, node: Node, known: Known) -> tuple[Rule, ...]:
    """Read the list of rules; their names are unique."""
    if not isinstance(node, Listing):
        if not (isinstance(node, Scalar) and node.empty):
            reader.wrong(node.place, "rules must be a list", "begin each rule with `- name: …`")
        return ()
    found: dict[str, Rule] = {}
    for item in node.items:
        rule = _rule(reader, item, known)
        if rule is not None and rule.name in found:
            reader.wrong(item.place, f"a rule named {rule.name!r} stands above", "give each rule a name of its own")
        elif rule is not None:
            found[rule.name] = rule
    return tuple(found.values())


def _rule(reader: Reader, node: Node, known: Known) -> Rule | None:
    """Read one rule; None where it has no usable name."""
    body = reader.mapping(node, "rule", RULE_KEYS)
    values = {child.key: child.value for child in body}
    for key, fix in (
        ("name", "add `name: …`, a few words"),
        ("when", "add `when: …`, the entities that must be found"),
        ("send_to", "add `send_to: [console]` or a channel of the settings"),
    ):
        if key not in values and isinstance(node, Mapping):
            reader.wrong(node.place, f"rule has no {key}", fix)
    name = reader.text(values["name"], "name") if "name" in values else ""
    when = _when(reader, values["when"], known) if "when" in values else _When()
    novelty = _novelty(reader, values["novelty"]) if "novelty" in values else _Novelty()
    channels = reader.many(values["send_to"], "channel") if "send_to" in values else ()
    rule = Rule(
        name=name,
        when=when.condition,
        send_to=tuple(dict.fromkeys(channel.text for channel in channels)),
        near=when.near,
        via=when.via,  # type: ignore[arg-type]  # one of VIA, the Literal's words
        languages=when.languages,
        sources_any=when.sources_any,
        sources_none=when.sources_none,
        at_least=novelty.at_least,
        kinds=novelty.kinds,
        each_language=novelty.each_language,  # type: ignore[arg-type]  # one of EACH_LANGUAGE
        cooldown=reader.duration(values["cooldown"], "cooldown") if "cooldown" in values else None,
        budget=_budget(reader, values["budget"]) if "budget" in values else None,
        quiet=_quiet(reader, values["quiet"]) if "quiet" in values else None,
        digest=_digest(reader, values["digest"]) if "digest" in values else None,
        severity=reader.one_of(values["severity"], "severity", SEVERITIES, "normal")
        if "severity" in values
        else "normal",
        revisions=reader.one_of(values["revisions"], "revisions", REVISIONS, "ignore")
        if "revisions" in values
        else "ignore",  # type: ignore[arg-type]  # one of REVISIONS
        places={channel.text: (channel.place.line, channel.place.column) for channel in reversed(channels)},
    )
    return rule if name else None


@dataclass(frozen=True, slots=True)
class _When:
    """What `when` says, before it becomes part of a rule."""

    condition: Condition = field(default_factory=Condition)
    near: Near | None = None
    via: str = "either"
    languages: tuple[str, ...] = ()
    sources_any: tuple[str, ...] = ()
    sources_none: tuple[str, ...] = ()


def _when(reader: Reader, node: Node, known: Known) -> _When:
    """Read `when`: a mapping, or in short the entities that must all be found."""
    if not isinstance(node, Mapping):
        return _When(Condition(all=_leaves(reader, node, known)))
    body = reader.mapping(node, "when", WHEN_KEYS)
    values = {child.key: child.value for child in body}
    near = _near(reader, values["near"], known) if "near" in values else None
    sources_any, sources_none = _sources(reader, values["sources"]) if "sources" in values else ((), ())
    languages = reader.many(values["languages"], "language") if "languages" in values else ()
    condition = _groups(reader, values, known)
    if not body.entries:
        reader.wrong(node.place, "when is empty", "name an entity, as in `when: lavrov`")
    if near is not None and not condition.all and not condition.any:
        condition = Condition(all=near.entities, none=condition.none)
    return _When(
        condition=condition,
        near=near,
        via=reader.one_of(values["via"], "via", VIA, "either") if "via" in values else "either",
        languages=tuple(code.text for code in languages if reader.language(code.text, code.place)),
        sources_any=sources_any,
        sources_none=sources_none,
    )


def _groups(reader: Reader, values: dict[str, Node], known: Known) -> Condition:
    """Read all, any and none of one level."""
    parts = {key: _leaves(reader, values[key], known) for key in GROUP_KEYS if key in values}
    return Condition(all=parts.get("all", ()), any=parts.get("any", ()), none=parts.get("none", ()))


def _leaves(reader: Reader, node: Node, known: Known) -> tuple[str | Condition, ...]:
    """Read a list of entities and nested conditions; a single one may stand without a list."""
    items = node.items if isinstance(node, Listing) else (node,)
    if not items:
        reader.wrong(node.place, "a condition's list is empty", "name an entity or remove the line")
    found: list[str | Condition] = []
    for item in items:
        if isinstance(item, Mapping):
            found.append(_nested(reader, item, known))
            continue
        entity = known.entity(reader, item)
        if entity is not None:
            found.append(entity)
    return tuple(found)


def _nested(reader: Reader, node: Mapping, known: Known) -> Condition:
    """Read a condition inside a condition."""
    body = reader.mapping(node, "nested condition", GROUP_KEYS)
    values = {child.key: child.value for child in body}
    if not values:
        reader.wrong(
            node.place, "the nested condition says nothing", "write `{any: […]}`, `{all: […]}` or `{none: […]}`"
        )
    return _groups(reader, values, known)


def _near(reader: Reader, node: Node, known: Known) -> Near | None:
    """Read `near: {entities: […], within: sentence}` or `within: {words: 15}`."""
    body = reader.mapping(node, "near", NEAR_KEYS)
    values = {child.key: child.value for child in body}
    if "entities" not in values:
        reader.wrong(node.place, "near has no entities", "add `entities: […]`, at least two")
        return None
    listed = values["entities"]
    items = listed.items if isinstance(listed, Listing) else (listed,)
    found = [known.entity(reader, item) for item in items]
    entities = tuple(dict.fromkeys(entity for entity in found if entity is not None))
    if len(entities) < 2 and None not in found:
        reader.wrong(listed.place, "near needs at least two entities", "name another one")
    return Near(entities, _distance(reader, values))


def _distance(reader: Reader, values: dict[str, Node]) -> int | None:
    """Return how many words apart is near, or None for the same sentence."""
    if "within" in values and "words" in values:
        reader.wrong(values["words"].place, "near has both `within` and `words`", "keep one of them")
    words = values.get("words")
    within = values.get("within")
    if isinstance(within, Mapping):
        words = next((child.value for child in reader.mapping(within, "within", ("words",))), None)
    elif within is not None:
        text = reader.text(within, "within")
        if text and text != "sentence":
            reader.wrong(
                within.place, f"unknown distance {text!r}", "write `within: sentence` or `within: {words: 15}`"
            )
        return None
    return reader.parsed(words, "words", _words, f"a number of words from 1 to {MAX_WORDS}") if words else None


def _sources(reader: Reader, node: Node) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Read `sources: [a, b]` or `{any: […], none: […]}`."""
    if not isinstance(node, Mapping):
        return reader.texts(node, "source"), ()
    values = {child.key: child.value for child in reader.mapping(node, "sources", SOURCE_KEYS)}
    some = reader.texts(values["any"], "source") if "any" in values else ()
    none = reader.texts(values["none"], "source") if "none" in values else ()
    return some, none


@dataclass(frozen=True, slots=True)
class _Novelty:
    """What `novelty` says, before it becomes part of a rule."""

    at_least: float = DEFAULT_AT_LEAST
    kinds: tuple[Kind, ...] = ()
    each_language: str = "every"


def _novelty(reader: Reader, node: Node) -> _Novelty:
    """Read the threshold, the kinds and the languages; a bare number is the threshold."""
    if isinstance(node, Scalar) and not node.empty:
        return _Novelty(_at_least(reader, node))
    values = {child.key: child.value for child in reader.mapping(node, "novelty", NOVELTY_KEYS)}
    at_least = _at_least(reader, values["at_least"]) if "at_least" in values else DEFAULT_AT_LEAST
    kinds = []
    for kind in reader.many(values["kinds"], "kind") if "kinds" in values else ():
        if kind.text in KINDS:
            kinds.append(Kind(kind.text))
        else:
            reader.wrong(kind.place, f"unknown novelty kind {kind.text!r}", nearest(kind.text, KINDS, "kinds"))
    each = values.get("each_language")
    return _Novelty(
        at_least,
        tuple(dict.fromkeys(kinds)),
        reader.one_of(each, "each_language", EACH_LANGUAGE, "every") if each else "every",
    )


def _at_least(reader: Reader, node: Node) -> float:
    """Read a novelty from 0 to 1."""
    value = reader.parsed(node, "at_least", _share, "a number from 0 to 1, as in 0.5")
    return DEFAULT_AT_LEAST if value is None else value


def _budget(reader: Reader, node: Node) -> int | None:
    """Read how many alerts a day go out at once."""
    return reader.parsed(node, "budget", _a_day, "a number of alerts a day, as in 20/day")


def _quiet(reader: Reader, node: Node) -> Quiet | None:
    """Read the hours in which alerts are held."""
    body = reader.mapping(node, "quiet", QUIET_KEYS)
    values: dict[str, Entry] = {child.key: child for child in body}
    for key in ("from", "to"):
        if key not in values:
            reader.wrong(
                node.place, f"quiet has no `{key}`", 'write `quiet: {from: "23:00", to: "06:30", timezone: UTC}`'
            )
    start = reader.time(values["from"].value, "from") if "from" in values else None
    end = reader.time(values["to"].value, "to") if "to" in values else None
    zone = reader.timezone(values["timezone"].value) if "timezone" in values else "UTC"
    if start is not None and start == end:
        reader.wrong(node.place, "quiet begins and ends at the same time", "choose two times, or use a digest")
    return Quiet(start, end, zone) if start and end and zone else None


def _digest(reader: Reader, node: Node) -> Digest | None:
    """Read the times at which what was gathered leaves as one."""
    body = reader.mapping(node, "digest", DIGEST_KEYS)
    values = {child.key: child.value for child in body}
    if "at" not in values:
        reader.wrong(node.place, "digest has no `at`", 'write `digest: {at: ["08:00"], timezone: UTC}`')
    times = [reader.time(item, "at") for item in reader.many(values["at"], "at")] if "at" in values else []
    zone = reader.timezone(values["timezone"]) if "timezone" in values else "UTC"
    good = sorted({time for time in times if time is not None})
    return Digest(tuple(good), zone) if good and zone else None


def _share(text: str) -> float:
    if _NUMBER.fullmatch(text) is None or float(text) > 1:
        raise ValueError(text)
    return float(text)


def _a_day(text: str) -> int:
    found = _BUDGET.fullmatch(text)
    if found is None:
        raise ValueError(text)
    return int(found[1])


def _words(text: str) -> int:
    if _WORDS.fullmatch(text) is None or int(text) > MAX_WORDS:
        raise ValueError(text)
    return int(text)
