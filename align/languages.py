"""Languages: their tags, names, scripts, and the codes that other systems know them by."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from align.errors import LanguageError
from align.scripts import main_script

_RTL = {"Arab", "Hebr", "Syrc", "Thaa", "Nkoo", "Adlm"}


@dataclass(frozen=True, slots=True)
class Language:
    """A language as it is written in one script.

    `tag` is the BCP-47 tag, with the script only where the language needs it; `script` an ISO 15924 code, empty where
    it is not known; `iso639_3` the code of the individual language that FLORES and NLLB use; `hub` the code that a
    data set card takes; `opus` the code of OPUS.
    """

    tag: str
    script: str
    english: str
    own: str
    iso639_3: str
    hub: str
    opus: str

    @property
    def dir(self) -> str:
        """The direction of writing, `ltr` or `rtl`, for HTML."""
        return "rtl" if self.script in _RTL else "ltr"

    @property
    def flores(self) -> str:
        """The code of FLORES and NLLB, `kaz_Cyrl`; without a script where that is not known."""
        return f"{self.iso639_3}_{self.script}" if self.script else self.iso639_3


# tag, script, ISO 639-3 code, English name, own name; the eleven that the project is made for come first.
_TABLE = """
kk      Cyrl kaz Kazakh             | қазақша
uz-Cyrl Cyrl uzn Uzbek (Cyrillic)   | ўзбекча
uz-Latn Latn uzn Uzbek (Latin)      | oʻzbekcha
az      Latn azj Azerbaijani        | azərbaycanca
ru      Cyrl rus Russian            | русский
en      Latn eng English            | English
tr      Latn tur Turkish            | Türkçe
ky      Cyrl kir Kyrgyz             | кыргызча
tt      Cyrl tat Tatar              | татарча
tg      Cyrl tgk Tajik              | тоҷикӣ
tk      Latn tuk Turkmen            | türkmençe
af      Latn afr Afrikaans          | Afrikaans
am      Ethi amh Amharic            | አማርኛ
ar      Arab arb Arabic             | العربية
az-Arab Arab azb South Azerbaijani  | تۆرکجه
az-Cyrl Cyrl azj Azerbaijani (Cyrillic) | азәрбајҹанҹа
ba      Cyrl bak Bashkir            | башҡортса
be      Cyrl bel Belarusian         | беларуская
bg      Cyrl bul Bulgarian          | български
bn      Beng ben Bengali            | বাংলা
bo      Tibt bod Tibetan            | བོད་སྐད་
bs      Latn bos Bosnian            | bosanski
ca      Latn cat Catalan            | català
ce      Cyrl che Chechen            | нохчийн
ckb     Arab ckb Central Kurdish    | کوردیی ناوەندی
crh     Latn crh Crimean Tatar      | qırımtatarca
cs      Latn ces Czech              | čeština
cv      Cyrl chv Chuvash            | чӑвашла
cy      Latn cym Welsh              | Cymraeg
da      Latn dan Danish             | dansk
de      Latn deu German             | Deutsch
el      Grek ell Greek              | ελληνικά
eo      Latn epo Esperanto          | Esperanto
es      Latn spa Spanish            | español
et      Latn est Estonian           | eesti
eu      Latn eus Basque             | euskara
fa      Arab pes Persian            | فارسی
fi      Latn fin Finnish            | suomi
fil     Latn fil Filipino           | Filipino
fr      Latn fra French             | français
ga      Latn gle Irish              | Gaeilge
gag     Latn gag Gagauz             | gagauzça
gl      Latn glg Galician           | galego
gu      Gujr guj Gujarati           | ગુજરાતી
ha      Latn hau Hausa              | Hausa
he      Hebr heb Hebrew             | עברית
hi      Deva hin Hindi              | हिन्दी
hr      Latn hrv Croatian           | hrvatski
hu      Latn hun Hungarian          | magyar
hy      Armn hye Armenian           | հայերեն
id      Latn ind Indonesian         | Bahasa Indonesia
ig      Latn ibo Igbo               | Igbo
is      Latn isl Icelandic          | íslenska
it      Latn ita Italian            | italiano
ja      Jpan jpn Japanese           | 日本語
jv      Latn jav Javanese           | Jawa
ka      Geor kat Georgian           | ქართული
kaa-Cyrl Cyrl kaa Karakalpak (Cyrillic) | қарақалпақша
kaa-Latn Latn kaa Karakalpak (Latin) | qaraqalpaqsha
kk-Arab Arab kaz Kazakh (Arabic)    | قازاقشا
kk-Latn Latn kaz Kazakh (Latin)     | qazaqşa
km      Khmr khm Khmer              | ខ្មែរ
kn      Knda kan Kannada            | ಕನ್ನಡ
ko      Kore kor Korean             | 한국어
krc     Cyrl krc Karachay-Balkar    | къарачай-малкъар
ku      Latn kmr Kurdish            | kurdî
kum     Cyrl kum Kumyk              | къумукъ
lo      Laoo lao Lao                | ລາວ
lt      Latn lit Lithuanian         | lietuvių
lv      Latn lvs Latvian            | latviešu
mk      Cyrl mkd Macedonian         | македонски
ml      Mlym mal Malayalam          | മലയാളം
mn      Cyrl khk Mongolian          | монгол
mr      Deva mar Marathi            | मराठी
ms      Latn zsm Malay              | Melayu
mt      Latn mlt Maltese            | Malti
my      Mymr mya Burmese            | မြန်မာ
nb      Latn nob Norwegian Bokmål   | norsk bokmål
ne      Deva npi Nepali             | नेपाली
nl      Latn nld Dutch              | Nederlands
nn      Latn nno Norwegian Nynorsk  | norsk nynorsk
nog     Cyrl nog Nogai              | ногайша
os      Cyrl oss Ossetic            | ирон
pa      Guru pan Punjabi            | ਪੰਜਾਬੀ
pl      Latn pol Polish             | polski
ps      Arab pbt Pashto             | پښتو
pt      Latn por Portuguese         | português
ro      Latn ron Romanian           | română
sah     Cyrl sah Yakut              | саха тыла
sd      Arab snd Sindhi             | سنڌي
si      Sinh sin Sinhala            | සිංහල
sk      Latn slk Slovak             | slovenčina
sl      Latn slv Slovenian          | slovenščina
so      Latn som Somali             | Soomaali
sq      Latn als Albanian           | shqip
sr      Cyrl srp Serbian            | српски
sr-Latn Latn srp Serbian (Latin)    | srpski
sv      Latn swe Swedish            | svenska
sw      Latn swh Swahili            | Kiswahili
ta      Taml tam Tamil              | தமிழ்
te      Telu tel Telugu             | తెలుగు
th      Thai tha Thai               | ไทย
tyv     Cyrl tyv Tuvan              | тыва
ug      Arab uig Uyghur             | ئۇيغۇرچە
uk      Cyrl ukr Ukrainian          | українська
ur      Arab urd Urdu               | اردو
vi      Latn vie Vietnamese         | Tiếng Việt
yo      Latn yor Yoruba             | Yorùbá
zh-Hans Hans zho Chinese (Simplified) | 简体中文
zh-Hant Hant zho Chinese (Traditional) | 繁體中文
zu      Latn zul Zulu               | isiZulu
"""

# OPUS writes most languages as ISO 639-1; where it tells scripts or regions apart it has its own way.
_OPUS = {"uz-Cyrl": "uz", "uz-Latn": "uz", "zh-Hans": "zh_CN", "zh-Hant": "zh_TW", "nb": "nb_NO", "az-Arab": "azb"}

# Codes of individual or macro languages that stand for a language of the table, beside its own ISO 639-3 code.
_ALIASES = {
    "aze": "az", "uzb": "uz", "ara": "ar", "fas": "fa", "per": "fa", "msa": "ms", "mon": "mn", "est": "et", "ekk": "et",
    "lav": "lv", "nep": "ne", "kur": "ku", "pus": "ps", "sqi": "sq", "swa": "sw", "nor": "nb", "no": "nb", "iw": "he",
    "in": "id", "tl": "fil", "tgl": "fil", "cmn": "zh", "chi": "zh", "ger": "de", "fre": "fr", "gre": "el", "baq": "eu",
    "geo": "ka", "arm": "hy", "rum": "ro", "cze": "cs", "slo": "sk", "ice": "is", "dut": "nl", "mac": "mk", "bur": "my",
    "wel": "cy", "alb": "sq", "tib": "bo", "may": "ms", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
}


def _read_table() -> dict[str, Language]:
    """Return the languages of the table by tag."""
    languages = {}
    for line in _TABLE.strip().splitlines():
        left, own = (part.strip() for part in line.split("|"))
        tag, script, code, english = left.split(None, 3)
        primary = tag.split("-")[0]
        languages[tag] = Language(tag, script, english, own, code, primary, _OPUS.get(tag, primary))
    return languages


LANGUAGES = _read_table()

# The eleven languages that the project is made for.
CORE = tuple(LANGUAGES)[:11]

# What a bare tag means where a language is written in several scripts.
_DEFAULT_SCRIPTS = {"uz": "uz-Latn", "zh": "zh-Hans", "kaa": "kaa-Latn"}

# All two-letter codes; any three letters may be a language that the table does not have.
_TWO_LETTERS = """
aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en eo es et
eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv ka kg ki kj kk
kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny
oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti
tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_ISO639_1 = frozenset(_TWO_LETTERS.split())

# Codes of countries that are taken for codes of their language.
_COUNTRIES = {"kz": "kk", "ua": "uk", "tj": "tg", "cn": "zh", "jp": "ja", "kr": "ko", "cz": "cs", "tm": "tk", "ir": "fa",
              "gr": "el", "dk": "da", "rs": "sr", "us": "en", "gb": "en", "in": "hi"}

_BCP47 = re.compile(
    r"(?P<language>[a-z]{2,3})(?:-(?P<script>[a-z]{4}))?(?:-(?P<region>[a-z]{2}|\d{3}))?"
    r"(?P<rest>(?:-(?:[a-z\d]{5,8}|\d[a-z\d]{3}))*(?:-x(?:-[a-z\d]{1,8})+)?)"
)


def language(tag: str) -> Language:
    """Return the language of a tag in any of the forms that `normalize_tag` takes.

    A well-formed tag that is not in the table is a language too, with its tag for a name. Raises LanguageError for
    anything else.
    """
    tag = normalize_tag(tag)
    if tag in LANGUAGES:
        return LANGUAGES[tag]
    primary, *rest = tag.split("-")
    script = next((part for part in rest if len(part) == 4 and part.istitle()), "")
    known = LANGUAGES.get(_DEFAULT_SCRIPTS.get(primary, primary))
    if known is None:
        return Language(tag, script, tag, tag, primary, primary, primary)
    suffix = "-".join(rest)
    return Language(
        tag, script or known.script, f"{known.english} ({suffix})", f"{known.own} ({suffix})",
        known.iso639_3, known.hub, known.opus,
    )


def normalize_tag(tag: str, text: str = "") -> str:
    """Return the tag as the project writes it: `uz_cyrl`, `uzn_Cyrl` become `uz-Cyrl`; `kaz`, `KK`, `kaz_Cyrl` `kk`.

    The script goes where the language has but one. `text` decides the script of a bare `uz`; without it, or if it has
    neither of the two scripts, that is `uz-Latn`. Raises LanguageError, with the nearest tag, for what is no tag.
    """
    lowered = tag.strip().replace("_", "-").lower()
    lowered = _ALIASES.get(lowered, lowered).lower()
    parts = _BCP47.fullmatch(lowered)
    if parts is None or (parts["script"] or "latn").title() not in _KNOWN_SCRIPTS:
        raise LanguageError(_unknown(tag))
    if len(parts["language"]) == 2 and parts["language"] not in _ISO639_1 | _ALIASES.keys():
        raise LanguageError(_unknown(tag))
    primary = _ALIASES.get(parts["language"], _BY_ISO639_3.get(parts["language"], parts["language"]))
    script, region, rest = (parts["script"] or "").title(), (parts["region"] or "").upper(), parts["rest"]
    if not script and primary in _DEFAULT_SCRIPTS:
        script = _choose_script(primary, text)
    base = f"{primary}-{script}" if script else primary
    if script and primary in LANGUAGES and LANGUAGES[primary].script == script:
        base = primary
    return base + (f"-{region}" if region else "") + rest


def _choose_script(primary: str, text: str) -> str:
    """Return the script of a bare tag by the script of a text, if there is such a language, or else the default."""
    default = LANGUAGES[_DEFAULT_SCRIPTS[primary]].script
    found = main_script(text) if text else default
    return found if f"{primary}-{found}" in LANGUAGES else default


def writes(tag: str, script: str) -> bool:
    """Return whether text in that script may be in the language of the tag; true wherever that is not known."""
    expected = language(tag).script
    return not expected or script == "Zyyy" or _FAMILIES.get(expected, expected) == _FAMILIES.get(script, script)


def _unknown(tag: str) -> str:
    """Return the one line that says what is wrong with a tag, with the nearest one."""
    names = _COUNTRIES | {"uzbek": "uz"}
    for found in LANGUAGES.values():
        names |= {found.tag.lower(): found.tag, found.english.lower(): found.tag, found.own.lower(): found.tag}
    lowered = tag.strip().lower().replace("_", "-")
    nearest = get_close_matches(lowered, names, n=1, cutoff=0.5)
    hint = f"did you mean {names[nearest[0]]}?" if nearest else "give a BCP-47 tag such as kk, ru or uz-Cyrl"
    return f"{tag!r} is not a language tag; {hint}"


_BY_ISO639_3 = {found.iso639_3: found.tag.split("-")[0] for found in LANGUAGES.values()}

# Scripts that share their letters.
_FAMILIES = {"Hans": "Hani", "Hant": "Hani", "Jpan": "Hani"}
_KNOWN_SCRIPTS = {found.script for found in LANGUAGES.values()} | {"Hani", "Orya", "Mong", "Syrc", "Thaa", "Nkoo", "Adlm"}
