"""The project's own corpus: its reports, their sentences, and the gold alignments that its table of facts implies."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from align.reading import read

CORPUS = Path(__file__).parent.parent / "corpus"
SIGNING = CORPUS / "signing"
GOLD = SIGNING / "gold"
TAGS = ("kk", "uz-Cyrl", "uz-Latn", "az", "ru", "en", "tr", "ky")
OTHERS = {"en": "committee-session", "ru": "ratification", "kk": "regional-meeting", "ky": "apple-harvest"}
REPORTS = {tag: next(SIGNING.glob(f"{tag}/signing.*")) for tag in TAGS}
REPORTS |= {f"{tag}.{name}": SIGNING / tag / f"{name}.txt" for tag, name in OTHERS.items()}
PLAN = json.loads((GOLD / "facts.json").read_text("utf-8"))
FACTS: dict[str, list[list[str]]] = PLAN["reports"]

Ladder = list[tuple[list[int], list[int]]]


def sentences(name: str) -> list[str]:
    return (GOLD / f"{name}.sentences").read_text("utf-8").splitlines()


def ladder(src: str, tgt: str) -> Ladder:
    lines = (GOLD / f"{src}--{tgt}.ladder").read_text("utf-8").splitlines()
    sides = [line.split(":") for line in lines]
    return [(json.loads(left), json.loads(right)) for left, right in sides]


def implied(src: Sequence[Sequence[str]], tgt: Sequence[Sequence[str]]) -> Ladder:
    """Return the beads of two reports: the smallest runs of sentences that share facts with no sentence outside."""
    beads: Ladder = []
    i = j = 0
    while i < len(src) or j < len(tgt):
        a, b = i, j
        if i < len(src) and not shared(src[i], tgt):
            a = i + 1
        elif j < len(tgt) and not shared(tgt[j], src):
            b = j + 1
        else:
            a, b = i + 1, j + 1
            grown = (0, 0)
            while grown != (a, b):
                grown = (a, b)
                b = max([b, *(1 + k for sentence in src[i:a] for k in shared(sentence, tgt))])
                a = max([a, *(1 + k for sentence in tgt[j:b] for k in shared(sentence, src))])
        beads.append((list(range(i, a)), list(range(j, b))))
        i, j = a, b
    return beads


def shared(sentence: Sequence[str], others: Sequence[Sequence[str]]) -> list[int]:
    return [k for k, other in enumerate(others) if set(sentence) & set(other)]


def without_space(text: str) -> str:
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("name", REPORTS)
def test_length_of_report(name: str) -> None:
    low, high = (15, 25) if name in TAGS else (8, 15)
    assert low <= len(sentences(name)) <= high


@pytest.mark.parametrize("name", REPORTS)
def test_sentences_cover_text(name: str) -> None:
    [document] = read(REPORTS[name], lang=name.split(".")[0]).documents
    assert without_space("".join(sentences(name))) == without_space(document.text)
    flat = " ".join(document.text.split())
    assert all(sentence in flat for sentence in sentences(name))


@pytest.mark.parametrize("name", REPORTS)
def test_head_of_report(name: str) -> None:
    [document] = read(REPORTS[name], lang=name.split(".")[0]).documents
    assert document.title == sentences(name)[0]
    assert document.date is not None
    assert (document.date == "2025-10-26") == (name in TAGS)


def test_folder_reads_as_twelve_reports() -> None:
    reports = read(SIGNING).documents
    assert sorted(Path(report.source).resolve() for report in reports) == sorted(REPORTS.values())
    assert all(report.lang == Path(report.source).parent.name for report in reports)


def test_facts_describe_every_sentence() -> None:
    assert tuple(FACTS) == TAGS
    for tag, facts in FACTS.items():
        assert len(facts) == len(sentences(tag))
        assert all(facts)
    assert {fact for facts in FACTS.values() for sentence in facts for fact in sentence} == set(PLAN["facts"])


@pytest.mark.parametrize("tag", TAGS)
def test_facts_stand_once_and_in_the_common_order(tag: str) -> None:
    order = list(PLAN["facts"])
    told = [order.index(fact) for sentence in FACTS[tag] for fact in sentence]
    assert told == sorted(set(told))


@pytest.mark.parametrize(("src", "tgt"), list(combinations(TAGS, 2)))
def test_ladder_is_partition_that_facts_imply(src: str, tgt: str) -> None:
    beads = ladder(src, tgt)
    assert [i for left, _ in beads for i in left] == list(range(len(sentences(src))))
    assert [j for _, right in beads for j in right] == list(range(len(sentences(tgt))))
    assert beads == implied(FACTS[src], FACTS[tgt])


def test_ladders_show_many_types_of_bead() -> None:
    types = {(len(left), len(right)) for src, tgt in combinations(TAGS, 2) for left, right in ladder(src, tgt)}
    assert {(0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (1, 3), (3, 1), (2, 2), (2, 3)} <= types
    # No bead that the aligner does not know: up to four sentences against one, else no more than five together.
    assert all(min(bead) < 2 or sum(bead) <= 5 for bead in types)
    assert all(max(bead) <= 4 for bead in types)


def test_newsrooms_glue_full_stops() -> None:
    glued = [tag for tag in TAGS if any(a + b in REPORTS[tag].read_text("utf-8") for a, b in pairwise(sentences(tag)))]
    assert glued == ["kk", "uz-Cyrl", "ky"]


def test_readme_and_licence() -> None:
    readme = (CORPUS / "README.md").read_text("utf-8")
    assert "CC0-1.0" in readme
    assert "CC0-1.0" in (SIGNING / "LICENSE").read_text("utf-8")
    for name in REPORTS:
        row = next(line for line in readme.splitlines() if f"`{REPORTS[name].relative_to(SIGNING)}`" in line)
        assert f"| {len(sentences(name))} |" in row
