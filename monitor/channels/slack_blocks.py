"""An alert as Slack's Block Kit, built and checked with slack-sdk's models, within Slack's limits. Pure.

Slack refuses a whole message for one text of more than 3,000 characters, for more than 50 blocks, or for more than
about 13,000 characters in all; texts are cut at the end of a sentence, and a link leads to the rest.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from slack_sdk.models.blocks import (
    Block,
    ContextBlock,
    HeaderBlock,
    PlainTextObject,
    RichTextBlock,
    RichTextElement,
    RichTextElementParts,
    RichTextQuoteElement,
    RichTextSectionElement,
)

from monitor.alerts.text import FSI, PDI, Piece, Said, cut, cut_pieces, isolated

MOST_BLOCKS: Final = 50
SECTION: Final = 3_000
MESSAGE: Final = 12_000
_HEADER = 150
_TITLE = 400
_QUOTE = 1_200
_FACT = 600
_FALLBACK = 2_900

_Parts = list[RichTextElement]


def blocks(said: Said, story_link: str | None = None) -> list[Block]:
    """Return the message's blocks: headline, who and title, what is new, and where, when and why."""
    if said.items:
        return _digest(said)
    who = [_text(isolated(cut(said.who, _TITLE)), bold=True), _text("\n")] if said.who else []
    body: list[RichTextElement] = [RichTextSectionElement(elements=[*who, *_title(said)])]
    body += [RichTextQuoteElement(elements=_quote(pieces, said.link)) for pieces in said.quotes]
    facts = [said.source, said.when, isolated(said.why), said.parts]
    story = [] if story_link else [f"story {said.story[:12]}"]
    facts.append(" · ".join(filter(None, (*story, said.follows))))
    found: list[Block] = [
        _header(said.headline),
        RichTextBlock(elements=body),
        ContextBlock(elements=[PlainTextObject(text=cut(fact, _FACT), emoji=False) for fact in facts if fact]),
    ]
    if story_link is not None:
        whole = [RichTextElementParts.Link(url=story_link, text="The whole story")]
        found.append(RichTextBlock(elements=[RichTextSectionElement(elements=whole)]))
    return found


def worded(said: Said, text: str) -> list[Block]:
    """Return the blocks for an alert that a template put into words: the headline, the text as it is, the link."""
    parts = [_text(cut(text, SECTION - 200))]
    if said.link:
        parts += [_text("\n"), RichTextElementParts.Link(url=said.link, text="read on")]
    return [_header(said.headline), RichTextBlock(elements=[RichTextSectionElement(elements=parts)])]


def fallback(text: str) -> str:
    """Return the text for notifications and for receivers that can't read blocks, escaped as Slack asks."""
    return escape(cut(text, _FALLBACK))


def escape(text: str) -> str:
    """Escape the three characters that Slack's markup begins with: no mention, link or command survives."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def readable(sent: Iterable[Mapping[str, Any]]) -> str:
    """Set blocks as lines of text: bold between asterisks, quotes behind a bar, links with their address."""
    lines: list[str] = []
    for block in sent:
        if block["type"] == "header":
            lines.append(f"*{block['text']['text']}*")
        elif block["type"] == "context":
            lines += [f"  {element['text']}" for element in block["elements"]]
        for element in block["elements"] if block["type"] == "rich_text" else ():
            bar = "┃ " if element["type"] == "rich_text_quote" else ""
            text = "".join(_shown(part) for part in element["elements"])
            lines += [bar + line for line in text.split("\n")]
    return "\n".join(lines)


def _shown(part: Mapping[str, Any]) -> str:
    text = f"*{part['text']}*" if part.get("style", {}).get("bold") else str(part["text"])
    return f"{text} ({part['url']})" if part["type"] == "link" else text


def _digest(said: Said) -> list[Block]:
    """List the items in the order of time: all, or the best that fit, and how many more there are."""
    found: list[Block] = [_header(said.headline)]
    lines = [_item(item) for item in said.items]
    room = MESSAGE - _size(found[0]) - 500
    chosen: list[int] = []
    for number in sorted(range(len(lines)), key=lambda number: -said.items[number].score):
        room -= _size(lines[number])
        if room < 0 or len(chosen) == MOST_BLOCKS - 2:
            break
        chosen.append(number)
    found += [lines[number] for number in sorted(chosen)]
    if len(chosen) < len(lines):
        more = f"and {len(lines) - len(chosen)} more: monitor alerts show {said.story[:12]}"
        found.append(ContextBlock(elements=[PlainTextObject(text=more, emoji=False)]))
    return found


def _item(said: Said) -> Block:
    line = [*_title(said), _text(f"\n{said.source} · {said.what} · {said.when}")]
    return RichTextBlock(elements=[RichTextSectionElement(elements=line)])


def _header(text: str) -> Block:
    return HeaderBlock(text=PlainTextObject(text=cut(text, _HEADER), emoji=False))


def _title(said: Said) -> _Parts:
    text = isolated(cut(said.title, _TITLE))
    return [RichTextElementParts.Link(url=said.link, text=text) if said.link else _text(text)]


def _quote(pieces: Sequence[Piece], link: str | None) -> _Parts:
    kept = cut_pieces(pieces, _QUOTE)
    parts: _Parts = [_text(FSI), *(_text(piece.text, bold=piece.name) for piece in kept), _text(PDI)]
    if kept != tuple(pieces) and link:
        parts += [_text(" "), RichTextElementParts.Link(url=link, text="read on")]
    return parts


def _text(text: str, *, bold: bool = False) -> RichTextElement:
    style = RichTextElementParts.TextStyle(bold=True) if bold else None
    return RichTextElementParts.Text(text=text, style=style)


def _size(block: Block) -> int:
    return len(json.dumps(block.to_dict(), ensure_ascii=False))
