"""The pipeline component `align_sentences`: sets `Doc.sents` by the rules of `align.segmentation`."""

from __future__ import annotations

from itertools import pairwise

from spacy.language import Language
from spacy.tokens import Doc

from align.segmentation.engine import spans


class SentenceComponent:
    """Marks the first token of every sentence; where a sentence starts inside a token, the token is split there."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, doc: Doc) -> Doc:
        """Set the sentence boundaries of a document."""
        starts = [span.start for span in spans(doc.text, self.lang)]
        _split_tokens(doc, starts)
        following = iter([*starts[1:], len(doc.text) + 1])
        boundary = next(following)
        for token in doc:
            is_start = token.i == 0
            while token.idx >= boundary:
                is_start = True
                boundary = next(following)
            token.is_sent_start = is_start
        return doc


def _split_tokens(doc: Doc, starts: list[int]) -> None:
    """Split the tokens that a sentence starts inside of, at a glued full stop for example."""
    wanted = iter(starts)
    start = next(wanted, None)
    splits: list[tuple[int, list[int]]] = []
    for token in doc:
        cuts = []
        while start is not None and start < token.idx + len(token):
            if start > token.idx:
                cuts.append(start - token.idx)
            start = next(wanted, None)
        if cuts:
            splits.append((token.i, cuts))
    if not splits:
        return
    with doc.retokenize() as retokenizer:
        for index, cuts in splits:
            token = doc[index]
            edges = [0, *cuts, len(token)]
            parts = [token.text[a:b] for a, b in pairwise(edges)]
            retokenizer.split(token, parts, heads=[(token, n) for n in range(len(parts))])


def align_sentences(nlp: Language, name: str, lang: str | None = None) -> SentenceComponent:
    """Return the component for a pipeline; `lang` is a BCP-47 tag, that of the pipeline without it."""
    return SentenceComponent(lang or nlp.lang)


Language.factory(
    "align_sentences", default_config={"lang": None}, assigns=["token.is_sent_start", "doc.sents"], func=align_sentences
)
