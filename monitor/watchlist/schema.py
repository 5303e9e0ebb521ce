"""The JSON Schema of a watchlist, for editors: completion, and most mistakes while typing. The loader knows all."""

from __future__ import annotations

from typing import Any

from monitor.watchlist import entities, expectations, files, reader, rules

Schema = dict[str, Any]

ENTITY_ID = "^[a-z0-9]+(?:[-_][a-z0-9]+)*$"
LANGUAGE = "^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$"
SPELLING = "^[^,;،؛]*[^,;،؛\\s][^,;،؛]*$"
TIME = "^(?:[01][0-9]|2[0-3]):[0-5][0-9]$"
DAY = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def json_schema() -> Schema:
    """Return the schema (draft 2020-12) of a watchlist; a catalogue file is one with `entities` alone."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Watchlist",
        "description": "Entities to watch for, and rules that say when to alert. A catalogue holds entities alone.",
        **_closed(
            files.WATCHLIST_KEYS,
            {
                "watchlist": _said(_text(), "The title that alerts show"),
                "use": _said(_many(_ref("id")), "Entities of the shared catalogue, `entities/*.yml`"),
                "entities": {
                    "type": ["object", "null"],
                    "propertyNames": _ref("id"),
                    "additionalProperties": _ref("entity"),
                },
                "rules": {"type": ["array", "null"], "items": _ref("rule")},
                "tests": {"type": ["array", "null"], "items": _ref("test")},
            },
        ),
        "anyOf": [{"required": ["watchlist"]}, {"required": ["entities"], "maxProperties": 1}],
        "$defs": {
            "id": {"type": "string", "pattern": ENTITY_ID, "maxLength": entities.MAX_ID},
            "spellings": _said(_by_language(), "Spellings by language; one of each is enough"),
            "words": _by_language(),
            "entity": _entity(),
            "role": _role(),
            "rule": _rule(),
            "condition": _condition(),
            "when": _when(),
            "near": _near(),
            "test": _test(),
        },
    }


def _entity() -> Schema:
    return _closed(
        entities.ENTITY_KEYS,
        {
            "name": _said(_text(), "The name that alerts show"),
            "kind": {"enum": list(entities.KINDS)},
            "aliases": _said(_ref("spellings"), "Strong: each is enough on its own"),
            "weak": _said(_ref("spellings"), "Also a common word or name: counts only with evidence in the article"),
            "roles": _many(_ref("role")),
            "support": _said(_ref("words"), "Words anywhere in the article that are evidence for a weak spelling"),
            "against": _said(_ref("words"), "Words in the same sentence that speak against a weak spelling"),
        },
        required=["name"],
        anyOf=[{"required": [key]} for key in ("aliases", "weak", "roles")],
    )


def _role() -> Schema:
    day = {"type": "string", "pattern": DAY}
    return _closed(
        entities.ROLE_KEYS,
        {
            "office": _said(_text(), "An office whose titles the program knows, as in `foreign minister`"),
            "of": _said(_text(), "Its country or organisation: an English name or an ISO code"),
            "title": _said(_by_language(), "A title by language, where the program knows no office"),
            "since": _said(day, "The first day it was held"),
            "until": _said(day, "The first day it was no longer held"),
        },
        oneOf=[
            {"required": ["office", "of"], "not": {"required": ["title"]}},
            {"required": ["title"], "not": {"anyOf": [{"required": ["office"]}, {"required": ["of"]}]}},
        ],
    )


def _rule() -> Schema:
    time, zone = {"type": "string", "pattern": TIME}, _said(_text(), "IANA, as in Europe/Istanbul")
    share = {"type": "number", "minimum": 0, "maximum": 1}
    novelty = {
        "at_least": share,
        "kinds": _many({"enum": list(rules.KINDS)}),
        "each_language": _said(
            {"enum": list(rules.EACH_LANGUAGE)}, "Of a story's reports in a language, which may ring"
        ),
    }
    return _closed(
        rules.RULE_KEYS,
        {
            "name": _text(),
            "when": _ref("when"),
            "novelty": {"anyOf": [share, _closed(rules.NOVELTY_KEYS, novelty)]},
            "cooldown": _said({"type": "string", "pattern": "^[0-9]{1,5} ?[smhdw]$"}, "As in 2h, for each story"),
            "budget": _said({"type": "string", "pattern": "^[1-9][0-9]{0,5} ?/ ?day$"}, "As in 20/day"),
            "quiet": _closed(rules.QUIET_KEYS, {"from": time, "to": time, "timezone": zone}, required=["from", "to"]),
            "digest": _closed(rules.DIGEST_KEYS, {"at": _many(time), "timezone": zone}, required=["at"]),
            "severity": {"enum": list(rules.SEVERITIES)},
            "revisions": _said({"enum": list(rules.REVISIONS)}, "What to do when a known article's text changes"),
            "send_to": _said(_many(_text()), "Channels of the settings; `console` always exists"),
        },
        required=["name", "when", "send_to"],
    )


def _condition() -> Schema:
    return _closed(rules.GROUP_KEYS, {key: _parts() for key in rules.GROUP_KEYS}, minProperties=1)


def _parts() -> Schema:
    return _many({"anyOf": [_ref("id"), _ref("condition")]})


def _when() -> Schema:
    source = _many(_text())
    body = _closed(
        rules.WHEN_KEYS,
        {
            **{key: _parts() for key in rules.GROUP_KEYS},
            "near": _ref("near"),
            "via": {"enum": list(rules.VIA)},
            "languages": _many({"type": "string", "pattern": LANGUAGE}),
            "sources": {"anyOf": [source, _closed(rules.SOURCE_KEYS, dict.fromkeys(rules.SOURCE_KEYS, source))]},
        },
        minProperties=1,
    )
    return {"anyOf": [*_many(_ref("id"))["anyOf"], body]}


def _near() -> Schema:
    words = {"type": "integer", "minimum": 1, "maximum": rules.MAX_WORDS}
    within = {"anyOf": [{"const": "sentence"}, _closed(("words",), {"words": words}, required=["words"])]}
    listed = {"type": "array", "items": _ref("id"), "minItems": 2}
    return _closed(rules.NEAR_KEYS, {"entities": listed, "within": within, "words": words}, required=["entities"]) | {
        "not": {"required": ["within", "words"]}
    }


def _test() -> Schema:
    return _closed(
        expectations.TEST_KEYS,
        {
            "text": {"type": "string", "minLength": 1, "maxLength": reader.MAX_TEST_TEXT},
            "title": _text(1_000),
            "lang": {"type": "string", "pattern": LANGUAGE},
            "published": {"type": "string", "pattern": DAY[:-1]},
            "source": _text(),
            "expect": _said(_many(_ref("id"), 0), "Exactly these are found; [] is nobody"),
            "alerts": _said(_many(_text(), 0), "Exactly these rules are satisfied"),
            "why": _text(1_000),
        },
        required=["expect"],
        anyOf=[{"required": ["text"]}, {"required": ["title"]}],
    )


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def _said(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _text(limit: int = reader.MAX_TEXT) -> Schema:
    return {"type": "string", "minLength": 1, "maxLength": limit}


def _many(item: Schema, least: int = 1) -> Schema:
    """Return a list's schema; its only item may stand without brackets."""
    return {"anyOf": [item, {"type": "array", "items": item, "minItems": least}]}


def _by_language() -> Schema:
    spelling = {"type": "string", "pattern": SPELLING, "maxLength": reader.MAX_TEXT}
    return {
        "type": "object",
        "minProperties": 1,
        "propertyNames": {"pattern": LANGUAGE},
        "additionalProperties": _many(spelling),
    }


def _closed(keys: tuple[str, ...], properties: Schema, **more: Any) -> Schema:
    """Return the schema of a mapping that takes these keys and no others."""
    missing = set(keys) ^ set(properties)
    if missing:
        raise AssertionError(f"schema and loader differ in {sorted(missing)}")
    return {"type": "object", "properties": properties, "additionalProperties": False, **more}
