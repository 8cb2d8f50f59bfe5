"""The spaCy side: the component gives the sentences of the engine, the languages tokenize."""

import pickle

import pytest

spacy = pytest.importorskip("spacy")

from align.segmentation import segment_text  # noqa: E402
from align.segmentation.plugin import component, languages  # noqa: E402, F401
from tests.segmentation.hard_cases import LANGUAGES, read_cases  # noqa: E402

CLASSES = {
    language.lang: language
    for language in vars(languages).values()
    if isinstance(language, type) and language.__module__ == languages.__name__
}


def pipeline(lang):
    nlp = CLASSES[lang]()
    nlp.add_pipe("align_sentences")
    return nlp


def test_classes():
    assert sorted(CLASSES) == ["az", "en", "kk", "ky", "ru", "tg", "tk", "tr", "tt", "uz"]


@pytest.mark.parametrize("tag", LANGUAGES)
def test_same_sentences_as_the_engine(tag):
    nlp = pipeline(tag.split("-")[0])
    for case in list(read_cases(tag))[:40]:
        doc = nlp(case.text)
        assert doc.text == case.text
        wanted = [case.text[start:end] for start, end, _ in segment_text(case.text, tag)]
        assert [sentence.text.strip() for sentence in doc.sents] == wanted


def test_sentence_that_starts_inside_a_token():
    nlp = spacy.blank("xx")
    nlp.add_pipe("align_sentences", config={"lang": "kk"})
    doc = nlp("Мектеп ашылды.Оқушылар қуанды.")
    assert [sentence.text for sentence in doc.sents] == ["Мектеп ашылды.", "Оқушылар қуанды."]


TOKENS = [
    ("kk", "Проф. Ә. Оспанов 1998 ж. бардық.", ["Проф.", "Ә.", "Оспанов", "1998", "ж.", "бардық", "."]),
    ("uz", "Bu togʻ, oʻsha bog‘.", ["Bu", "togʻ", ",", "oʻsha", "bog‘", "."]),
    ("uz", "'Salom' dedi u.Keyin ketdi.", ["'", "Salom", "'", "dedi", "u.", "Keyin", "ketdi", "."]),
    ("tg", "Ин кӯҳ аст.Ӯ омад.", ["Ин", "кӯҳ", "аст", ".", "Ӯ", "омад", "."]),
    ("tk", "Prof. Ş. Annaýew, we ş.m.", ["Prof.", "Ş.", "Annaýew", ",", "we", "ş.m."]),
    ("az", "Prof. Ə. Quliyev gəldi.", ["Prof.", "Ə.", "Quliyev", "gəldi", "."]),
    ("ky", "Көчөдө ж.б. бар", ["Көчөдө", "ж.б.", "бар"]),
]


@pytest.mark.parametrize(("lang", "text", "tokens"), TOKENS)
def test_tokens(lang, text, tokens):
    assert [token.text for token in CLASSES[lang]()(text)] == tokens


@pytest.mark.parametrize(
    ("lang", "numbers", "other"),
    [
        ("kk", "үш 15-ші 3,5 1/2 бесінші", "мектеп"),
        ("uz", "uch 5-chi toʻrt тўрт", "maktab"),
        ("tg", "се 5-ум дуюм", "мактаб"),
        ("tk", "üç 5-nji ikinji", "mekdep"),
    ],
)
def test_like_num(lang, numbers, other):
    nlp = CLASSES[lang]()
    assert all(nlp.vocab[word].like_num for word in numbers.split())
    assert not nlp.vocab[other].like_num


@pytest.mark.parametrize(
    ("lang", "word"), [("kk", "және"), ("uz", "bo‘yicha"), ("uz", "билан"), ("tg", "барои"), ("tk", "bilen")]
)
def test_stop_words(lang, word):
    assert CLASSES[lang]().vocab[word].is_stop


@pytest.mark.parametrize("lang", ["kk", "uz", "tg", "tk"])
def test_examples_are_one_sentence_each(lang):
    nlp = pipeline(lang)
    assert all(len(list(doc.sents)) == 1 for doc in nlp.pipe(CLASSES[lang].examples))


def test_pipeline_is_saved_and_loaded(tmp_path):
    nlp = spacy.blank("xx")
    nlp.add_pipe("align_sentences", config={"lang": "kk"})
    nlp.to_disk(tmp_path)
    doc = spacy.load(tmp_path)("Ол 1998 ж. туған. Қазір дәрігер.")
    assert [sentence.text for sentence in doc.sents] == ["Ол 1998 ж. туған.", "Қазір дәрігер."]
    assert [sentence.text for sentence in pickle.loads(pickle.dumps(doc)).sents] == [s.text for s in doc.sents]
