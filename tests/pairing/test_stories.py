import json
from pathlib import Path

import pytest

from align import Aligner
from align.pairing import Report, pair
from align.schema import one_line
from align.segmentation import segment_text
from tests.conftest import ToyEncoder
from tests.uniting.test_units import say

ALIGNER = Aligner(ToyEncoder())
SCALE = ALIGNER.weights.scale


def report(name, lang, facts, date=None):
    sentences = [say(lang, fact) for fact in facts]
    return Report(name, lang, ALIGNER.side(sentences), date, name, "\n".join(sentences))


def stories(members):
    found = {}
    for member in members:
        if member.story is not None:
            found.setdefault(member.story, set()).add(member.document)
    return sorted(map(sorted, found.values()))


def by_name(members):
    return {member.document: member for member in members}


HEAP = [
    report("a-kk", "kk", range(12), "2025-10-26"),
    report("b-ru", "ru", range(20, 32), "2025-10-26"),
    report("a-ru", "ru", range(12), "2025-10-27"),
    report("c-tr", "tr", range(40, 50), "2025-10-26"),
    report("b-tr", "tr", range(20, 32), "2025-11-30"),
    report("a-tr", "tr", [*range(9), 60], None),
]


def test_an_unordered_heap_falls_into_its_stories():
    members = pair(HEAP, SCALE)
    assert [member.document for member in members] == [one.id for one in HEAP]
    assert stories(members) == [["a-kk", "a-ru", "a-tr"], ["b-ru", "b-tr"]]
    assert all(member.confidence > 0.9 for member in members if member.story)
    alone = by_name(members)["c-tr"]
    assert alone.nearest in {"a-kk", "a-ru", "b-ru"}
    assert alone.nearest in alone.reason
    assert alone.confidence < 0.5
    assert alone.nearest_score < min(member.nearest_score for member in members if member.story)


def test_the_order_of_the_heap_changes_nothing():
    assert stories(pair(HEAP[::-1], SCALE)) == stories(pair(HEAP, SCALE))


def test_dates_keep_reports_apart_and_an_unknown_date_does_not():
    assert stories(pair(HEAP, SCALE, window=60)) == stories(pair(HEAP, SCALE))
    members = pair(HEAP, SCALE, window=7)
    assert stories(members) == [["a-kk", "a-ru", "a-tr"]]
    only = [report("old", "kk", range(9), "2020-01-01"), report("new", "ru", range(9), "2025-01-01")]
    assert [member.reason for member in pair(only, SCALE, window=7)] == [
        "no report in another language to compare with within 7 days"
    ] * 2


def test_all_reports_of_a_story_lie_within_the_window():
    chain = [report(lang, lang, range(10), f"2025-01-{day:02}") for lang, day in (("kk", 1), ("ru", 4), ("tr", 7))]
    members = pair(chain, SCALE, window=4)
    assert [len(one) for one in stories(members)] == [2]
    assert next(member.reason for member in members if member.reason).endswith("reports more than 4 days away")
    assert len(stories(pair(chain, SCALE, window=6))[0]) == 3


def test_a_story_has_at_most_one_report_a_language_and_says_so():
    heap = [HEAP[0], HEAP[2], report("a2-ru", "ru", [*range(7), *range(70, 76)])]
    members = pair(heap, SCALE)
    assert stories(members) == [["a-kk", "a-ru"]]
    assert members[2].reason == "another report in ru tells the story of a-kk better: a-ru"
    assert stories(pair(heap, SCALE, several=True)) == [["a-kk", "a-ru", "a2-ru"]]


def test_reports_in_one_language_alone_make_no_story_even_with_several():
    heap = [report("one", "ru", range(10)), report("two", "ru", [*range(5), *range(50, 55)])]
    members = pair(heap, SCALE, several=True)
    assert stories(members) == []
    assert {member.reason for member in members} == {"no report in another language to compare with"}


def test_copies_are_set_aside_with_the_one_that_stays():
    sentences = [say("ru", fact) for fact in range(30)]
    changed = [*sentences[:-1], say("ru", 99)]
    copies = [
        Report(name, "ru", ALIGNER.side(texts), None, name, "\n".join(texts))
        for name, texts in (("first", changed), ("second", sentences), ("third", sentences), ("fourth", sentences[:-2]))
    ]
    members = by_name(pair([*copies, report("kk", "kk", range(30))], SCALE))
    assert stories(members.values()) == [["kk", "second"]] or stories(members.values()) == [["first", "kk"]]
    longest = max(copies, key=lambda copy: len(copy.text)).id
    assert members[longest].story == members["kk"].story
    others = [members[copy.id] for copy in copies if copy.id != longest]
    assert all(member.reason in (f"near-duplicate of {longest}", f"same words as {longest}") for member in others)
    assert all(member.nearest == longest for member in others)


def test_a_digest_is_told_from_a_full_translation():
    heap = [report("full-kk", "kk", range(20)), report("full-ru", "ru", range(20)), report("digest", "tr", range(0, 20, 2))]
    members = by_name(pair(heap, SCALE))
    assert stories(members.values()) == [["digest", "full-kk", "full-ru"]]
    assert {name: member.digest_of is not None for name, member in members.items()} == {
        "full-kk": False, "full-ru": False, "digest": True,
    }  # fmt: skip
    assert members["digest"].digest_of in {"full-kk", "full-ru"}
    assert members["digest"].coverage > 0.9
    assert 0.3 < members["digest"].told < 0.67
    assert members["full-kk"].coverage > 0.9
    assert members["full-kk"].told > 0.9


@pytest.mark.parametrize(
    "heap", [[], HEAP[:1], [HEAP[1], HEAP[2]], [report("none", "kk", []), HEAP[1]], [report("none", "kk", [])]]
)
def test_too_little_to_pair_gives_no_story_but_a_reason_each(heap):
    members = pair(heap, SCALE)
    assert stories(members) == []
    assert [member.document for member in members] == [one.id for one in heap]
    assert all(member.reason for member in members)
    assert all(member.reason == "empty" for member in members if member.document == "none")


@pytest.fixture(scope="module")
def steppe():
    return Aligner()


def read_reports(path, aligner):
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    found = []
    for row in rows:
        texts = [one_line(row["text"][start:end]) for start, end, _ in segment_text(row["text"], row["lang"])]
        found.append(Report(row["id"], row["lang"], aligner.side(texts), "2025-06-02", row["id"], row["text"]))
    return found


def test_among_twenty_reports_on_one_event_only_the_translation_is_a_story(steppe):
    reports = read_reports(Path(__file__).parent / "one_event" / "reports.jsonl", steppe)
    assert len(reports) == 20
    for several in (False, True):
        assert stories(pair(reports, steppe.weights.scale, window=0, several=several)) == [["kk-opening", "ru-opening"]]


def test_a_long_report_and_one_that_repeats_itself_find_their_translations():
    facts = list(range(700))
    heap = [report("kk", "kk", facts), report("ru", "ru", facts), report("short", "tr", range(900, 905))]
    assert stories(pair(heap, SCALE)) == [["kk", "ru"]]
    repeated = [report("kk", "kk", [*range(12)] * 20), report("ru", "ru", [*range(12)] * 20)]
    assert stories(pair(repeated, SCALE)) == [["kk", "ru"]]
