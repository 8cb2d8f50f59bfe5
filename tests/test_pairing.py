import pytest

from align import Aligner
from align.pairing import THRESHOLD, Report, candidates, pair
from tests.conftest import ToyEncoder
from tests.test_uniting import say

ALIGNER = Aligner(ToyEncoder())


def report(name, lang, facts, date=None):
    return Report(name, lang, ALIGNER.side([say(lang, fact) for fact in facts]), date, name)


def stories(pairing):
    found = {}
    for member in pairing.members:
        if member.story is not None:
            found.setdefault(member.story, set()).add(member.document)
    return sorted(map(sorted, found.values()))


HEAP = [
    report("a-kk", "kk", range(12), "2025-10-26"),
    report("b-ru", "ru", range(20, 32), "2025-10-26"),
    report("a-ru", "ru", range(12), "2025-10-27"),
    report("c-tr", "tr", range(40, 50), "2025-10-26"),
    report("b-tr", "tr", range(20, 32), "2025-11-30"),
    report("a-tr", "tr", [*range(9), 60], None),
]


def test_an_unordered_heap_falls_into_its_stories():
    pairing = pair(HEAP, ALIGNER)
    assert stories(pairing) == [["a-kk", "a-ru", "a-tr"], ["b-ru", "b-tr"]]
    alone = next(member for member in pairing.members if member.document == "c-tr")
    assert alone.story is None
    assert alone.nearest in {"a-kk", "a-ru", "b-ru"}
    assert alone.nearest_score < THRESHOLD
    assert f"{THRESHOLD:.2f}" in alone.reason
    assert all(0 <= member.confidence <= 1 for member in pairing.members)


def test_dates_keep_reports_apart_and_an_unknown_date_does_not():
    assert (1, 4) not in candidates(HEAP, window=7)
    assert (1, 4) in candidates(HEAP, window=60)
    assert stories(pair(HEAP, ALIGNER, window=7)) == [["a-kk", "a-ru", "a-tr"]]


def test_a_story_has_at_most_one_report_a_language_and_says_so():
    heap = [*HEAP[:1], HEAP[2], report("a2-ru", "ru", [*range(8), *range(70, 74)])]
    pairing = pair(heap, ALIGNER)
    assert stories(pairing) == [["a-kk", "a-ru"]]
    assert "already has a closer one in ru: a-ru" in pairing.members[2].reason


@pytest.mark.parametrize("heap", [[], HEAP[:1], [HEAP[1], HEAP[2]], [report("none", "kk", []), HEAP[1]]])
def test_too_little_to_pair_gives_no_story_but_a_reason_each(heap):
    pairing = pair(heap, ALIGNER)
    assert stories(pairing) == []
    assert all(member.reason for member in pairing.members)
