"""How long a list is changes how it is compiled, and nothing of what is found, but for spellings by ear."""

from __future__ import annotations

import pytest

from monitor.matching import Matcher, lexicon
from tests.matching.helpers import LAVROV, person, read
from tests.matching.said import LANGUAGES
from tests.text.languages.cases import load

BY_EAR = {"ar": 4}  # cases that need an ear, by language


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_list_too_long_to_spell_out_finds_the_same(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """Where forms are made without their particles, readers strip them: every case is read alike, to the last step."""
    watchlist, cases = load(lang)
    short = Matcher(watchlist)
    monkeypatch.setattr(lexicon, "_MOST_SPELLED_OUT", 0)
    lean = Matcher(watchlist)
    assert (short._lexicon.lean, lean._lexicon.lean) == (False, True)
    for case in cases:
        assert lean.match(case.article) == short.match(case.article), case.title


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_list_too_long_for_the_ear_finds_what_is_spelled(monkeypatch: pytest.MonkeyPatch, lang: str) -> None:
    """Where names are looked up by two words at once, only other spellings by sound are missed, lean or not."""
    watchlist, cases = load(lang)
    short = Matcher(watchlist)
    monkeypatch.setattr(lexicon, "_MOST_BY_EAR", 0)
    long = Matcher(watchlist)
    monkeypatch.setattr(lexicon, "_MOST_SPELLED_OUT", 0)
    lean = Matcher(watchlist)
    assert long._lexicon.long
    assert lean._lexicon.long
    differ = 0
    for case in cases:
        found = [
            {match.entity: [one.surface for one in match.mentions] for match in matcher.match(case.article).matches}
            for matcher in (short, long, lean)
        ]
        differ += found[0] != found[1]
        assert found[1] == found[2], case.title
    assert differ == BY_EAR.get(lang, 0)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("قال ميخائيل لافروف كلمة. ثم قال لافروف نعم.", []),
        ("قال ميخائيل لافروف كلمة. ثم قال الوزير لافروف نعم.", ["لافروف"]),
        ("قال ميخائيل لافروف كلمة. ثم قال لافروف، وزير الخارجية الروسي، نعم.", ["لافروف", "وزير الخارجية الروسي"]),
        ("قال ميخائيل لافروف كلمة. ثم قال سيرغي لافروف نعم. وقال لافروف لا.", ["سيرغي لافروف", "لافروف"]),
    ],
)
def test_a_surname_that_the_article_gives_away_needs_a_title(text: str, found: list[str]) -> None:
    """Beside somebody else of the surname a strong one counts only with its title, or where he is named in full."""
    assert read(text, LAVROV) == ({"lavrov": found} if found else {})


@pytest.mark.parametrize(
    ("name", "shorter", "found"),
    [
        ("محمد علي حسن", "علي حسن", False),
        ("محمد علي حسن", "محمد حسن", False),
        ("محمد علي حسن", "محمد علي حسن", True),
        ("محمد جواد ظريف", "جواد ظريف", True),
        ("محمد جواد ظريف", "محمد ظريف", True),
        ("محمد جواد ظريف", "محمد جواد", False),
    ],
)
def test_given_names_alone_are_anybodys(name: str, shorter: str, found: bool) -> None:
    """A full name may be shortened as long as what is left of it is more than given names."""
    one = person("one", name)
    assert read(f"قال {shorter} نعم", one) == ({"one": [shorter]} if found else {})
