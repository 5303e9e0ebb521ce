"""Feed lists: what they may say, and every mistake with its place and its fix."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.errors import ConfigError
from monitor.feeds.config import load, parse_duration
from monitor.feeds.duplicates import duplicates
from monitor.feeds.opml import NAMESPACE, duration, write_opml, write_yaml
from monitor.feeds.schema import json_schema
from monitor.records import Feed
from tests.feeds.builders import a_state

FULL = """\
feeds:
  - url: https://news.example.org/rss
    name: Example  News
    lang: ar
    country: qa
    kind: agency
    tags: [state, gulf]
    every: 10m
    fulltext: true
    backfill: 24h
    headers: {Authorization: secret:example-key}
    ca: /etc/ssl/example.pem
    paused: true
    state_owned: false
  - url: http://10.0.0.5/feed
    allow_private: true
    tags: inside
  - https://plain.example.org/atom.xml
"""


def written(tmp_path: Path, text: str, name: str = "feeds.yml") -> Path:
    """Write a file and return its path."""
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(*paths: Path) -> list[str]:
    """Return the problems of a list, as text without the directory."""
    with pytest.raises(ConfigError) as caught:
        load(paths)
    return [str(dataclasses.replace(one, file=Path(one.file).suffix[1:])) for one in caught.value.problems]


def test_every_key_is_read(tmp_path: Path) -> None:
    """A list says all that a feed can be told."""
    first, second, third = load([written(tmp_path, FULL)])
    assert first == Feed(
        url="https://news.example.org/rss",
        name="Example News",
        lang="ar",
        country="QA",
        kind="agency",
        tags=("state", "gulf"),
        every=timedelta(minutes=10),
        fulltext=True,
        backfill="24h",
        headers={"Authorization": "secret:example-key"},
        ca="/etc/ssl/example.pem",
        paused=True,
        state_owned=False,
    )
    assert (second.allow_private, second.tags, second.name) == (True, ("inside",), "10.0.0.5")
    assert third == Feed(url="https://plain.example.org/atom.xml", name="plain.example.org")


def test_directory_is_read_in_order(tmp_path: Path) -> None:
    """All lists of a directory, by name."""
    written(tmp_path, "feeds: [https://b.example.org/]", "b.yml")
    written(tmp_path, "feeds: [https://a.example.org/]", "a.yaml")
    written(tmp_path, "not a list", "notes.txt")
    assert [feed.name for feed in load([tmp_path])] == ["a.example.org", "b.example.org"]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("name: x", "2:5: a feed needs its address"),
        ("url: 5", "2:5: a feed needs its address"),
        ("url: ftp://example.org/", "2:5: this address can't be polled: only http and https"),
        ("url: http://127.0.0.1/", "allow_private: true"),
        ("url: http://u:p@example.org/", "put them in `headers`"),
        ("{url: https://e.example.org/, interval: 5m}", "unknown key `interval`"),
        ("{url: https://e.example.org/, lang: arabic language}", "is no language tag"),
        ("{url: https://e.example.org/, country: Qatar}", "is no country code"),
        ("{url: https://e.example.org/, every: soon}", "`soon` is no interval"),
        ("{url: https://e.example.org/, every: 9d}", "at most seven days"),
        ("{url: https://e.example.org/, every: 10}", "`10` is no interval"),
        ("{url: https://e.example.org/, fulltext: perhaps}", "`fulltext` must be true or false"),
        ("{url: https://e.example.org/, backfill: week}", "write none, 24h or all"),
        ("{url: https://e.example.org/, tags: [1, 2]}", "`tags` must be a list of texts"),
        ("{url: https://e.example.org/, tags: 5}", "`tags` must be a list of texts"),
        ("{url: https://e.example.org/, headers: Authorization}", "`headers` must be a mapping"),
        ("{url: https://e.example.org/, headers: {Host: x}}", "`Host` is no header that can be set"),
        ("{url: https://e.example.org/, headers: {X-Y: 5}}", "must be one line of ASCII"),
        ("{url: https://e.example.org/, name: [a]}", "`name` must be a short text"),
        ("5", "2:5: a feed is a mapping"),
    ],
)
def test_each_mistake_has_its_place_and_fix(tmp_path: Path, row: str, expected: str) -> None:
    """A wrong row is named with line, column and what to write instead."""
    (problem,) = problems(written(tmp_path, f"feeds:\n  - {row}\n"))
    assert problem.startswith("yml:2:")
    assert "Fix: " in problem
    assert expected in problem


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "a feed list is a mapping"),
        ("- https://example.org/", "a feed list is a mapping"),
        ("feeds: 5", "`feeds` must be a list"),
        ("feeds: []\nmore: 1", "2:1: unknown key `more`"),
        ("feeds: [", "not YAML"),
        ("feeds: []\nfeeds: []", "2:1: not YAML"),
        ("feeds: !!python/object:os.system [x]", "this address can't be polled"),
        ("feeds: [https://a.example.org/x, https://www.a.example.org/x?utm_source=y]", "listed twice"),
    ],
)
def test_files_that_are_no_lists(tmp_path: Path, text: str, expected: str) -> None:
    """What is no list says what one looks like."""
    assert any(expected in problem for problem in problems(written(tmp_path, text)))


def test_all_problems_come_at_once(tmp_path: Path) -> None:
    """Two files with three mistakes give three problems, and a missing file a fourth."""
    first = written(tmp_path, "feeds:\n  - {url: x, every: y}\n", "feeds.yml")
    second = written(tmp_path, "feeds:\n  - name: z\n", "feeds.yaml")
    assert len(problems(first, second, tmp_path / "feeds.absent.yml")) == 4


def test_feeds_told_apart_by_a_parameter_are_two(tmp_path: Path) -> None:
    """One program that serves many feeds by `cid` or `source` gives as many feeds."""
    urls = [f"https://a.example.org/rss.aspx?{one}" for one in ("cid=1", "cid=2", "source=a", "source=b")]
    feeds = load([written(tmp_path, f"feeds: [{', '.join(urls)}]")])
    assert [feed.url for feed in feeds] == urls
    assert duplicates([a_state(url) for url in urls]) == ()


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    """A file in another charset is named as such."""
    path = tmp_path / "feeds.yml"
    path.write_bytes("feeds: [أ]".encode("cp1256"))
    assert "not UTF-8" in problems(path)[0]


OPML = """<?xml version="1.0"?>
<opml version="2.0"><head><title>Mine</title></head><body>
  <outline text="Gulf"><outline text="Agencies">
    <outline type="rss" text="QNA" title="QNA news" xmlUrl="https://q.example.org/rss"
             language="AR" category="/state,gulf"/>
  </outline></outline>
  <outline text="Loose" xmlUrl="feed:https://l.example.org/rss"/>
  <outline text="Again" xmlUrl="https://l.example.org/rss"/>
  <outline text="Only a folder"/>
</body></opml>
"""


def test_opml_folders_become_tags(tmp_path: Path) -> None:
    """Nested folders and categories are tags; a feed listed twice is read once."""
    first, second = load([written(tmp_path, OPML, "list.opml")])
    assert first == Feed(
        url="https://q.example.org/rss", name="QNA news", tags=("Gulf", "Agencies", "state", "gulf"), lang="ar"
    )
    assert second == Feed(url="https://l.example.org/rss", name="Loose")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<opml", "not well-formed XML"),
        ("<rss/>", "no OPML list"),
        ("<opml><body><outline xmlUrl='file:///etc/passwd'/></body></opml>", "only http and https"),
        ('<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><opml>&e;</opml>', "no OPML list"),
    ],
)
def test_opml_mistakes(tmp_path: Path, text: str, expected: str) -> None:
    """An OPML file is as untrusted as a feed, and its mistakes have places too."""
    assert expected in problems(written(tmp_path, text, "feeds.opml"))[0]


def test_export_and_import_give_the_same_feeds(tmp_path: Path) -> None:
    """YAML keeps everything; OPML all but a header's literal value, and a stranger's OPML what harms nobody."""
    feeds = load([written(tmp_path, FULL)])
    again = load([written(tmp_path, write_yaml(feeds), "again.yml")])
    assert again == feeds
    assert load([written(tmp_path, write_opml(feeds), "own.opml")], own=True) == feeds
    public = [
        Feed(url="https://a.example.org/?a=1&b=2", name='A "b" <c> & d', tags=("one", "two"), lang="ar"),
        Feed(
            url="https://b.example.org/", name="\ufffeB\uffff\x1f", every=timedelta(hours=2), fulltext=True, paused=True
        ),
        Feed(url="https://c.example.org/", name="C", country="QA", kind="true", state_owned=False, backfill="all"),
    ]
    readable = [public[0], dataclasses.replace(public[1], name="B"), public[2]]
    assert list(load([written(tmp_path, write_opml(public), "out.opml")])) == readable


def test_no_value_of_a_header_stands_in_opml(tmp_path: Path) -> None:
    """A list that is passed on holds the names of secrets, and no credential that somebody wrote into a feed."""
    headers = {"Authorization": "Bearer s3cr3t", "X-Key": "secret:example-key"}
    out = write_opml([Feed(url="https://a.example.org/", name="A", headers=headers)])
    assert "s3cr3t" not in out
    (feed,) = load([written(tmp_path, out, "out.opml")], own=True)
    assert feed.headers == {"X-Key": "secret:example-key"}


@pytest.mark.parametrize(
    "feed",
    [
        Feed(url="https://a.example.org/", name="A", headers={"X-Key": "secret:slack-desk"}),
        Feed(url="https://a.example.org/", name="A", ca="/etc/passwd"),
        Feed(url="http://10.0.0.5/", name="A", allow_private=True),
    ],
)
def test_a_strangers_opml_gets_no_secret_no_file_and_no_private_host(tmp_path: Path, feed: Feed) -> None:
    """What only our own export may ask for is refused with its line, unless somebody says that it is ours."""
    file = written(tmp_path, write_opml([feed]), "list.opml")
    (problem,) = problems(file)
    assert problem.startswith("opml:5:")
    assert "which no stranger's list may have" in problem
    assert "--own" in problem
    assert load([file], own=True) == (feed,)


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("every='soon'", "`soon` is no interval"),
        ("paused='perhaps'", "`paused` must be true or false"),
        ("headers='[1'", "`headers` must be a mapping"),
        ("country='Qatar'", "`Qatar` is no country code"),
    ],
)
def test_our_keys_in_opml_are_checked_as_in_yaml(tmp_path: Path, attribute: str, expected: str) -> None:
    """A mistake in an attribute of ours is named with its line."""
    row = f"<outline xmlUrl='https://a.example.org/' monitor:{attribute}/>"
    text = f"<opml xmlns:monitor='{NAMESPACE}'><body>\n{row}</body></opml>"
    with pytest.raises(ConfigError) as caught:
        load([written(tmp_path, text, "list.opml")], own=True)
    (problem,) = caught.value.problems
    assert (problem.line, expected in problem.message) == (2, True)


def test_names_from_strangers_stay_text_in_opml() -> None:
    """A name can't close an attribute or add an outline."""
    out = write_opml([Feed(url="https://a.example.org/", name='x"/><outline xmlUrl="http://evil/"/>\x00\ud800')])
    assert out.count("<outline") == 1


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("10m", 600), ("2h", 7200), ("1d", 86400), ("1h 30m", 5400), ("1h30m", 5400)]
)
def test_durations(text: str, seconds: int) -> None:
    """Units from seconds to days, alone or together; written back as they are read."""
    found = parse_duration(text)
    assert found == timedelta(seconds=seconds)
    assert parse_duration(duration(found)) == found


@pytest.mark.parametrize("text", ["", "10", "m", "-5m", "1w", "ten minutes", "5m 1h", "1.5h"])
def test_what_is_no_duration(text: str) -> None:
    """Nonsense is nothing."""
    assert parse_duration(text) is None


def test_schema_knows_the_same_keys() -> None:
    """What an editor accepts, the program reads."""
    row = json_schema()["properties"]["feeds"]["items"]["oneOf"][1]
    assert set(row["properties"]) == {field.name for field in dataclasses.fields(Feed)}
    assert row["additionalProperties"] is False
