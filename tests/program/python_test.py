#!/usr/bin/env python3
"""The Python package, as pip installs it: a virtual environment in the build folder with pinned packages, then tests/python. Skipped by name where PyPI
cannot be reached."""
import pathlib
import shutil
import subprocess
import sys

root = pathlib.Path(__file__).resolve().parents[2]
folder = root / "build" / "python"
venv = folder / "venv"
pins = (root / "tests/python/requirements.txt").read_text()
stamp = folder / "installed.txt"


def run(*words, **options):
    return subprocess.run([str(word) for word in words], **options)


def ready():
    """Whether the pinned packages are there; installs them where they are not."""
    if stamp.exists() and stamp.read_text() == pins and (venv / "bin/python").exists():
        return True
    stamp.unlink(missing_ok=True)
    shutil.rmtree(venv, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    made = run(sys.executable, "-m", "venv", venv, capture_output=True, text=True)
    if made.returncode != 0:
        print("SKIPPED: python: no virtual environment (Debian: python3-venv)\n" + made.stdout + made.stderr)
        return False
    installed = run(venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--retries", "1", "-r",
                    root / "tests/python/requirements.txt", capture_output=True, text=True)
    if installed.returncode != 0:
        unreachable = any(text in installed.stderr for text in
                          ("Could not find a version", "Connection", "connection", "Temporary failure", "timed out"))
        if not unreachable:
            sys.exit(installed.stderr)
        print("SKIPPED: python: PyPI cannot be reached\n" + installed.stderr[-500:])
        return False
    stamp.write_text(pins)
    return True


if not ready():
    sys.exit(0)
# Without isolation: the build folder stays, so that only what has changed is compiled.
built = run(venv / "bin/pip", "install", "--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps", "--force-reinstall",
            "--no-cache-dir", root / "python")
if built.returncode != 0:
    sys.exit("the package was not built")
tests = run(venv / "bin/python", "-m", "pytest", "-q", "-p", "no:cacheprovider", root / "tests/python", cwd=folder)
sys.exit(tests.returncode)
