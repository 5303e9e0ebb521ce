"""Novelty: each new fact once. See `memory.py` for the path and `weights` for what decides."""

from monitor.novelty.memory import Memory, NoveltySettings

__all__ = ["Memory", "NoveltySettings"]
