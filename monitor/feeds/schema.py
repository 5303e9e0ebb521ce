"""The JSON Schema of a feed list, for editors; `config` checks the same and says more."""

from __future__ import annotations

from typing import Any

_TEXT = {"type": "string", "minLength": 1, "maxLength": 500}
_FLAG = {"type": "boolean"}
_PROPERTIES: dict[str, dict[str, Any]] = {
    "url": {"type": "string", "format": "uri", "description": "http or https, without name and password"},
    "name": {**_TEXT, "description": "what it is called in lists and logs; its host where absent"},
    "lang": {
        "type": "string",
        "pattern": "^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}$",
        "description": "its language (BCP 47), such as ar",
    },
    "country": {
        "type": "string",
        "pattern": "^[A-Za-z]{2}$",
        "description": "its country (ISO 3166 alpha-2), such as QA",
    },
    "kind": {**_TEXT, "description": "agency, newspaper, ministry: your own words"},
    "tags": {"oneOf": [_TEXT, {"type": "array", "items": _TEXT}], "description": "your own words; folders in OPML"},
    "every": {"type": "string", "description": "a fixed interval, such as 10m, instead of one that adapts"},
    "fulltext": {**_FLAG, "description": "fetch the pages of new entries that say little"},
    "backfill": {"enum": ["none", "24h", "all"], "description": "what may alert of the first poll: none, 24h or all"},
    "headers": {
        "type": "object",
        "additionalProperties": {"type": "string"},
        "description": "headers by name, sent to its own host only; a value may be `secret:NAME`",
    },
    "ca": {**_TEXT, "description": "a PEM file of the authority that this feed's certificate comes from"},
    "paused": {**_FLAG, "description": "not polled until it is resumed"},
    "allow_private": {**_FLAG, "description": "its own host may have an address that is not public"},
    "state_owned": {**_FLAG, "description": "whether a state owns it: noted for who reads the list"},
}


def json_schema() -> dict[str, Any]:
    """Return the schema of a YAML feed list."""
    row = {"type": "object", "properties": _PROPERTIES, "required": ["url"], "additionalProperties": False}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Feeds to poll",
        "type": "object",
        "properties": {"feeds": {"type": "array", "items": {"oneOf": [{"type": "string"}, row]}}},
        "required": ["feeds"],
        "additionalProperties": False,
    }
