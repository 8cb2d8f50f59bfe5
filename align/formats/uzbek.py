"""The corpus with Uzbek in the script asked for: text that a report has in the other one is generated, and says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from align.errors import FormatError
from align.formats.rows import LanguagePair, PairRow, Side, UnitRow
from align.uzbek import uzbek_to_cyrillic, uzbek_to_latin

SCRIPTS: dict[str, tuple[str, ...]] = {
    "both": ("uz-Cyrl", "uz-Latn"), "cyrl": ("uz-Cyrl",), "latn": ("uz-Latn",),
}  # fmt: skip
OTHER = {"uz-Cyrl": "uz-Latn", "uz-Latn": "uz-Cyrl"}
CONVERT = {"uz-Cyrl": uzbek_to_cyrillic, "uz-Latn": uzbek_to_latin}


def check_uzbek(uzbek: str | None) -> None:
    """Raise FormatError unless it is `both`, `cyrl`, `latn` or None."""
    if uzbek is not None and uzbek not in SCRIPTS:
        raise FormatError(f"Uzbek cannot be written as '{uzbek}'; give one of {', '.join(SCRIPTS)}")


def tags_in(lang: str, uzbek: str | None) -> tuple[str, ...]:
    """Return the tags that the texts of a language have in the corpus."""
    return SCRIPTS[uzbek] if uzbek and lang in OTHER else (lang,)


def pairs_in(pair: LanguagePair, uzbek: str | None) -> tuple[LanguagePair, ...]:
    """Return the language pairs that the rows of a pair go to: none for Uzbek with Uzbek in one script."""
    if pair[0] in OTHER and pair[1] in OTHER:
        return (pair,) if uzbek in (None, "both") else ()
    return tuple((src, tgt) for src in tags_in(pair[0], uzbek) for tgt in tags_in(pair[1], uzbek))


def in_script(side: Side, tag: str) -> Side:
    """Return a side as the corpus has it under a tag; offsets and sentence numbers stay those of the report."""
    if side.lang == tag:
        return side
    return side._replace(lang=tag, text=CONVERT[tag](side.text), generated=True)


def rows_in(rows: Iterable[PairRow], uzbek: str, wanted: Iterable[LanguagePair]) -> Iterator[PairRow]:
    """Yield the rows of the wanted pairs, once for each script."""
    chosen = set(wanted)
    for row in rows:
        for pair in pairs_in((row.src.lang, row.tgt.lang), uzbek):
            if pair in chosen:
                yield row._replace(src=in_script(row.src, pair[0]), tgt=in_script(row.tgt, pair[1]))


def units_in(units: Iterable[UnitRow], uzbek: str) -> Iterator[UnitRow]:
    """Yield the units that have two languages left; a text that a report has itself goes before a generated one."""
    for unit in units:
        there = {side.lang for side in unit.sides}
        sides = [in_script(side, tag) for side in unit.sides for tag in tags_in(side.lang, uzbek)
                 if tag == side.lang or tag not in there]
        if len({side.lang for side in sides}) > 1:
            yield unit._replace(sides=tuple(sorted(sides, key=lambda side: side.lang)))
