"""A rule as one English sentence, so that its author can read back what was meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from monitor.model import Condition, Kind, Near, Rule, Watchlist

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
    return f"{_action(rule)} when {_found(rule, names)}{_article(rule)}{_news(rule)}{_limits(rule)}."


def _action(rule: Rule) -> str:
    """Say where the alert goes, and as what."""
    channels = _list(rule.send_to, "and")
    severity = "" if rule.severity == "normal" else f" with severity {rule.severity}"
    if rule.digest is None:
        return f"Alerts {channels}{severity}"
    return (
        f"Sends {channels} a digest{severity} at {_list(rule.digest.at, 'and')} ({rule.digest.timezone}) of every alert"
    )


def _found(rule: Rule, names: Mapping[str, str]) -> str:
    """Say who must be found, how and where."""
    condition = _condition(rule.when, names)
    via = {"name": "named", "role": "found by office or title", "either": "found"}[rule.via]
    one = len(rule.when.all) <= 1 and not rule.when.none and not rule.near and " and " not in condition
    said = f"{condition or 'anybody watched'} {'is' if one or not condition else 'are'} {via}"
    return f"{said}{_near(rule.near, names)}" if rule.near else said


def _condition(node: Condition, names: Mapping[str, str], *, inner: bool = False) -> str:
    """Say a condition; nested ones stand in brackets."""
    groups = (_parts(node.all, names, "and"), _parts(node.any, names, "or"), _parts(node.none, names, "or"))
    every, some, none = groups
    several = sum(bool(group) for group in groups) > 1
    said = [every] if every else []
    if some:
        said.append(f"({some})" if several and len(node.any) > 1 else some)
    if none:
        said.append(f"not {f'({none})' if len(node.none) > 1 else none}")
    text = " and ".join(said)
    return f"({text})" if inner and " " in text and (several or len(node.all) + len(node.any) > 1) else text


def _parts(parts: Iterable[str | Condition], names: Mapping[str, str], word: str) -> str:
    """Join entities' names and nested conditions."""
    return _list(
        [
            _condition(part, names, inner=True) if isinstance(part, Condition) else names.get(part, part)
            for part in parts
        ],
        word,
    )


def _near(near: Near, names: Mapping[str, str]) -> str:
    """Say who must stand together."""
    together = _list([names.get(entity, entity) for entity in near.entities], "and")
    where = "in the same sentence" if near.words is None else f"within {near.words} words"
    return f", {together} {where},"


def _article(rule: Rule) -> str:
    """Say what kind of article is looked at."""
    languages = _list([LANGUAGES.get(code, code) for code in rule.languages], "or")
    text = f" in {_a(languages)} article" if languages else " in an article"
    if rule.sources_any:
        text += f" from {_list(rule.sources_any, 'or')}"
    if rule.sources_none:
        text += f"{',' if rule.sources_any else ''} not from {_list(rule.sources_none, 'or')}"
    return text


def _news(rule: Rule) -> str:
    """Say how new the article must be."""
    kinds = _list([KINDS[kind] for kind in rule.kinds], "or")
    needs = [f"is {kinds}"] if kinds else []
    if rule.at_least > 0:
        needs.append(f"scores at least {rule.at_least:g} of 1 for novelty")
    return f" that {' and '.join(needs)}" if needs else ", however old the news"


def _limits(rule: Rule) -> str:
    """Say what holds an alert back."""
    said = []
    if rule.cooldown is not None:
        said.append(f"at most once in {_span(rule.cooldown)} a story unless a stronger development comes")
    if rule.budget is not None:
        said.append(f"the first {rule.budget} a day at once and the rest in a digest")
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
