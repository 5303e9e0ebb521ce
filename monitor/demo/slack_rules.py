"""What Slack refuses in a message, as far as its documentation says. Pure: a decoded body in, complaints out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

_COMMAND = re.compile(r"<[!@#]|<[^<>|]{1,3000}\|")
_STYLES: Final = frozenset({"bold", "italic", "strike", "code", "underline"})
_RICH: Final = frozenset({"rich_text_section", "rich_text_quote", "rich_text_list", "rich_text_preformatted"})
_INLINE: Final = frozenset({"text", "link", "emoji"})


def complaints(body: object) -> tuple[str, ...]:
    """Return what Slack would refuse, or what would ring more people than meant; empty for a good message."""
    if not isinstance(body, Mapping):
        return ("the body is not a JSON object",)
    return tuple(_message(body))


def _message(body: Mapping[str, Any]) -> Iterator[str]:
    text, blocks = body.get("text"), body.get("blocks")
    if not text and not blocks:
        yield "no_text: neither text nor blocks"
    if text is not None:
        if not isinstance(text, str) or len(text) > 40_000:
            yield "text is no string of up to 40,000 characters"
        else:
            yield from _markup("text", text)
    if blocks is None:
        return
    if not isinstance(blocks, list) or len(blocks) > 50:
        yield "more than 50 blocks"
        return
    if len(json.dumps(blocks, ensure_ascii=False)) > 13_200:
        yield "msg_blocks_too_long"
    for block in blocks:
        yield from _block(block)


def _block(block: Mapping[str, Any]) -> Iterator[str]:
    match block.get("type"):
        case "header":
            yield from _text(block.get("text"), 150, kinds=("plain_text",))
        case "section":
            yield from _text(block.get("text"), 3_000)
        case "context":
            elements = block.get("elements", [])
            if not 1 <= len(elements) <= 10:
                yield "a context has 1 to 10 elements"
            for element in elements:
                yield from _text(element, 3_000)
        case "rich_text":
            for element in block.get("elements", []):
                yield from _rich(element)
        case "divider":
            return
        case other:
            yield f"a block of type {other!r}"


def _text(text: object, limit: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")) -> Iterator[str]:
    if not isinstance(text, Mapping) or text.get("type") not in kinds or not isinstance(text.get("text"), str):
        yield f"a text object of type {' or '.join(kinds)} is missing"
        return
    if not 1 <= len(text["text"]) <= limit:
        yield f"a text of {len(text['text'])} characters where 1 to {limit} are allowed"
    if text["type"] == "mrkdwn":
        yield from _markup("mrkdwn", text["text"])


def _rich(element: Mapping[str, Any]) -> Iterator[str]:
    if element.get("type") not in _RICH:
        yield f"rich text of type {element.get('type')!r}"
        return
    length = 0
    for part in element.get("elements", []):
        if part.get("type") in _RICH:
            yield from _rich(part)
            continue
        if part.get("type") not in _INLINE:
            yield f"rich text that mentions or calls: {part.get('type')!r}"
        if part.get("type") == "link" and not str(part.get("url", "")).startswith(("http://", "https://")):
            yield "a link that is not http"
        if set(part.get("style", {})) - _STYLES:
            yield "an unknown style"
        if part.get("type") == "text" and not part.get("text"):
            yield "an empty text"
        length += len(part.get("text", ""))
    if length > 3_000:
        yield f"a section of {length} characters"


def _markup(where: str, text: str) -> Iterator[str]:
    if _COMMAND.search(text):
        yield f"{where} mentions or links by markup"
    if "<" in text or ">" in text:
        yield f"{where} has an unescaped bracket"
