"""What the tests of the whole program share: a scratch folder, running vernier, reading its JSON."""
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERNIER = os.environ.get("VERNIER", str(ROOT / "build/release/vernier"))

SMALL = """version: 1
study: small
data: {set: xor, n: 400}
model: {type: mlp}
train: {epochs: 3, batch_size: 32}
sampler: random
seed: 3
trials: 6
resources: {jobs: 1}
parameters:
  model.depth: {min: 1, max: 3}
  model.width: {min: 4, max: 64, log: true}
  train.lr: {min: 1.0e-4, max: 1.0e-1, log: true}
"""


# For measurements: 16 trials whose widths differ 8-fold.
COST_STUDY = """version: 1
study: cost
data: {set: digits}
model: {type: mlp}
train: {epochs: 8}
sampler: random
seed: 1
trials: 160
parameters:
  model.width: {min: 16, max: 128, log: true}
  train.lr: {min: 1.0e-4, max: 1.0e-1, log: true}
"""


def edited(text, changes):
    """A study file with other settings: {old: new}."""
    for old, new in changes.items():
        assert old in text, old
        text = text.replace(old, new)
    return text


class ProgramTest(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory(prefix="vernier-")
        self.dir = pathlib.Path(self._folder.name)

    def tearDown(self):
        self._folder.cleanup()

    def write(self, name, text):
        path = self.dir / name
        path.write_text(text)
        return str(path)

    def vernier(self, *args, code=0, **more):
        """Runs it in the scratch folder; fails the test where the exit code is another one."""
        environment = {name: value for name, value in os.environ.items() if name != "VERNIER_DATA"}
        done = subprocess.run([VERNIER, *args], cwd=self.dir, env=environment, capture_output=True, text=True, timeout=300, **more)
        self.assertEqual(done.returncode, code, f"vernier {' '.join(args)}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def json(self, *args):
        return json.loads(self.vernier(*args, "--json").stdout)


def recorded(database, study):
    """What train.record left of each trial: step, name and content hash."""
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        rows = connection.execute("SELECT number, step, artifact.name, hash FROM artifact JOIN study ON study.id = artifact.study "
                                  "WHERE study.name = ? AND kind <> 'log' ORDER BY number, step, artifact.name", (study,)).fetchall()
    found = {}
    for number, *rest in rows:
        found.setdefault(number, []).append(tuple(rest))
    return found


def results(database, study):
    """All that must repeat of a study: configurations, values, curves, hashes of weights and of what was recorded, by trial."""
    def ask(*args):
        done = subprocess.run([VERNIER, *args, "--db", str(database), "--json"], capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    timings = {"seconds", "examples_per_second", "update_us"}
    found, left = {}, recorded(database, study)
    numbers = ask("query", f"SELECT number FROM trials WHERE study = '{study}' ORDER BY number")["rows"]
    for row in numbers:
        trial = ask("trial", f"{study}#{row['number']}")
        curves = [{k: v for k, v in step.items() if k not in timings} for step in trial["curves"]]
        found[row["number"]] = (trial["params"], trial["state"], trial["value"], trial.get("weights_hash"), curves, left.get(row["number"]))
    return found
