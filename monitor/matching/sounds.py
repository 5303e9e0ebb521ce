"""How foreign names sound in Arabic letters: which spellings may be the same name, and which may not.

Writers render g as غ ج ق ك گ, v as ف or و, p as ب, ch as تش ج چ ش, and write short vowels long or not at all. A word's
`skeleton` is what stays when such choices are taken away: equal skeletons make two words candidates, `similar` compares
them letter by letter and names the rule.
"""

from __future__ import annotations

from collections.abc import Iterator

from monitor.matching.scan import ALPHABET, ARABIC

_CLASSES = {"غجقكخ": "ك", "ش": "ك", "تط": "ت", "سصث": "س", "دض": "د", "زذظ": "ز", "هح": "ه"}
_VOWELS = "اويء"


def _byte(letter: str) -> int:
    return ALPHABET[letter]


_TABLE = bytearray(range(256))
for _letters, _class in _CLASSES.items():
    for _letter in _letters:
        _TABLE[_byte(_letter)] = _byte(_class)
_SKELETON = bytes(_TABLE)
_DROPPED = bytes(_byte(letter) for letter in _VOWELS)
_TSH = bytes((_byte("ت"), _byte("ش")))
_SH = bytes((_byte("ش"),))
_SHORTEST = 3  # consonants that a word needs before its sound alone says anything
_FIRST_ARABIC = _byte(ARABIC[0])
_LAST_ARABIC = _byte(ARABIC[-1])


def is_arabic(word: bytes) -> bool:
    """Tell whether a word of the view is written in Arabic letters."""
    return bool(word) and _FIRST_ARABIC <= word[0] <= _LAST_ARABIC


def skeleton(word: bytes) -> bytes:
    """Return the consonants that every rendering of a name shares; empty for other scripts and for short words."""
    if not is_arabic(word):
        return b""
    bare = word.replace(_TSH, _SH).translate(_SKELETON, _DROPPED)
    return bare if len(bare) >= _SHORTEST else b""


_VOWEL_BYTES = frozenset(_DROPPED)
_G = frozenset(_byte(letter) for letter in "غجقك")
_CH = frozenset(_byte(letter) for letter in "جشك")
_PAIRS = frozenset(
    frozenset((_byte(a), _byte(b))) for a, b in ("تط", "سص", "سث", "دض", "زذ", "زظ", "هح", "فو", "بف", "كخ")
)
RENDERING = "another Arabic rendering of a foreign sound"
VOWEL = "a vowel written long or left out"
BOTH = f"{RENDERING} and {VOWEL}"
_LONG_ENOUGH = 5  # letters from which two differences do not make another word
_RENDERED, _VOWEL_COST = 3, 2  # what a consonant and a vowel cost: a third of a word's letters may be rendered


def similar(word: bytes, base: bytes, loose: bool = False, strict: bool = False) -> str | None:
    """Return the rule by which `word` is another spelling of `base`, or None if it is another word.

    Consonants must agree or be renderings of one sound; a vowel may be written or not, but not at the word's end, where
    it makes another word. `loose`, for a word among others of a long name, also lets one vowel stand for another;
    `strict`, for a word that stands for a name by itself, allows a single difference.
    """
    left, right = word.replace(_TSH, _SH), base.replace(_TSH, _SH)
    if not (left and right and is_arabic(left) and is_arabic(right)):
        return None
    if left == right:
        return RENDERING if word != base else None
    if (left[-1] in _VOWEL_BYTES or right[-1] in _VOWEL_BYTES) and left[-1] != right[-1]:
        return None
    letters = min(len(left), len(right))
    tight = strict or letters < _LONG_ENOUGH
    budget = _RENDERED if tight else max(_RENDERED, letters * _RENDERED // (2 if loose else 3))
    rules: set[str] = set()
    if _align(left, right, 0, 0, budget, rules, loose) is None:
        return None
    return BOTH if len(rules) > 1 else next(iter(rules), None)


def _align(left: bytes, right: bytes, i: int, j: int, budget: int, rules: set[str], loose: bool) -> int | None:
    """Walk both words, spending the budget on renderings and on vowels; words are short, so recursion is shallow."""
    while i < len(left) and j < len(right) and left[i] == right[j]:
        i, j = i + 1, j + 1
    if i == len(left) and j == len(right):
        return 0
    for a, b, cost, rule in _ways(left, right, i, j, loose):
        if cost <= budget:
            rest = _align(left, right, a, b, budget - cost, rules, loose)
            if rest is not None:
                rules.add(rule)
                return rest + cost
    return None


def _ways(left: bytes, right: bytes, i: int, j: int, loose: bool) -> Iterator[tuple[int, int, int, str]]:
    """Yield how two words may go on where their letters differ: (next in left, next in right, cost, rule)."""
    here, there = left[i : i + 1], right[j : j + 1]
    if here and there and _same_sound(here[0], there[0]):
        yield i + 1, j + 1, _RENDERED, RENDERING
    if loose and here and there and here[0] in _VOWEL_BYTES and there[0] in _VOWEL_BYTES:
        yield i + 1, j + 1, _VOWEL_COST, VOWEL
    if here and here[0] in _VOWEL_BYTES:
        yield i + 1, j, _VOWEL_COST, VOWEL
    if there and there[0] in _VOWEL_BYTES:
        yield i, j + 1, _VOWEL_COST, VOWEL


def _same_sound(a: int, b: int) -> bool:
    pair = frozenset((a, b))
    return pair <= _G or pair <= _CH or pair in _PAIRS


def one_letter_off(word: bytes, base: bytes) -> bool:
    """Tell whether two words of at least four letters differ by one letter changed, missing, added or swapped."""
    if abs(len(word) - len(base)) > 1 or min(len(word), len(base)) < 4:
        return False
    start = 0
    while start < min(len(word), len(base)) and word[start] == base[start]:
        start += 1
    rest, other = word[start:], base[start:]
    if len(word) == len(base):
        return rest[1:] == other[1:] or (rest[2:] == other[2:] and rest[:2] == other[1::-1])
    return rest[1:] == other if len(word) > len(base) else rest == other[1:]
