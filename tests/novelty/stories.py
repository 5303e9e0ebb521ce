"""Invented articles about invented dealings, in the shapes that news takes. Nothing here was ever published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from monitor.model import FIELDS, Alias, Article, Entity, Findings, Match, Mention, Watchlist, Zone

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
NAMES = {"lavrov": ("لافروف", "Lavrov"), "fidan": ("فيدان", "Fidan")}
WATCHLIST = Watchlist(
    "talks", "Talks", {name: Entity(name, name, aliases=(Alias(forms[0], "ar"),)) for name, forms in NAMES.items()}
)

MEETING = (
    "لافروف يبحث مع نظيره المجري في بودابست إمدادات الحبوب",
    "أجرى وزير الخارجية الروسي سيرغي لافروف اليوم الاثنين محادثات في بودابست مع نظيره المجري تناولت إمدادات الحبوب. "
    "وقال لافروف في مؤتمر صحفي مشترك إن موسكو مستعدة لتوريد أربعة ملايين طن قبل نهاية الصيف. "
    "وأضاف لافروف أن لجنة مشتركة ستجتمع في أبريل المقبل لوضع جدول التسليم. "
    "وأكد الوزير المجري أن بلاده ترحب بالعرض وستدرسه مع شركائها في الاتحاد الأوروبي.",
)
COPY = (
    "محادثات روسية مجرية حول الحبوب",
    MEETING[1].rsplit(". ", 1)[0] + ".",
)
DENIAL = (
    "لافروف ينفي إلغاء صفقة الحبوب مع المجر",
    "نفى وزير الخارجية الروسي سيرغي لافروف اليوم الخميس تقارير صحفية تحدثت عن إلغاء الصفقة مع بودابست. "
    'وقال لافروف للصحفيين في كازان: "هذه شائعات ينشرها منافسونا، والسفن الأولى غادرت نوفوروسيسك فجرا". '
    "وأعلن لافروف تعيين السفير غريغوري بيلوف منسقا خاصا للشحنات.",
)
PASSING = (
    "مزارعو الدانوب بين الجفاف وأسعار الوقود",
    "لم يعرف وادي الدانوب صيفا كهذا منذ عقود، فالتربة تشققت والمحاصيل ذبلت قبل أوانها. "
    "هل يدرك سكان المدن حقا ما يعنيه أن تفقد قرية كاملة موسمها؟ نحن لا نتحدث هنا عن أرقام، بل عن حياة الناس. "
    "كانت الجدات يروين أن النهر لا يخون أبناءه، وربما لهذا لم يستعد أحد لما جرى. "
    "ومهما قيل عن السياسة وعن صفقات إدارة لافروف وغيره فإن المزارع لا يرى إلا حقله. "
    "لعلنا نحتاج إلى أن نصغي إليه قليلا قبل أن يغلق بابه ويرحل.",
)
OTHER = (
    "لافروف يصل إلى جاكرتا للمشاركة في اجتماع آسيان",
    "وصل وزير الخارجية الروسي سيرغي لافروف مساء الثلاثاء إلى جاكرتا للمشاركة في اجتماع وزراء رابطة آسيان. "
    "ومن المقرر أن يلتقي لافروف غدا الأربعاء رئيس إندونيسيا لبحث التعاون في مجال الملاحة الجوية.",
)


def article(name: str, text: tuple[str, str], *, minutes: int = 0, source: str = "one", revision: int = 0,
            lang: str = "ar") -> Article:  # fmt: skip
    """Make an article of a headline and a body."""
    at = NOW + timedelta(minutes=minutes)
    return Article(name, source, None, at, lang, text[0], None, text[1], at, revision)


def findings(one: Article, names: Mapping[str, tuple[str, ...]] = NAMES) -> Findings:
    """Find the invented watchlist's names, wherever their letters stand."""
    matches = []
    for entity, forms in names.items():
        mentions = []
        for field in FIELDS:
            text = one.text(field)
            for form in forms:
                start = text.find(form)
                while start >= 0:
                    zone = Zone.TITLE if field == "title" else Zone.BODY
                    mentions.append(Mention(field, start, start + len(form), form, form, zone))
                    start = text.find(form, start + 1)
        if mentions:
            matches.append(Match("talks", entity, "name", tuple(mentions)))
    return Findings(tuple(matches))
