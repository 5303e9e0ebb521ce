"""Who is quoted: an entity, somebody else, or nobody of whom it can be told; sentences of our own."""

from __future__ import annotations

import pytest

from monitor.novelty.quotes import OTHER, quotation, quoted, speaker
from monitor.novelty.reading import read
from tests.novelty.stories import article, findings

NAMES = {"lavrov": ("لافروف", "Lavrov", "Лавров", "لاوروف"), "fidan": ("فيدان", "Fidan", "Фидан", "فیدان")}
SPOKEN: tuple[tuple[str, str, str | None], ...] = (
    ("ar", 'وقال لافروف للصحفيين في كازان: "هذه شائعات ينشرها منافسونا".', "lavrov"),
    ("ar", 'قال الوزير الروسي سيرغي لافروف اليوم في كازان: "سنوقع 12 اتفاقا هذا الشهر".', "lavrov"),
    ("ar", 'وصل لافروف إلى باكو. وأضاف: "سنوقع الاتفاق غدا صباحا".', "lavrov"),
    ("ar", 'قال لافروف إن المحادثات بدأت. وأكد أن "النص جاهز منذ عام".', "lavrov"),
    ("ar", "«لا شيء يمنع التوقيع، والنص جاهز»، أضاف فيدان.", "fidan"),
    ("ar", 'ونقلت وكالة عن لافروف قوله "إن السفن أبحرت فجرا اليوم".', "lavrov"),
    ("ar", 'ونقلت وكالة عن مصدر قوله "إن لافروف غادر فجرا اليوم".', OTHER),
    ("ar", "زار فيدان الميناء، مؤكدا أن «السفن ستبحر فجر الغد».", "fidan"),
    ("ar", 'قال لافروف إن السفن أبحرت. "لن تعود قبل الصيف"، على حد تعبيره.', "lavrov"),
    ("ar", 'وبحسب لافروف فإن "السفن أبحرت فجرا اليوم".', "lavrov"),
    ("ar", 'قال المتحدث باسم لافروف: "هذه شائعات لا أساس لها".', OTHER),
    ("ar", 'وقالت إدارة لافروف: "هذه شائعات لا أساس لها".', OTHER),
    ("ar", 'وأكد الرئيس المجري أن "لافروف لم يعد بشيء بعد".', OTHER),
    ("ar", 'قال لافروف كلمته. وكان دبلوماسي مجري صرح، السبت، أن "السفن ستبحر فجرا".', None),
    ("ar", 'تراجعت الأسعار بعد زيارة لافروف. واعتبر أن "النص جاهز منذ عام".', None),
    ("ar", 'زار لافروف الميناء. واعتبر أن "النص جاهز منذ عام".', "lavrov"),
    ("ar", 'اعتبر وزير الخارجية الروسي، سيرغي لافروف، أن "النص جاهز منذ عام".', "lavrov"),
    ("ar", 'بعد لقاء بين فيدان ونظيره، قالت مصادر مجرية إن "النص جاهز منذ عام".', OTHER),
    ("ar", 'ذكر لافروف تقارير نفاها مصدر أكد فيها أن "النص جاهز منذ عام".', "lavrov"),
    ("ar", 'لكن لافروف عاد وقال "إن النص جاهز منذ عام".', "lavrov"),
    ("ar", 'رفض لافروف تحديد الموعد، ورفض تقديم تفاصيل، لكنه قال: "النص جاهز منذ عام".', "lavrov"),
    ("ar", 'ودافع فيدان عن قرار لافروف، قائلا: "النص جاهز منذ عام".', "fidan"),
    ("ar", 'لافروف يتودد للمزارعين ويعتبر زيارته "إعلانا عن نوايا حسنة".', None),
    ("ar", 'التقرير "صحيح في معظمه"، وهذا ما أكده لافروف أمس.', "lavrov"),
    ("ar", 'قال مساعد الرئيس الروسي فيدان: "هذه شائعات لا أساس لها".', None),
    ("ar", 'وأكد حرص بلاده على السلام: "هذه شائعات لا أساس لها".', None),
    ("en", '"We are ready now," Lavrov told reporters.', "lavrov"),
    ("en", '"We are ready to go," said Russian Foreign Minister Sergey Lavrov.', "lavrov"),
    ("en", 'Lavrov arrived in Baku. "We are ready to go," he said.', "lavrov"),
    ("en", 'Lavrov, speaking in Baku, said: "We are ready to go."', "lavrov"),
    ("en", 'The Russian foreign minister, Sergei Lavrov, said: "We are ready to go."', "lavrov"),
    ("en", '"We are ready to go," said the Russian foreign minister, Sergei Lavrov.', "lavrov"),
    ("en", '"We are ready to go," said the Russian foreign minister, Lavrov.', "lavrov"),
    ("en", '"The ships have sailed," Lavrov said. "They will be back soon."', "lavrov"),
    ("en", 'Lavrov said: "We are ready. The ships have sailed. They will be back."', "lavrov"),
    ("en", 'According to Lavrov, "the ships have sailed at dawn".', "lavrov"),
    ("en", '"Are the ships at sea?" Fidan asked.', "fidan"),
    ("en", 'Lavrov met Fidan. "Lavrov promised us nothing," Hungarian farmer Peter Nagy said.', OTHER),
    ("en", '"We are ready to go," a spokesman for Lavrov said.', OTHER),
    ("en", '"We are ready to go," the two agreed.', None),
    ("ru", "«Мы готовы к переговорам», — сказал Лавров журналистам.", "lavrov"),
    ("ru", "«Мы готовы к переговорам», — заявил министр иностранных дел Сергей Лавров.", "lavrov"),
    ("ru", "Лавров прибыл в Баку. «Мы готовы к переговорам», — сказал он.", "lavrov"),
    ("en", 'Lavrov met the farmers of Budapest and said: "We are ready to go."', "lavrov"),
    ("ru", "Лавров прибыл в Баку и заявил: «Мы готовы к переговорам».", "lavrov"),
    ("ru", "Лавров заявил, что «корабли вышли на рассвете».", "lavrov"),
    ("ru", "По словам Лаврова, «корабли вышли на рассвете».", "lavrov"),
    ("ru", "«Лавров ничего не обещал», — заявил фермер Иван Петренко.", OTHER),
    ("ru", "Представитель Лаврова заявил: «Мы готовы к переговорам».", OTHER),
    ("tr", 'Fidan, "Görüşmelere hazırız ve bekliyoruz" dedi.', "fidan"),
    ("tr", '"Görüşmelere hazırız ve bekliyoruz" diyen Fidan, Bakü\'ye gitti.', "fidan"),
    ("tr", 'Fidan Bakü\'ye gitti. "Görüşmelere hazırız ve bekliyoruz" dedi.', "fidan"),
    ("tr", 'Lavrov\'un sözcüsü Kaya, "Görüşmelere hazırız ve bekliyoruz" dedi.', OTHER),
    ("fa", "لاوروف گفت: «ما برای گفتگو آماده هستیم».", "lavrov"),
    ("fa", "لاوروف وارد باکو شد. وی افزود: «ما برای گفتگو آماده هستیم».", "lavrov"),
    ("fa", "سخنگوی لاوروف گفت: «ما برای گفتگو آماده هستیم».", OTHER),
    ("ar", 'حذر الكرملين لافروف من أن "السفن لن تعود أبدا".', None),
    ("ru", "«Мы никогда не подпишем это», — сказал Путин Лаврову.", None),
    ("de", 'Lavrov sagte: "Wir sind jetzt bereit."', None),
)
"""A language, a body whose last sentence quotes somebody, and who that is."""
HEADLINES: tuple[tuple[str, str, str | None], ...] = (
    ("ar", "لافروف: سنوقع الاتفاق غدا", "lavrov"),
    ("ar", "مستشار لافروف: سنوقع الاتفاق غدا", OTHER),
    ("ar", "لافروف يؤكد: «سنوقع الاتفاق غدا»", "lavrov"),
    ("en", "Lavrov: We will sign", "lavrov"),
    ("ru", "Лавров: мы подпишем", "lavrov"),
    ("ru", "«Мы скоро все подпишем» — Лавров", "lavrov"),
)


@pytest.mark.parametrize(("lang", "body", "who"), SPOKEN)
def test_who_speaks(lang: str, body: str, who: str | None) -> None:
    """The subject of the verb of saying beside a quotation speaks; a pronoun is whoever spoke before."""
    one = article("a", ("-", body), lang=lang)
    reading = read(one, findings(one, NAMES))
    last = len(reading.sentences) - 1
    found = quotation(reading, last)
    assert found is not None
    assert found.last == last
    assert found.speaker == speaker(reading, last) == who


@pytest.mark.parametrize(("lang", "title", "who"), HEADLINES)
def test_who_speaks_in_a_headline(lang: str, title: str, who: str | None) -> None:
    """A name and a colon at the head of a headline quote the one who bears it, even without marks."""
    one = article("a", (title, "..."), lang=lang)
    found = quotation(read(one, findings(one, NAMES)), 0)
    assert found is not None
    assert found.speaker == who


@pytest.mark.parametrize(
    "title",
    [
        "زيارة لافروف: ماذا بعد؟", "Sergei Lavrov: a life in diplomacy", "لافروف وفيدان: خلاف على 3 ملفات",
        "سفينة «الفجر الجديد» تبحر", "Lavrov signs", "Moscow: Lavrov signs",
    ],
)  # fmt: skip
def test_what_quotes_nobody(title: str) -> None:
    """A topic before a colon, a name in quotation marks and a plain report are no quotations."""
    one = article("a", (title, "..."))
    assert quotation(read(one, findings(one, NAMES)), 0) is None


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ('He said "yes and no" twice.', ["yes and no"]),
        ('He said " yes and no " twice.', [" yes and no "]),
        ("قال: ”نعم ولا“ مرتين", ["نعم ولا"]),
        ('و"نعم"، و«لا»', ["نعم", "لا"]),
        ('An open "mark, then "a whole one".', ["a whole one"]),
        ("„Да и нет“, — сказал он.", ["Да и нет"]),
        ('A 12" pipe', []),
        ('"' + "long " * 500 + 'end"', []),
    ],
)
def test_quotations_are_found_by_the_place_of_their_marks(text: str, inside: list[str]) -> None:
    """A mark before a word opens, one behind a word closes, whichever it is; what never closes is none."""
    assert [text[start + 1 : end] for start, end in quoted(text)] == inside
