"""`monitor explain` and `monitor replay`, on the command line: what each article says, and what all came to."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from pathlib import Path

from monitor.daemon import utc_now
from monitor.store import Store
from tests.test_cli import ARTICLE, WATCHLIST, Run, place, run, stored

__all__ = ["place", "run"]


def _write(place: Path, *articles: Mapping[str, object]) -> None:
    """Write articles to a file of their own."""
    (place / "two.jsonl").write_text("".join(json.dumps(one) + "\n" for one in articles))


def test_explain_shows_the_article_and_why(place: Path, run: Run) -> None:
    """For a person: the marked text and the decision. In a pipe the span is bracketed."""
    code, out, _ = run("explain", "one.jsonl")
    assert code == 0
    assert "⟦سيرغي لافروف⟧" in out
    assert "✓ lavrov by name" in out


def test_explain_says_how_new_each_article_is(place: Path, run: Run) -> None:
    """Each article is judged against those given before it: kind, score, reasons, what it repeats, news and parts."""
    _write(place, ARTICLE, {**ARTICLE, "id": "a2"})
    code, out, _ = run("explain", "two.jsonl")
    assert code == 0
    first, later = out.split("a2  2025", 1)
    assert "lavrov: first 0." in first
    assert "because: \u2068nothing like it was told before" in first
    assert "new: \u2068سيرغي لافروف يصل إلى القاهرة" in first
    assert "parts: reported 0." in first
    assert "lavrov: copy 0." in later
    assert "repeats \u2068a1" in later
    assert "nearest \u2068a1" in later
    assert "against the articles above it alone" in later
    found = [json.loads(line)["novelty"]["desk"] for line in run("explain", "--json", "two.jsonl")[1].splitlines()]
    assert [one["kind"] for one in found] == ["first", "copy"]
    assert found[0]["entities"]["lavrov"]["parts"].keys() == {"reported", "new", "both"}
    assert found[0]["entities"]["lavrov"]["added"][0] == ARTICLE["title"]


def test_explain_of_a_stored_article_says_how_it_was_judged(place: Path, run: Run) -> None:
    """By its id a stored article is explained from the judgement that was made, with what rules decided."""
    stored(place)
    with Store.open(f"sqlite:///{place}/monitor.db", now=utc_now(), read_only=True) as store:
        ((_, judged),) = store.judgements_of("a1")
    code, out, _ = run("explain", "--stored", "a1")
    assert code == 0
    assert "lavrov: first 0." in out
    assert "alert (new) — rule 'everything'" in out
    (line,) = run("explain", "--stored", "a1", "--json")[1].splitlines()
    assert judged.novelty
    assert json.loads(line)["novelty"]["desk"]["score"] == round(judged.novelty.score, 4)
    code, _, err = run("explain", "--stored", "a9")
    assert code == 1
    assert "'a9'" in err


def test_explain_json_slices_to_its_surfaces(place: Path, run: Run) -> None:
    """Every mention's offsets give its surface in the untouched field."""
    (place / "one.jsonl.gz").write_bytes(gzip.compress((place / "one.jsonl").read_bytes()))
    code, out, _ = run("explain", "--json", "-w", "lists/desk.yml", "one.jsonl.gz")
    (found,) = [json.loads(line) for line in out.splitlines()]
    mentions = found["matches"][0]["mentions"]
    assert code == 0
    assert {mention["field"] for mention in mentions} == {"title", "body"}
    assert all(ARTICLE[one["field"]][one["start"] : one["end"]] == one["surface"] for one in mentions)


def test_replay_judges_in_stream_order(place: Path, run: Run) -> None:
    """The later copy of an article is a copy, and an undated one takes the time of the one before it."""
    later = {**ARTICLE, "id": "a2", "source": "other.example", "published": "2025-03-01T09:00:00Z"}
    undated = {**ARTICLE, "id": "a3", "published": None}
    _write(place, ARTICLE, undated, later)
    code, out, _ = run("replay", "--json", "two.jsonl")
    found = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [one["id"] for one in found] == ["a1", "a3", "a2"]
    assert found[0]["novelty"]["desk"]["kind"] == "first"
    assert found[0]["decisions"][0]["action"] == "alert"
    assert {one["novelty"]["desk"]["kind"] for one in found[1:]} == {"copy"}


def test_replay_for_a_person_ends_with_a_summary(place: Path, run: Run) -> None:
    """Without --json a few lines an article and the counts are shown."""
    code, out, _ = run("replay", "one.jsonl")
    assert code == 0
    assert "alert (new)" in out
    assert "1 with a watched entity" in out


def test_replay_for_a_person_shows_what_a_verdict_rests_on(place: Path, run: Run) -> None:
    """Beside each article stand its score's parts, the nearest earlier one, and that it is first in its language."""
    _write(place, ARTICLE, {**ARTICLE, "id": "a2"})
    out = run("replay", "two.jsonl")[1]
    assert "parts: reported 0." in out
    assert "nearest \u2068a1" in out
    assert "first in \u2068ar" in out


def test_replay_of_a_labelled_archive_says_how_the_labels_fared(place: Path, run: Run) -> None:
    """With labels the summary gives recall, alerts per new fact and what was stopped, with intervals and a curve."""
    later = {**ARTICLE, "id": "a2", "source": "other.example", "published": "2025-03-01T09:00:00Z"}
    rows = [{**ARTICLE, "label": {"kind": "first"}}, {**later, "label": {"kind": "copy"}}]
    _write(place, *rows)
    code, out, _ = run("replay", "two.jsonl")
    assert code == 0
    assert "2: first 1, copy 1" in out
    assert "recall 1.000 (1.00 to 1.00), alerts per new fact 1.00" in out
    assert "recall 1.000, alerts per new fact 1.00, stopped: copy 1.00" in out
    assert "recall 97%" in out
    code, out, _ = run("replay", "two.jsonl", "--summary", "--json")
    found = json.loads(out)
    assert (code, found["articles"], found["labelled"]) == (0, 2, {"first": 1, "copy": 1})
    assert {one["by"] for one in found["fares"]} == {"rules", "threshold", "recall"}
    assert found["fares"][0]["alerts_per_new"] == 1.0


def test_replay_against_shows_only_what_would_differ(place: Path, run: Run) -> None:
    """Two sets of watchlists on one stream: equal ones differ nowhere (exit 0), others are told (exit 1)."""
    assert run("replay", "one.jsonl", "--against", "lists")[:2] == (0, "0 decisions differ over 1 articles\n")
    (place / "others").mkdir()
    stricter = WATCHLIST.replace("when: lavrov,", "when: {all: [lavrov], languages: [tr]},")
    (place / "others" / "desk.yml").write_text(stricter.split("tests:")[0], encoding="utf-8")
    code, out, _ = run("replay", "one.jsonl", "--against", "others", "--json")
    assert code == 1
    assert json.loads(out)["before"] == ["alert", "new"]
    assert json.loads(out)["after"] is None


def test_replay_stored_reproduces_the_stores_decisions(place: Path, run: Run) -> None:
    """What a live store decided is decided again from the same articles, and the store is not written."""
    key = stored(place)
    before = (place / "monitor.db").read_bytes()
    code, out, _ = run("replay", "--stored")
    assert (code, out.splitlines()[-1]) == (0, "1 judgements made again, 0 decisions differ")
    assert "1 with a watched entity" in out
    assert json.loads(run("replay", "--stored", "--summary", "--json")[1])["kinds"] == {"first": 1}
    assert (place / "monitor.db").read_bytes() == before
    assert run("alerts", "show", key)[0] == 0
    assert run("replay")[0] == 2
