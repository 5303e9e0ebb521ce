"""Reads everything that the operator wrote, together, so that every mistake is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from monitor.channels import registry
from monitor.channels.base import Channel
from monitor.errors import ConfigError, Problem
from monitor.feeds import config as feed_files
from monitor.model import Watchlist
from monitor.novelty import NoveltySettings
from monitor.records import Feed
from monitor.settings import Settings, load_settings
from monitor.watchlist import load as load_watchlists

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, feeds, watchlists and channels that hold together."""

    settings: Settings
    feeds: tuple[Feed, ...]
    watchlists: tuple[Watchlist, ...]
    channels: Mapping[str, Channel]
    novelty: NoveltySettings = NoveltySettings()
