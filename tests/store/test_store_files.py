"""What lies on disk: opening, indexes, damage, backups, plain TinyDB, other processes."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from tinydb import TinyDB, where

from store import Damaged, Database, StoreError, open_database
from store.compile import compile_all
from store.condition import understand
from store.sites import DOCUMENT

PROCESS = [sys.executable, "-c"]
ROOT = Path(__file__).parents[2]


def script(text: str, path: Path) -> "subprocess.Popen[str]":
    head = f"from store import open_database\ndb = open_database('sqlite:///{path}')\nt = db.table('t')\n"
    return subprocess.Popen([*PROCESS, head + text], stdout=subprocess.PIPE, text=True, cwd=ROOT)


def ends(processes: "list[subprocess.Popen[str]]") -> list[int]:
    for process in processes:
        process.communicate(timeout=60)
    return [process.returncode for process in processes]


def indexes(path: Path) -> set[str]:
    rows = sql(path, "SELECT name FROM sqlite_master WHERE type = 'index' AND substr(name, 1, 2) = 'i_'")
    return {name for (name,) in rows}


def sql(path: Path, text: str, bound: Sequence[Any] = ()) -> list[Any]:
    """What plain SQLite says."""
    with closing(sqlite3.connect(path, isolation_level=None)) as plain:
        return plain.execute(text, bound).fetchall()


def test_everything_is_there_after_reopening(path: Path) -> None:
    for number in range(1, 4):
        db = open_database(f"sqlite:///{path}")
        assert db.table("t").insert({"n": number}) == number
        db.close()
    assert sorted(each.name for each in path.parent.iterdir()) == [path.name, f"{path.name}-turn"]


@pytest.mark.parametrize("address", ["", "sqlite:///", "mysql://x", "/a/path", "memory:"])
def test_unknown_addresses(address: str) -> None:
    with pytest.raises(StoreError, match="unknown kind"):
        open_database(address)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="refused"):
        open_database(f"sqlite:///{tmp_path}/none/voronka.db")


def test_a_file_that_is_no_database(path: Path) -> None:
    path.write_text("Dear diary, " * 1000)
    with pytest.raises(Damaged, match="damaged or no database"):
        open_database(f"sqlite:///{path}")


def test_a_database_that_is_not_ours(path: Path) -> None:
    sql(path, "CREATE TABLE their (x)")
    with pytest.raises(Damaged, match="not a Voronka database"):
        open_database(f"sqlite:///{path}")


def test_a_newer_format(path: Path) -> None:
    open_database(f"sqlite:///{path}").close()
    sql(path, "UPDATE meta SET value = 99")
    with pytest.raises(StoreError, match="format 99"):
        open_database(f"sqlite:///{path}")


def test_indexes_follow_the_promotion(path: Path) -> None:
    first = open_database(f"sqlite:///{path}", promoted={"t": ["a", ("a", "b.c")], "later": ["x"]})
    first.table("t").insert_multiple({"a": number % 100, "b": {"c": number}} for number in range(1000))
    assert len(indexes(path)) == 2
    first.table("later").insert({})
    assert len(indexes(path)) == 3
    first.close()
    second = open_database(f"sqlite:///{path}", promoted={"t": ["b.c"]})
    assert indexes(path) == {'i_t_["t","b.c"]'}
    assert second.table("t").count(where("b").c == 5) == 1
    second.close()


def test_an_indexed_condition_uses_the_index(path: Path, file_db: Database) -> None:
    file_db.table("elements").insert_multiple({"process": 1, "stage": str(n)} for n in range(10))
    for cond in (
        (where("process") == 1) & (where("stage") == "3"),
        (where("stage") > "3") & where("x").exists(),
        where("stage").one_of(["1", "2"]),
        where("n").deep == 4,
    ):
        clause = compile_all(understand(cond).shapes, DOCUMENT)
        steps = sql(path, f"EXPLAIN QUERY PLAN SELECT doc FROM t_elements WHERE {clause.sql}", clause.bound)
        assert "USING INDEX" in steps[0][3]


def test_keys_that_cannot_be_indexed(path: Path) -> None:
    with pytest.raises(ValueError, match="cannot index"):
        open_database(f"sqlite:///{path}", promoted={"t": ['a"b']})


def test_check_tells_what_is_wrong(path: Path, file_db: Database) -> None:
    table = file_db.table("t")
    table.insert_multiple([{"a": 1}, {"a": 2}, {"a": 3}])
    assert file_db.check() == []
    sql(path, "UPDATE t_t SET doc = '[1]' WHERE id = 2")
    sql(path, "UPDATE t_t SET doc = '{broken' WHERE id = 3")
    assert file_db.check() == ["t/2 holds no JSON object", "t/3 holds no JSON object"]
    assert table.get(doc_id=1) == {"a": 1}
    for doc_id in (2, 3):
        with pytest.raises(Damaged, match=f"t/{doc_id}"):
            table.get(doc_id=doc_id)
    with pytest.raises(StoreError):
        table.search(where("a") == 3)


def test_a_page_of_rubbish_is_damage(path: Path) -> None:
    db = open_database(f"sqlite:///{path}")
    db.table("t").insert_multiple({"text": "x" * 500} for _ in range(200))
    db.close()
    with path.open("r+b") as file:
        file.seek(4096 * 3)
        file.write(b"\xff" * 4096 * 10)
    db = open_database(f"sqlite:///{path}")
    assert db.check() != []
    with pytest.raises(Damaged):
        db.table("t").all()
    db.close()


def test_backup_while_writing(path: Path, file_db: Database) -> None:
    table = file_db.table("t")
    table.insert_multiple({"n": 0} for _ in range(200))
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            table.update(lambda document: document.update(n=document["n"] + 1))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(5):
            file_db.backup(path.with_name(f"backup{number % 2}.db"))
    finally:
        done.set()
        writer.join(10)
    for number in range(2):
        copy = open_database(f"sqlite:///{path.with_name(f'backup{number}.db')}")
        assert copy.check() == []
        assert len(copy.table("t").count_by("n")) == 1
        copy.close()


def test_backup_of_every_engine_is_a_file(db: Database, tmp_path: Path) -> None:
    db.table("t").insert_multiple([{"n": 1}, {"n": 2}])
    db.table("empty").insert({})
    db.table("t").remove(doc_ids=[2])
    db.table("empty").truncate()
    db.backup(tmp_path / "backup.db")
    copy = open_database(f"sqlite:///{tmp_path / 'backup.db'}")
    assert (copy.tables(), copy.table("t").all()) == ({"t", "empty"}, [{"n": 1}])
    assert (copy.table("t").insert({}), copy.table("empty").insert({})) == (3, 2)
    copy.close()


def test_plain_tinydb_reads_an_export(db: Database, tmp_path: Path) -> None:
    db.table("t").insert_multiple([{"имя": "Анна", "n": [1, None, 0.1]}, {}])
    db.table("u").insert({"a": True})
    db.export_json(tmp_path / "export.json")
    with TinyDB(tmp_path / "export.json") as tiny:
        assert tiny.tables() == {"t", "u"}
        assert tiny.table("t").get(doc_id=1) == {"имя": "Анна", "n": [1, None, 0.1]}
        tiny.table("t").insert({"by": "tiny"})
    db.table("gone").insert({})
    db.import_json(tmp_path / "export.json")
    assert db.tables() == {"t", "u"}
    assert db.table("t").get(doc_id=3) == {"by": "tiny"}
    assert db.table("t").insert({}) == 4


@pytest.mark.parametrize("text", ["", "[1]", '{"t": [1]}', '{"t": {"x": {}}}', '{"t": {"1": 2}}'])
def test_an_import_that_is_none_changes_nothing(db: Database, tmp_path: Path, text: str) -> None:
    db.table("t").insert({"a": 1})
    (tmp_path / "import.json").write_text(text)
    with pytest.raises(Damaged):
        db.import_json(tmp_path / "import.json")
    assert db.table("t").all() == [{"a": 1}]


def test_a_whole_table_by_tinydbs_own_means(db: Database) -> None:
    db.table("t").insert({"a": 1})
    assert db.table("t").storage.read() == {"t": {"1": {"a": 1}}}


def test_two_processes_count_together(path: Path, file_db: Database) -> None:
    file_db.table("t").insert({"n": 0})
    work = """
for _ in range(100):
    with db.transaction():
        t.update({"n": t.get(doc_id=1)["n"] + 1}, doc_ids=[1])
"""
    processes = [script(work, path) for _ in range(2)]
    assert ends(processes) == [0, 0]
    assert file_db.table("t").get(doc_id=1) == {"n": 200}


def test_another_process_is_seen(path: Path, file_db: Database) -> None:
    revision = file_db.revision()
    assert ends([script("t.insert({'from': 'afar'})", path)]) == [0]
    assert file_db.revision() > revision
    assert file_db.table("t").all() == [{"from": "afar"}]
    assert ends([script("db.drop_tables()", path)]) == [0]
    assert file_db.tables() == set()
    assert file_db.table("t").insert({}) == 1


def test_processes_open_a_new_file_together(path: Path) -> None:
    processes = [script("t.insert({})", path) for _ in range(4)]
    assert ends(processes) == [0] * 4
    db = open_database(f"sqlite:///{path}")
    assert len(db.table("t")) == 4
    db.close()


def test_what_was_acknowledged_survives_a_kill(path: Path) -> None:
    work = """
while True:
    with db.transaction():
        number = t.insert({"half": 1})
        t.update({"whole": 1}, doc_ids=[number])
    print(number, flush=True)
"""
    for round_ in range(4):
        process = script(work, path)
        assert process.stdout
        told = [int(process.stdout.readline()) for _ in range(20 + round_ * 7)]
        process.kill()
        told += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        process.wait(10)
        process.stdout.close()
        db = open_database(f"sqlite:///{path}")
        assert db.check() == []
        assert set(told) <= {document.doc_id for document in db.table("t")}
        assert all(document == {"half": 1, "whole": 1} for document in db.table("t"))
        db.close()


def test_news_of_other_processes(path: Path, file_db: Database) -> None:
    file_db.table("t").insert({})
    heard = threading.Event()
    stop = file_db.on_news(heard.set)
    assert heard.wait(10)  # it looks from here on
    heard.clear()
    assert not heard.wait(0.2), "nobody has written"
    other = open_database(f"sqlite:///{path}")
    other.table("t").insert({})
    assert heard.wait(10)
    stop()
    heard.clear()
    other.table("t").insert({})
    assert not heard.wait(0.2)
    other.close()
