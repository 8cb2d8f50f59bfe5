"""A review in progress: stories as the decisions so far want them, and each new decision on the disk before it is shown."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from align.decisions import FILE as DECISIONS
from align.decisions import Decision, OvertakenError, append, in_force, read_sized
from align.formats.finished import Run
from align.quality import review_rows
from align.quality.report import list_row, run_encoder
from align.quality.report_figures import figures
from align.quality.report_reader import Stories, Story
from align.quality.report_story import Writer, in_order
from align.quality.report_text import visible
from align.quality.review_progress import Progress
from align.quality.review_rows import Change, RefusedError, Row

SOURCE = "review"
LONGEST_EDITED = 20_000  # characters of two sentences whose boundary can be moved
_WORD = re.compile(r"\S+?[.!?…]+[\"'»”’)]*(?=\w)|\S+")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reviewer asks: an operation on a row of a table, which is that of two reports or of all.

    `row` are the sentences of the row by place of the report; `place` and `sentence` what is chosen in it.
    """

    op: str
    version: str
    texts: str = ""
    pair: tuple[int, int] | None = None
    row: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    place: int = 0
    sentence: int | None = None
    locked: tuple[int, ...] = ()
    end: int | None = None


class Session:
    """A review of a run by one person. Stories are named by their rank, the most doubtful first when the review begins.

    `torn` is how many lines a crash has torn in the file of decisions, which are passed over.
    Raises RunError if the run is not finished or its decisions cannot be read.
    """

    def __init__(self, run: Path, reviewer: str) -> None:
        self.path, self.reviewer = run, reviewer
        self.run = Run(run)
        self.stories = Stories(self.run)
        self._of = {document: story for story in self.stories for document in self.stories.documents(story)}
        self._names: dict[str, str] = {}
        self._writer = Writer(self.stories, run_encoder(self.run.info), self._name)
        self._read()
        found = figures(self.run, self.stories, {story: in_force(log) for story, log in self._logs.items()})
        self.order = found.by_risk
        self._rank = {story: rank for rank, story in enumerate(self.order)}
        self._progress = Progress(self.run, found)
        for story in self._logs:
            self._judge(story)

    @property
    def noun(self) -> str:
        """What the rows are called: beads, or units where a story has more than two reports."""
        many = any(len(self.stories.documents(story)) > 2 for story in self.stories)
        return "units" if many else "beads"

    def _name(self, decision: str) -> str:
        return self._names.get(decision.partition("+")[0], "")

    def close(self) -> None:
        """Let go of the temporary file of the sentences."""
        self.stories.store.close()

    # What was decided so far

    def _read(self) -> None:
        decisions, self._size, self.torn = read_sized(self.path)
        self._logs: dict[str, list[Decision]] = defaultdict(list)
        self._stories_of: dict[str, set[str]] = {}
        for decision in decisions:
            self._note(decision)

    def _note(self, decision: Decision) -> set[str]:
        """File a decision under its stories; an undo belongs where that belongs which it undoes."""
        if decision.kind == "undo":
            about = self._stories_of.get(decision.undoes or "", set())
        else:
            about = {self._of[document] for document in decision.sentences if document in self._of}
        self._stories_of[decision.id] = about
        self._names[decision.id] = decision.reviewer
        for story in about:
            self._logs[story].append(decision)
        return about

    def catch_up(self) -> None:
        """Take in what others have decided since."""
        path = self.path / DECISIONS
        if (path.stat().st_size if path.exists() else 0) == self._size:
            return
        before = {story: self._version(story) for story in self._logs}
        self._read()
        for story in {*before, *self._logs}:
            if before.get(story) != self._version(story):
                self._judge(story)

    def _version(self, story: str) -> str:
        log = self._logs.get(story, ())
        return f"{len(log)}-{log[-1].id}" if log else "0"

    def _decided(self, story: str) -> Story:
        return self.stories.decided(story, in_force(self._logs.get(story, ())))

    # What is shown

    def rows(self, start: int, count: int) -> list[list[Any]]:
        """Return the rows of the list of stories, each with how many doubtful units were judged of how many."""
        return [[*list_row(self.stories, self._writer, story, self._progress.tally(story)), *self._progress.units(story)]
                for story in self.order[start : start + count]]

    def story(self, rank: int) -> dict[str, Any]:
        """Return all that is shown of a story."""
        self.catch_up()
        story = self._named(rank)
        return self._writer.whole(self._decided(story)) | self._facts(story)

    def state(self, rank: int | None) -> dict[str, Any]:
        """Return what shows whether anything has changed."""
        self.catch_up()
        return {"progress": self.progress()} | ({} if rank is None else {"version": self._version(self._named(rank))})

    def progress(self) -> dict[str, Any]:
        """Return how far the review is, and how much of the corpus is expected to be right."""
        return self._progress.facts() | {"reviewer": visible(self.reviewer)}

    def next_doubtful(self, after: int) -> int | None:
        """Return the next story after that of a rank in which something doubtful is left, that one last of all."""
        ranks = [*range(after + 1, len(self.order)), *range(min(after + 1, len(self.order)))]
        return next((rank for rank in ranks if self._progress.is_open(self.order[rank])), None)

    def boundary(self, rank: int, place: int, sentence: int) -> dict[str, Any]:
        """Return the words of a sentence and the next one with where each ends, and where the sentence ends now."""
        story = self._decided(self._named(rank))
        document = self._document(story, place)
        rows = story.sentences[document]
        if not 0 <= sentence < len(rows) - 1:
            raise RefusedError("the last sentence of a report has no boundary to move")
        start, end = rows[sentence]["start"], rows[sentence + 1]["end"]
        if end - start > LONGEST_EDITED:
            raise RefusedError(f"the two sentences have {end - start:,} characters; {LONGEST_EDITED:,} can be edited")
        text = self.stories.text(document)[start:end]
        pieces = [[visible(word[0]), start + word.end()] for word in _WORD.finditer(text)]
        if len(pieces) < 2:
            raise RefusedError("the two sentences are a single word")
        return {"pieces": pieces, "end": rows[sentence]["end"]}

    def _facts(self, story: str) -> dict[str, Any]:
        log = self._logs.get(story, ())
        done, undone = self._steps(log)
        moved = [decision.id for decision in in_force(log) if decision.kind == "boundary"]
        return {"version": self._version(story), "texts": ",".join(moved), "undo": bool(done), "redo": bool(undone),
                "progress": self.progress()}

    def _named(self, rank: int) -> str:
        if not 0 <= rank < len(self.order):
            raise RefusedError(f"there is no story {rank + 1}")
        return self.order[rank]

    @staticmethod
    def _document(story: Story, place: int) -> str:
        if not 0 <= place < len(story.documents):
            raise RefusedError("there is no such column")
        return story.documents[place]

    # What is decided

    def decide(self, rank: int, asked: Asked) -> dict[str, Any]:
        """Do what was asked, and return what has changed; it is on the disk by then.

        Raises OvertakenError where the story has changed since it was shown, RefusedError for what cannot be done.
        """
        self.catch_up()
        name = self._named(rank)
        if asked.version != self._version(name):
            raise OvertakenError("the story was changed elsewhere; this is how it stands now")
        story = self._decided(name)
        focus: tuple[int, int] | None = None
        if asked.op in ("undo", "redo"):
            decision = self._step_back(name, asked.op)
        elif asked.op == "boundary":
            decision = self._moved(story, asked)
            focus = (asked.place, asked.sentence or 0)
        else:
            change = self._changed(story, asked)
            decision = self._linked(change, asked.op, asked.pair is not None)
            focus = (story.documents.index(change.focus[0]), change.focus[1])
        self._size = append(self.path, [decision], after=self._size)
        for changed in self._note(decision):
            self._judge(changed)
        found = self._writer.whole(self._decided(name), heat=False) | self._facts(name)
        if found["texts"] == asked.texts:
            del found["reports"]
        return found | ({"focus": {"place": focus[0], "index": focus[1]}} if focus else {})

    def _changed(self, story: Story, asked: Asked) -> Change:
        rows, at = _found(story, asked)
        document = self._document(story, asked.place)
        locked = {self._document(story, place) for place in asked.locked}
        if document not in rows[at]:
            raise RefusedError("there is no such column in this table")
        sentence = asked.sentence
        if sentence is None or sentence not in rows[at][document]:
            if asked.op not in ("accept", "merge", "merge above", "split"):
                raise RefusedError("there is no sentence of this column in the row")
            document, sentence = next((name, indices[0]) for name, indices in rows[at].items() if indices)
        match asked.op:
            case "accept":
                return review_rows.accept(rows, at, document, sentence)
            case "merge":
                return review_rows.merge(rows, at, document, sentence, locked)
            case "merge above":
                if not at:
                    raise RefusedError("there is no row above to merge with")
                return review_rows.merge(rows, at - 1, document, sentence, locked)
            case "split":
                return review_rows.split(rows, at, document, sentence, locked)
            case "up" | "down":
                return review_rows.move(rows, at, document, sentence, asked.op == "up", locked)
            case "unlink":
                return review_rows.unlink(rows, at, document, sentence, locked)
        raise RefusedError(f"there is no operation '{asked.op}'")

    def _linked(self, change: Change, op: str, pair: bool) -> Decision:
        """Return the decision of a change; of two reports that do not belong together it says just that."""
        first, *more = change.rows
        if op == "unlink" and pair:
            together = {name: tuple(index for row in change.rows for index in row[name]) for name in first}
            return self._decision("unlink", sentences=together)
        return self._decision("link", sentences=dict(first), also=tuple(map(dict, more)))

    def _moved(self, story: Story, asked: Asked) -> Decision:
        document, sentence = self._document(story, asked.place), asked.sentence if asked.sentence is not None else -1
        pieces = self.boundary(self._rank[story.name], asked.place, sentence)["pieces"]
        if asked.end not in [end for _, end in pieces[:-1]]:
            raise RefusedError("a sentence ends after a word")
        return self._decision("boundary", sentences={document: (sentence,)}, end=asked.end)

    def _decision(self, kind: str, sentences: dict[str, tuple[int, ...]], **facts: Any) -> Decision:
        return Decision(kind, sentences, reviewer=self.reviewer, source=SOURCE,
                        segmentation={name: self.stories.store.segmentation(name) for name in sentences}, **facts)

    def _step_back(self, story: str, op: str) -> Decision:
        done, undone = self._steps(self._logs.get(story, ()))
        steps = done if op == "undo" else undone
        if not steps:
            raise RefusedError(f"there is nothing to {op} in this story")
        return Decision("undo", reviewer=self.reviewer, source=SOURCE, undoes=steps[-1])

    def _steps(self, log: Iterable[Decision]) -> tuple[list[str], list[str]]:
        """Return what the reviewer can undo: decisions in force; and redo: undoings to be undone. The last comes first."""
        done: list[str] = []
        undone: list[tuple[str, str]] = []
        for decision in log:
            if (decision.reviewer, decision.source) != (self.reviewer, SOURCE):
                continue
            if decision.kind != "undo":
                done.append(decision.id)
                undone.clear()
            elif done and decision.undoes == done[-1]:
                undone.append((done.pop(), decision.id))
            elif undone and decision.undoes == undone[-1][1]:
                done.append(undone.pop()[0])
        return done, [undo for _, undo in undone]

    def _judge(self, story: str) -> None:
        """Count anew what a story comes to."""
        self._progress.judge(self.stories.machine(story), self._decided(story))


def _found(story: Story, asked: Asked) -> tuple[Sequence[Row], int]:
    """Return the rows of the table that is meant, in order, and the place of the row that is meant."""
    wanted = {story.documents[place]: tuple(indices) for place, indices in asked.row.items()
              if 0 <= place < len(story.documents) and indices}
    if asked.pair is None:
        there = [name for name in story.documents if story.sentences[name]]
        rows = [dict.fromkeys(there, ()) | {row["document"]: tuple(row["sentences"]) for row in unit}
                for unit in story.units]
    else:
        src, tgt = (story.documents[place] for place in sorted(asked.pair))
        rows = [{src: tuple(row["src"]), tgt: tuple(row["tgt"])} for row in story.beads.get((src, tgt), ())]
    ordered = [rows[place] for place in in_order(rows)]
    for at, row in enumerate(ordered):
        if {name: indices for name, indices in row.items() if indices} == wanted:
            return ordered, at
    raise OvertakenError("the row is no longer there; this is how the story stands now")
