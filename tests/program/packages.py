"""The packages of packages.txt in an environment of their own, build/packages: made once, whole or not at all."""
import fcntl
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

from support import ROOT

LIST = pathlib.Path(__file__).with_name("packages.txt")


def python():
    """The interpreter that has them. Skips the test by name where they cannot be installed."""
    place = ROOT / "build" / "packages"
    mark = place / "installed.txt"
    wanted = hashlib.sha256(LIST.read_bytes() + sys.version.encode()).hexdigest()
    place.parent.mkdir(exist_ok=True)
    with open(f"{place}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (mark.exists() and mark.read_text() == wanted):
            shutil.rmtree(place, ignore_errors=True)
            pip = [str(place / "bin/python"), "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", "--retries", "1",
                   "--timeout", "10", "--only-binary", ":all:", "-r", str(LIST)]
            for command in ([sys.executable, "-m", "venv", str(place)], pip):
                try:
                    done = subprocess.run(command, capture_output=True, text=True, timeout=240)
                    problem = done.stderr.strip().splitlines()[-1:] if done.returncode else None
                except subprocess.TimeoutExpired:
                    problem = ["took longer than 240 s"]
                if problem is not None:
                    shutil.rmtree(place, ignore_errors=True)
                    raise unittest.SkipTest(f"the packages of {LIST.name} cannot be installed: {' '.join(problem)}")
            mark.write_text(wanted)
    return str(place / "bin/python")


def torch():
    """An interpreter with PyTorch and safetensors, which is too large to install for a test: $VERNIER_TORCH_PYTHON, or the one that runs. None: neither."""
    for name in (os.environ.get("VERNIER_TORCH_PYTHON"), sys.executable):
        if name and subprocess.run([name, "-c", "import torch, safetensors"], capture_output=True).returncode == 0:
            return name
    return None
