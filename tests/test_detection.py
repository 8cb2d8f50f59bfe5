import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from align.detection import LANGUAGES, UNDETERMINED, detect, hash_grams, letters, sample
from align.languages import CORE
from align.scripts import main_script, words_by_script

SENTENCES = {
    "kk": "Үкімет кеше қалаларды дамыту туралы жаңа қаулы қабылдады, құжат келесі айда күшіне енеді.",
    "uz-Cyrl": "Ҳукумат кеча шаҳарларни ривожлантириш тўғрисида янги қарор қабул қилди, у келаси ойда кучга киради.",
    "uz-Latn": "Hukumat kecha shaharlarni rivojlantirish toʻgʻrisida yangi qaror qabul qildi, u kelasi oyda kuchga kiradi.",
    "az": "Hökumət dünən şəhərlərin inkişafı haqqında yeni qərar qəbul etdi, sənəd gələn ay qüvvəyə minəcək.",
    "ru": "Правительство вчера приняло новое постановление о развитии городов, оно вступит в силу через месяц.",
    "en": "The government yesterday adopted a new decree on the growth of cities, and it takes effect next month.",
    "tr": "Hükûmet dün şehirlerin gelişmesi hakkında yeni bir karar aldı, belge gelecek ay yürürlüğe girecek.",
    "ky": "Өкмөт кечээ шаарларды өнүктүрүү жөнүндө жаңы токтом кабыл алды, документ келерки айда күчүнө кирет.",
    "tt": "Хөкүмәт кичә шәһәрләрне үстерү турында яңа карар кабул итте, документ киләсе айда үз көченә керә.",
    "tg": "Ҳукумат дирӯз дар бораи рушди шаҳрҳо қарори нав қабул кард, ҳуҷҷат моҳи оянда эътибор пайдо мекунад.",
    "tk": "Hökümet düýn şäherleri ösdürmek hakynda täze karar kabul etdi, resminama indiki aýda güýje girer.",
}
FOREIGN = {
    "de": "Die Regierung hat gestern eine Verordnung zum Ausbau der Städte beschlossen, sie tritt im Mai in Kraft.",
    "fr": "Le gouvernement a adopté hier un nouveau décret sur le développement des villes, qui entrera en vigueur en mai.",
    "es": "El gobierno aprobó ayer un nuevo decreto sobre el desarrollo de las ciudades, que entrará en vigor en mayo.",
    "pl": "Rząd przyjął wczoraj nowe rozporządzenie o rozwoju miast, które wejdzie w życie w przyszłym miesiącu.",
    "ku": "Hikûmetê duh biryareke nû li ser pêşxistina bajaran qebûl kir û ew ê meha bê bikeve meriyetê.",
    "kk-Latn": "Ükimet keşe qalalardy damytu turaly jaña qauly qabyldady, qūjat kelesi aida küşine enedi.",
    "uk": "Уряд учора ухвалив нову постанову про розвиток міст, документ набуде чинності наступного місяця.",
    "be": "Урад учора прыняў новую пастанову аб развіцці гарадоў, дакумент набудзе моц у наступным месяцы.",
    "bg": "Правителството прие вчера ново постановление за развитието на градовете, което влиза в сила през май.",
    "sr": "Влада је јуче усвојила нову уредбу о развоју градова, која ступа на снагу следећег месеца.",
    "mn": "Засгийн газар өчигдөр хотуудыг хөгжүүлэх тухай шинэ тогтоол баталж, баримт бичиг ирэх сард хүчин төгөлдөр болно.",
    "ba": "Хөкүмәт кисә ҡалаларҙы үҫтереү тураһында яңы ҡарар ҡабул итте, документ киләһе айҙа үҙ көсөнә инә.",
    "crh": "Ükümet dünevin şeerlerniñ inkişafı aqqında yañı qarar qabul etti, vesiqa kelecek ay küçke kirecek.",
    "kaa-Latn": "Húkimet keshe qalalardı rawajlandırıw haqqında jańa qarar qabıl etti, hújjet kelesi ayda kúshke kiredi.",
    "kaa-Cyrl": "Ҳүкимет кеше қалаларды раўажландырыў ҳаққында жаңа қарар қабыл етти, ҳүжжет келеси айда күшке киреди.",
    "az-Cyrl": "Һөкумәт дүнән шәһәрләрин инкишафы һаггында јени гәрар гәбул етди, сәнәд ҝәлән ај гүввәјә минәҹәк.",
    "cv": "Хула аталанӑвӗ ҫинчен ҫӗнӗ йышӑну тунӑ, вӑл ҫитес уйӑхра вӑя кӗрет.",
    "vi": "Chính phủ hôm qua đã thông qua nghị định mới về phát triển đô thị.",
    "fi": "Hallitus hyväksyi eilen uuden asetuksen kaupunkien kehittämisestä, ja se tulee voimaan ensi kuussa.",
    "ar": "اعتمدت الحكومة أمس قرارا جديدا بشأن تطوير المدن.",
    "fa": "دولت دیروز تصمیم جدیدی درباره توسعه شهرها گرفت.",
    "ka": "მთავრობამ გუშინ მიიღო ახალი დადგენილება ქალაქების განვითარების შესახებ.",
    "zh": "政府昨天通过了关于城市发展的新决定。",
    "ja": "政府は昨日、都市の発展に関する新しい決定を採択した。",
}

@pytest.mark.parametrize("tag", CORE)
def test_each_of_the_eleven_is_told_with_its_script(tag):
    found = detect(SENTENCES[tag])
    assert found.lang == tag
    assert found.probability > 0.9
    assert found.script == ("Cyrl" if tag in LANGUAGES["Cyrl"] else "Latn")
    assert found.ranking[0] == (found.lang, found.probability)


@pytest.mark.parametrize("tag", CORE)
def test_capitals_change_nothing(tag):
    upper = SENTENCES[tag].replace("i", "İ").upper() if tag in ("tr", "az") else SENTENCES[tag].upper()
    assert detect(upper).lang == tag


@pytest.mark.parametrize("tag", FOREIGN)
def test_other_languages_are_undetermined(tag):
    found = detect(FOREIGN[tag])
    assert found.lang == UNDETERMINED
    assert found.probability > 0.5


@pytest.mark.parametrize("sign", "ʻʼ‘’'`")
def test_uzbek_with_any_apostrophe(sign):
    text = f"O{sign}zbekiston to{sign}g{sign}risidagi ma{sign}lumotlar o{sign}tgan yil e{sign}lon qilindi."
    found = detect(text)
    assert found.lang == "uz-Latn"
    assert found.probability > 0.9


@pytest.mark.parametrize("text", ["", " \n", "2025", "…", "123 456 €", "https://example.org/kk/xabar", "A", "да", "🙂"])
def test_thin_evidence_is_undetermined(text):
    assert detect(text).lang == UNDETERMINED


def test_look_alikes_do_not_mislead():
    text = "ASTANA. Кazinform – " + SENTENCES["uz-Cyrl"]
    assert detect(text).lang == "uz-Cyrl"
    latin_in_cyrillic = SENTENCES["kk"].replace("а", "a").replace("ә", "ə").replace("і", "i")
    assert detect(latin_in_cyrillic).lang == "kk"
    assert words_by_script("Кazinform") == {"Latn": ["Kazinform"]}


def test_names_in_latin_letters_do_not_outweigh_the_text():
    names = "Microsoft Corporation, World Economic Forum, Financial Times, Wall Street Journal, Human Rights Watch."
    text = SENTENCES["kk"] + " " + names
    assert main_script(text) == "Cyrl"
    assert detect(text).lang == "kk"


def test_a_long_text_is_sampled_all_over():
    text = (FOREIGN["de"] + "\n") * 10 + (SENTENCES["kk"] + "\n") * 5000
    assert detect(text).lang == "kk"
    assert len(sample(text)) <= 8100
    assert sample("қысқа мәтін") == "қысқа мәтін"


def test_ngrams_stay_inside_words():
    points = letters(["ab", "c"])
    assert len(hash_grams(points, 1, 14)) == 3
    assert len(hash_grams(points, 2, 14)) == 5  # " a", "ab", "b ", " c", "c "
    assert len(hash_grams(points, 3, 14)) == 3  # " ab", "ab ", " c "
    assert np.array_equal(hash_grams(letters(["c"]), 3, 14), hash_grams(points, 3, 14)[-1:])


@pytest.mark.parametrize(("text", "script"), [
    ("Қазақ", "Cyrl"), ("Oʻzbek", "Latn"), ("ქართული", "Geor"), ("हिन्दी भाषा", "Deva"), ("한국어", "Kore"),
    ("日本語のテキスト", "Jpan"), ("中文", "Hani"), ("ελληνικά", "Grek"), ("", "Zyyy"), ("12:30", "Zyyy"),
])
def test_main_script(text, script):
    assert main_script(text) == script


@given(st.text(st.characters(), max_size=300))
def test_any_text_gets_probabilities_that_sum_to_one(text):
    found = detect(text)
    assert found.lang in (*CORE, UNDETERMINED)
    assert 0 <= found.probability <= 1
    assert sum(p for _, p in found.ranking) == pytest.approx(1)
    assert found == detect(text)
