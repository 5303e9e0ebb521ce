"""Novelty: each new fact once. `memory.py` is the path, `heads.py` holds the weights, `verdict.py` decides."""

from monitor.novelty.memory import Memory, NoveltySettings

__all__ = ["Memory", "NoveltySettings"]
