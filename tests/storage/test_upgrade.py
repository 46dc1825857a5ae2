"""The database's version, and what the logs add up to."""

from __future__ import annotations

import subprocess
import sys

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from click.testing import CliRunner
from sqlalchemy import delete, inspect, text, update

from bot.cli import cli
from bot.office import parse_bundle
from complaints import events as e
from storage import rebuild, upgrade
from storage.engine import WrongDatabase, open_engines
from storage.store import Store, open_store
from storage.tables import case_fields, cases, deadlines, metadata, open_seats, policies_in_force, serials
from tests.storage import acts, released

SCHEMAS = sorted(script.revision for script in ScriptDirectory(str(upgrade._SCRIPTS)).walk_revisions())


def test_the_migrations_make_exactly_the_tables_of_the_program(bare_url: str) -> None:
    engines = open_engines(bare_url)
    upgrade.upgrade(engines.write)

    with engines.write.connect() as core:
        context = MigrationContext.configure(core, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    engines.dispose()


def test_the_database_goes_up_and_down(bare_url: str) -> None:
    engines = open_engines(bare_url)

    upgrade.upgrade(engines.write)
    assert upgrade.version_of(engines.write) == upgrade.newest()
    upgrade.downgrade(engines.write, "base")
    assert set(inspect(engines.write).get_table_names()) <= {"alembic_version"}
    upgrade.upgrade(engines.write)
    assert "cases" in inspect(engines.write).get_table_names()
    engines.dispose()


def test_an_empty_database_is_made_ready_and_then_left_alone(bare_url: str, tmp_path) -> None:
    for _ in range(2):
        store = open_store(bare_url, tmp_path, dict)
        assert store.reader.lines() == []
        store.close()


def test_processes_that_start_together_on_an_empty_database_all_find_it_ready(bare_url: str) -> None:
    """Replicas of a new deployment: one makes the tables, the others wait for it."""
    program = "import sys; from storage import engine, upgrade; upgrade.prepare(engine.open_engines(sys.argv[1]).write)"
    command = [sys.executable, "-c", program, bare_url]
    started = [subprocess.Popen(command, stderr=subprocess.PIPE, text=True) for _ in range(4)]

    said = [process.communicate(timeout=180)[1] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0, 0], said


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("UPDATE alembic_version SET version_num = 'from-the-future'", "start the newer Redress"),
        ("DELETE FROM alembic_version", "again with --replace"),
        ("DROP TABLE alembic_version", "holds tables that are not Redress's"),
    ],
)
def test_a_database_of_another_version_is_refused_with_what_to_do(
    bare_url: str, tmp_path, statement: str, sentence: str
) -> None:
    engines = open_engines(bare_url)
    upgrade.prepare(engines.write)
    with engines.write.begin() as core:
        core.execute(text(statement))
    engines.dispose()

    with pytest.raises(WrongDatabase, match=sentence):
        open_store(bare_url, tmp_path, dict)


@pytest.mark.parametrize("wrong", ["", "mysql://host/db", "sqlite://", "sqlite:///:memory:", "not a url"])
def test_a_url_that_can_not_be_used_is_refused_with_what_to_write(wrong: str) -> None:
    with pytest.raises(WrongDatabase, match="REDRESS_DATABASE_URL"):
        open_engines(wrong)


@pytest.fixture
def lived_in(store: Store) -> Store:
    """A desk with cases in several states, a policy in force and drawn numbers."""
    policy = e.PolicyPutInForce(policy="pcb", label="2025-1", bundle=acts.BUNDLE)
    store.record.now(lambda tx: tx.record_desk([policy], actor="U", at=acts.NOW))
    for n in range(4):
        store.record.now(
            acts.opening(f"c{n}", words={f"w{n}": "hm"}, fields={"customer": f"C{n}", "what": {"$words": f"w{n}"}})
        )
    store.record.now(acts.approving("c1", key="a"))
    store.record.now(acts.noting("c2", "note", "a word"))
    store.record.now(
        lambda tx: acts.record(tx, tx.load("c3"), [e.VisitDropped(visit=1, why="void"), e.CaseVoided(reason={})])
    )
    return store


def test_what_was_recorded_is_what_the_logs_add_up_to(lived_in: Store) -> None:
    assert rebuild.check(lived_in.engines) == []


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        (update(cases).where(cases.c.id == "c1").values(state='{"id":"c1"}'), "the row with the state differ"),
        (update(cases).where(cases.c.id == "c1").values(status="closed"), "the values for lists differ"),
        (delete(open_seats), "the open seats differ"),
        (delete(deadlines), "the deadlines differ"),
        (delete(case_fields).where(case_fields.c.case_id == "c2"), "the values for counts differ"),
        (update(serials).values(last=1), "serials differ"),
        (update(policies_in_force).values(bundle="c" * 64), "policies in force differ"),
        (delete(cases).where(cases.c.id == "c1"), "there are 3 cases but 4 case logs"),
    ],
    ids=["state", "line", "seats", "deadlines", "fields", "serials", "in force", "row"],
)
def test_what_differs_from_the_logs_is_found_and_rebuilt(lived_in: Store, statement, what: str) -> None:
    before = [lived_in.reader.case(f"c{n}") for n in range(4)]
    with lived_in.engines.write.begin() as core:
        core.execute(statement)
    assert any(what in sentence for sentence in rebuild.check(lived_in.engines))

    seen: list[tuple[int, int]] = []
    assert rebuild.rebuild(lived_in.engines, lambda done, of: seen.append((done, of))) == 4
    lived_in.record.forget()

    assert seen[-1] == (4, 4)
    assert rebuild.check(lived_in.engines) == []
    assert [lived_in.reader.case(f"c{n}") for n in range(4)] == before
    assert lived_in.record.now(acts.opening("c9")).number == "AR005"
    assert lived_in.record.now(lambda tx: tx.in_force("pcb")) == acts.BUNDLE


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_filled_desk_of_every_schema_works_on_after_its_upgrade(bare_url: str, tmp_path, schema: str) -> None:
    """
    Two tours recorded by the program of that time: chains whole, tables the sum of the logs, policies still readable.

    A new migration without the desk before it fails here: see `tests.storage.released`.
    """
    engines = open_engines(bare_url)
    upgrade.upgrade(engines.write, schema)
    released.fill(engines.write, schema)
    engines.dispose()
    place = {"REDRESS_DATABASE_URL": bare_url, "REDRESS_DATA": str(tmp_path)}

    done = CliRunner().invoke(cli, ["db", "upgrade"], env=place)
    verified = CliRunner().invoke(cli, ["case", "verify"], env=place)

    assert (done.exit_code, verified.exit_code) == (0, 0), done.output + verified.output
    store = open_store(bare_url, tmp_path, parse_bundle)
    assert rebuild.check(store.engines) == []
    lines = store.reader.lines()
    assert verified.output == f"{len(lines) + 1} logs are as they were recorded.\n"
    assert {line.status for line in lines} >= {"finished", "open"}
    for line in lines:
        found = store.reader.case(line.case_id)
        assert found is not None
        assert store.shelf.bundle(found.bundle).digest == found.bundle
    assert store.record.now(acts.opening("goes-on")).number is not None
    store.close()


def test_an_upgrade_that_is_ended_while_it_computes_again_has_changed_nothing(
    bare_url: str, tmp_path, monkeypatch
) -> None:
    """Tables of the new version with what the old program added up would be taken for upgraded."""
    engines = open_engines(bare_url)
    upgrade.upgrade(engines.write, SCHEMAS[0])
    released.fill(engines.write, SCHEMAS[0])
    place = {"REDRESS_DATABASE_URL": bare_url, "REDRESS_DATA": str(tmp_path)}
    with monkeypatch.context() as killed:
        killed.setattr(rebuild, "_rebuild_desk", lambda wire: 1 / 0)
        CliRunner().invoke(cli, ["db", "upgrade"], env=place)

    assert upgrade.version_of(engines.read) == SCHEMAS[0]
    again = CliRunner().invoke(cli, ["db", "upgrade"], env=place)
    assert again.output == f"Upgraded from {SCHEMAS[0]} to {upgrade.newest()}.\n"
    assert rebuild.check(engines) == []
    engines.dispose()
