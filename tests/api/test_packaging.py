"""packaging/: what can be said of the Debian package without building it. tests/package/try builds, installs and starts it."""
import json
import pathlib
import re
import shlex
import shutil
import subprocess

import pytest
import yaml

from service import PROGRAM, ROOT, Service, plain_environment

PACKAGING = ROOT / "packaging"
UNITS = sorted((PACKAGING / "systemd").glob("*.service"))
EXPOSURE_MOST = 1.5  # of 10, as systemd counts


def call(*words):
    return subprocess.run([PROGRAM, *words], env=plain_environment(), capture_output=True, text=True, timeout=60, check=True).stdout


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    place = tmp_path_factory.mktemp("pages")
    for name, command in (("thidua.1", "help"), ("thidua-settings.7", "settings")):
        (place / name).write_text(call(command, "--man"), encoding="utf-8")
    return place


def shown(page):
    return " ".join(subprocess.run(["mandoc", "-T", "utf8", page], capture_output=True, text=True, check=True).stdout.replace("_\b", "").split())


def read(page):
    """The page as a reader sees it: bold letters are struck twice."""
    return re.sub(r"(.)\x08\1", r"\1", shown(page))


@pytest.mark.parametrize("name", ["thidua.1", "thidua-settings.7"])
def test_manual_pages_are_without_a_fault(pages, name):
    told = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", pages / name], capture_output=True, text=True, check=False).stdout
    # A page made by each build anew has no day of its own.
    assert [line for line in told.splitlines() if "missing date" not in line] == []


def test_the_manual_tells_what_help_tells(pages):
    page = read(pages / "thidua.1")
    commands = re.findall(r"^  (\w+(?: \w+)?) +\S", call("help"), re.M)
    assert len(commands) > 8
    for command in commands:
        usage, _, rest = call("help", *command.split()).partition("\n")
        assert usage.removeprefix("Usage: ") in page
        for line in rest.splitlines()[2:]:
            assert line.strip() in page, line


def test_the_manual_tells_every_setting(pages):
    page = read(pages / "thidua-settings.7")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \| (.*) \|$", call("settings", "--table"), re.M)
    assert len(rows) > 30
    for name, fallback, _, about in rows:
        assert f"{name} {about.replace('`', '')}." in page
        assert f"Default: {fallback.replace('`', '') if fallback != '–' else 'none'}." in page


@pytest.mark.parametrize("line, offered", [
    (["ver"], {"verify", "version"}), (["key", ""], {"create"}), (["key", "create", "--r"], {"--role"}), (["help", "ev"], {"evaluate"}),
    (["evaluate", "--"], {"--campaign", "--year", "--group", "--as-of", "--json", "--help"}), (["nonsense", ""], set()), (["--v"], {"--version"})])
def test_bash_completes(line, offered):
    words = " ".join(shlex.quote(word) for word in ["thidua", *line])
    script = f'{call("help", "--completion")}\nCOMP_WORDS=({words}) COMP_CWORD={len(line)}\n_thidua 2>/dev/null\nprintf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) == offered


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_says_what_systemd_understands_and_shuts_the_rest_out(unit, tmp_path):
    shutil.copy(PACKAGING / "systemd/thidua.socket", tmp_path)
    for other in UNITS:
        (tmp_path / other.name).write_text(re.sub(r"/usr/bin/thidua", "/bin/true", other.read_text(encoding="utf-8")), encoding="utf-8")
    copy = tmp_path / unit.name
    verified = subprocess.run(["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", copy, tmp_path / "thidua.socket"], capture_output=True, text=True, check=False)
    assert (verified.returncode, [line for line in verified.stderr.splitlines() if unit.name in line]) == (0, []), verified.stderr
    judged = subprocess.run(["systemd-analyze", "security", "--offline=true", "--json=short", f"--threshold={EXPOSURE_MOST * 10:.0f}", copy],
                            capture_output=True, text=True, check=False)
    assert judged.returncode == 0, [row for row in json.loads(judged.stdout) if not row["set"]]
    text = copy.read_text(encoding="utf-8")
    assert "\nDynamicUser=yes\n" in text and "\nLoadCredential=DATABASE_URL:" in text


def test_the_units_name_only_settings_that_there_are():
    settings = set(re.findall(r"^\| `(\w+)`", call("settings", "--table"), re.M))
    for file in [*UNITS, PACKAGING / "thidua.env"]:
        named = set(re.findall(r"\b(?:THIDUA|DATABASE)_[A-Z_]+", file.read_text(encoding="utf-8")))
        assert named and named <= settings, file


@pytest.mark.parametrize("file, place", [("packaging/systemd/thidua.service", r"^Environment=XDG_CACHE_HOME=(\S+)$"),
                                         ("Dockerfile", r"^ENV .*XDG_CACHE_HOME=(\S+)$"), (None, None)])
def test_a_paper_writes_no_line_of_its_own_into_the_log(file, place, tmp_path):
    """fontconfig does where it can keep nowhere what it knows of fonts: no home, and all but /tmp for reading only."""
    known = {"XDG_CACHE_HOME": re.search(place, (ROOT / file).read_text(encoding="utf-8"), re.M)[1].replace("/tmp", str(tmp_path))} if file else {}
    fonts = tmp_path / "fonts.conf"
    fonts.write_text("<fontconfig><dir>/usr/share/fonts</dir><cachedir>/proc/none</cachedir><cachedir prefix='xdg'>fontconfig</cachedir></fontconfig>", encoding="ascii")
    done = subprocess.run([pathlib.Path(PROGRAM).parents[1] / "tests/paper/print", "pdf", "1", "A", tmp_path / "paper.pdf"], capture_output=True, text=True, check=True,
                          env={**plain_environment(), "HOME": "/proc", "XDG_CACHE_HOME": "/proc", "FONTCONFIG_FILE": str(fonts), **known}, timeout=60)
    assert ("Fontconfig error" in done.stderr) == (not file), done.stderr


def test_the_package_builds_on_what_the_build_needs():
    control = (PACKAGING / "debian/control").read_text(encoding="utf-8")
    needs = {re.sub(r" \(.*\)", "", need) for need in re.split(r",\s*", re.search(r"^Build-Depends: (.*?)\n\n", control, re.M | re.S)[1].replace("\n", " "))}
    lists = subprocess.run(["bash", "-c", f'. {ROOT}/tools/common.sh && printf "%s\\n" "${{BUILD_PACKAGES[@]}}"'], capture_output=True, text=True, check=True)
    # What dpkg-buildpackage or meson brings; and what only runs of the program need.
    assert needs - {"debhelper-compat"} == set(lists.stdout.split()) - {"gcc", "ninja-build", "fonts-liberation2", "ca-certificates"}
    assert {"fonts-liberation2", "ca-certificates"} <= set(re.split(r",\s*", re.search(r"^Depends: (.*)$", control, re.M)[1]))


def test_a_purge_leaves_none_of_the_files_that_the_guides_ask_for(tmp_path):
    texts = [(ROOT / name).read_text(encoding="utf-8") for name in ("packaging/debian/README.Debian", "packaging/debian/postinst", "docs/operation.md")]
    asked = set(re.findall(r"/etc/thidua/([\w.-]+\w)", " ".join(texts)))
    place = tmp_path / "etc"
    place.mkdir()
    for name in asked:
        (place / name).touch()
    script = (PACKAGING / "debian/postrm").read_text(encoding="utf-8").replace("/etc/thidua", str(place))
    subprocess.run(["sh", "-c", script, "postrm", "remove"], check=True)
    assert {path.name for path in place.iterdir()} == asked >= {"database-url", "read-url", "secret.key"}
    subprocess.run(["sh", "-c", script, "postrm", "purge"], check=True)
    assert not place.exists()


@pytest.mark.parametrize("line, restarted", [("THIDUA_LISTEN=127.0.0.1:8081", True), ("THIDUA_LISTEN=8081", False), ("THIDUA_LISTN=127.0.0.1:8081", False)])
def test_the_guide_restarts_only_by_settings_that_fit(tmp_path, line, restarted):
    guide = (ROOT / "docs/operation.md").read_text(encoding="utf-8")
    command = re.search(r"`(\(set -a; [^`]* && systemctl restart thidua)`", guide)[1].replace("/etc/thidua/thidua.env", str(tmp_path / "thidua.env"))
    (tmp_path / "thidua.env").write_text(f"# Settings\n{line}\n", encoding="utf-8")
    (tmp_path / "systemctl").write_text('#!/bin/sh\necho "$@" >"$0.done"\n', encoding="ascii")
    (tmp_path / "systemctl").chmod(0o755)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True, timeout=60, check=False,
                          env={**plain_environment(), "PATH": f"{tmp_path}:{pathlib.Path(PROGRAM).parent}:/usr/bin:/bin"})
    assert (done.returncode == 0, (tmp_path / "systemctl.done").exists()) == (restarted, restarted), done.stderr
    assert restarted == ("THIDUA_LISTEN=127.0.0.1:8081\n" in done.stdout)


def test_a_database_can_be_a_credential(tmp_path):
    (tmp_path / "DATABASE_URL").write_text("host=there dbname=data user=me password=hunter2\n", encoding="utf-8")
    (tmp_path / "THIDUA_WORKERS").write_text("9\n", encoding="utf-8")  # holds no password, so it is none
    told = Service(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)).command("settings").stdout
    assert "host=there" in told and "password=***" in told and "hunter2" not in told and "THIDUA_WORKERS=4" in told
    told = Service(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path), DATABASE_URL="host=elsewhere dbname=data").command("settings").stdout
    assert "host=elsewhere" in told and "host=there" not in told
    (tmp_path / "DATABASE_URL").write_text("garbage hunter2\n", encoding="utf-8")
    done = Service(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)).command("verify")
    assert done.returncode == 1 and "DATABASE_URL" in done.stderr and "hunter2" not in done.stdout + done.stderr


@pytest.mark.parametrize("held", ["", "\n", "host=there password=" + "x" * 5000, None])
def test_a_credential_that_says_nothing_is_no_default(tmp_path, held):
    """Else the data would go into a private database, and nobody would notice."""
    credential = tmp_path / "DATABASE_URL"
    if held is None:
        credential.mkdir()
    else:
        credential.write_text(held, encoding="utf-8")
    for command in ("settings", "serve", "key create --name x --role admin"):
        done = Service(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path)).command(*command.split())
        assert done.returncode == 1 and [line for line in done.stderr.splitlines() if "DATABASE_URL" in line] == done.stderr.splitlines() != [], done.stderr
    assert not (tmp_path / "postgres").exists()
    assert Service(tmp_path, CREDENTIALS_DIRECTORY=str(tmp_path), DATABASE_URL="host=there").command("settings").returncode == 0


def test_the_cluster_of_the_examples_keeps_what_patroni_asks_for():
    """tests/fault/failover runs it, but not as part of ./check."""
    patroni = yaml.safe_load((ROOT / "packaging/examples/patroni.yml").read_text(encoding="utf-8"))
    etcd = dict(line.split("=", 1) for line in (ROOT / "packaging/examples/etcd.env").read_text(encoding="utf-8").splitlines() if not line.startswith("#"))
    settings = patroni["bootstrap"]["dcs"]
    assert settings["ttl"] >= settings["loop_wait"] + 2 * settings["retry_timeout"] and settings["retry_timeout"] >= 3
    assert settings["synchronous_mode"] and settings["synchronous_mode_strict"]
    assert "etcd3" not in patroni and etcd["ETCD_ENABLE_V2"] == "true"
    members = dict(re.findall(r"(\w+)=http://([\d.]+):2380", etcd["ETCD_INITIAL_CLUSTER"]))
    assert {f"{address}:2379" for address in members.values()} == set(patroni["etcd"]["hosts"].split(","))
    assert members[patroni["name"]] == members[etcd["ETCD_NAME"]] == patroni["postgresql"]["connect_address"].removesuffix(":5432")


def test_the_changelog_tells_of_the_version_that_is_built():
    """As Keep a Changelog 1.1.0 has it: newest first, kinds of changes by their names."""
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## \[?(Unreleased|\d+\.\d+\.\d+)\]?(?: - \d{4}-\d{2}-\d{2})?$", text, re.M)
    assert len(versions) == len(re.findall(r"^## ", text, re.M)) and versions[0] == "Unreleased"
    numbers = [tuple(map(int, version.split("."))) for version in versions[1:]]
    assert numbers == sorted(set(numbers), reverse=True)
    assert call("version").split()[1] in versions
    assert set(re.findall(r"^### (.+)$", text, re.M)) <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    settings = call("settings", "--table")
    assert [name for name in re.findall(r"`(THIDUA_[A-Z_]+)", text) if f"`{name}`" not in settings] == []
