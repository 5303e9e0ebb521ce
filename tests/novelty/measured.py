"""A stream of invented articles with everything that is measured in them and said about them.

    python -m tests.novelty.measured > tests/novelty/measured.json

The shipped tables were grown over exactly these measures: one that is measured differently makes them answer another
question than they were asked. So whoever changes a measure trains again, and writes this file anew with the tables.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

from monitor.model import Article
from monitor.novelty import Memory
from tests.novelty.stories import (
    COPY,
    DENIAL,
    MEETING,
    NOW,
    OTHER,
    PASSING,
    WATCHLIST,
    article,
    findings,
)

NAMES = {"lavrov": ("لافروف", "Lavrov", "Лавров"), "fidan": ("فيدان", "Fidan", "Фидан")}

LONG = (
    "لافروف وفيدان: خلاف على 3 ملفات؟",
    "موسكو (نوفوستي) - قال المتحدث باسم لافروف، الذي كان يتحدث عقب لقاء مغلق دام 4 ساعات مع وفد من رجال الأعمال "
    "والدبلوماسيين والخبراء، إن الطرفين اتفقا على 12 بندا من أصل 15، وإن اللجنة الفنية ستواصل عملها الأسبوع المقبل "
    "في أنقرة، حيث ينتظر أن يلتقي فيدان نظيره الروسي، قبل أن يسافر الاثنان إلى باكو للمشاركة في قمة سبق الإعلان عنها.\n"
    "وحضر اللقاء إيغور ومحمد وسعيد ولافروف وفيدان والسفير وممثلو الشركات. ولم يصدر بيان مشترك! هل كان ذلك متوقعا؟ "
    "ربما، فقد نفى فيدان أمس وجود خلاف. «لا شيء يمنع التوقيع، والنص جاهز منذ عام 2024»، أضاف فيدان. "
    "«سنوقع غدا». وقال إن بلاده لن تتراجع... وتوقع د. سامر أن يؤجل التوقيع إلى 17 مايو.\n\n"
    "أنصار إدارة لافروف يرون غير ذلك: قوات النظام وسياسة الحكومة لم تتغير منذ سنوات، كما كتب أحدهم. "
    "كلمات دلالية لافروف فيدان روسيا تركيا",
)
ENGLISH = (
    'Lavrov: "We will sign 12 accords" in Baku',
    "BAKU (Reuters) - Foreign Minister Lavrov said on Monday that Russia will sign 12 accords worth $3.5 billion next "
    'week. "We are ready," Lavrov told reporters. "The text was agreed on Sept. 14 with the U.S. envoy." '
    "He met Turkish Foreign Minister Fidan, President Selim Kaya, aides and a deputy for 40 minutes, it was said. "
    "A spokesman for Fidan denied the report. Critics of the Lavrov government say nothing has changed in years. "
    "Should we believe it? I think not. Read more: Lavrov, Fidan, Baku",
)
ENGLISH_COPY = (
    "Russia to sign 12 accords, Lavrov says",
    "Foreign Minister Lavrov said on Monday that Russia will sign 12 accords worth $3.5 billion next week. "
    '"We are ready," Lavrov told reporters. "The text was agreed on Sept. 14 with the U.S. envoy."',
)
RUSSIAN = (
    "Лавров заявил о подписании 12 соглашений",
    "Министр иностранных дел Лавров сообщил в понедельник, что Россия подпишет 12 соглашений на 3,5 млрд. "
    "«Мы готовы», — сказал Лавров журналистам. Ранее Фидан опроверг сообщения о разногласиях. ТАСС",
)
SHORT = ("Fidan visits Cairo", "Fidan arrived in Cairo.")
EMPTY = ("بيان بلا نص", "")
RENAMED = ("لافروف يلغي زيارته إلى بودابست ويستدعي السفير", MEETING[1])
WITHDRAWN = (MEETING[0], MEETING[1].split(". ")[0] + ".")
LONGER = (MEETING[0], MEETING[1] + " وأعلن لافروف استقالة ثلاثة دبلوماسيين احتجاجا على الرسوم الجمركية الجديدة.")


def stream() -> Iterator[Article]:
    """Yield the articles in their order, several to an hour, one of them an edit's later revision."""
    told = (
        ("a", MEETING, "one", "ar"), ("b", COPY, "two", "ar"), ("c", OTHER, "one", "ar"), ("d", PASSING, "three", "ar"),
        ("e", DENIAL, "two", "ar"), ("f", LONG, "four", "ar"), ("g", ENGLISH, "wire", "en"),
        ("h", ENGLISH_COPY, "paper", "en"), ("i", RUSSIAN, "gazette", "ru"), ("j", SHORT, "paper", "en"),
        ("k", EMPTY, "one", "ar"), ("l", LONG, "five", "ar"), ("m", MEETING, "six", "ar"),
    )  # fmt: skip
    for number, (name, text, source, lang) in enumerate(told):
        yield article(name, text, minutes=20 * number, source=source, lang=lang)
    for number, text in enumerate((RENAMED, WITHDRAWN, LONGER, MEETING), len(told)):
        yield article("a", text, minutes=20 * number, source="one", revision=number)
    summed = article("n", LONG, minutes=600, source="seven")
    yield Article("n", "seven", None, summed.at, "ar", summed.title, (summed.body or "")[:300], summed.body, summed.at)
    yield Article("o", "eight", None, summed.at, "ar", DENIAL[0], DENIAL[1], None, summed.at)
    yield Article("p", "nine", None, summed.at, "en-GB", ENGLISH[0], "Lavrov met Fidan in Baku, AP said.", None, NOW)


def measured() -> dict[str, Any]:
    """Let a memory read the stream, and return its verdicts and, a row a measure, all that was measured."""
    memory, verdicts, rows = Memory(WATCHLIST), [], []
    stories: dict[str, str] = {}
    for one in stream():
        assert one.at is not None
        seen = findings(one, NAMES)
        rows += [(one.id, name, found.measures) for name, found in memory.examine(one, seen).entities.items()]
        novelty = memory.assess(one, seen, one.at)
        memory.remember(one, seen, novelty, one.at)
        story = stories.setdefault(novelty.story, one.id)
        verdict = {
            "score": novelty.score, "kind": novelty.kind, "story": story, "nearest": novelty.nearest,
            "linked": [stories[other] for other in novelty.linked], "outlets": novelty.outlets,
            "agency": novelty.agency, "parallel": [stories[other] for other in novelty.parallel],
            "first_in": novelty.first_in,
        }  # fmt: skip
        for name, judged in novelty.entities.items():
            verdict[name] = [
                judged.score, judged.kind, judged.of, judged.of_score, judged.of_kind, judged.reasons, judged.added,
                [(part.name, part.value, part.weight) for part in judged.parts],
            ]  # fmt: skip
        verdicts.append({"id": one.id, **verdict})
    names = sorted({name for _, _, measures in rows for name in measures})
    return {
        "verdicts": json.loads(json.dumps(verdicts)),
        "rows": [f"{name}: {entity}" for name, entity, _ in rows],
        "measures": {name: [float(f"{measures[name]:.5g}") for _, _, measures in rows] for name in names},
    }


def main() -> None:
    """Print the file, a line a verdict and a measure."""
    found = measured()
    lines = [f'"rows": {json.dumps(found["rows"])}']
    verdicts = ",\n".join(json.dumps(one, ensure_ascii=False) for one in found["verdicts"])
    measures = ",\n".join(f'"{name}": {json.dumps(values)}' for name, values in found["measures"].items())
    lines += [f'"verdicts": [\n{verdicts}\n]', f'"measures": {{\n{measures}\n}}']
    sys.stdout.write("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
