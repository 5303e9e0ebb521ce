"""Words by what they do in a news sentence, per language: who says, who acts, when, and whose opinion it is.

The lists are folded when loaded. Arabic verbs are listed by their bare perfect and imperfect forms; conjunctions,
feminine and plural endings and the future prefix are added here, so that the lists stay readable.
"""

from __future__ import annotations

from monitor.text.content import fold_word


class Tag:
    """What a word does, as bits of a number: a word may do several things."""

    SAY = 1  # a verb of saying
    ACT = 2  # a verb of doing that makes news: met, decided, arrived
    EVENT = 4  # a noun of an act: meeting, call, visit, statement
    DAY = 8  # names the day
    FUTURE = 16  # scheduled or expected
    OPINION = 32  # the author speaks
    PAST = 64  # looks back: previously, last year, since
    HEAD = 128  # what belongs to or stands for somebody: his forces, regime, administration
    NEGATION = 256  # denial and reversal
    AGENCY = 512  # a news agency
    TITLE = 1024  # a title that stands between a verb and a name
    DEPUTY = 2048  # somebody else's office that contains the title: spokesman, adviser, son of
    NUMBER = 4096
    AND = 8192  # begins with the letter of the Arabic "and", as all but the first name of a list do


_AR: dict[int, str] = {
    Tag.SAY: """
        قال يقول أكد يؤكد أعلن يعلن أضاف يضيف أوضح يوضح ذكر يذكر أشار يشير صرح يصرح شدد يشدد اعتبر يعتبر رأى
        يرى نفى ينفي حذر يحذر دعا يدعو طالب يطالب ندد يندد أدان يدين رحب يرحب انتقد ينتقد كشف يكشف أفاد يفيد
        تعهد يتعهد وعد يعد هدد يهدد اتهم يتهم أعرب يعرب عبر يعبر تابع يتابع لفت يلفت نوه ينوه أقر يقر اعترف
        يعترف توقع يتوقع أبلغ يبلغ رد يرد علق يعلق وصف يصف جدد يجدد بين يبين استبعد يستبعد رفض يرفض أبدى
        يبدي تساءل يتساءل زعم يزعم حث يحث اقترح يقترح ناشد يناشد تمنى هنأ يهنئ عزا يعزي أشاد يشيد أثنى يثني
        استنكر يستنكر شكر يشكر ختم مؤكدا مضيفا مشيرا معتبرا معربا موضحا مبينا لافتا مشددا داعيا محذرا متهما
        معلنا واصفا منتقدا مرحبا نافيا مجددا مطالبا منوها كاشفا متعهدا قائلا قوله وقوله تأكيده استطرد أردف
        خاطب يخاطب أيد يؤيد أجاب يجيب أعاد سخر هاجم يهاجم
    """,
    Tag.ACT: """
        التقى يلتقي اجتمع يجتمع بحث يبحث ناقش يناقش استقبل يستقبل زار يزور وصل يصل غادر يغادر وقع يوقع أصدر
        يصدر عين يعين قرر يقرر أقال يقيل أمر يأمر تلقى يتلقى أجرى يجري عقد يعقد شارك يشارك ترأس يترأس رأس
        افتتح يفتتح تسلم يتسلم سلم بعث يبعث أرسل يرسل هاتف اتصل يتصل ألقى يلقي حضر يحضر تراجع أطلق وافق
        يوافق صادق طلب يطلب توجه يتوجه عاد يعود استأنف يستأنف بدأ يبدأ استعرض يستعرض تفقد يتفقد ودع شكل يشكل
        كلف يكلف منح كرم دشن يدشن وجه يوجه قدم يقدم اتفق يتفق تعرض صافح اختتم يختتم نشر ينشر أجل ألغى يلغي
        علق استدعى ظهر يظهر تحدث يتحدث قام يقوم أدلى حل اطلع سيلتقي سيزور سيبحث
    """,
    Tag.EVENT: """
        لقاء اللقاء لقائه لقاؤه اجتماع الاجتماع اجتماعه زيارة الزيارة زيارته اتصال اتصالا الاتصال مباحثات
        محادثات المحادثات محادثاته جولة جولته مؤتمر المؤتمر كلمة كلمته خطاب خطابه الخطاب تصريح تصريحات
        تصريحاته بيان البيان مقابلة حوار رسالة برقية قرار قرارا القرار مرسوم مرسوما جلسة حديث حديثه مكالمة
        إعلان قمة القمة مبادرة طلب دعوة استقبال مشاركة رئاسة
    """,
    Tag.DAY: """
        اليوم أمس غدا الليلة البارحة السبت الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة مساء صباح
        فجر ظهر ظهيرة الماضية الجاري الحالي الآن
    """,
    Tag.FUTURE: """
        سوف المقبل المقبلة القادم القادمة المقرر مقرر غدا يعتزم تعتزم ينوي يتوقع المرتقب المرتقبة سيعقد
        ستعقد
    """,
    Tag.OPINION: """
        أعتقد أظن برأيي رأيي رأينا نحن أنا لماذا هل كيف ربما لعل طبعا حقيقة إذن أيها فهل ولعل هكذا وهكذا
        علينا لنا إننا أننا نرى نحتاج نعرف نقول أقول أرى أتذكر كنا يجب ينبغي لابد بالطبع بالتأكيد ولماذا
        وكيف وهل ألا أليس أفلا ماذا وماذا يبدو تبدو لنفترض المشهد الحقيقة الواقع التاريخ طالما أحيانا دائما
        أبدا لذلك لهذا ليت مهما يمكننا
    """,
    Tag.PAST: """
        سابقا السابق سابق منذ عام العام الماضي كان وكان كانت وكانت سبق قبل حينها آنذاك عقب أثناء خلال عهد
        عهده حقبة تاريخ السنوات سنوات عقود الأعوام أعوام
    """,
    Tag.HEAD: """
        إدارة الإدارة نظام النظام حكومة الحكومة قوات القوات عهد جيش طيران كتائب موالية الموالية موالين
        الموالين لقوات لنظام بنظام ونظام وقوات ميليشيات مليشيات سياسة سياسات أنصار مؤيدي معارضي مصير رحيل
        إسقاط تنحي بقاء سقوط دعم شرعية إزاحة الإطاحة حكم لحكم خطة حليف حلفاء مقر قصر منزل حزب عائلة أسرة
        زوجة شقيق والد ابن نجل صورة صور
    """,
    Tag.NEGATION: """
        نفى نفت ينفي تنفي نافيا نافية رفض رفضت يرفض ترفض رافضا رافضة ألغى ألغت يلغي تلغي إلغاء إلغاؤه أجل أجلت يؤجل تؤجل
        تأجيل أرجأ أرجأت يرجئ إرجاء تراجع تراجعت يتراجع استبعد يستبعد استبعدت كذب كذبت يكذب تكذيب ليس لن لم عدم سحب سحبت
        يسحب انسحب انسحبت ينسحب
    """,
    Tag.TITLE: """
        الرئيس رئيس وزير الوزير الأمين المبعوث الدكتور السيد معالي سمو نظيره نظيرها فخامة العام الخارجية
        السابق الأستاذ الأميركي الأمريكي الروسي السوري التركي الإيراني السعودي اليمني اللبناني الخاص الدولي
    """,
    Tag.DEPUTY: """
        المتحدث الناطق متحدث ناطق مستشار نائب مساعد مبعوث ممثل نائبه مستشارة محامي سفير وكيل مكتب ديوان مدير
    """,
}
_EN: dict[int, str] = {
    Tag.SAY: """
        said says say told tells tell adds added warns warned warn urges urged claims claimed claim
        announces announced condemns condemned slams slammed accuses accused denies denied vows vowed
        insists insisted demands demanded criticizes criticises criticized criticised blasts hails hailed
        praises praised rejects rejected threatens threatened calls called suggests signals signaled hints
        confirms confirmed declares declared expects expected reiterated stressed speaking according
        statement interview thanks compares compared dismisses mocks rebukes replies responds
    """,
    Tag.ACT: """
        meets met meet meeting visits visited arrives arrived discusses discussed signs signed agrees agreed
        talks talked talk holds held hosts hosted attends travels travelled phones phoned speaks spoke
        orders ordered appoints appointed fires offers offered plans seeks launches launched sends sent wins
        won faces blocks blocked approves ratify ratifies backs sets unveils unveiled moves pushes wants
        begins kicks heads convenes inaugurates opens raises bans approves vetoes
    """,
    Tag.EVENT: """
        meeting talks visit call speech statement conference summit interview decision deal agreement letter
        trip tour remarks comments proposal election vote
    """,
    Tag.DAY: """
        today yesterday tomorrow monday tuesday wednesday thursday friday saturday sunday week weekend
        tonight
    """,
    Tag.FUTURE: "will scheduled upcoming next plans expected tomorrow soon may",
    Tag.OPINION: """
        i we our us why how what should must opinion analysis explained explainer perhaps maybe column
        editorial explains lessons history need know here what's whats guide comment podcast review watch
        imagine
    """,
    Tag.PAST: "former previously since years ago decade decades history last once under era had",
    Tag.HEAD: """
        government regime administration rule party critics rival rivals opponents country army forces ally
        allies era
    """,
    Tag.NEGATION: """
        denies denied deny denying reject rejects rejected postpone postpones postponed cancel cancels cancelled
        canceled not no never refuse refuses refused without withdraw withdraws withdrew withdrawn dismisses dismissed
        scraps scrapped reverses reversed
    """,
    Tag.TITLE: "president minister foreign turkish russian prime mr leader top diplomat the",
    Tag.DEPUTY: """
        spokesman spokesperson spokeswoman adviser aide deputy ambassador envoy son wife rival successor
    """,
}
_RU: dict[int, str] = {
    Tag.SAY: """
        сказал заявил сообщил отметил подчеркнул добавил рассказал пояснил объявил призвал предупредил
        обвинил осудил отверг поддержал напомнил считает уверен выразил назвал прокомментировал ответил
        опроверг обещал пообещал раскритиковал заявила сообщила отметила словам
    """,
    Tag.ACT: """
        встретился провел обсудил подписал прибыл посетил принял назначил уволил поручил отправил проведет
        встретится обсудит посетит утвердил созвал выступил прилетел отбыл поздравил позвонил вручил открыл
    """,
    Tag.EVENT: """
        встреча встречи переговоры визит разговор заявление указ решение выступление саммит интервью
        послание
    """,
    Tag.DAY: """
        сегодня вчера завтра понедельник вторник среду четверг пятницу субботу воскресенье утром вечером
    """,
    Tag.FUTURE: "будет планируется намерен ожидается завтра предстоящий предстоит",
    Tag.OPINION: "мы я нам почему как зачем мнение колонка наверное пожалуй кажется конечно",
    Tag.PAST: "ранее прежде бывший лет назад тогда году",
    Tag.HEAD: "администрация администрации правительство режим войска партия сторонники",
    Tag.NEGATION: """
        не нет опроверг опровергла опровергает отверг отвергла отвергает отменил отменила отменяет отложил отложила
        перенес перенесла отказался отказалась отказывается отозвал отозвала
    """,
    Tag.TITLE: "президент министр глава мид рф сша турции господин",
    Tag.DEPUTY: "пресс-секретарь представитель советник помощник заместитель посол",
}
AGENCIES: dict[str, str] = {
    "سبوتنيك": "sputnik", "رويترز": "reuters", "واس": "spa", "الأناضول": "anadolu", "فارس": "fars", "تاس": "tass",
    "نوفوستي": "ria", "إنترفاكس": "interfax", "إرنا": "irna", "سانا": "sana", "سبأ": "saba", "كونا": "kuna",
    "وام": "wam", "بترا": "petra", "شينخوا": "xinhua", "أفب": "afp", "دبأ": "dpa", "أب": "ap",
    "reuters": "reuters", "afp": "afp", "ap": "ap", "aa": "anadolu", "dpa": "dpa", "tass": "tass", "тасс": "tass",
    "риа": "ria", "интерфакс": "interfax", "anadolu": "anadolu", "sputnik": "sputnik", "xinhua": "xinhua",
    "interfax": "interfax", "irna": "irna", "спутник": "sputnik",
}  # fmt: skip
AMBIGUOUS_AGENCIES = ("فارس", "تاس", "سانا", "سبأ", "كونا", "وام", "بترا", "أفب", "دبأ", "أب", "ap", "aa", "спутник")
_PERFECT_ENDINGS = ("", "ت", "ا", "وا", "تا")


def _arabic_forms(tag: int, word: str) -> list[str]:
    forms = [word]
    if tag in {Tag.SAY, Tag.ACT}:
        if word[0] == "ي" and len(word) >= 4:
            forms += ["ت" + word[1:], "س" + word, "ست" + word[1:], word + "ون", word + "ان"]
        else:
            forms += [word + ending for ending in _PERFECT_ENDINGS]
    return forms + ["و" + form for form in forms] + ["ف" + form for form in forms]


def _build() -> dict[str, int]:
    table: dict[str, int] = {}
    for tags in (_AR, _EN, _RU):
        for tag, text in tags.items():
            for word in (fold_word(w) for w in text.split()):
                for form in _arabic_forms(tag, word) if tags is _AR else [word]:
                    table[form] = table.get(form, 0) | tag
    for word in AGENCIES:
        table[fold_word(word)] = table.get(fold_word(word), 0) | Tag.AGENCY
    return table


TAGS: dict[str, int] = _build()
