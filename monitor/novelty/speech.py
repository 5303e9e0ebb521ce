"""How each language says who speaks: its verbs of saying, where their subject stands, and what can't be one.

The heads' measures rest on the words of `lexicon.py`; these here only name speakers. Words are folded when loaded.
"""

from __future__ import annotations

from dataclasses import dataclass

from monitor.novelty.lexicon import TAGS, Tag
from monitor.text.content import fold_word


@dataclass(frozen=True, slots=True)
class Grammar:
    """One language's words around speech.

    `order` tells where the subject stands: `behind` its verb first, `before` it first, or somewhere at the `front`.
    `marks` are followed by the speaker (according to), `echoes` point back to whoever speaks (saying, in his words).
    `ends` end a subject, `skipped` may stand between it and its verb, `others` are people without a name.
    """

    order: str
    says: frozenset[str]
    marks: frozenset[str] = frozenset()
    echoes: frozenset[str] = frozenset()
    pronouns: frozenset[str] = frozenset()
    ends: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


def _words(text: str) -> frozenset[str]:
    return frozenset(fold_word(word) for word in text.split())


def _arabic_says() -> frozenset[str]:
    """Return the verbs of the lexicon, in all their forms, without what is also a participle, noun or preposition."""
    says = {form for form, tags in TAGS.items() if tags & Tag.SAY and "\u0620" <= form[0] <= "\u06ff"}
    return frozenset(says) - _AR_ECHOES - _words("بين وبين فبين عبر وعبر فعبر")


_AR_BARE = """
    مؤكدا مضيفا مشيرا معتبرا معربا موضحا مبينا لافتا مشددا داعيا محذرا متهما معلنا واصفا منتقدا مرحبا نافيا مجددا مطالبا
    منوها كاشفا متعهدا قائلا مؤكدة مضيفة مشيرة معتبرة معربة موضحة لافتة مشددة داعية محذرة قائلة مؤكدين قائلين
    قوله قولها قولهم تأكيده تأكيدها تعبيره تعبيرها وصفه وصفها
"""
_AR_ECHOES = frozenset(lead + word for word in _words(_AR_BARE) for lead in ("", "و", "ف", "ب"))

GRAMMARS = {
    "ar": Grammar(
        "behind",
        _arabic_says(),
        marks=_words("بحسب حسب وبحسب وحسب وفقا ووفقا وفق ووفق"),
        echoes=_AR_ECHOES,
        pronouns=_words("هو هي وهو وهي الأخير الأخيرة"),
        ends=_words("""
            أن إن بأن بإن أنه إنه بأنه أنها إنها بأنها أنهم إنهم بأنهم أننا إننا في وفي من على إلى عن مع خلال بعد قبل
            عقب أثناء أمام لدى عبر حول ضد بشأن إثر بين منذ حيث الذي التي الذين ذلك هذا هذه ما لا لم لن قد إذا كما لكن
            فيه فيها عليه عليها إليه إليها عنه عنها له لها لهم به بها لكنه لكنها ولكنه ولكنها
            حرص حرصه أهمية ضرورة التزام التزامه دعمه رفضه استعداد استعداده ثقته أمله تقديره قلقه
        """),
        skipped=_words("""
            اليوم أمس غدا مساء صباح الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت أيضا للصحفيين للصحافيين
            لوكالة لقناة لصحيفة
        """),
    ),
    "en": Grammar(
        "before",
        _words("""
            said says say told tells adds added warned warns urged urges claimed claims announced announces condemned
            condemns denied denies vowed vows insisted insists demanded demands criticized criticised confirmed confirms
            declared declares reiterated stressed replied replies responded wrote writes argued argues noted notes
            explained asked asks tweeted stated states remarked quipped emphasized emphasised described describes called
            pledged suggested acknowledged recalled concluded continued commented
        """),
        marks=_words("according"),
        echoes=_words("saying adding telling insisting stressing warning quoted"),
        pronouns=_words("he she they it who and but"),
        ends=_words("that in on at after during before in from by if when as because while of"),
        skipped=_words("""
            also later has had have then earlier further again reportedly repeatedly recently previously once first
            today yesterday monday tuesday wednesday thursday friday saturday sunday the to
        """),
        others=_words("""
            official officials source sources analyst analysts spokesman spokesperson spokeswoman ministry minister
            president government police adviser aide ambassador envoy witness witnesses lawyer reporter reporters
        """),
    ),
    "ru": Grammar(
        "before",
        frozenset(form for form, tags in TAGS.items() if tags & Tag.SAY and "\u0400" <= form[0] <= "\u04ff")
        - _words("словам")
        | _words("""
            сказала говорит говорил говорила заявляет подчеркнула добавила рассказала пояснила объявила призвала
            предупредила напомнила считает уверена выразила назвала прокомментировала ответила написал написала
            указал указала признал признала подтвердил подтвердила процитировал заметил заметила полагает отмечает
            подчеркивает сообщает утверждает спросил спросила рассказывает поясняет уточняет уточнил уточнила
            комментирует признается продолжил продолжила подытожил подытожила добавляет отвечает сказали заявили
        """),
        marks=_words("словам мнению данным утверждению"),
        pronouns=_words("он она они его ее их который которая и а но"),
        ends=_words("что в во на о об обо с со по после из за как когда если чтобы к ко для при"),
        skipped=_words("""
            также ранее позже затем еще уже сегодня вчера снова тогда при этом журналистам понедельник вторник среду
            четверг пятницу субботу воскресенье
        """),
        others=_words("представитель представительница источник эксперт чиновник собеседник секретарь министерство"),
    ),
    "tr": Grammar(
        "front",
        _words("""
            dedi diyen diyerek söyledi söyleyen belirtti belirten açıkladı vurguladı vurgulayan kaydetti kaydeden
            konuştu ekledi aktardı duyurdu bildirdi uyardı savundu sordu yazdı anlattı yanıtladı iddia etti ifade
            kullandı kullanan getirdi bulundu der diyor söylüyor
        """),
        marks=frozenset(),
        pronouns=_words("o onlar kendisi"),
        ends=_words("ile ve göre için hakkında karşı"),
    ),
    "fa": Grammar(
        "front",
        _words("""
            گفت گفته گفتند گوید میگوید افزود اظهار تاکید تأکید اعلام بیان تصریح خاطرنشان نوشت پرسید گفتنی هشدار ادعا
            یادآور یادآوری توضیح مدعی عنوان
        """),
        pronouns=_words("وی او ایشان"),
        ends=_words("با به از در برای درباره علیه بر که را توسط"),
        others=_words("سخنگوی معاون مشاور دستیار نماینده سفیر دفتر منبع"),
    ),
}
