import datetime
import gzip
import itertools
import json
import tracemalloc

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from align.errors import ReadError
from align.reading.tables import read_rows

ROWS = [
    {"id": "1", "lang": "kk", "text": "Бірінші мәтін,\nекі жолды \"тырнақшамен\"."},
    {"id": "2", "lang": "uz-Latn", "text": "Ikkinchi matn; oʻzbekcha."},
]


def rows(path):
    return [{name: row[name] for name in ("id", "lang", "text")} for row in read_rows(path)[0]]


def test_json_lines(tmp_path):
    data = "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS) + "\n\n"
    (tmp_path / "a.jsonl").write_text(data, encoding="utf-8")
    (tmp_path / "a.JSONL.gz").write_bytes(gzip.compress(data.encode()))
    assert rows(tmp_path / "a.jsonl") == ROWS
    assert rows(tmp_path / "a.JSONL.gz") == ROWS


def test_line_separators_inside_json_strings_end_no_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": "1", "lang": "kk", "text": "бір\u2028екі\x85үш"}', encoding="utf-8")
    assert rows(path)[0]["text"] == "бір\u2028екі\x85үш"


@pytest.mark.parametrize(("name", "delimiter"), [("a.csv", ","), ("a.csv", ";"), ("a.tsv", "\t")])
def test_quoted_tables(tmp_path, name, delimiter):
    quoted = ['"' + row["text"].replace('"', '""') + '"' for row in ROWS]
    lines = [["id", "lang", "text"], *([row["id"], row["lang"], text] for row, text in zip(ROWS, quoted, strict=True))]
    path = tmp_path / name
    path.write_text("\r\n".join(delimiter.join(line) for line in lines), encoding="utf-8-sig", newline="")
    assert rows(path) == ROWS


def test_quotes_in_tab_separated_text_are_only_quotes(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text('id\tlang\ttext\n1\tkk\t"Алматы" қаласы\n2\tkk\t«Астана» мен "Шымкент\n', encoding="utf-8")
    assert [row["text"] for row in rows(path)] == ['"Алматы" қаласы', '«Астана» мен "Шымкент']


def test_parquet_with_dates(tmp_path):
    path = tmp_path / "a.parquet"
    table = pa.table({"text": ["мәтін"], "date": [datetime.date(2025, 10, 26)], "other": [1]})
    pq.write_table(table, path)
    found, encoding = read_rows(path)
    assert list(found) == [{"text": "мәтін", "date": datetime.date(2025, 10, 26)}]
    assert encoding.name == "parquet"


def test_a_table_in_windows_1251(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("id,lang,text\n1,ru,Правительство приняло постановление о развитии\n".encode("cp1251"))
    found, encoding = read_rows(path)
    assert [row["text"] for row in found] == ["Правительство приняло постановление о развитии"]
    assert (encoding.name, encoding.guessed) == ("windows-1251", True)


@pytest.mark.parametrize(("name", "data", "message"), [
    ("a.jsonl", b'{"text": "a"}\n{bad\n', "line 2: not JSON"),
    ("a.jsonl", b'{"text": "a"}\n[1]\n', "line 2: not a JSON object"),
    ("a.jsonl", b'{"body": "a", "lang": "kk"}\n', r"line 1: no column 'text' \(there are: body, lang\)"),
    ("a.csv", b"body,lang\na,kk\n", r"no column 'text' \(there are: body, lang\)"),
    ("a.tsv", b"body\tlang\na\tkk\n", "no column 'text'"),
    ("a.parquet", b"not parquet", "not a Parquet file"),
    ("a.jsonl.gz", b"not gzip", "not a whole gzip file"),
    ("a.jsonl.gz", gzip.compress(b'{"text": "a"}')[:-9], "not a whole gzip file"),
    ("a.jsonl", b"", "empty"),
])
def test_mistakes_are_one_line(tmp_path, name, data, message):
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(ReadError, match=message) as caught:
        for row in read_rows(path)[0]:
            if isinstance(row, ReadError):
                raise row
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["a.jsonl", "a.csv", "a.tsv", "a.jsonl.gz"])
def test_a_table_is_read_as_its_rows_are_asked_for(tmp_path, name):
    """A million rows would not fit twice; broken bytes at the very end make it another encoding."""
    path, lines = tmp_path / name, {".csv": "text,id\n", ".tsv": "text\tid\n"}.get((tmp_path / name).suffix, "")
    row = {".csv": "мәтін,{}\n", ".tsv": "мәтін\t{}\n"}.get(path.suffix, '{{"text": "мәтін", "id": "{}"}}\n')
    data = (lines + "".join(row.format(k) for k in range(100_000))).encode()
    path.write_bytes(gzip.compress(data, 1) if name.endswith("gz") else data)
    tracemalloc.start()
    found, encoding = read_rows(path)
    assert [int(one["id"]) for one in itertools.islice(found, 50_000)] == list(range(50_000))
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert (encoding.name, encoding.guessed) == ("utf-8", False)


def test_blank_lines_and_line_ends_of_every_kind(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes("\r\n\ntext\tid\r\nбір\t1\r\nекі\t2\n\n\n".encode())
    assert [row["id"] for row in read_rows(path)[0]] == ["1", "2"]
    path = tmp_path / "a.jsonl"
    path.write_bytes('{"text": "бір"}\r\n\r\n{"text": "екі"}'.encode())
    assert [row["text"] for row in read_rows(path)[0]] == ["бір", "екі"]


def test_utf_8_that_breaks_at_the_end_is_another_encoding(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(('{"text": "бір"}\n' * 100_000).encode() + b'{"text": "\xd0')
    found, encoding = read_rows(path)
    assert encoding.guessed
    assert sum(not isinstance(row, ReadError) for row in found) == 100_000


def test_a_parquet_file_without_text(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"body": ["a"]}), path)
    with pytest.raises(ReadError, match="there are: body"):
        list(read_rows(path)[0])
