"""The reports of `corpus/signing` against the sentences that their author meant."""

from pathlib import Path

import pytest

from align import read, segment

CORPUS = Path(__file__).parents[2] / "corpus" / "signing"
REPORTS = [document for document in read(CORPUS) if "gold" not in document.source]


@pytest.mark.parametrize("document", REPORTS, ids=[f"{d.lang}-{Path(d.source).stem}" for d in REPORTS])
def test_no_wrong_boundary(document):
    name = Path(document.source).stem
    gold = CORPUS / "gold" / (f"{document.lang}.sentences" if name == "signing" else f"{document.lang}.{name}.sentences")
    found = [" ".join(document.text[s.start : s.end].split()) for s in segment(document)]
    assert found == gold.read_text(encoding="utf-8").splitlines()
