"""The command line: the acceptance figures by the real command, then its answers, exit codes and languages."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import tomllib
import uuid
import zipfile
from collections.abc import Callable
from pathlib import Path

import click
import psycopg
import pytest
from tinydb import TinyDB, where

import cli
from console import DONE, MISUSED, PARTLY, REFUSED, Group, Spoken
from disks import small_disk
from locales import words
from postgres import PostgresServer
from running import LOGIN, PASSWORD, ROOT, free_port
from settings import Settings
from workspace import build

DEALS = ROOT / "examples" / "crm_sales" / "sales_pipeline.csv"
COLUMNS = ("--stage-column", "deal_stage", "--title-column", "opportunity_id", "--responsible-column", "sales_agent",
           "--amount-column", "close_value", "--created-column", "engage_date", "--closed-column", "close_date")  # fmt: skip

Ran = tuple[int, str, str]
Call = Callable[..., Ran]
"""`voronka(*words, given="")` -> (exit code, output, errors), in this process."""


def command(folder: Path, *told: str, given: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    """The real command in a process of its own, called from an empty folder."""
    more = {"VORONKA_DATA": str(folder), "VORONKA_LANGUAGE": "en", **environment}
    return subprocess.run(
        [sys.executable, str(ROOT / "cli.py"), *told], input=given, capture_output=True, text=True, timeout=120,
        cwd=folder.parent, env={**os.environ, **more},
    )  # fmt: skip


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that the real command has set up and brought the 8,800 deals into."""
    folder = tmp_path_factory.mktemp("cli") / "data"
    made = command(folder, "init", "--admin", LOGIN, "--password-stdin", given=f"{PASSWORD}\n")
    assert made.returncode == DONE, made.stderr
    done = command(folder, "import", str(DEALS), "--process", "deals", "--create", *COLUMNS)
    assert (done.returncode, done.stderr) == (DONE, "")
    assert done.stdout == "8,800 elements imported into “deals” (import 1).\n"
    return folder


@pytest.fixture
def voronka(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Call:
    monkeypatch.setenv("VORONKA_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("VORONKA_LANGUAGE", "en")
    monkeypatch.chdir(tmp_path)

    def call(*told: str, given: str = "") -> Ran:
        monkeypatch.setattr(sys, "argv", ["voronka", *told])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capfdbinary.readouterr()
        assert b"{" not in err, "a placeholder that nobody filled"
        return int(ended.value.code or 0), out.decode(errors="replace"), err.decode()

    return call


@pytest.fixture
def deals(imported: Path, voronka: Call, monkeypatch: pytest.MonkeyPatch) -> Call:
    """The command over the imported deals; for what changes nothing."""
    monkeypatch.setenv("VORONKA_DATA", str(imported))
    return voronka


def test_the_figures_of_the_deals(imported: Path) -> None:
    answer = command(imported, "funnel", "deals", "--json")
    assert (answer.returncode, answer.stderr) == (DONE, "")
    found = json.loads(answer.stdout)
    assert list(found) == ["process", "period", "stages", "win_rate", "median_won_days"]
    assert [(s["title"], s["semantics"], s["count"]) for s in found["stages"]] == [
        ("Prospecting", "P", 500), ("Engaging", "P", 1589), ("Won", "S", 4238), ("Lost", "F", 2473),
    ]  # fmt: skip
    assert next(s["sum"] for s in found["stages"] if s["title"] == "Won") == 10_005_534
    assert list(found["stages"][0]) == ["code", "title", "semantics", "count", "sum", "median_days", "p90_days", "conversion"]
    assert (found["win_rate"], found["median_won_days"]) == (0.6315, 57)


def test_the_same_figures_for_people(deals: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    code, out, _ = deals("funnel", "deals")
    assert code == DONE and "Won" in out and "10,005,534" in out and "63.15%" in out
    monkeypatch.setenv("VORONKA_LANGUAGE", "ru")
    out = deals("funnel", "deals")[1].replace("\xa0", " ")
    assert "Стадия" in out and "10 005 534" in out and "63,15 %" in out


def test_exports(deals: Call, tmp_path: Path) -> None:
    code, out, _ = deals("export", "deals", "--format", "json")
    assert code == DONE and len(json.loads(out)["elements"]) == 8800
    code, out, err = deals("export", "deals", "--format", "xlsx", "-o", "deals.xlsx")
    assert (code, out) == (DONE, "") and "deals.xlsx" in err
    assert zipfile.is_zipfile(tmp_path / "deals.xlsx")


def test_a_full_disk_is_named(deals: Call) -> None:
    code, _, err = deals("export", "deals", "--format", "csv", "-o", "/dev/full")
    assert code == REFUSED and "“/dev/full” is full" in err
    with small_disk(1) as disk:
        place = str(disk / "deals.zip") if disk else "/dev/full/deals.zip"
        code, _, err = deals("backup", place)
        assert code == REFUSED and str(disk or "/dev/full") in err and ("is full" in err or not disk)


def test_a_second_import_by_the_same_code_is_refused(deals: Call) -> None:
    code, _, err = deals("import", str(DEALS), "--process", "deals", "--create")
    assert code == REFUSED and "deals" in err.lower() and "Traceback" not in err


def test_rows_that_do_not_fit_are_told_with_their_reason(voronka: Call, tmp_path: Path) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    sheet = tmp_path / "few.csv"
    sheet.write_text("name,stage,amount\n" + "".join(f"n{i},{'New' if i % 2 else 'Won'},{i}\n" for i in range(60)))
    code, out, _ = voronka(
        "import", "few.csv", "--process", "few", "--create", "--stage-column", "stage", "--amount-column", "amount"
    )
    assert (code, out) == (DONE, "60 elements imported into “few” (import 1).\n")
    sheet.write_text("name,stage,amount\nok,New,7\nbad,New,a lot\n")
    code, out, err = voronka("import", "few.csv", "--process", "few", "--stage-column", "stage")
    assert code == PARTLY and out.startswith("1 element imported")
    assert "1 row was skipped" in err and "row 3:" in err


@pytest.mark.parametrize(
    ("text", "said"),
    [('name,amount\nA,"1\nB,2\nC,3\n', "line 2"), ("name,amount\n", "no rows"), ("name,amount\n,\n\n", "no rows")],
)
def test_a_file_that_brings_nothing_is_refused_and_leaves_nothing(voronka: Call, tmp_path: Path, text: str, said: str) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    (tmp_path / "few.csv").write_text(text)
    code, out, err = voronka("import", "few.csv", "--process", "few", "--create")
    assert (code, out) == (REFUSED, "") and said in err and "few.csv" in err
    assert voronka("funnel", "few")[0] == REFUSED, "no process was made"


def test_a_number_with_two_readings_is_refused_until_the_mark_is_told(voronka: Call, tmp_path: Path) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    (tmp_path / "few.csv").write_text('name,weight\nA,"1,250"\nB,"2,500"\n')
    code, out, err = voronka("import", "few.csv", "--process", "few", "--create")
    assert (code, out) == (REFUSED, "") and all(said in err for said in ("1,250", "1250 or 1.25", "--decimal"))
    assert voronka("funnel", "few")[0] == REFUSED, "no process was made"
    assert voronka("import", "few.csv", "--process", "few", "--create", "--decimal", ",")[0] == DONE
    assert "1.25" in voronka("export", "few", "--format", "json")[1]
    assert voronka("import", "few.csv", "--process", "few", "--again")[0] == REFUSED, "nor into what is there"


def test_an_import_of_nothing_but_problems_is_no_success(voronka: Call, tmp_path: Path) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    (tmp_path / "few.csv").write_text("name,amount\nA,1\nB,2\n")
    assert voronka("import", "few.csv", "--process", "few", "--create")[0] == DONE
    (tmp_path / "few.csv").write_text("name,amount\nA,many\nB,few\n")
    code, out, err = voronka("import", "few.csv", "--process", "few", "--again")
    assert code == PARTLY and out.startswith("0 elements") and "2 rows were skipped" in err


def test_the_same_table_again_asks_for_a_key(voronka: Call, tmp_path: Path) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    (tmp_path / "few.csv").write_text("name,amount\nA,1\nB,2\n")
    assert voronka("import", "few.csv", "--process", "few", "--create")[0] == DONE
    code, _, err = voronka("import", "few.csv", "--process", "few")
    assert code == REFUSED and "looks imported already" in err
    (tmp_path / "few.csv").write_text("name,amount\nA,5\nB,2\nC,3\n")
    code, out, _ = voronka("import", "few.csv", "--process", "few", "--key", "name")
    assert code == DONE and out.startswith("1 element") and "Changed: 1. Already so: 1." in out


def test_packages_go_out_and_in(deals: Call, voronka: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deals("package", "export", "deals", "-o", "deals.voronka.json")[0] == DONE
    monkeypatch.setenv("VORONKA_DATA", str(tmp_path / "other"))
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    assert voronka("package", "import", "deals.voronka.json")[:2] == (DONE, "Installed: deals.\n")
    code, _, err = voronka("package", "import", "deals.voronka.json")
    assert code == REFUSED and "deals" in err.lower()
    assert json.loads(voronka("funnel", "deals", "--json")[1])["win_rate"] is None


def test_backup_while_in_use_and_restore(deals: Call, voronka: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert deals("check")[:2] == (DONE, "No faults found.\n")
    assert deals("backup", "all.zip")[0] == DONE
    monkeypatch.setenv("VORONKA_DATA", str(tmp_path / "again"))
    assert voronka("restore", "all.zip")[0] == DONE
    assert json.loads(voronka("funnel", "deals", "--json")[1])["win_rate"] == 0.6315
    code, _, err = voronka("restore", "all.zip")
    assert code == REFUSED and "not empty" in err


@pytest.mark.parametrize("engine", ["sqlite", "postgres"])
def test_a_plain_tinydb_file_goes_out_and_in(
    deals: Call, voronka: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, engine: str
) -> None:
    code, out, err = deals("tinydb", "export", "all.json")
    assert (code, err) == (DONE, "") and out.startswith("all.json: ") and "keep it as safe" in out
    with TinyDB(tmp_path / "all.json") as plain:
        assert len(plain.table("elements")) == 8800
        assert plain.table("elements").get(where("title") == "1C1I7A6R")["process"] == "deals"
    monkeypatch.setenv("VORONKA_DATA", str(tmp_path / "again"))
    if engine == "postgres":
        monkeypatch.setenv("VORONKA_DATABASE_URL", request.getfixturevalue("postgres_url"))
    code, out, err = voronka("tinydb", "import", "all.json")
    assert (code, err) == (DONE, "") and "documents were brought in from all.json" in out
    assert json.loads(voronka("funnel", "deals", "--json")[1])["win_rate"] == 0.6315
    assert voronka("check")[:2] == (DONE, "No faults found.\n")
    assert voronka("tinydb", "export", "once_more.json")[0] == DONE
    assert json.loads((tmp_path / "once_more.json").read_text()) == json.loads((tmp_path / "all.json").read_text())
    code, _, err = voronka("tinydb", "import", "all.json")
    assert code == REFUSED and "something in this workspace already" in err


@pytest.mark.parametrize(
    "text", ["", "[1]", "{}", '{"elements": [1]}', '{"elements": {"one": {}}}', '{"elements": {"1": {"title": "no workspace"}}}']
)
def test_a_file_that_is_no_workspace_leaves_nothing(voronka: Call, tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.json").write_text(text)
    code, out, err = voronka("tinydb", "import", "bad.json")
    assert (code, out) == (REFUSED, "") and "“bad.json” is no TinyDB file of a Voronka workspace" in err
    assert voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)[0] == DONE, "the workspace is still empty"
    assert voronka("tinydb", "import", "nothing.json")[0] == REFUSED


def test_an_export_says_that_attached_files_are_not_in_it(voronka: Call, tmp_path: Path) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    workspace = build()
    workspace.db.table("files").insert({"hash": "ab" * 32, "name": "note.txt"})
    workspace.db.close()
    code, _, err = voronka("tinydb", "export", "all.json")
    assert code == DONE and "1 attached file is not in it" in err and str(tmp_path / "data" / "files") in err


def test_every_fault_is_named_and_a_backup_says_what_it_is_without(voronka: Call, tmp_path: Path) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    workspace = build()
    workspace.db.table("timers").insert_multiple({"kind": "wake", "due": None, "run": number} for number in range(1, 31))
    workspace.db.close()
    code, out, err = voronka("check")
    assert code == PARTLY and len(out.splitlines()) == 30 and "timers/30/run" in out and "30 faults" in err
    assert voronka("backup", "all.zip")[0] == DONE
    workspace = build()
    workspace.db.table("files").insert({"hash": "ab" * 32, "name": "note.txt"})
    workspace.db.close()
    code, _, err = voronka("backup", "all.zip")
    assert code == REFUSED and "all.zip" in err and "1 attached file" in err
    code, out, err = voronka("backup", "new.zip")
    assert code == PARTLY and "new.zip" in out and "files/1" in err and "note.txt" in err


def test_accounts(voronka: Call) -> None:
    assert voronka("user", "add", "boris", "--password-stdin", given="a long password\n")[0] == REFUSED  # nobody has set it up
    assert voronka("init", "--admin", LOGIN, "--password-stdin", given=f"{PASSWORD}\n")[0] == DONE
    assert voronka("init", "--admin", LOGIN, "--password-stdin", given=f"{PASSWORD}\n")[0] == REFUSED
    assert voronka("user", "add", "boris", "--name", "Boris Stone", "--password-stdin", given="a long password\n")[0] == DONE
    code, _, err = voronka("user", "add", "boris", "--password-stdin", given="short\n")
    assert code == REFUSED and "short" not in err.replace("too short", "").replace("shorter", "")
    assert voronka("user", "add", "vera", given="")[0] == REFUSED  # neither a terminal nor --password-stdin


@pytest.mark.parametrize(
    ("told", "code", "said"),
    [
        ((), MISUSED, "Usage: voronka"),
        (("--help",), DONE, "Exit codes"),
        (("dance",), MISUSED, "There is no command dance."),
        (("export", "deals"), MISUSED, "--format"),
        (("export", "deals", "--format", "doc"), MISUSED, "csv, xlsx, json"),
        (("export", "deals", "--format", "csv", "--loud"), MISUSED, "--loud"),
        (("import", "deals.csv", "more.csv", "--process", "deals"), MISUSED, "voronka import --help"),
        (("export", "deals", "--format", "csv"), REFUSED, "voronka init"),
        (("funnel", "deals"), REFUSED, "no workspace"),
        (("restore", "nothing.zip"), REFUSED, "nothing.zip"),
    ],
)
def test_what_cannot_be_done_is_told(voronka: Call, told: tuple[str, ...], code: int, said: str) -> None:
    ended, out, err = voronka(*told)
    assert ended == code and said in out + err and "Traceback" not in err


READING = (
    ("check",), ("backup", "b.zip"), ("export", "deals", "--format", "csv"), ("funnel", "deals"), ("package", "export", "deals"),
    ("tinydb", "export", "b.json"), ("migrate", "--to", "sqlite:///there.db"), ("import", "few.csv", "--process", "deals"),
    ("package", "import", "deals.voronka.json"), ("user", "add", "boris", "--password-stdin"),
)  # fmt: skip
"""Everything that works on a workspace which is there."""


def nothing_is_taken_for_a_workspace(voronka: Call, folder: Path) -> None:
    """Every command refuses, names the place and a way on, and leaves what lies beside as it is."""
    for name in ("b.zip", "b.json", "few.csv", "deals.voronka.json"):
        if not Path(name).exists():
            Path(name).write_text("of last night")
    before = {path: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    for told in READING:
        code, out, err = voronka(*told, given="a long password")
        assert (code, out) == (REFUSED, ""), (told, out, err)
        assert all(word in err for word in ("no workspace", "VORONKA_DATA", "voronka init", "voronka restore")), (told, err)
    assert {path: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_a_folder_that_is_not_there_is_not_made_by_looking_into_it(voronka: Call, tmp_path: Path) -> None:
    nothing_is_taken_for_a_workspace(voronka, tmp_path)
    assert not (tmp_path / "data").exists()


def test_an_emptied_database_is_no_workspace(voronka: Call, tmp_path: Path) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    assert voronka("backup", "b.zip")[0] == DONE
    emptied = build()
    for name in emptied.db.tables():
        emptied.db.table(name).truncate()
    emptied.db.close()
    nothing_is_taken_for_a_workspace(voronka, tmp_path)


def test_a_schema_before_that_of_the_workspace_is_not_filled(
    voronka: Call, tmp_path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = (f"{name}_{uuid.uuid4().hex[:8]}" for name in ("mine", "other"))
    monkeypatch.setenv("VORONKA_DATABASE_URL", postgres.url(mine))
    assert voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)[0] == DONE
    assert voronka("backup", "b.zip")[0] == DONE
    monkeypatch.setenv(
        "VORONKA_DATABASE_URL", postgres.url(other).replace(f"search_path%3D{other}", f"search_path%3D{other}%2C{mine}")
    )
    nothing_is_taken_for_a_workspace(voronka, tmp_path)
    with psycopg.connect(postgres.bare()) as db:
        assert db.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", (other,)).fetchone() == (0,)


def test_the_address_to_move_to_is_taken_from_where_nobody_sees_its_password(voronka: Call, postgres: PostgresServer) -> None:
    voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    with_password = postgres.url().replace("postgres:@", "postgres:secret@")
    code, out, err = voronka("migrate", "--to", with_password)
    assert code == REFUSED and "--to-stdin" in err and "secret" not in out + err
    assert voronka("migrate")[0] == MISUSED
    assert voronka("migrate", "--to-stdin", given=f"{with_password}\n")[0] == DONE
    code, out, err = voronka("migrate", "--to-stdin", given=with_password)
    assert code == REFUSED and "something already" in err and "secret" not in out + err
    assert voronka("migrate", "--to", "sqlite:///there.db")[0] == DONE, "without a password it may stand in the command"


def test_bad_settings_are_named(voronka: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VORONKA_PORT", "many")
    code, _, err = voronka("run")
    assert code == REFUSED and "VORONKA_PORT" in err and "whole number" in err
    monkeypatch.delenv("VORONKA_PORT")
    monkeypatch.setenv("VORONKA_CARRIER", "pigeons")
    code, _, err = voronka("run")
    assert code == REFUSED and "VORONKA_CARRIER" in err and "'notify' or 'procrastinate'" in err
    monkeypatch.setenv("VORONKA_CARRIER", "procrastinate")
    code, _, err = voronka("run")
    assert code == REFUSED and "VORONKA_CARRIER=procrastinate needs a workspace on PostgreSQL" in err


def test_settings_come_from_a_file_too(voronka: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VORONKA_DATA")
    monkeypatch.delenv("VORONKA_LANGUAGE")
    (tmp_path / ".env").write_text("VORONKA_DATA=elsewhere\nVORONKA_LANGUAGE=ru\n")
    code, out, _ = voronka("init", "--admin", LOGIN, "--password-stdin", given=PASSWORD)
    assert code == DONE and "Портал готов" in out
    assert (tmp_path / "elsewhere" / "voronka.db").is_file()


def test_the_terminal_says_the_language(voronka: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VORONKA_LANGUAGE")
    monkeypatch.setenv("LC_ALL", "ru_RU.UTF-8")
    assert "Команды" in voronka("--help")[1]
    monkeypatch.setenv("LC_ALL", "C")
    assert "Commands" in voronka("--help")[1]


def test_a_port_in_use_is_told(voronka: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("VORONKA_PORT", str(taken.getsockname()[1]))
        code, _, err = voronka("run")
    assert code == REFUSED and "VORONKA_PORT" in err


def test_a_worker_waits_for_its_workspace_and_for_its_server(tmp_path: Path) -> None:
    server, port, folder = PostgresServer(), free_port(), tmp_path / "data"
    schema = server.url("late").partition("&options")[2]
    there = f"postgresql://postgres@127.0.0.1:{port}/postgres?options{schema}"
    given = {**os.environ, "VORONKA_DATA": str(folder), "VORONKA_LANGUAGE": "en", "VORONKA_DATABASE_URL": there}
    told = [sys.executable, str(ROOT / "cli.py"), "worker"]
    with subprocess.Popen(told, env=given, cwd=tmp_path, stdout=-1, stderr=-1, text=True) as worker:
        assert worker.stdout and worker.stderr
        try:
            assert "cannot be reached" in (said := worker.stderr.readline()) and "The worker waits" in said
            with server.listening(port):
                assert "no workspace" in worker.stderr.readline()
                made = command(folder, "init", "--admin", LOGIN, "--password-stdin", given=PASSWORD, VORONKA_DATABASE_URL=there)
                assert made.returncode == DONE, made.stderr
                assert "The worker runs on" in worker.stdout.readline()
                worker.send_signal(signal.SIGTERM)
                assert worker.wait(20) == DONE
        finally:
            worker.kill()
            server.stop()


def test_the_worker_stops_when_asked(imported: Path) -> None:
    told = {**os.environ, "VORONKA_DATA": str(imported), "VORONKA_PORT": str(free_port()), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, str(ROOT / "cli.py"), "worker"], env=told, cwd=imported, stdout=subprocess.PIPE, text=True
    ) as worker:
        assert worker.stdout and str(imported) in worker.stdout.readline()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(10) == 0


def _commands(group: Group, key: str = "") -> list[tuple[str, click.Command]]:
    found: list[tuple[str, click.Command]] = [(key or "voronka", group)]
    for name, each in group.commands.items():
        below = f"{key}.{name}".strip(".")
        found += _commands(each, below) if isinstance(each, Group) else [(below, each)]
    return found


@pytest.mark.parametrize("locale", ["en", "ru"])
def test_every_command_and_parameter_has_words(locale: str) -> None:
    known = words(locale)
    assert isinstance(cli.voronka, Group)
    listed = _commands(cli.voronka)
    wanted = {f"cli.help.{key}" for key, _ in listed}
    wanted |= {f"cli.help.{key}.{p.name}" for key, each in listed for p in each.params}
    assert wanted <= known.keys()
    assert {k for k in known if k.startswith("cli.help.")} - {"cli.help.help"} == wanted
    assert all(each.examples for key, each in listed if isinstance(each, Spoken) and not isinstance(each, Group))


def test_run_sets_what_the_configuration_file_says() -> None:
    said = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())
    flat = {f"{area}.{name}": value for area, values in said.items() for name, value in values.items()}
    assert flat.pop("server.maxUploadSize") == Settings.model_fields["upload_megabytes"].default
    told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in flat.items()}
    told["theme.base"] = str(ROOT / told["theme.base"])
    assert told == cli.STREAMLIT
    assert told["runner.fastReruns"] == "false"  # else Streamlit drops a run that has not begun, and the press in it
