"""Node.js for tests: the libraries that a folder's package-lock.json names, installed where they are not yet."""
import subprocess

from service import ROOT


def run(*command, cwd, **more):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=600, check=False, **more)
    assert done.returncode == 0, f"{' '.join(command)}: {done.stdout[-3000:]}{done.stderr[-3000:]}"
    return done.stdout


def installed(name):
    """The folder tests/npm/<name>, with its libraries."""
    run("bash", "-c", '. tools/common.sh && exec 9<"$1" && flock 9 && install_npm "$1"', "bash", f"tests/npm/{name}", cwd=ROOT)
    return ROOT / "tests/npm" / name
