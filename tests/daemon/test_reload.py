"""Live reload: what is taken, what is kept, what needs a restart."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.config import load_config
from monitor.daemon.reload import Source, directories, inputs, needs_restart
from monitor.demo.receiver import Receiver
from tests.campaign import reload as campaign
from tests.daemon.test_daemon import FACT, OTHER_FACT, ask, eventually, now, running, settings
from tests.newsroom import Item, Newsroom

__all__ = ["settings"]


def test_random_edits_are_never_mixed_and_never_missed() -> None:
    """A slice of the campaign: edits at random, some wrong, while articles come in."""
    outcome = campaign.run(edits=12, seed=4)
    assert outcome.clean, outcome
    assert outcome.wrong
    assert outcome.judged


def test_a_saved_watchlist_is_taken_and_a_wrong_one_named(settings: Path) -> None:
    """Saving a file is enough: a good one is at work soon, a wrong one is in readiness with its line."""
    file = settings.parent / "lists" / "desk.yml"
    good = file.read_text("utf-8")
    with running(settings) as daemon:
        file.write_text(good.replace("when: lavrov", "when: lavrof"), "utf-8")
        assert eventually(lambda: "desk.yml:6:" in daemon.ready()[1].get("reload", ""))
        file.write_text(good.replace("everything", "all of it"), "utf-8")
        assert eventually(lambda: daemon.pipeline.judges["desk"].watchlist.rules[0].name == "all of it")
        assert json.loads(ask(daemon, "/readyz")[1]) == {"ok": True}


def test_a_new_file_in_the_directory_is_taken(settings: Path) -> None:
    """A watchlist that is put beside the others is loaded, and let go when it is deleted."""
    other = settings.parent / "lists" / "other.yml"
    with running(settings) as daemon:
        other.write_text((settings.parent / "lists" / "desk.yml").read_text("utf-8").replace("Desk", "Other"), "utf-8")
        assert eventually(lambda: set(daemon.pipeline.judges) == {"desk", "other"})
        other.unlink()
        assert eventually(lambda: set(daemon.pipeline.judges) == {"desk"})


def test_an_edit_while_the_daemon_starts_is_not_missed(settings: Path) -> None:
    """What is saved after the files were read, and before anything watches them, is taken once the daemon runs."""
    config = load_config(settings)
    other = settings.parent / "lists" / "other.yml"
    other.write_text((settings.parent / "lists" / "desk.yml").read_text("utf-8").replace("Desk", "Other"), "utf-8")
    source = Source(config, lambda: load_config(settings), lambda: None)
    assert source.differs()
    assert {watchlist.id for watchlist in source.read().watchlists} == {"desk", "other"}
    assert not source.differs()
    source.stop()


def test_channels_and_templates_are_read_live(settings: Path, room: Newsroom, receiver: Receiver) -> None:
    """A channel that is added, moved or reworded is at work without a restart; the others are not touched."""
    text = settings.read_text("utf-8")
    with running(settings) as daemon:
        room.publish("north", Item("a1", FACT, FACT, now()))
        receiver.wait(1)
        console = daemon.pipeline.channels["console"]
        settings.write_text(text.replace("/a", "/b"), "utf-8")
        assert eventually(
            lambda: (
                daemon.metrics.reload_time.collect()
                and daemon.config.settings.channels["archive"]["url"].endswith("/b")
            )
        )
        assert daemon.pipeline.channels["console"] is console
        room.publish("north", Item("a2", OTHER_FACT, OTHER_FACT, now()))
        receiver.wait(2)
        assert [message.path for message in receiver.received] == ["/a", "/b"]
        assert not daemon.alive()


def test_a_saved_feed_list_is_taken_and_a_wrong_one_named(settings: Path, room: Newsroom) -> None:
    """A feed that is added is polled and one that is removed no longer; a wrong list leaves the feeds as they are."""
    file = settings.parent / "feeds.yml"
    north, _ = json.loads(file.read_text("utf-8"))["feeds"]
    south = {**north, "url": room.url("south"), "name": "south"}
    with running(settings) as daemon:
        assert room.polled("broken", 1)
        file.write_text(json.dumps({"feeds": [north, south]}), "utf-8")
        assert room.polled("south", 1)
        assert eventually(lambda: daemon._polling.idle)
        polls = room.polls("broken")
        file.write_text(json.dumps({"feeds": [{**north, "every": "often"}, south]}, indent=1), "utf-8")
        assert eventually(lambda: "feeds.yml:7:" in daemon.ready()[1].get("reload", ""))
        assert room.polled("north", room.polls("north") + 2)
        assert room.polled("south", room.polls("south") + 2)
        assert room.polls("broken") == polls


def test_a_saved_template_is_at_work_at_once(
    settings: Path, room: Newsroom, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """New words of a template are in the next message; a template that fails is named, and leaves those before."""
    monkeypatch.setenv("MONITOR_SECRET_HOOK", f"{receiver.url}/services/T/B/x")
    template = settings.parent / "words.j2"
    template.write_text("Before: {{ title }}", "utf-8")
    slack = f"type: slack, url: secret:hook, template: {template}"
    settings.write_text(settings.read_text("utf-8").replace(f'type: webhook, url: "{receiver.url}/a"', slack), "utf-8")
    with running(settings) as daemon:
        room.publish("north", Item("a1", FACT, FACT, now()))
        assert "Before: " in json.dumps(receiver.wait(1)[0].json)
        template.write_text("After: {{ title }}", "utf-8")
        assert eventually(
            lambda: daemon.metrics.registry.get_sample_value("monitor_reloads_total", {"result": "taken"})
        )
        template.write_text("Wrong: {{ title", "utf-8")
        assert eventually(lambda: "words.j2:1:" in daemon.ready()[1].get("reload", ""))
        room.publish("north", Item("a2", OTHER_FACT, OTHER_FACT, now()))
        assert "After: " in json.dumps(receiver.wait(2)[1].json)


def test_a_compiler_that_fails_leaves_the_old_version(settings: Path) -> None:
    """Whatever goes wrong between reading and compiling, the last good version is at work."""
    with running(settings) as daemon:
        judge = daemon.pipeline.judges["desk"]

        def fail(watchlists: object) -> None:
            raise MemoryError("no room to compile")

        daemon.pipeline.watch = fail  # type: ignore[method-assign,assignment]
        assert not daemon.reload()
        assert daemon.pipeline.judges["desk"] is judge
        assert daemon.ready()[1] == {"reload": "no room to compile"}
        assert daemon.crash is None


def test_what_holds_until_a_restart_is_named(settings: Path) -> None:
    """A changed port or database is not taken live, and is said."""
    old = load_config(settings).settings
    settings.write_text(settings.read_text("utf-8").replace("127.0.0.1:0", "127.0.0.1:1"), "utf-8")
    assert needs_restart(old, load_config(settings).settings) == ["http"]
    assert needs_restart(old, old) == []


def test_every_file_that_is_read_is_watched(settings: Path) -> None:
    """Settings, feed lists, watchlists and templates: their directories are watched, and a change of each is seen."""
    template = settings.parent / "words" / "desk.j2"
    template.parent.mkdir()
    template.write_text("{{ title }}", "utf-8")
    settings.write_text(
        settings.read_text("utf-8").replace(
            "{archive:", f"{{screen: {{type: console, template: {template}}}, archive:"
        ),
        "utf-8",
    )
    config = load_config(settings)
    assert {path.name for path in inputs(config.settings)} == {"monitor.yml", "feeds.yml", "desk.yml", "desk.j2"}
    assert {settings.parent, settings.parent / "lists", template.parent} <= set(directories(config.settings))
    for path in inputs(config.settings):
        source = Source(load_config(settings), lambda: config, lambda: None)
        assert not source.differs()
        path.write_text(path.read_text("utf-8") + "\n", "utf-8")
        assert source.differs(), path
