"""The command line: help comes from one table, a wrong word is named, and no message shows SQL."""
import re
import subprocess
import tempfile
import uuid

import pytest

from service import PROGRAM, ROLES, Service, plain_environment

COMMANDS = ["serve", "migrate", "load", "key create", "evaluate", "verify", "head", "restored", "health", "settings", "routes", "version", "help"]


def call(*words):
    """Somewhere empty, and without a database."""
    with tempfile.TemporaryDirectory() as place:
        return subprocess.run([PROGRAM, *words], env=plain_environment(), cwd=place, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize("words", [["version"], ["help"], ["settings"], ["settings", "--man"], ["routes"], ["head", "--help"]])
def test_what_a_full_disk_did_not_take_is_a_failure(words):
    with open("/dev/full", "w") as full:
        done = subprocess.run([PROGRAM, *words], env=plain_environment(), stdout=full, stderr=subprocess.PIPE, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (1, "thidua: what was to be printed could not be written\n")


@pytest.fixture(scope="module")
def empty(service):
    """The service's commands on a database without any table."""
    name = f"empty_{uuid.uuid4().hex[:8]}"
    service.psql(f"CREATE DATABASE {name} OWNER thidua_owner", user="postgres")
    yield Service(service.var, DATABASE_URL=f"host={service.var / 'socket'} dbname={name} user=thidua_owner")
    service.psql(f"DROP DATABASE {name}", user="postgres")


def test_help_lists_every_command_and_tells_all_about_each():
    for words in (["help"], ["--help"], ["-h"]):
        done = call(*words)
        assert done.returncode == 0 and not done.stderr
        assert re.findall(r"^  (\w+(?: \w+)?) +\S", done.stdout, re.M) == COMMANDS
    for command in COMMANDS:
        told = call("help", *command.split())
        assert told.returncode == 0 and told.stdout.startswith(f"Usage: thidua {command}"), told.stderr
        assert told.stdout == call(*command.split(), "--help").stdout == call(*command.split(), "-h").stdout


def test_version_is_told_in_both_ways():
    assert call("--version").stdout == call("version").stdout and re.fullmatch(r"thidua \d+\.\d+\.\d+ \(([0-9a-f]{7,40}(-dirty)?|unknown)\)\n", call("version").stdout)


@pytest.mark.parametrize("words, named, meant", [
    (["sevre"], "sevre", "serve"), (["kye", "create"], "kye create", "key create"), (["key"], "key", "key create"), (["key", "make"], "key make", "key create"),
    (["--verison"], "--verison", "version"), (["help", "evalaute"], "evalaute", "evaluate"), (["help", "key"], "key", "key create"),
    (["Serve"], "Serve", "serve")])
def test_a_word_that_is_no_command_is_named_with_the_nearest_one(words, named, meant):
    done = call(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"thidua: {named}: ") and f"did you mean {meant}?" in done.stderr and done.stderr.count("\n") == 1


def test_an_option_that_is_none_is_named_with_one_that_is_near():
    assert call("load", "--chekc").stderr.startswith("thidua load: unknown option --chekc; did you mean --check\n")


@pytest.mark.parametrize("words, way_out", [(["nothing"], "`thidua help` lists them all"), (["help", "nothing"], "`thidua help` lists them all"),
                                            (["load", "--nothing"], "Usage: thidua load")])
def test_where_no_word_is_near_none_is_offered(words, way_out):
    done = call(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "nothing" in done.stderr and "did you mean" not in done.stderr and way_out in done.stderr


@pytest.mark.parametrize("name, meant", [("THIDUA_LISETN", "did you mean THIDUA_LISTEN? "), ("THIDUA_QUITE_OTHER", "")])
def test_a_setting_that_is_none_is_named_with_one_that_is_near(name, meant):
    done = subprocess.run([PROGRAM, "settings"], env={**plain_environment(), name: "1"}, capture_output=True, text=True, timeout=60)
    assert done.returncode and f"{name}: there is no such setting; {meant}`thidua settings` lists them all" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_a_word_that_does_not_belong_to_its_command_is_named(command):
    words = [["--nonsense"], ["--nonsense=1"], ["-x"]]
    if command not in ("load", "help"):
        words.append(["nonsense"])
    for more in words:
        done = call(*command.split(), *more)
        assert (done.returncode, done.stdout) == (2, ""), done
        first, second = done.stderr.splitlines()
        assert first.startswith(f"thidua {command}: ") and more[0] in first and second.startswith(f"Usage: thidua {command}")


@pytest.mark.parametrize("words, named", [
    (["key", "create"], "--name"), (["key", "create", "--name", "x"], "--role"), (["key", "create", "--name"], "--name"),
    (["key", "create", "--name", "x", "--name", "y", "--role", "admin"], "--name"), (["key", "create", "--name", "", "--role", "admin"], "--name"),
    (["key", "create", "--name", "a\x01b", "--role", "admin"], "--name"), (["key", "create", "--name", "x", "--role", "admin", "--days", "0"], "--days 0"),
    (["key", "create", "--name", "x", "--role", "admin", "--days", "36501"], "--days 36501"), (["key", "create", "--nam", "x"], "--name"),
    (["key", "create", "--name", "x", "--role", "admin", "--unit", "x"], "--unit x"), (["load"], "FILE"), (["evaluate", "--year", "2024"], "--campaign"),
    (["evaluate", "--campaign=x", "--year=24"], "--year 24"), (["evaluate", "--campaign", "x", "--year", "2024", "--json=1"], "--json"),
    (["evaluate", "--campaign", "x", "--year", "2024", "--as-of", "today"], "--as-of today"), (["verify", "--head", "x"], "--head x"), (["settings", "--tabel"], "--table")])
def test_what_is_missing_or_does_not_fit_is_named(words, named):
    done = call(*words)
    assert (done.returncode, done.stdout) == (2, "") and named in done.stderr.split("\nUsage: ")[0], done.stderr


def test_a_role_that_is_none_gets_the_list_of_roles():
    done = call("key", "create", "--name", "x", "--role", "boss")
    assert done.returncode == 2 and f"--role boss: must be one of {', '.join(ROLES)}\n" in done.stderr


def test_a_file_that_cannot_be_opened_has_no_line(tmp_path):
    done = call("load", str(tmp_path / "none.json"))
    assert (done.returncode, done.stderr) == (1, f"thidua load: {tmp_path}/none.json: No such file or directory\n")


def test_a_service_that_cannot_be_asked_is_not_ready():
    for listen, said in (("nowhere", ""), ("127.0.0.1:1", "not ready: nobody listens at 127.0.0.1 port 1\n")):
        done = subprocess.run([PROGRAM, "health"], env={**plain_environment(), "THIDUA_LISTEN": listen}, capture_output=True, text=True, timeout=60)
        assert (done.returncode, done.stdout) == (1, said), done


def test_a_database_without_tables_is_named_and_no_sql_is_shown(empty, tmp_path):
    days = tmp_path / "days.json"
    days.write_text('{"public_holidays": {"years": [2024], "days": []}}', encoding="utf-8")
    for words in (["verify"], ["load", str(days)], ["key", "create", "--name", "x", "--role", "admin"], ["evaluate", "--campaign", "x", "--year", "2024"]):
        done = empty.command(*words)
        assert done.returncode == 1 and "run thidua migrate" in done.stderr and done.stderr.count("\n") == 1, done.stderr
        assert not re.search(r"ERROR|SELECT|INSERT|relation|LINE ", done.stderr)


def test_a_server_that_is_not_there_is_named(tmp_path):
    done = Service(tmp_path, DATABASE_URL=f"host={tmp_path} dbname=x password=hunter2").command("verify")
    assert done.returncode == 1 and str(tmp_path) in done.stderr and "hunter2" not in done.stderr and done.stderr.count("\n") == 1
