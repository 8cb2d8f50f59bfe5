"""The hard set: what news, laws and letters do that plain rules get wrong."""

import pytest

from align.segmentation import segment_text
from tests.segmentation.hard_cases import LANGUAGES, read_cases

TAGS = ["az", "en", "kk", "ky", "ru", "tg", "tk", "tr", "tt", "uz-Cyrl", "uz-Latn"]


def test_all_languages_are_there():
    assert LANGUAGES == TAGS


@pytest.mark.parametrize("tag", TAGS)
def test_share_wholly_right(tag):
    cases = list(read_cases(tag))
    wrong = [case.text for case in cases if [span.start for span in segment_text(case.text, tag)][1:] != case.starts]
    assert len(cases) >= 60
    assert len(wrong) <= 0.03 * len(cases), wrong


def test_cases_are_read_as_written(tmp_path):
    case = next(case for case in read_cases("en") if case.text.startswith("She moved"))
    assert case.kind == "abbreviation"
    assert [case.text[start:][:9] for start in case.starts] == ["She found"]
