import gzip
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from align.errors import FormatError
from align.formats import write
from align.quality.comparison import evaluate
from align.quality.matching import match
from align.quality.sources import load, load_gold
from tests.formats.runs import Report, Tables

SENTENCES = ["Бір.", "Екі.", "Үш.", "Төрт."]


def ladder(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text.replace(" ", "\n") + "\n", encoding="utf-8")
    return path


@pytest.fixture
def tables():
    """Two stories in Kazakh and Russian, the second also in English; the Russian reports are shorter."""
    found = Tables([Report(f"{lang}-{k}", lang, SENTENCES[: 3 if lang == "ru" else 4])
                    for k in (1, 2) for lang in ("kk", "ru", "en") if (k, lang) != (1, "en")])
    found.story("s1", "kk-1", "ru-1")
    found.story("s2", "kk-2", "ru-2", "en-2")
    for k in (1, 2):
        found.align(f"s{k}", f"kk-{k}", f"ru-{k}", ([0], [0], 0.9, None), ([1, 2], [1], 0.8, None),
                    ([3], [2], 0.4, "confidence 0.40 below 0.5"))
    found.align("s2", "en-2", "kk-2", *(([i], [i], 0.99, None) for i in range(4)))
    return found


@pytest.fixture
def run(tables, tmp_path):
    return tables.write(tmp_path / "run")


def beads(found):
    return [(bead.src, bead.tgt) for bead in found]


def test_a_folder_goes_with_a_run_by_ids_by_languages_and_the_other_way_round(run, tmp_path):
    gold = tmp_path / "gold"
    ladder(gold / "kk-1--ru-1.ladder", "[0]:[0] [1,2]:[1] [3]:[2]")
    ladder(gold / "kk--en.ladder", "[0]:[0,1] [1,2]:[2] [3]:[3]")
    ladder(gold / "ru-2--kk-2.ladder", "[0]:[0] [1]:[1] []:[2] [2]:[3]")
    found = match(load(run), load_gold(gold))
    by_name = {document.name: document for document in found.documents}
    assert beads(by_name["kk-1--ru-1.ladder"].test) == [((0,), (0,)), ((1, 2), (1,)), ((3,), (2,))]
    assert beads(by_name["ru-2--kk-2.ladder"].test) == [((0,), (0,)), ((1,), (1, 2)), ((2,), (3,))]
    assert by_name["ru-2--kk-2.ladder"].sizes == (3, 4)
    assert len(by_name["kk--en.ladder"].test) == 4
    assert beads(by_name["kk-1--ru-1.ladder"].kept) == [((0,), (0,)), ((1, 2), (1,))]
    assert found.notes == []


def test_texts_beside_ladder_files_of_another_ending_are_no_alignments(tmp_path):
    for name in ("gold", "test"):
        ladder(tmp_path / name / "0.kkru", "[0]:[0] [1]:[1]")
        ladder(tmp_path / name / "0.kk", "[Бір.] Екі.")
    assert len(match(load(tmp_path / "test"), load_gold(tmp_path / "gold")).documents) == 1


def test_reports_of_one_name_in_two_folders_go_by_that_name(run, tmp_path):
    documents = pq.read_table(run / "documents.parquet").to_pylist()
    for row in documents:
        row["source"] = f"in/{row['lang']}/{row['id'][-1]}.txt"
    pq.write_table(pa.Table.from_pylist(documents), run / "documents.parquet")
    gold = ladder(tmp_path / "gold" / "1.gold", "[0]:[0] [1,2]:[1] [3]:[2]").parent
    assert beads(match(load(run), load_gold(gold)).documents[0].test)[1] == ((1, 2), (1,))
    ladder(gold / "1.gold", "[0]:[0] [1]:[1,2] [2]:[3]")
    turned = match(load(run), load_gold(gold))
    assert beads(turned.documents[0].test)[1] == ((1,), (1, 2))
    assert "the other way round" in turned.notes[0]
    (gold / "1.gold").unlink()
    ladder(gold / "2.gold", "[0]:[0]")
    with pytest.raises(FormatError, match=r"'2.gold' may be 2 alignments"):
        match(load(run), load_gold(gold))
    named = ladder(tmp_path / "ru_kk" / "2.gold", "[0]:[0] [1]:[1,2] [2]:[3]").parent
    assert beads(match(load(run), load_gold(named)).documents[0].test)[1] == ((1,), (1, 2))


def test_xces_is_read_as_it_is_written_and_goes_with_the_run(run, tmp_path):
    write(run, "xces", tmp_path / "xces")
    found = match(load(tmp_path / "xces" / "corpus.kk-ru.xml"), load_gold(run))
    assert {document.name for document in found.documents} >= {"kk-1--ru-1", "kk-2--ru-2"}
    first = next(document for document in found.documents if document.name == "kk-1--ru-1")
    assert beads(first.test) == [((0,), (0,)), ((1, 2), (1,))]
    assert [bead.confidence for bead in first.test] == [0.9, 0.8]
    assert len(first.gold) == 3
    assert "count as not found" in found.notes[0]


def test_xces_with_ids_that_are_no_numbers(tmp_path):
    for name, targets in (("test", ["s1.1;s1", "s1.2 s1.10;s2"]), ("gold", ["s1.1;s1", "s1.2;s2", "s1.10;s3"])):
        links = "".join(f'<link xtargets="{target}" />' for target in targets)
        (tmp_path / f"{name}.xml").write_text(
            f'<cesAlign version="1.0"><linkGrp fromDoc="kk/a.xml.gz" toDoc="ru/a.xml.gz">{links}</linkGrp></cesAlign>')
    [document] = match(load(tmp_path / "test.xml"), load_gold(tmp_path / "gold.xml")).documents
    assert beads(document.test) == [((0,), (0,)), ((1, 2), (1,))]
    assert beads(document.gold) == [((0,), (0,)), ((1,), (1,)), ((2,), (2,))]


@pytest.mark.parametrize(("text", "message"), [
    ("<a", "not XML"),
    ('<c><linkGrp fromDoc="a" toDoc="b"><link xtargets="1 2"/></linkGrp></c>', "one semicolon"),
    ('<c><linkGrp fromDoc="a" toDoc="b"><link xtargets="1;2" certainty="sure"/></linkGrp></c>', "no number"),
    ("<c></c>", "no beads"),
])
def test_broken_xces_is_refused(tmp_path, text, message):
    path = tmp_path / "x.xml"
    path.write_text(text)
    with pytest.raises(FormatError, match=message):
        load(path)
    packed = tmp_path / "x.xml.gz"
    packed.write_bytes(gzip.compress(text.encode()))
    with pytest.raises(FormatError, match=message):
        load(packed)


def test_what_the_test_lacks_counts_as_not_found(run, tmp_path):
    gold = ladder(tmp_path / "gold" / "kk-1--ru-1.ladder", "[0]:[0] [1,2]:[1] [3]:[2]").parent
    ladder(gold / "kk-9--ru-9.ladder", "[0]:[0] [1]:[1] [2]:[2]")
    found = match(load(run), load_gold(gold))
    assert any("1 of 2 documents" in note and "kk-9--ru-9" in note for note in found.notes)
    assert evaluate(found.documents).scores["strict_recall"] == 0.5


def test_other_texts_are_refused(run, tmp_path):
    with pytest.raises(FormatError, match=r"source sentence 4, but .* 0 to 3"):
        match(load(run), load_gold(ladder(tmp_path / "kk-1--ru-1.ladder", "[0]:[0] [4]:[1]")))
    with pytest.raises(FormatError, match="none of the documents"):
        match(load(run), load_gold(ladder(tmp_path / "g" / "x--y.ladder", "[0]:[0]").parent))
    long, short = ladder(tmp_path / "a", " ".join(f"[{k}]:[{k}]" for k in range(9))), ladder(tmp_path / "b", "[0]:[0]")
    with pytest.raises(FormatError, match=r"of the 18 sentences aligned there, .* has 2"):
        match(load(long), load_gold(short))
    almost = ladder(tmp_path / "c", " ".join(f"[{k}]:[{k}]" for k in range(7)))
    assert "4 of the 18 sentences" in match(load(long), load_gold(almost)).notes[0]


def test_a_run_that_people_corrected_is_gold_as_they_want_it(run):
    from align import decisions

    decisions.append(run, [decisions.Decision("link", {"kk-1": (1,), "ru-1": (1,)})])
    found = {document.name: document for document in match(load(run), load_gold(run)).documents}["kk-1--ru-1"]
    assert ((1,), (1,)) in beads(found.gold)
    assert ((1,), (1,)) not in beads(found.test)


def test_figures_of_what_was_kept(run, tmp_path):
    gold = ladder(tmp_path / "kk-1--ru-1.ladder", "[0]:[0] [1,2]:[1] [3]:[] []:[2]")
    found = evaluate(match(load(run), load_gold(gold)).documents)
    assert found.scores["strict_precision"] == pytest.approx(2 / 3)
    assert found.kept is not None
    assert (found.kept["strict_precision"], found.kept["strict_recall"]) == (1, 1)


def test_confidences_that_are_none_have_no_calibration(tmp_path):
    gold = load_gold(ladder(tmp_path / "gold", "[0]:[0] [1]:[1]"))
    costs, silent, stated = (
        evaluate(match(load(ladder(tmp_path / name, text)), gold).documents)
        for name, text in (("a", "[0]:[0]:1.7 [1]:[1]:0.2"), ("b", "[0]:[0] [1]:[1]"), ("c", "[0]:[0]:0.5 [1]:[1]:0.75"))
    )
    assert costs.calibration is None and "no probabilities" in " ".join(costs.notes)
    assert silent.calibration is None and "says no confidences" in " ".join(silent.notes)
    assert stated.calibration is not None
    assert stated.calibration["ece"] == pytest.approx(0.375)


def test_the_sum_over_blocks_is_that_over_the_document(tmp_path):
    gold = ladder(tmp_path / "gold", " ".join(f"[{k}]:[{k}]" for k in range(40)))
    test = ladder(tmp_path / "test", " ".join(f"[{k}]:[{k + k % 2}]:0.9" for k in range(40)))
    found = evaluate(match(load(test), load_gold(gold)).documents)
    assert found.scores["strict_f1"] == 0.5
    low, high = found.intervals["strict_f1"]
    assert 0.3 < low < 0.5 < high < 0.7
    assert "over:8_blocks_of_5_beads" in found.signature


def test_systems_are_compared_on_the_same_documents_only(tmp_path):
    gold = load_gold(ladder(tmp_path / "gold", " ".join(f"[{k}]:[{k}]" for k in range(60))))
    good, bad = (match(load(ladder(tmp_path / name, " ".join(f"[{k}]:[{k + (k % every == 0)}]" for k in range(60)))), gold)
                 for name, every in (("good", 30), ("bad", 2)))
    found = evaluate(good.documents, against=bad.documents).against
    assert found is not None
    assert found["differences"]["strict_f1"]["difference"] == pytest.approx(58 / 60 - 30 / 60)
    assert found["differences"]["strict_f1"]["p"] < 0.01
    other = [replace(document, name="another") for document in bad.documents]
    with pytest.raises(FormatError, match="same documents"):
        evaluate(good.documents, against=other)
