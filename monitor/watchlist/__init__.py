"""Watchlists: files of entities and rules, written by hand in YAML 1.2, read with every mistake at its place.

    files ─ yamlfile ─> tree ─ entities, rules, expectations ─> Watchlist     all mistakes at once: ConfigError
                                └ reader: one function a kind of value, each noting mistakes with their fix

`load` reads files and directories, `load_catalogue` the entities that they share, `sentence` says a rule in English,
`json_schema` tells editors what may be written, `references` names the channels that rules send to, with their places,
`versions` tells what an edit changed.
"""

from __future__ import annotations

from monitor.watchlist.english import sentence
from monitor.watchlist.files import load, load_catalogue
from monitor.watchlist.references import Reference, references
from monitor.watchlist.schema import json_schema
from monitor.watchlist.versions import versions

__all__ = ["Reference", "json_schema", "load", "load_catalogue", "references", "sentence", "versions"]
