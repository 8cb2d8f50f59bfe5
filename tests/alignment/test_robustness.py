"""What real reports do to an aligner: long gaps, summaries, page furniture, repetition, strangers."""

import random

import numpy as np
import pytest

from align.alignment.aligner import Aligner


@pytest.fixture
def aligner(toy):
    return Aligner(toy)


def report(lang, numbers):
    """A sentence of seven words for each number; those of one number mean the same in all languages."""
    return [" ".join(f"{lang}:{number}.{k}" for k in range(7)) for number in numbers]


def links(alignment, src, tgt):
    """Return the links as pairs of what was said, and check that nothing else is linked."""
    found = [([src[i] for i in bead.src], [tgt[j] for j in bead.tgt]) for bead in alignment.links()]
    assert all(left == right for left, right in found), found
    return [number for left, _ in found for number in left]


def test_a_passage_of_thirty_sentences_may_be_missing(aligner):
    src, tgt = list(range(60)), [*range(12), *range(42, 60)]
    found = aligner.align(report("kk", src), report("ru", tgt))
    assert links(found, src, tgt) == tgt
    back = aligner.align(report("ru", tgt), report("kk", src))
    assert links(back, tgt, src) == tgt


def test_a_report_may_be_a_summary_of_the_other(aligner):
    src, tgt = list(range(40)), sorted(random.Random(3).sample(range(40), 8))
    found = aligner.align(report("kk", src), report("ru", tgt))
    assert links(found, src, tgt) == tgt
    assert np.mean([bead.confidence for bead in found.links()]) > 0.8


def test_page_furniture_stays_alone(aligner):
    src, tgt = list(range(15)), list(range(15))
    page = ["kk:menu kk:home", "kk:share", "kk:print kk:share", "kk:cookies kk:accept kk:all"]
    left = [*page, *report("kk", src), *page[1:], "kk:subscribe kk:now"]
    found = aligner.align(left, report("ru", tgt))
    assert all((k + 4 in bead.src) for bead in found.links() for k in bead.tgt)
    assert [j for bead in found.links() for j in bead.tgt] == list(range(15))
    joined = {i for bead in found.links() for i in bead.src} - set(range(4, 19))
    assert len(joined) <= 1


def test_repeated_sentences_are_linked_in_their_order(aligner):
    src = [0, 1, 9, 2, 3, 9, 4, 5, 9, 6]
    found = aligner.align(report("kk", src), report("ru", src))
    assert [(bead.src, bead.tgt) for bead in found] == [((k,), (k,)) for k in range(len(src))]
    tgt = [0, 1, 9, 2, 3, 4, 5, 9, 6]  # one of three is missing
    assert links(aligner.align(report("kk", src), report("ru", tgt)), src, tgt) == tgt


def test_what_is_linked_between_strangers_is_held_doubtful(aligner):
    rng = random.Random(8)
    confidences, sentences, linked = [], 0, 0
    for k in range(40):
        # Words in common, as reports of one newspaper have, but no sentence in common.
        src, tgt = ([" ".join(f"{lang}:{rng.randrange(40)}" for _ in range(8)) for _ in range(rng.randint(5, 25))]
                    for lang in ("kk", "ru"))  # fmt: skip
        found = aligner.align(src, tgt)
        confidences += [bead.confidence for bead in found.links()]
        sentences += len(src) + len(tgt)
        linked += sum(len(bead.src) + len(bead.tgt) for bead in found.links())
        assert len(src) == sum(len(bead.src) for bead in found), k
    assert linked < 0.2 * sentences
    assert sum(confidence < 0.5 for confidence in confidences) >= 0.95 * len(confidences)
