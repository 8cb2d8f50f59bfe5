"""A small finished run, made by hand: five languages, null and rejected beads, a report on its own, hostile text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from align import schema

HOSTILE = "<script>alert('1')</script></script><!-- & \u202eevil\u202c \"quoted\"\u0001"


@dataclass
class Report:
    """A document whose text is its sentences, a line each; `furniture` are the indices of bylines and the like."""

    id: str
    lang: str
    sentences: Sequence[str]
    title: str | None = None
    date: str | None = None
    url: str | None = None
    furniture: Sequence[int] = ()

    @property
    def text(self) -> str:
        return "\n".join(self.sentences)


@dataclass
class Tables:
    """The tables of a run, filled by hand."""

    reports: list[Report]
    stories: list[dict[str, Any]] = field(default_factory=list)
    beads: list[dict[str, Any]] = field(default_factory=list)
    units: list[dict[str, Any]] = field(default_factory=list)
    info: dict[str, Any] = field(default_factory=dict)

    def report(self, document: str) -> Report:
        return next(report for report in self.reports if report.id == document)

    def story(self, name: str, *documents: str, confidence: float = 0.95) -> None:
        for document in documents:
            self.stories.append({"story": name, "document": document, "lang": self.report(document).lang,
                                 "confidence": confidence})

    def align(self, story: str, src: str, tgt: str, *beads: tuple[Iterable[int], Iterable[int], float, str | None],
              ) -> None:
        for left, right, confidence, doubt in beads:
            reason = doubt if list(left) and list(right) else "no counterpart"
            self.beads.append({
                "story": story, "src_document": src, "tgt_document": tgt, "src_lang": self.report(src).lang,
                "tgt_lang": self.report(tgt).lang, "src": list(left), "tgt": list(right), "confidence": confidence,
                "similarity": confidence * 0.8 if reason != "no counterpart" else 0.0, "kept": reason is None,
                "reason": reason,
            })

    def unite(self, story: str, unit: int, *parts: tuple[str, Iterable[int], float, str | None]) -> None:
        for document, sentences, confidence, reason in parts:
            report, indices = self.report(document), list(sentences)
            self.units.append({
                "story": story, "unit": unit, "lang": report.lang, "document": document, "sentences": indices,
                "text": " ".join(report.sentences[index] for index in indices), "confidence": confidence,
                "kept": reason is None, "reason": reason,
            })

    def write(self, path: Path) -> Path:
        path.mkdir(parents=True, exist_ok=True)
        documents, sentences = [], []
        for report in self.reports:
            documents.append({"id": report.id, "lang": report.lang, "title": report.title, "date": report.date,
                              "url": report.url, "source": f"news/{report.id}.txt", "text": report.text,
                              "lang_source": "folder", "lang_confidence": 1.0, "encoding": "utf-8"})
            start = 0
            for index, text in enumerate(report.sentences):
                sentences.append({"document": report.id, "index": index, "start": start, "end": start + len(text),
                                  "text": text, "furniture": index in report.furniture})
                start += len(text) + 1
        tables = {"documents": (documents, schema.DOCUMENTS), "sentences": (sentences, schema.SENTENCES),
                  "stories": (self.stories, schema.STORIES), "beads": (self.beads, schema.BEADS),
                  "units": (self.units, schema.UNITS)}
        for name, (rows, table) in tables.items():
            pq.write_table(pa.Table.from_pylist(rows, schema=table), path / f"{name}.parquet")
        if self.info:
            (path / "run.json").write_text(json.dumps(self.info), encoding="utf-8")
        return path


def pair_run(path: Path, pairs: Sequence[tuple[str, str]], story: str = "s1") -> Path:
    """Write a run of two reports, sentence by sentence translations of each other."""
    tables = Tables([Report("left", "kk", [src for src, _ in pairs]),
                     Report("right", "ru", [tgt for _, tgt in pairs])])
    tables.story(story, "left", "right")
    tables.align(story, "left", "right", *(([i], [i], 0.9, None) for i in range(len(pairs))))
    for i in range(len(pairs)):
        tables.unite(story, i, ("left", [i], 0.9, None), ("right", [i], 0.9, None))
    return tables.write(path)


def small_tables() -> Tables:
    tables = Tables([
        Report("bridge-kk", "kk", ["Жаңа көпір ашылды.", "Көпір ауыл мен қаланы жалғайды.",
                                   "Құрылыс екі жылға созылды.", "Редакциядан.", "Енді жол он минут алады."],
               "Жаңа көпір", "2025-09-01", "https://news.example/kk/bridge", furniture=[3]),
        Report("bridge-uz", "uz-Cyrl", ["Янги кўприк очилди.", "Кўприк қишлоқ билан шаҳарни боғлайди ва қурилиш "
                                        "икки йил давом этди.", "Энди йўл ўн дақиқа олади."],
               "Янги кўприк", "2025-09-01", "https://xabar.example/uz/bridge"),
        Report("bridge-ru", "ru", ["Открыт новый мост.", "Он соединяет село и город.", "Строили его два года.",
                                   "Теперь дорога займёт десять минут."], "Новый мост", "2025-09-02", None),
        Report("rain-en", "en", ["Rain is expected on Friday.", HOSTILE, "Take an umbrella."], HOSTILE, "2025-10-03",
               "https://weather.example/rain"),
        Report("rain-ar", "ar", ["من المتوقع هطول المطر يوم الجمعة.", "نص آخر.", "خذ مظلة."], "المطر", "2025-10-03"),
        Report("alone-az", "az", ["Kənddə yeni kitabxana açılıb."], "Kitabxana", "2025-09-20"),
    ])
    tables.story("s1", "bridge-kk", "bridge-uz", "bridge-ru")
    tables.story("s2", "rain-ar", "rain-en", confidence=0.7)
    tables.stories.append({"story": None, "document": "alone-az", "lang": "az", "confidence": 0.12,
                           "reason": "agrees 0.31 with its nearest, news/bridge-kk.txt; 0.50 are asked",
                           "nearest": "bridge-kk", "nearest_score": 0.31})
    tables.align("s1", "bridge-kk", "bridge-uz", ([0], [0], 0.99, None), ([1, 2], [1], 0.93, None),
                 ([3], [], 0.88, None), ([4], [2], 0.97, None))
    tables.align("s1", "bridge-kk", "bridge-ru", ([0], [0], 0.99, None), ([1], [1], 0.98, None), ([2], [2], 0.96, None),
                 ([3], [], 0.91, None), ([4], [3], 0.41, "confidence 0.41 below 0.5"))
    tables.align("s1", "bridge-ru", "bridge-uz", ([0], [0], 0.99, None), ([1, 2], [1], 0.9, None),
                 ([3], [2], 0.95, None))
    tables.align("s2", "rain-ar", "rain-en", ([0], [0], 0.9, None), ([1], [1], 0.55, None), ([2], [2], 0.8, None))
    tables.unite("s1", 0, ("bridge-kk", [0], 0.99, None), ("bridge-uz", [0], 0.99, None),
                 ("bridge-ru", [0], 0.99, None))
    tables.unite("s1", 1, ("bridge-kk", [1, 2], 0.96, None), ("bridge-uz", [1], 0.93, None),
                 ("bridge-ru", [1, 2], 0.92, None))
    tables.unite("s1", 2, ("bridge-kk", [3], 0.9, "no counterpart"))
    tables.unite("s1", 3, ("bridge-kk", [4], 0.97, None), ("bridge-uz", [2], 0.96, None),
                 ("bridge-ru", [3], 0.41, "confidence 0.41 below 0.5"))
    for i, confidence in enumerate((0.9, 0.55, 0.8)):
        tables.unite("s2", i, ("rain-ar", [i], confidence, None), ("rain-en", [i], confidence, None))
    tables.info = {"align": "0.1.0", "encoder": {"name": "steppe"},
                   "options": {"min_confidence": 0.5}, "seconds": {"align": 1.25}}
    return tables
