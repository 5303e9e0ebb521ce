"""Function words of each language, folded: they carry no fact, so texts are compared without them."""

from __future__ import annotations

from collections.abc import Mapping

_ARABIC = """
في من على الى عن مع بين بعد قبل خلال منذ حتى عند لدى نحو ضد حول دون عبر فوق تحت امام وراء ان انه انها انهم بان لان كان
كانت يكون تكون كانوا هو هي هم هما نحن انا انت هذا هذه ذلك تلك هولاء الذي التي الذين اللذين اللتين ما لا لم لن
ليس ليست قد
لقد كما لكن لكنه ولكن او ثم اذا اذ حيث كل بعض غير اي ايضا فقط هناك هنا به بها فيه فيها منه منها عليه عليها اليه
اليها له لها
لهم بهم عنه عنها معه معها الا اما بل بينما عندما حين فان وهو وهي وان ومن وفي وعلى والى ولا وما وقد وكان وكانت مثل ذات
عدم وذلك بذلك كذلك انما لو لولا كي لكي مما ممن عما فيما بما كما التى الى اى على
"""
_ENGLISH = """
a an the and or but if of at by for with about against between into through during before after above below to from up
down in out on off over under again then once here there when where why how all any both each few more most other some
such no nor not only own same so than too very s t can will just don should now i me my we our you your he him his she
her it its they them their what which who whom this that these those am is are was were be been being have has had
having do does did doing would could ought as until while because quot amp nbsp x27 39 re ve ll d m
"""
_RUSSIAN = """
и в во не что он на я с со как а то все она так его но да ты к у же вы за бы по только ее мне было вот от меня еще нет о
из ему теперь когда даже ну вдруг ли если уже или ни быть был него до вас нибудь опять уж вам ведь там потом себя ничего
ей может они тут где есть надо ней для мы тебя их чем была сам чтоб без будто чего раз тоже себе под будет ж тогда кто
этот того потому этого какой совсем ним здесь этом один почти мой тем чтобы нее были куда зачем всех при об это этой эти
также которые который которая которое которых
"""
# With what stands behind the apostrophe of a name.
_TURKISH = """
ve veya ya ile icin gibi kadar daha cok en de da te ta ki mi mı mu ama fakat ancak hem ise olarak olan oldu oldugu
oldugunu olacak etti ettigi ettigini eden edildi sonra once gore dolayı uzere ne her hic biz siz ben sen onun onlar
bunun buna bunu bunlar bu bir sey diye degil yani bile hala bazı tum butun kendi var yok nın nin nun ın in un dan den
tan ten la le yla yle ye yi yı yu na nda nde ndan nden daki deki taki teki lı li lu lar ler
"""
_PERSIAN = """
از به با در بر براي كه را اين ان است بود شد شده شود مي نمي هم تا يا اگر اما ولي نيز يك هر چه چون پس ها هاي اي ام ات اش
شان خود خواهد دارد داشت كرده كند كنند باشد بايد نيست هستند بودند وي او انها ما شما من همه ديگر بسيار توسط
"""

_SPELLINGS = str.maketrans("أإآىةؤئ", "ااايهوي")
STOP_WORDS: frozenset[str] = frozenset((_ARABIC + _ENGLISH + _RUSSIAN).translate(_SPELLINGS).split())
OWN_STOP_WORDS: Mapping[str, frozenset[str]] = {
    "tr": frozenset(_TURKISH.replace("ı", "i").split()),
    "fa": frozenset(_PERSIAN.split()),
}
"""Those of languages whose function words mean something in another language with the same letters."""
