"""A rule as one English sentence, so that its author can read back what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from monitor.model import Condition, Digest, Kind, Rule, Watchlist

LANGUAGES = {
    "ar": "Arabic",
    "az": "Azerbaijani",
    "de": "German",
    "el": "Greek",
    "en": "English",
    "es": "Spanish",
    "fa": "Persian",
    "fr": "French",
    "he": "Hebrew",
    "hy": "Armenian",
    "it": "Italian",
    "ka": "Georgian",
    "ku": "Kurdish",
    "ru": "Russian",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "zh": "Chinese",
}
KINDS = {
    Kind.FIRST: "a first report",
    Kind.DEVELOPMENT: "a development",
    Kind.RETELLING: "a retelling",
    Kind.COPY: "a copy",
    Kind.BACKGROUND: "a background mention",
}
_UNITS = (("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1))


def sentence(watchlist: Watchlist, rule: Rule) -> str:
    """Say in one English sentence when the rule alerts, whom, and what holds it back."""
    names = {key: entity.name for key, entity in watchlist.entities.items()}
    return f"{_action(rule)} when {_found(rule, names)}{_article(rule)}{_limits(rule)}."


def _action(rule: Rule) -> str:
    """Say where the alert goes, and as what."""
    channels = _list(rule.send_to, "and")
    severity = "" if rule.severity == "normal" else f" with severity {rule.severity}"
    if rule.digest is None or rule.budget is not None:
        return f"Alerts {channels}{severity}"
    return f"Sends {channels} a digest{severity} {_at(rule.digest)} of every alert"


def _at(digest: Digest) -> str:
    """Say when a digest leaves."""
    return f"at {_list(digest.at, 'and')} ({digest.timezone})"


def _found(rule: Rule, names: Mapping[str, str]) -> str:
    """Say who must be found, how, together where, and without whom."""
    wanted = Condition(all=rule.when.all, any=rule.when.any)
    condition = _condition(wanted, names)
    via = {"name": "named", "role": "found by office or title", "either": "found"}[rule.via]
    said = f"{condition or 'anybody watched'} {'are' if _several(wanted) else 'is'} {via}"
    if rule.near is not None:
        where = "in the same sentence" if rule.near.words is None else f"within {rule.near.words} words"
        who = _list([names.get(entity, entity) for entity in rule.near.entities], "and")
        said += f" {where}" if who == condition else f", with {who} {where},"
    if rule.when.none:
        said += f" without {_parts(rule.when.none, names, 'or')}"
    return said


def _several(node: Condition) -> bool:
    """Tell whether the condition asks for more than one at a time, as grammar sees it."""
    if len(node.all) + bool(node.any) != 1:
        return bool(node.all or node.any)
    parts = node.all or node.any
    return isinstance(parts[-1], Condition) and _several(parts[-1])


def _condition(node: Condition, names: Mapping[str, str], *, inner: bool = False) -> str:
    """Say a condition; nested ones stand in brackets."""
    if len(node.any) == 1:  # one of one is all
        node = Condition(all=(*node.all, *node.any), none=node.none)
    both = bool(node.all and node.any)
    every, some = _parts(node.all, names, "and", inner=both), _parts(node.any, names, "or", inner=both)
    none = _parts(node.none, names, "or")
    said = [every] if every else []
    if some:
        said.append(f"({some})" if every and len(node.any) > 1 else some)
    text = " and ".join(said)
    if none:
        text = f"{text or 'anybody watched'} without {none}"
    return f"({text})" if inner and (len(said) > 1 or len(node.all) + len(node.any) > 1 or none) else text


def _parts(parts: Iterable[str | Condition], names: Mapping[str, str], word: str, *, inner: bool = False) -> str:
    """Join entities' names and nested conditions; a nested one that stands alone needs no brackets."""
    listed = list(parts)
    inner = inner or len(listed) > 1
    return _list(
        [
            _condition(part, names, inner=inner) if isinstance(part, Condition) else names.get(part, part)
            for part in listed
        ],
        word,
    )


def _article(rule: Rule) -> str:
    """Say what the article must be: its language, source, kind and novelty."""
    languages = _list([LANGUAGES.get(code, code) for code in rule.languages], "or")
    needs = []
    if rule.sources_any:
        needs.append(f"comes from {_list(rule.sources_any, 'or')}")
    if rule.sources_none:
        needs.append(f"does not come from {_list(rule.sources_none, 'or')}")
    if rule.kinds:
        needs.append(f"is {_list([KINDS[kind] for kind in rule.kinds], 'or')}")
    if rule.each_language == "first":
        needs.append("is the first that this rule tells of its story in its language")
    if rule.at_least > 0:
        needs.append(f"scores at least {rule.at_least:g} of 1 for novelty")
    article = f" in {_a(languages)} article" if languages else " in an article"
    return f"{article} that {_list(needs, 'and')}" if needs else f"{article}, however old the news"


def _limits(rule: Rule) -> str:
    """Say what holds an alert back."""
    said = []
    if rule.cooldown is not None:
        said.append(f"at most once in {_span(rule.cooldown)} a story unless a stronger development comes")
    if rule.budget is not None:
        zone = rule.quiet.timezone if rule.quiet else "UTC"
        when = _at(rule.digest) if rule.digest else f"at midnight ({zone})"
        said.append(f"the first {rule.budget} a day at once and the rest in a digest {when}")
    if rule.quiet is not None:
        said.append(f"held from {rule.quiet.start} to {rule.quiet.end} ({rule.quiet.timezone})")
    if rule.revisions == "alert":
        said.append("again when an article is changed")
    return "".join(f"; {part}" for part in said)


def _span(span: timedelta) -> str:
    """Return a span of time in its largest whole unit."""
    seconds = int(span.total_seconds())
    unit, size = next((unit, size) for unit, size in _UNITS if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}{'' if count == 1 else 's'}"


def _list(words: Sequence[str], word: str) -> str:
    """Join words as English does: a, b and c."""
    return f" {word} ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _a(text: str) -> str:
    """Set the article that the text needs."""
    return f"{'an' if text[:1] in 'AEIOUaeio' else 'a'} {text}"
