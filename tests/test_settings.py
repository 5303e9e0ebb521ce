"""Settings: defaults that work, one file, the environment over it, secrets by name and never shown."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.errors import ConfigError, InputError
from monitor.settings import Settings, load_settings, masked_url, secret


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No variable of ours, no file lying about."""
    names = ["XDG_STATE_HOME", "STATE_DIRECTORY", "CONFIGURATION_DIRECTORY", "CREDENTIALS_DIRECTORY"]
    for name in [*names, *(name for name in os.environ if name.startswith("MONITOR_"))]:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)


def write(tmp_path: Path, text: str) -> Path:
    """A settings file of this text."""
    path = tmp_path / "etc" / "monitor.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, "utf-8")
    return path


def refused(path: Path | None = None) -> list[str]:
    """The problems of these settings, files by their name alone."""
    with pytest.raises(ConfigError) as error:
        load_settings(path)
    return [str(problem).replace(f"{path.parent}/" if path else "", "") for problem in error.value.problems]


def test_the_defaults_work(tmp_path: Path) -> None:
    """Without a file everything has a value: a database of the user's own, loopback, content beside the program."""
    settings = load_settings(None)
    assert settings.database == f"sqlite:///{tmp_path}/home/.local/state/monitor/monitor.db"
    assert settings.http.listen == "127.0.0.1:9108"
    assert settings.feeds == (tmp_path / "seeds" / "feeds.yml",)
    assert settings.watchlists == (tmp_path / "watchlists",)
    assert settings.channels == {}
    assert (settings.log.format, settings.log.level, settings.file) == ("auto", "info", None)


def test_systemd_says_where_state_lives(monkeypatch: pytest.MonkeyPatch) -> None:
    """The unit's state directory goes before the user's."""
    monkeypatch.setenv("XDG_STATE_HOME", "/state")
    assert load_settings().database == "sqlite:////state/monitor/monitor.db"
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/monitor:/var/lib/other")
    assert load_settings().database == "sqlite:////var/lib/monitor/monitor.db"


def test_a_file_is_read_with_paths_from_where_it_lies(tmp_path: Path) -> None:
    """Every section is read; relative paths start at the file; a list may be a single value."""
    path = write(
        tmp_path,
        """\
database: sqlite:///state/monitor.db?timeout=5
http: {listen: "[::1]:9109"}
feeds: feeds.yml
watchlists: [lists, /srv/more]
channels:
  desk: {type: slack, url: secret:slack-desk}
  paper: {type: console, template: words.j2}
polling: {workers: 3, contact: https://example.org/about}
novelty: {memory_days: 7}
retention: {days: 30}
log: {format: json, level: debug}
""",
    )
    settings = load_settings(path)
    assert settings.database == f"sqlite:///{tmp_path}/etc/state/monitor.db?timeout=5"
    assert settings.feeds == (tmp_path / "etc" / "feeds.yml",)
    assert settings.watchlists == (tmp_path / "etc" / "lists", Path("/srv/more"))
    paper = {"type": "console", "template": f"{tmp_path}/etc/words.j2"}
    assert settings.channels == {"desk": {"type": "slack", "url": "secret:slack-desk"}, "paper": paper}
    assert (settings.polling.workers, settings.polling.contact) == (3, "https://example.org/about")
    assert (settings.novelty.memory_days, settings.retention.days, settings.log.level) == (7, 30, "debug")
    place = settings.place("channels", "desk", "url")
    assert (place.file, place.line, place.column) == (str(path), 6, 28)


def test_the_environment_goes_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any key can be set by variable, nested ones with two underscores, lists as one value or as JSON."""
    path = write(
        tmp_path, "http: {listen: 127.0.0.1:1}\npolling: {workers: 3, parsers: 4}\nchannels: {a: {type: slack}}\n"
    )
    monkeypatch.setenv("MONITOR_HTTP__LISTEN", "127.0.0.1:2")
    monkeypatch.setenv("MONITOR_POLLING__WORKERS", "5")
    monkeypatch.setenv("MONITOR_FEEDS", '["a.yml", "b.opml"]')
    monkeypatch.setenv("MONITOR_WATCHLISTS", "/srv/lists")
    monkeypatch.setenv("MONITOR_CHANNELS__OPS__TYPE", "webhook")
    settings = load_settings(path)
    assert settings.http.listen == "127.0.0.1:2"
    assert (settings.polling.workers, settings.polling.parsers) == (5, 4)
    assert [feed.name for feed in settings.feeds] == ["a.yml", "b.opml"]
    assert settings.watchlists == (Path("/srv/lists"),)
    assert settings.channels == {"a": {"type": "slack"}, "ops": {"type": "webhook"}}


def test_where_a_file_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the variable, then the working directory, then systemd's configuration directory."""
    etc = write(tmp_path, "retention: {days: 1}\n")
    monkeypatch.setenv("CONFIGURATION_DIRECTORY", str(etc.parent))
    assert load_settings().retention.days == 1
    (tmp_path / "monitor.yml").write_text("retention: {days: 2}\n")
    assert load_settings().retention.days == 2
    (tmp_path / "named.yml").write_text("retention: {days: 3}\n")
    monkeypatch.setenv("MONITOR_SETTINGS", str(tmp_path / "named.yml"))
    assert load_settings().retention.days == 3


def test_an_empty_section_is_none(tmp_path: Path) -> None:
    """A key whose content is commented out, or an empty file, leaves the defaults."""
    assert load_settings(write(tmp_path, "http:\n#  listen: x\nchannels:\n")).channels == {}
    assert load_settings(write(tmp_path, "")).http.listen == "127.0.0.1:9108"


BAD = {
    "databse: x\n": "monitor.yml:1:1: unknown key 'databse' in settings. Fix: did you mean 'database'?",
    "http: {listn: x}\n": "monitor.yml:1:8: unknown key 'listn' in http. Fix: did you mean 'listen'?",
    "http: {listen: here}\n": "monitor.yml:1:16: 'here' is not host:port. Fix: write e.g. 127.0.0.1:9108",
    "http: {listen: 0.0.0.0:9108}\n": "monitor.yml:1:7: http.listen 0.0.0.0:9108 is not loopback "
    "and http.token is not set. Fix: set http.token to secret:NAME, or listen on 127.0.0.1",
    "http: {token: abc}\n": "monitor.yml:1:15: a secret is named in the settings, never written there. "
    "Fix: write secret:NAME",
    "http: {listen: 127.0.0.1:70000}\n": "monitor.yml:1:16: '127.0.0.1:70000' is not host:port. "
    "Fix: write e.g. 127.0.0.1:9108",
    "database: mysql://u:hidden@h/d\n": "monitor.yml:1:11: database is no address this program can use. "
    "Fix: write sqlite:////path/monitor.db or postgresql+psycopg://user@host/name",
    "polling:\n  workers: many\n": "monitor.yml:2:12: polling.workers: input should be a valid integer, unable to "
    "parse string as an integer. Fix: workers means: Feeds polled at the same time; 8 by default",
    "polling: {workers: 0}\n": "monitor.yml:1:20: polling.workers: input should be greater than or equal to 1. "
    "Fix: workers means: Feeds polled at the same time; 8 by default",
    'polling: {contact: "a\\r\\nHost: b"}\n': "monitor.yml:1:20: contact has characters that no header may hold. "
    "Fix: write an address in plain ASCII",
    "log: {level: loud}\n": "monitor.yml:1:14: log.level: input should be 'debug', 'info', 'warning' or 'error'. "
    "Fix: level means: The least important that is written; info by default",
    "channels: {desk: slack}\n": "monitor.yml:1:18: channels.desk: input should be a valid dictionary. "
    "Fix: channels means: Ways out by name, each with `type` and its options; `console` exists without being named",
    "feeds: [a.yml, [b.yml]]\n": "monitor.yml:1:16: feeds.1: input is not a valid path for <class 'pathlib.Path'>. "
    "Fix: feeds means: Feed lists, YAML or OPML",
    "novelty: {memory_days: 31}\nretention: {days: 30}\n": "monitor.yml:1:24: novelty.memory_days 31 is more than "
    "retention.days 30, so that a restart forgets. Fix: keep articles as long as they are remembered: raise "
    "retention.days, or lower novelty.memory_days",
    "- database\n": "monitor.yml:1:1: settings must be keys and values. Fix: write `key: value` lines",
    "log: !x {}\n": "monitor.yml:1:6: tag !x is not allowed. Fix: remove the tag",
    "log: {}\nlog: {}\n": "monitor.yml:2:1: key 'log' is given twice (first on line 1). "
    "Fix: merge the two or remove one",
    "database: secret:db\n": "monitor.yml:1:11: secret 'db' is not set. "
    "Fix: set MONITOR_SECRET_DB, or LoadCredential=db:… in the systemd unit",
}


@pytest.mark.parametrize(("text", "said"), BAD.items(), ids=[text.strip()[:30] for text in BAD])
def test_each_mistake_is_told_with_place_and_fix(tmp_path: Path, text: str, said: str) -> None:
    """What is wrong in the file is told at its line and column, with a fix, and never with a secret."""
    assert refused(write(tmp_path, text)) == [said]


def test_the_memory_is_no_longer_than_what_it_is_rebuilt_from(tmp_path: Path) -> None:
    """Where nobody says how long to remember, it is as long as articles are kept, if that is less than usual."""
    lists = "feeds: []\nwatchlists: []\n"
    assert load_config(write(tmp_path, lists)).novelty.max_age == timedelta(days=30)
    assert load_config(write(tmp_path, f"{lists}retention: {{days: 7}}\n")).novelty.max_age == timedelta(days=7)


def test_all_mistakes_are_told_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and environment are judged together."""
    monkeypatch.setenv("MONITOR_HTP__LISTEN", "x")
    monkeypatch.setenv("MONITOR_POLLING__WORKRS", "1")
    assert refused(write(tmp_path, "retention: {days: 0}\nlogs: {}\n")) == [
        "$MONITOR_HTP__LISTEN:1:1: this variable names no setting. Fix: did you mean 'MONITOR_HTTP'?",
        "$MONITOR_POLLING__WORKRS:1:1: unknown key 'workrs' in polling. Fix: did you mean 'workers'?",
        "monitor.yml:1:19: retention.days: input should be greater than or equal to 1. "
        "Fix: days means: Days that articles and their judgements are kept; alerts are never forgotten; 90 by default",
        "monitor.yml:2:1: unknown key 'logs' in settings. Fix: did you mean 'log'?",
    ]


def test_a_value_in_the_environment_is_named_by_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong variable is told by its name, a broken JSON by its setting."""
    monkeypatch.setenv("MONITOR_HTTP__LISTEN", "nowhere")
    assert refused() == ["$MONITOR_HTTP__LISTEN:1:1: 'nowhere' is not host:port. Fix: write e.g. 127.0.0.1:9108"]
    monkeypatch.setenv("MONITOR_CHANNELS", "{")
    (said,) = refused()
    assert said.startswith("environment:1:1: a value in the environment can't be read:")
    assert "channels" in said


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """A file that was named must be there."""
    assert refused(tmp_path / "none.yml") == [
        "none.yml:1:1: can't be read: No such file or directory. Fix: check path and permissions"
    ]


def test_secrets_come_from_the_environment_then_from_credentials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A secret's name becomes a variable or a file; a trailing line end is no part of it."""
    (tmp_path / "slack-desk").write_text("from a file\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    settings = load_settings()
    assert settings.secret("secret:slack-desk").get_secret_value() == "from a file"
    monkeypatch.setenv("MONITOR_SECRET_SLACK_DESK", "from the environment")
    assert settings.secret("slack-desk").get_secret_value() == "from the environment"
    assert "environment" not in f"{settings.secret('secret:slack-desk')!r}"


def test_a_secret_that_is_not_there_is_told_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names both places; an empty file is no secret; a name is no path."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    (tmp_path / "empty").touch()
    for name in ("missing", "empty"):
        with pytest.raises(InputError, match=f"set MONITOR_SECRET_{name.upper()}, or LoadCredential={name}:"):
            secret(f"secret:{name}")
    for name in ("../etc/passwd", "a/b", "", ".hidden", "x" * 65):
        with pytest.raises(InputError, match="a secret's name has"):
            secret(f"secret:{name}")
    (tmp_path / "folder").mkdir()
    with pytest.raises(InputError, match="can't be read from"):
        secret("secret:folder")


def test_a_database_may_be_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address with a password can stay out of the file; what it holds is checked like any other."""
    monkeypatch.setenv("MONITOR_DATABASE", "secret:database")
    monkeypatch.setenv("MONITOR_SECRET_DATABASE", "postgresql+psycopg://monitor:hidden@db/news")
    assert load_settings().database == "postgresql+psycopg://monitor:hidden@db/news"
    monkeypatch.setenv("MONITOR_SECRET_DATABASE", "mysql://monitor:hidden@db/news")
    (said,) = refused()
    assert "database is no address this program can use" in said
    assert "hidden" not in said


def test_nothing_secret_is_ever_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither repr nor a dump holds a password or a channel's address; `shown` keeps what is harmless."""
    path = write(
        tmp_path,
        """\
database: postgresql+psycopg://monitor:hidden@db/news
channels:
  desk: {type: slack, url: https://hooks.example.org/hidden, retries: 3, key: secret:desk}
""",
    )
    settings = load_settings(path)
    shown = settings.shown()
    assert "hidden" not in f"{settings!r} {settings} {shown} {settings.model_dump(mode='json')['database']}"
    assert shown["database"] == "postgresql+psycopg://monitor:***@db/news"
    assert shown["channels"] == {"desk": {"type": "slack", "url": "***", "retries": 3, "key": "secret:desk"}}
    assert masked_url("sqlite:////x/y.db") == "sqlite:////x/y.db"


def test_settings_do_not_change() -> None:
    """A loaded setting can't be assigned: a reload makes new ones."""
    settings: Settings = load_settings()
    with pytest.raises(ValueError, match="frozen"):
        settings.database = "sqlite:////other.db"
