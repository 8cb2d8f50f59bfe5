from __future__ import annotations

import json
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from align.decisions import FILE, Decision, OvertakenError, append, read
from align.errors import RunError
from align.formats.finished import Run
from align.formats.selection import Selection
from align.quality import review_rows
from align.quality.review import Guard, application
from align.quality.review_rows import RefusedError
from align.quality.review_session import Asked, Session, _found
from align.quality.reviewed import decided_documents
from tests.formats.runs import Report, Tables, pair_run, small_tables
from tests.quality.server import Server

TOKEN = "a-token"


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return small_tables().write(tmp_path / "run")


@pytest.fixture
def session(run: Path) -> Iterator[Session]:
    opened = Session(run, "aigul")
    yield opened
    opened.close()


@pytest.fixture
def client(session: Session) -> TestClient:
    app = Guard(application(session), TOKEN, "127.0.0.1", 8765)
    return TestClient(app, base_url="http://127.0.0.1:8765", headers={"origin": "http://127.0.0.1:8765"})


def units(session: Session, rank: int) -> list[dict[int, list[int]]]:
    return [{place: indices for place, indices, *_ in unit} for unit in session.story(rank)["units"]]


def asked(session: Session, rank: int, op: str, row: dict[int, list[int]], place: int = 0, sentence: int | None = None,
          **more: Any) -> Asked:
    rows = {where: tuple(indices) for where, indices in row.items()}
    return Asked(op, session.story(rank)["version"], row=rows, place=place,
                 sentence=rows[place][0] if sentence is None and rows.get(place) else sentence, **more)


BRIDGE = 1  # the rank of the story of the bridge: kk, ru and uz-Cyrl


def test_a_correction_is_kept_shown_and_exported(session: Session, run: Path) -> None:
    rows = units(session, BRIDGE)
    assert rows[1] == {0: [1, 2], 1: [1, 2], 2: [1]}
    session.decide(BRIDGE, asked(session, BRIDGE, "split", rows[1], 0, 2))
    assert units(session, BRIDGE)[1:3] == [{0: [1], 1: [1], 2: [1]}, {0: [2], 1: [2]}]
    [decision] = read(run)
    assert (decision.kind, decision.reviewer, decision.source, len(decision.also)) == ("link", "aigul", "review", 1)
    with Run(run) as opened:
        sentences = [unit.sides[0].sentences for unit in Selection(opened, opened.pairs).units()
                     if unit.sides[0].document == "bridge-kk"]
        assert sentences == [(0,), (1,), (2,), (4,)]
        pairs = [(row.src.sentences, row.tgt.sentences, row.checked)
                 for row in Selection(opened, (("kk", "uz-Cyrl"),)).rows()]
        assert pairs == [((0,), (0,), False), ((1,), (1,), True), ((4,), (2,), False)]


def test_undo_and_redo_to_the_start(session: Session) -> None:
    states = [units(session, BRIDGE)]
    steps = [("merge", 0, 0, 0), ("split", 0, 0, 1), ("up", 1, 0, 1), ("unlink", 0, 1, 0), ("accept", 1, 0, 2)]
    for op, at, place, sentence in steps:
        row = units(session, BRIDGE)[at]
        session.decide(BRIDGE, asked(session, BRIDGE, op, row, place, sentence if sentence in row.get(place, ()) else None))
        states.append(units(session, BRIDGE))
    for state in reversed(states[:-1]):
        session.decide(BRIDGE, Asked("undo", session.story(BRIDGE)["version"]))
        assert units(session, BRIDGE) == state
    with pytest.raises(RefusedError, match="nothing to undo"):
        session.decide(BRIDGE, Asked("undo", session.story(BRIDGE)["version"]))
    for state in states[1:]:
        session.decide(BRIDGE, Asked("redo", session.story(BRIDGE)["version"]))
        assert units(session, BRIDGE) == state
    session.decide(BRIDGE, Asked("undo", session.story(BRIDGE)["version"]))
    row = units(session, BRIDGE)[-1]
    session.decide(BRIDGE, asked(session, BRIDGE, "accept", row))
    assert not session.story(BRIDGE)["redo"]


def test_undo_is_each_reviewers_own(session: Session, run: Path) -> None:
    row = units(session, BRIDGE)[0]
    session.decide(BRIDGE, asked(session, BRIDGE, "accept", row))
    other = Session(run, "marat")
    story = other.story(BRIDGE)
    assert not story["undo"]
    assert story["units"][0][0][4] == "aigul"
    other.decide(BRIDGE, asked(other, BRIDGE, "accept", units(other, BRIDGE)[1]))
    assert [decision.reviewer for decision in read(run)] == ["aigul", "marat"]
    session.decide(BRIDGE, Asked("undo", session.story(BRIDGE)["version"]))
    assert [part[0][4] for part in session.story(BRIDGE)["units"][:2]] == [None, "marat"]
    other.close()


def test_two_who_decide_at_once_do_not_overwrite_each_other(session: Session, run: Path) -> None:
    other = Session(run, "marat")
    mine, theirs = (asked(one, BRIDGE, "accept", units(one, BRIDGE)[0]) for one in (session, other))
    session.decide(BRIDGE, mine)
    with pytest.raises(OvertakenError):
        other.decide(BRIDGE, theirs)
    other.decide(BRIDGE, replace(theirs, version=other.story(BRIDGE)["version"]))
    assert [decision.reviewer for decision in read(run)] == ["aigul", "marat"]
    other.close()


def test_a_writer_that_came_between_is_seen(session: Session, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = asked(session, BRIDGE, "accept", units(session, BRIDGE)[0])
    monkeypatch.setattr(session, "catch_up", lambda: None)  # the other writes between the look and the write
    append(run, [Decision("link", {"bridge-kk": (0,), "bridge-ru": (0,)}, reviewer="marat")])
    with pytest.raises(OvertakenError):
        session.decide(BRIDGE, wanted)
    assert len(read(run)) == 1


def test_the_pair_of_two_columns(session: Session, run: Path) -> None:
    beads = session.story(BRIDGE)["pairs"]["0-2"]
    assert [bead[:2] for bead in beads] == [[[0], [0]], [[1, 2], [1]], [[3], []], [[4], [2]]]
    session.decide(BRIDGE, asked(session, BRIDGE, "unlink", {0: [4], 2: [2]}, 0, pair=(0, 2)))
    [decision] = read(run)
    assert (decision.kind, decision.sentences) == ("unlink", {"bridge-kk": (4,), "bridge-uz": (2,)})
    assert [bead[:2] for bead in session.story(BRIDGE)["pairs"]["0-2"]][3:] == [[[4], []], [[], [2]]]
    session.decide(BRIDGE, asked(session, BRIDGE, "merge above", {0: [3], 2: []}, 0, pair=(2, 0)))
    assert [bead[:2] for bead in session.story(BRIDGE)["pairs"]["0-2"]][1] == [[1, 2, 3], [1]]


def test_a_unit_that_is_accepted_leaves_the_beads_within_it(session: Session) -> None:
    session.decide(BRIDGE, asked(session, BRIDGE, "accept", units(session, BRIDGE)[1]))
    story = session.story(BRIDGE)
    assert [(bead[:2], bead[4]) for bead in story["pairs"]["0-1"][1:3]] == [([[1], [1]], None), ([[2], [2]], None)]
    assert (story["pairs"]["0-2"][1][:2], story["pairs"]["0-2"][1][4]) == ([[1, 2], [1]], "aigul")


def test_decisions_are_gold(session: Session, run: Path) -> None:
    for op, at, sentence in (("accept", 0, 0), ("accept", 1, 1), ("accept", 2, 3), ("unlink", 3, 4)):
        session.decide(BRIDGE, asked(session, BRIDGE, op, units(session, BRIDGE)[at], 0, sentence))
    with Run(run) as opened:
        documents, judged, _ = decided_documents(opened)
    gold = {document.name: sorted((bead.src, bead.tgt) for bead in document.gold) for document in documents}
    assert gold["bridge-kk--bridge-uz"] == [((), (2,)), ((0,), (0,)), ((1, 2), (1,)), ((3,), ()), ((4,), ())]
    assert gold["bridge-kk--bridge-ru"] == [((), (3,)), ((0,), (0,)), ((3,), ()), ((4,), ())]
    assert sorted(right for _, right in judged) == [False, True, True, True, True, True, True]
    assert session.progress()["judged"] == 8
    assert session.progress()["right"] == 6


def test_a_boundary_moves(session: Session, run: Path) -> None:
    found = session.boundary(BRIDGE, 0, 1)
    assert " ".join(word for word, _ in found["pieces"]) == "Көпір ауыл мен қаланы жалғайды. Құрылыс екі жылға созылды."
    end = found["pieces"][3][1]
    answer = session.decide(BRIDGE, asked(session, BRIDGE, "boundary", {0: [1]}, 0, 1, end=end))
    assert answer["reports"][0]["text"][1:3] == ["Көпір ауыл мен қаланы", "жалғайды. Құрылыс екі жылға созылды."]
    assert read(run)[0].end == end
    with Run(run) as opened:
        texts = [row.src.text for row in Selection(opened, (("kk", "ru"),)).rows()]
    assert texts[1] == "Көпір ауыл мен қаланы"
    with pytest.raises(RefusedError, match="ends after a word"):
        session.decide(BRIDGE, asked(session, BRIDGE, "boundary", {0: [1]}, 0, 1, end=end + 1))
    with pytest.raises(RefusedError, match="last sentence"):
        session.boundary(BRIDGE, 0, 4)
    again = session.decide(BRIDGE, Asked("undo", session.story(BRIDGE)["version"], texts=answer["texts"]))
    assert again["reports"][0]["text"][1] == "Көпір ауыл мен қаланы жалғайды."


def test_progress_and_expected_precision(session: Session) -> None:
    before = session.progress()
    assert (before["done"], before["total"], before["judged"]) == (0, 2, 0)
    assert before["precision"] == pytest.approx(0.9092, abs=1e-3)
    session.decide(BRIDGE, asked(session, BRIDGE, "accept", units(session, BRIDGE)[3]))
    after = session.progress()
    assert (after["done"], after["judged"], after["right"]) == (1, 3, 3)
    assert after["precision"] > before["precision"]
    assert session.next_doubtful(BRIDGE) == 0
    story = session.rows(0, 10)[BRIDGE]
    assert story[9:] == [1, 1]
    other = Session(session.path, "marat")
    assert {**other.progress(), "reviewer": "aigul"} == after
    other.close()


def test_stale_decisions_do_nothing(session: Session, run: Path) -> None:
    before = units(session, BRIDGE)
    append(run, [Decision("link", {"bridge-kk": (0, 1), "bridge-ru": (0,)}, segmentation={"bridge-kk": "0123456789abcdef"})])
    assert units(session, BRIDGE) == before


def test_nothing_is_lost_where_a_crash_tears_a_line(session: Session, run: Path) -> None:
    for at in (0, 1):
        session.decide(BRIDGE, asked(session, BRIDGE, "split" if at else "accept", units(session, BRIDGE)[at]))
    whole = (run / FILE).read_bytes()
    first = whole.index(b"\n") + 1
    for cut in range(first, len(whole) - 1, 7):
        (run / FILE).write_bytes(whole[:cut])
        again = Session(run, "aigul")
        assert again.torn == (cut > first)
        assert again.story(BRIDGE)["units"][0][0][4] == "aigul"
        assert again.story(BRIDGE)["version"].startswith("1-")
        again.decide(BRIDGE, asked(again, BRIDGE, "accept", units(again, BRIDGE)[1]))
        assert [decision.kind for decision in read(run)] == ["link", "link"]
        again.close()


operations = st.lists(st.tuples(st.sampled_from(["accept", "merge", "merge above", "split", "up", "down", "unlink"]),
                                st.integers(0, 30), st.integers(0, 30), st.integers(0, 30), st.sets(st.integers(0, 2)),
                                st.sampled_from([None, (0, 1), (0, 2), (1, 2)])), max_size=6)


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chosen=operations)
def test_the_table_is_what_the_operations_say(tmp_path_factory: pytest.TempPathFactory, chosen: list[Any]) -> None:
    run = small_tables().write(tmp_path_factory.mktemp("any") / "run")
    session = Session(run, "aigul")
    for op, at, column, sentence, locked, pair in chosen:
        story = session._decided(session.order[BRIDGE])
        table = session.story(BRIDGE)
        rows = [{place: tuple(indices) for place, indices, *_ in unit} for unit in table["units"]] if pair is None else [
            {pair[0]: tuple(bead[0]), pair[1]: tuple(bead[1])} for bead in table["pairs"][f"{pair[0]}-{pair[1]}"]]
        row = rows[at % len(rows)]
        places = [place for place, indices in row.items() if indices]
        place = places[column % len(places)]
        wanted = Asked(op, table["version"], pair=pair, row=row, place=place, locked=tuple(locked),
                       sentence=row[place][sentence % len(row[place])])
        try:
            change = session._changed(story, wanted)
        except review_rows.RefusedError:
            continue
        before, _ = _found(story, wanted)
        session.decide(BRIDGE, wanted)
        changed = {(name, index) for new in change.rows for name, indices in new.items() for index in indices}
        stays = [old for old in before if not any((name, index) in changed for name in old for index in old[name])]
        row = {story.documents.index(name): indices for name, indices in change.rows[0].items()}
        after, _ = _found(session._decided(session.order[BRIDGE]), replace(wanted, row=row))

        def plain(some: Any) -> set[frozenset[Any]]:
            return {frozenset((name, indices) for name, indices in one.items() if indices) for one in some}

        assert plain(after) == plain([*stays, *change.rows])
    while session.story(BRIDGE)["undo"]:
        session.decide(BRIDGE, Asked("undo", session.story(BRIDGE)["version"]))
    machine = session.stories.machine(session.order[BRIDGE])
    assert session._decided(session.order[BRIDGE]) == machine
    session.close()


def test_the_pages_answer(client: TestClient) -> None:
    page = client.get(f"/{TOKEN}/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert page.headers["cache-control"] == "no-store"
    assert [row[0] for row in client.get(f"/{TOKEN}/api/list/0").json()["rows"]] == ["المطر", "Жаңа көпір"]
    story = client.get(f"/{TOKEN}/api/stories/1").json()
    body = {"op": "accept", "version": story["version"], "row": [[0, [0]], [1, [0]], [2, [0]]], "place": 0, "index": 0}
    answer = client.post(f"/{TOKEN}/api/stories/1", json=body)
    assert answer.status_code == 200
    assert answer.json()["focus"] == {"place": 0, "index": 0}
    again = client.post(f"/{TOKEN}/api/stories/1", json=body)
    assert again.status_code == 409
    assert again.json()["version"] == answer.json()["version"]
    assert client.get(f"/{TOKEN}/api/state?story=1").json()["version"] == answer.json()["version"]
    assert client.get(f"/{TOKEN}/api/next?after=1").json() == {"rank": 0}
    assert client.get(f"/{TOKEN}/api/stories/1/boundary?place=0&index=0").json()["end"] > 0


@pytest.mark.parametrize("body", [
    "", "[]", "{}", '{"op": "accept"}', '{"op": "burn", "version": "0", "row": [[0, [0]], [1, [0]], [2, [0]]], "index": 0}',
    '{"op": "accept", "version": "0", "row": 5}', '{"op": "up", "version": "0", "row": [[9, [0]]]}', "[" * 100_000,
    '{"op": "boundary", "version": "0", "place": 99, "index": 0, "end": 3}', '{"op": "undo", "version": "0"}',
])
def test_what_makes_no_sense_changes_nothing(client: TestClient, run: Path, body: str) -> None:
    answer = client.post(f"/{TOKEN}/api/stories/1", content=body, headers={"content-type": "application/json"})
    assert answer.status_code in (409, 422)
    assert "error" in answer.json()
    assert not (run / FILE).exists()


@pytest.mark.parametrize(("status", "change"), [
    (421, {"host": "evil.example"}), (421, {"host": "127.0.0.1:1"}), (421, {"host": "evil.example:8765"}),
    (421, {"host": ""}), (403, {"origin": "http://evil.example"}), (403, {"origin": "null"}), (403, {"origin": ""}),
    (403, {"origin": "http://127.0.0.1:1"}), (403, {"origin": "https://127.0.0.1:8765"}),
    (403, {"sec-fetch-site": "cross-site"}), (403, {"sec-fetch-site": "same-site"}), (415, {"content-type": "text/plain"}),
    (415, {"content-type": "application/x-www-form-urlencoded"}), (413, {"content-length": "99999999"}),
])
def test_other_sites_are_refused(client: TestClient, run: Path, status: int, change: dict[str, str]) -> None:
    body = {"op": "accept", "version": "0", "row": [[0, [0]], [1, [0]], [2, [0]]], "place": 0, "index": 0}
    headers = {"content-type": "application/json", **change}
    content = json.dumps(body)
    assert client.post(f"/{TOKEN}/api/stories/1", content=content, headers=headers).status_code == status
    assert not (run / FILE).exists()
    assert client.post(f"/{TOKEN}/api/stories/1", json=body).status_code == 200


def test_a_link_to_the_page_may_be_followed(client: TestClient) -> None:
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    del client.headers["origin"]
    assert client.get(f"/{TOKEN}/", headers=followed).status_code == 200
    assert client.get(f"/{TOKEN}/", headers=followed | {"sec-fetch-dest": "iframe"}).status_code == 403
    assert client.get(f"/{TOKEN}/api/state", headers=followed | {"sec-fetch-mode": "cors"}).status_code == 403
    assert client.post(f"/{TOKEN}/api/stories/1", json={}, headers=followed).status_code == 403


def test_a_post_without_origin_is_refused(session: Session) -> None:
    client = TestClient(Guard(application(session), TOKEN, "127.0.0.1", 8765), base_url="http://127.0.0.1:8765")
    assert client.get(f"/{TOKEN}/api/state").status_code == 200
    assert client.post(f"/{TOKEN}/api/stories/1", json={}).status_code == 403


@pytest.mark.parametrize("path", [
    "/", "/wrong/", "/wrong/api/state", f"/{TOKEN}", f"/{TOKEN}x/", "/api/state", f"//{TOKEN}/", "/%E2%82%AC/"])
def test_without_the_token_there_is_nothing(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "review" not in answer.text.replace("`align review`", "")


@pytest.mark.parametrize(("listening", "host", "fine"), [
    ("127.0.0.1", "localhost:8765", True), ("127.0.0.1", "[::1]:8765", True), ("127.0.0.1", "192.168.1.5:8765", False),
    ("0.0.0.0", "192.168.1.5:8765", True), ("0.0.0.0", "evil.example:8765", False),
    ("192.168.1.5", "192.168.1.5:8765", True), ("192.168.1.5", "192.168.1.6:8765", False),
])
def test_the_names_that_a_server_goes_by(session: Session, listening: str, host: str, fine: bool) -> None:
    client = TestClient(Guard(application(session), TOKEN, listening, 8765), base_url=f"http://{host}")
    assert client.get(f"/{TOKEN}/api/state").status_code == (200 if fine else 421)


def test_a_server_that_is_killed_has_lost_nothing(run: Path) -> None:
    server = Server(run, "--reviewer", "aigul")
    address = server.address
    assert address.startswith("http://127.0.0.1:")
    story = server.ask("api/stories/1")
    body = {"op": "merge", "version": story["version"], "row": [[0, [0]], [1, [0]], [2, [0]]], "place": 0, "index": 0}
    version = server.ask("api/stories/1", body)["version"]
    server.kill()
    again = Server(run, "--reviewer", "aigul")
    try:
        assert again.address != address
        story = again.ask("api/stories/1")
        assert story["version"] == version
        assert [part[:2] for part in story["units"][0]] == [[0, [0, 1, 2]], [1, [0, 1, 2]], [2, [0, 1]]]
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{again.address.rsplit('/', 2)[0]}/{address.rsplit('/', 2)[1]}/")
    finally:
        again.kill()


def test_it_stops_quietly(run: Path) -> None:
    server = Server(run)
    server.process.send_signal(signal.SIGINT)
    _, said = server.process.communicate(timeout=30)
    assert (server.process.returncode, said) == (0, "")


def test_mistakes(tmp_path: Path, refuse: Any) -> None:
    assert "no such run folder" in refuse("review", tmp_path / "nowhere")
    run = pair_run(tmp_path / "run", [("Бір.", "Один.")])
    (run / FILE).write_text('{"kind": "guess"}\n')
    assert "line 1: not a decision" in refuse("review", run)


def test_a_story_with_several_reports_in_a_language(tmp_path: Path) -> None:
    tables = small_tables()
    tables.reports.append(Report("bridge-ru2", "ru", ["Открыли мост."]))
    tables.story("s1", "bridge-ru2")
    tables.align("s1", "bridge-kk", "bridge-ru2", ([0], [0], 0.9, None), *(([i], [], 0.9, None) for i in range(1, 5)))
    tables.unite("s1", 0, ("bridge-ru2", [0], 0.9, None))
    session = Session(tables.write(tmp_path / "run"), "aigul")
    rank = session.order.index("s1")
    assert [report["tag"] for report in session.story(rank)["reports"]] == ["kk", "ru", "ru", "uz-Cyrl"]
    row = units(session, rank)[0]
    session.decide(rank, asked(session, rank, "accept", row))
    assert session.story(rank)["units"][0][0][4] == "aigul"
    session.close()


def test_a_line_of_ten_megabytes(tmp_path: Path) -> None:
    session = Session(pair_run(tmp_path / "run", [("а" * 10_000_000, "б"), ("Соңы.", "Конец.")]), "aigul")
    assert len(json.dumps(session.story(0), ensure_ascii=False)) < 20_000
    session.decide(0, asked(session, 0, "merge", units(session, 0)[0]))
    assert units(session, 0) == [{0: [0, 1], 1: [0, 1]}]
    with pytest.raises(RefusedError, match="can be edited"):
        session.boundary(0, 0, 0)
    session.close()


def test_a_run_without_stories_can_be_opened(tmp_path: Path) -> None:
    session = Session(Tables([]).write(tmp_path / "run"), "")
    assert session.progress()["precision"] is None
    assert session.next_doubtful(-1) is None
    with pytest.raises(RunError, match="no story"):
        session.story(0)
    session.close()
