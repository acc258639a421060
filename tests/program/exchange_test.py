"""The doors out and in, each with the program it is for: pandas, Optuna and its dashboard, TensorBoard, PyTorch (or numpy), W&B's sweep files."""
import csv
import json
import math
import pathlib
import random
import shutil
import sqlite3
import subprocess
import unittest

import packages
from support import ROOT, SMALL, VERNIER, ProgramTest, edited, recorded, results

SWEEPS = ROOT / "tests/fixtures/wandb"

# A program with hostile texts, a condition and a failing trial.
PROGRAM = """import json, os, sys
p = json.loads(os.environ["VERNIER_PARAMS"])
if os.environ["VERNIER_TRIAL"] == "4":
    sys.exit("=no")
for step in (1, 2, 3):
    print(json.dumps({"step": step, "loss": (p["x"] - 0.3) ** 2 + 1 / step, "gain": p["x"] * step}))
"""
TEXTS = ["=1+1", "plain", 'a "quote", and a comma', "'@two", "-x", "é\\n"]
STUDY = """version: 1
study: texts
objective: {command: [python3, program.py]}
metric: [{name: loss, goal: minimize, reduce: last}, {name: gain, goal: maximize, reduce: last}]
sampler: random
seed: 5
trials: 12
resources: {jobs: 2}
parameters:
  x: {min: 0.0, max: 1.0}
  text: {values: ["=1+1", "plain", "a \\"quote\\", and a comma", "'@two", "-x", "é\\n"]}
  n: {min: 1, max: 1000, log: true}
  flag: {type: bool}
  deep: {min: 0.0, max: 0.5, step: 0.1, when: n >= 30}
"""
IMAGES = """version: 1
study: images
data: {set: digits, train: 400, valid: 200}
model: {type: lenet5}
train: {epochs: 4, batch_size: 32, record: {kinds: [gradients, confusion, worst, histograms, filters], every: 2}}
strategy: {type: asha, min_steps: 1, eta: 2}
sampler: random
seed: 3
trials: 6
resources: {jobs: 2}
parameters:
  model.activation: {values: [relu, "tanh"]}
  model.dropout: {min: 0.0, max: 0.5, step: 0.1}
  train.lr: {min: 1.0e-4, max: 1.0e-1, log: true}
"""
# Every layer that a Sequential can say, images of three channels (whose flattened order differs), padding on one side.
LAYERS = """version: 1
study: layers
data: {set: digits, style: street, train: 300, valid: 100}
model:
  type: layers
  layers:
    - conv: {name: c1, filters: 6, kernel: 4, padding: same, stride: 2}
    - batch_norm
    - leaky_relu
    - max_pool: {kernel: 3, stride: 2, padding: 1}
    - conv: {name: c2, filters: 8, kernel: 3, groups: 2, bias: false}
    - gelu
    - avg_pool: {kernel: 2, padding: 1}
    - flatten
    - batch_norm
    - dropout: {name: drop, rate: 0.2}
    - dense: {name: d1, units: 12}
    - elu
    - dense: {name: d2, units: 9, bias: false}
    - softplus
    - dense: classes
train: {epochs: 2, batch_size: 32}
sampler: random
trials: 1
resources: {jobs: 1}
"""
TRAIN = """import json, os
p = json.loads(os.environ["VERNIER_PARAMS"])
print(json.dumps({"step": 1, "value": (p["x"] - 1) ** 2 + p["k"] + p["q"] + p.get("rate", 0)}))
"""


class Exchange(ProgramTest):
    @classmethod
    def setUpClass(cls):
        cls.python = packages.python()

    def read(self, *args, python=None):
        done = subprocess.run([python or self.python, str(ROOT / "tests/program/readers.py"), *map(str, args)], cwd=self.dir, capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        return json.loads(done.stdout.splitlines()[-1])

    def run_texts(self):
        self.write("program.py", PROGRAM)
        self.write("texts.yaml", STUDY)
        self.vernier("run", "texts.yaml")
        return {row["number"]: row for row in self.json("query", "SELECT * FROM trials")["rows"]}

    def test_pandas_reads_the_csv_back_equal(self):
        trials = self.run_texts()
        self.vernier("export", "texts", "--to", "csv", "-o", "out.csv")
        self.assertIn("is there already", self.vernier("export", "texts", "--to", "csv", "-o", "out.csv", code=2).stderr)
        self.vernier("export", "texts", "--to", "csv", "-o", "out.csv", "--force")
        raw = (self.dir / "out.csv").read_bytes().decode()
        for row in csv.reader(raw.splitlines(keepends=True)):
            for cell in row:
                self.assertFalse(cell[:1] in "=+-@" and cell[:1] and not is_number(cell), f"a formula: {cell!r}")
        frame = self.read("csv", "out.csv")
        self.assertEqual(len(frame["exact"]), 12)
        self.assertEqual(frame["dtypes"]["params_flag"], "bool")
        seen = set()
        for cells in frame["exact"]:
            row = dict(zip(frame["columns"], cells))
            trial = trials[row["number"]]
            params = json.loads(trial["params"])
            self.assertEqual((row["state"], row["value"]), (trial["state"], trial["value"]))
            for name in ("x", "n", "flag", "deep"):
                self.assertEqual(row[f"params_{name}"], params.get(name), name)
            text = row["params_text"]
            bare = text.lstrip("'")
            if text[:1] == "'" and bare[:1] in tuple("=+-@\t\r"):
                text = text[1:]
            self.assertEqual(text, params["text"])
            seen.add(text)
            if trial["state"] == "completed":
                self.assertEqual(row["values_gain"], params["x"] * 3)
        self.assertGreater(len(seen), 3)
        self.assertEqual(trials[4]["state"], "failed")
        lines = [json.loads(line) for line in self.export("texts", "jsonl").read_text().splitlines()]
        self.assertEqual([line["params"] for line in lines], [json.loads(trials[n]["params"]) for n in sorted(trials)])
        self.assertEqual(lines[0]["curves"]["loss"]["steps"], [1, 2, 3])

    def export(self, study, form, *more):
        path = self.dir / f"{study}.{form}"
        self.vernier("export", study, "--to", form, "-o", str(path), *more)
        return path

    def test_csv_comes_in_by_its_declared_columns(self):
        trials = self.run_texts()
        path = self.export("texts", "csv")
        self.vernier("import", str(path), "--from", "csv", "--file", "texts.yaml", "--as", "again")
        rows = {row["number"]: row for row in self.json("query", "SELECT * FROM trials WHERE study = 'again'")["rows"]}
        for number, trial in trials.items():
            for key in ("state", "value", "params"):
                self.assertEqual(rows[number][key], trial[key])
        self.vernier("run", "texts.yaml", "--as", "again", "--trials", "14")
        self.assertEqual(self.json("ls")["studies"][1]["trials"], 14)
        self.assertIn("already", self.vernier("import", str(path), "--from", "csv", "--file", "texts.yaml", "--as", "again", code=1).stderr)
        header = "x,text,n,flag,loss,gain\n"
        good = "0.5,plain,3,true,0.1,2\n"
        for text, expected in ((header + good + "0.5,plain,3,true,much,2\n", ("bad.csv:3", "[loss]", "'much'", "a number")),
                               (header + good + "1.5,plain,3,true,1,2\n", ("bad.csv:3", "x", "1.5", "0 .. 1")),
                               (header + "0.5,odd,3,true,1,2\n", ("bad.csv:2", "[text]", "'odd'", "plain")),
                               (header + "0.5,plain,2.5,true,1,2\n", ("bad.csv:2", "n", "2.5", "int")),
                               (header + "0.5,plain,1e999,true,1,2\n", ("bad.csv:2", "[n]", "1e999")),
                               (header + "0.5,plain,3,true,1\n", ("bad.csv:2",)),
                               (header.replace("x,", "y,"), ("bad.csv:1", "'y'", "--ignore")),
                               (header.replace(",gain", ""), ("bad.csv", "gain")),
                               ("number," + header + "1," + good + "1," + good, ("bad.csv:3", "[number]")),
                               ("state," + header + "done," + good, ("bad.csv:2", "[state]", "completed")),
                               (header, ("no rows",))):
            self.write("bad.csv", text)
            done = self.vernier("import", "bad.csv", "--from", "csv", "--file", "texts.yaml", "--as", "bad", code=2)
            for part in expected:
                self.assertIn(part, done.stderr)

    def test_optuna_opens_agrees_and_continues(self):
        self.write("images.yaml", IMAGES)
        self.vernier("run", "images.yaml")
        self.run_texts()
        self.vernier("export", "images", "--to", "optuna", "-o", "images.db")
        self.vernier("export", "texts", "--to", "optuna", "-o", "texts.db")
        trials = self.json("query", "SELECT * FROM trials WHERE study = 'images' ORDER BY number")["rows"]
        curves = self.json("query", "SELECT number, step, value FROM curves WHERE study = 'images' AND metric = 'val_acc'")["rows"]
        found = self.read("optuna", "images.db", "images", "3")
        self.assertEqual(found["directions"], ["MAXIMIZE"])
        self.assertEqual(found["metrics"], ["val_acc"])
        self.assertEqual(found["after"], 9)
        best = self.json("best", "images")["best"]
        self.assertEqual(found["best"], [best["number"] - 1])
        states = {"completed": "COMPLETE", "stopped": "PRUNED", "failed": "FAIL"}
        self.assertEqual([t["state"] for t in found["trials"]], [states[t["state"]] for t in trials])
        self.assertIn("PRUNED", [t["state"] for t in found["trials"]])
        for theirs, ours in zip(found["trials"], trials):
            self.assertEqual(theirs["params"], json.loads(ours["params"]))
            self.assertEqual(theirs["values"], [ours["value"]])
            self.assertEqual(theirs["user"]["vernier:number"], ours["number"])
            self.assertEqual(theirs["intermediate"], {str(c["step"]): c["value"] for c in curves if c["number"] == ours["number"]})
        self.assertEqual(found["trials"][0]["distributions"],
                         {"model.activation": "CategoricalDistribution(choices=('relu', 'tanh'))", "model.dropout": "FloatDistribution(high=0.5, log=False, low=0.0, step=0.1)",
                          "train.lr": "FloatDistribution(high=0.1, log=True, low=0.0001, step=None)"})
        several = self.read("optuna", "texts.db", "texts", "2")
        self.assertEqual((several["directions"], several["metrics"], several["after"]), (["MINIMIZE", "MAXIMIZE"], ["loss", "gain"], 14))
        self.assertEqual(several["trials"][3]["state"], "FAIL")
        served = self.read("dashboard", "images.db")
        self.assertEqual([(s["study_name"], len(s["trials"])) for s in served], [("images", 9)])

    def test_tensorboard_lists_every_scalar_histogram_picture_and_hparam(self):
        self.write("images.yaml", IMAGES)
        self.vernier("run", "images.yaml")
        self.vernier("export", "images", "--to", "tensorboard", "-o", "events")
        self.vernier("export", "images", "--to", "tensorboard", "-o", "events", "--force")
        (self.dir / "events" / "mine.txt").write_text("kept")
        self.assertIn("not replaced", self.vernier("export", "images", "--to", "tensorboard", "-o", "events", "--force", code=2).stderr)
        found = self.read("tensorboard", "events") if (self.dir / "events/mine.txt").unlink() is None else None
        points = {}
        for row in self.json("query", "SELECT * FROM curves ORDER BY number, step")["rows"]:
            points.setdefault(str(row["number"]), {}).setdefault(row["metric"], []).append([row["step"], row["value"]])
        self.assertEqual({run for run in found["runs"] if run != "."}, set(points))
        kinds = {"images": 0, "histograms": 0}
        for run, metrics in points.items():
            theirs = found["runs"][run]
            self.assertEqual(set(theirs["scalars"]), set(metrics))
            for metric, curve in metrics.items():
                for (step, value), (their_step, their_value) in zip(curve, theirs["scalars"][metric], strict=True):
                    self.assertEqual(step, their_step)
                    self.assertTrue(math.isclose(value, their_value, rel_tol=1e-6), (metric, value, their_value))
            params = self.json("trial", f"images#{run}")["params"]
            self.assertEqual(theirs["hparams"], params)
            left = recorded(self.dir / "vernier.db", "images")[int(run)]
            for kind in kinds:
                kinds[kind] += sum(len(events) for events in theirs[kind].values())
            pictures = [(step, name) for step, name, _ in left]
            self.assertEqual(sorted((event[0], name) for kind in kinds for name, events in theirs[kind].items() for event in events), sorted(pictures))
            for events in theirs["images"].values():
                for _, width, height, size in events:
                    self.assertEqual([width, height], size)
            for events in theirs["histograms"].values():
                for _, limits, counts in events:
                    self.assertEqual((len(limits), counts[0]), (len(counts), 0))
        self.assertTrue(all(kinds.values()), kinds)
        self.assertEqual(set(found["experiment"]["hparams"]), {"model.activation", "model.dropout", "train.lr"})
        self.assertLessEqual({"val_acc", "train_loss", "seconds"}, set(found["experiment"]["metrics"]))
        self.assertEqual(set(found["status"].values()), {1})

    def test_a_sequential_predicts_the_same_labels(self):
        self.write("small.yaml", SMALL)
        self.write("images.yaml", IMAGES.replace("trials: 6", "trials: 2"))
        self.write("layers.yaml", LAYERS)
        generator = random.Random(11)
        for study, shape in (("small", (0, 0, 2)), ("images", (28, 28, 1)), ("layers", (32, 32, 3))):
            self.vernier("run", f"{study}.yaml")
            printed = self.vernier("best", study, "--export", f"{study}.safetensors").stdout
            self.assertIn(printed, (self.dir / f"{study}.py").read_text())
            self.vernier("best", study, "--export", f"{study}.safetensors", code=2)
            size = max(1, shape[0]) * max(1, shape[1]) * shape[2]
            rows = [[generator.uniform(-1.5, 1.5) if study == "small" else generator.randrange(256) for _ in range(size)] for _ in range(40)]
            self.write("x.csv", "\n".join([",".join(f"f{k}" for k in range(size))] + [",".join(map(str, row)) for row in rows]) + "\n")
            ours = [row["class"] for row in self.json("predict", f"{study}#best", "x.csv")["predictions"]]
            self.assertGreater(len(set(ours)), 1)
            for python in filter(None, (self.python, packages.torch())):
                self.assertEqual(self.read("network", f"{study}.py", "x.csv", *shape, python=python)["labels"], ours, (study, python))
        self.write("residual.yaml", edited(self.vernier("new", "cnn").stdout, {"train: 4000": "train: 200", "trials: 20": "trials: 1", "epochs: 5": "epochs: 1", "times: 1": "times: 1"}))
        self.vernier("run", "residual.yaml", "--set", "parameters={train.lr: {min: 1.0e-4, max: 0.03, log: true}}")
        refused = self.vernier("best", "my-cnn", "--export", "r.safetensors", code=2).stderr
        self.assertIn("torch.nn.Sequential has one layer after the other alone", refused)
        self.assertEqual([p.name for p in self.dir.glob("r.*")], [])

    def test_optuna_studies_come_in_and_gp_goes_on(self):
        made = self.read("make_optuna", "theirs.db")
        self.write("train.py", TRAIN)
        done = self.vernier("import", "theirs.db", "--from", "optuna")
        self.assertIn("two-goals", done.stderr)
        self.assertEqual(self.vernier("verify").returncode, 0)
        best = self.json("best", "first")["best"]
        self.assertEqual((best["number"], best["value"]), (made["best"] + 1, made["value"]))
        self.assertEqual({k: "None" if v is None else v for k, v in made["params"].items()}, best["params"])
        states = {"COMPLETE": "completed", "PRUNED": "stopped", "FAIL": "failed"}
        rows = self.json("query", "SELECT number, state FROM trials WHERE study = 'first' ORDER BY number")["rows"]
        self.assertEqual([row["state"] for row in rows], [states[s] for s in made["states"] if s != "WAITING"])
        self.assertLessEqual({"completed", "stopped", "failed"}, {row["state"] for row in rows})
        curve = self.json("query", f"SELECT step, value FROM curves WHERE study = 'first' AND number = {best['number']}")["rows"]
        self.assertEqual({str(c["step"] - 1): c["value"] for c in curve}, made["curve"])
        self.assertIn("already", self.vernier("import", "theirs.db", "--from", "optuna", code=1).stderr)
        self.assertEqual(len(self.json("ls")["studies"]), 2)

        self.vernier("import", "theirs.db", "--from", "optuna", "--study", "first", "--as", "more", "--command", "python3 train.py", "-o", "more.yaml")
        text = (self.dir / "more.yaml").read_text()
        for condition in ("layers >= 2", "layers >= 3", "kind = 'a'"):
            self.assertIn(condition, text)
        self.vernier("run", "more.yaml", "--trials", "40")
        study = self.json("show", "more")
        self.assertEqual((study["sampler"], sum(study["states"].values())), ("gp", 40))
        later = [t["value"] for t in self.json("top", "more", "-n", "40", "--where", "number > 24")["trials"]]
        self.assertLess(min(later), best["value"], "16 trials of gp on top of 24 random ones")
        # and out again: what came from Optuna goes back to it
        self.vernier("export", "more", "--to", "optuna", "-o", "back.db")
        self.assertEqual(self.read("optuna", "back.db", "more")["after"], 40)

    def test_another_database_is_merged_as_it_is(self):
        self.write("images.yaml", IMAGES)
        self.write("small.yaml", SMALL)
        for study, database in (("images", "a.db"), ("small", "a.db"), ("small", "b.db")):
            self.vernier("run", f"{study}.yaml", "--db", database, *(("--as", "other", "--seed", "9") if database == "b.db" else ()))
        self.vernier("note", "images#2", "odd", "--db", "a.db")
        self.vernier("tag", "images#2", "+final", "--db", "a.db")
        self.vernier("import", "a.db", "--from", "vernier", "--db", "b.db")
        self.vernier("verify", "--db", "b.db")
        for study in ("images", "small"):
            self.assertEqual(results(self.dir / "a.db", study), results(self.dir / "b.db", study))
        trial = self.json("trial", "images#2", "--db", "b.db")
        self.assertEqual((trial["note"], trial["tags"]), ("odd", ["final"]))
        self.assertEqual(self.vernier("rerun", "images#best", "--db", "b.db").stdout, "equal\n")
        self.assertEqual(self.vernier("predict", "images#best", "valid", "--csv", "--db", "a.db").stdout, self.vernier("predict", "images#best", "valid", "--csv", "--db", "b.db").stdout)
        self.assertEqual(self.vernier("import", "a.db", "--from", "vernier", "--db", "b.db").stderr.count("already"), 2)
        # other trials under a name that is taken: nothing comes, not even the study that would fit
        self.vernier("run", "small.yaml", "--db", "c.db", "--seed", "4")
        self.vernier("run", "images.yaml", "--db", "c.db", "--as", "fresh", "--trials", "2")
        self.assertIn("expected --as NAME", self.vernier("import", "c.db", "--from", "vernier", "--db", "b.db", code=1).stderr)
        self.assertEqual(len(self.json("ls", "--db", "b.db")["studies"]), 3)
        self.vernier("import", "c.db", "--from", "vernier", "--db", "b.db", "--study", "small", "--as", "small-2")
        self.vernier("verify", "--db", "b.db")
        self.assertEqual(results(self.dir / "c.db", "small"), results(self.dir / "b.db", "small-2"))
        self.vernier("run", "small.yaml", "--db", "b.db", "--as", "small-2", "--seed", "4", "--trials", "8")
        self.vernier("import", "b.db", "--from", "vernier", "--db", "b.db", code=1)
        self.vernier("import", "none.db", "--from", "vernier", "--db", "b.db", code=1)
        with sqlite3.connect(self.dir / "c.db") as damaged:
            damaged.execute("UPDATE trial SET value = 7 WHERE number = 1")
        self.assertIn("damaged", self.vernier("import", "c.db", "--from", "vernier", "--db", "d.db", code=1).stderr)


class Sweeps(ProgramTest):
    """Needs no package: a sweep of each feature that W&B documents runs, or says of each key why not."""

    def test_each_feature_runs(self):
        shutil.copy(SWEEPS / "train.py", self.dir)
        expected = {"grid": (6, "grid"), "random": (4, "random"), "bayes": (6, "gp"), "quantised": (4, "random"), "inverse": (3, "random"), "probabilities": (5, "random"),
                    "nested": (3, "random"), "hyperband": (6, "random"), "command": (2, "random")}
        self.assertEqual({path.stem for path in SWEEPS.glob("*.yaml")}, set(expected) | {"refused"})
        for name, (trials, sampler) in expected.items():
            shutil.copy(SWEEPS / f"{name}.yaml", self.dir)
            self.vernier("import", f"{name}.yaml", "--from", "wandb", "-o", f"{name}-study.yaml", "--as", name)
            self.vernier("run", f"{name}-study.yaml")
            study = self.json("show", name)
            self.assertEqual((sum(study["states"].values()), study["sampler"]), (trials, sampler), name)
            self.assertNotIn("failed", study["states"])
        self.assertEqual(self.json("show", "hyperband")["strategy"], "asha")
        self.assertEqual(self.json("show", "hyperband")["spec"]["strategy"], {"type": "asha", "min_steps": 1, "max_steps": 9, "eta": 3})
        for trial in self.json("top", "inverse", "-n", "9")["trials"]:
            self.assertTrue(math.exp(-6.9) <= trial["params"]["x"] <= 1)
        for trial in self.json("top", "quantised", "-n", "9")["trials"]:
            self.assertEqual((trial["params"]["x"] % 0.25, trial["params"]["width"] % 8), (0, 0))
        self.assertEqual(set(self.json("best", "nested")["best"]["params"]), {"x", "optimizer.lr", "optimizer.name"})
        self.assertEqual(self.vernier("import", "bayes.yaml", "--from", "wandb").stdout.count("my-sweep"), 1)

    def test_what_has_no_meaning_is_refused_with_its_reason(self):
        shutil.copy(SWEEPS / "refused.yaml", self.dir)
        text = self.vernier("import", "refused.yaml", "--from", "wandb", code=2).stderr
        for place, reason in ((":6:", "[controller] has no meaning here"), (":11:", "normal has no ends"), (":12:", "q_log_normal has no ends")):
            self.assertRegex(text, f"refused.yaml{place}.*".replace("[", r"\[") + reason.replace("[", r"\[").replace("]", r"\]"))
        self.write("refused.yaml", edited((SWEEPS / "refused.yaml").read_text(), {"controller: {type: local}\n": "", "distribution: normal, mu: 0, sigma: 1": "min: 0.0, max: 1.0",
                                                                                   "distribution: q_log_normal, mu: 0, sigma: 1, q: 1": "min: 0.0, max: 1.0"}))
        text = self.vernier("import", "refused.yaml", "--from", "wandb", code=2).stderr
        for reason in ("${args_json_file} has no meaning here", "${envvar:HOME} has no meaning here", "early_terminate.strict", "early_terminate.min_iter"):
            self.assertIn(reason, text)
        for change, part in (("method: grid\nparameters: {x: {min: 0.0, max: 1.0}}\nprogram: a.py\nmetric: {name: l}", "method"), ("parameters: {}", "method"),
                             ("method: random\nparametres: {}", "parameters"), ("a: &a [*a]", "alias"), ("[" * 10000, "expected"), ("method: random\nparameters: {lr: {min: 0, max: 1}}", "--command")):
            self.write("bad.yaml", change + "\n")
            self.assertIn(part, self.vernier("import", "bad.yaml", "--from", "wandb", code=2).stderr)


class Golden(ProgramTest):
    """Needs no package: what Optuna's own code wrote (tests/fuzz/corpus/optuna.db) beside what is exported."""

    def test_an_exported_database_has_the_tables_of_optuna_and_comes_back(self):
        self.write("program.py", PROGRAM)
        self.write("texts.yaml", STUDY)
        self.vernier("run", "texts.yaml")
        self.vernier("export", "texts", "--to", "optuna", "-o", "texts.optuna")

        def shape(file):
            with sqlite3.connect(f"file:{file}?mode=ro", uri=True) as database:
                tables = [name for name, in database.execute("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
                columns = {table: database.execute(f"PRAGMA table_info({table})").fetchall() for table in tables}
                keys = {table: [database.execute(f"PRAGMA index_info({row[1]})").fetchall() for row in database.execute(f"PRAGMA index_list({table})").fetchall()] for table in tables}
                return columns, keys, database.execute("SELECT * FROM alembic_version").fetchall(), database.execute("SELECT schema_version FROM version_info").fetchall()

        self.assertEqual(shape(self.dir / "texts.optuna"), shape(ROOT / "tests/fuzz/corpus/optuna.db"))
        self.vernier("import", "texts.optuna", "--from", "optuna", "--as", "back")
        rows = [self.json("query", f"SELECT number, state, value, params FROM trials WHERE study = '{name}' ORDER BY number")["rows"] for name in ("texts", "back")]
        self.assertEqual(*[[(r["number"], r["state"], r["value"], json.loads(r["params"])) for r in each] for each in rows])


class Hostile(ProgramTest):
    """Needs no package: an Optuna database that somebody else has written to is an error, with its place."""

    def test_optuna_databases_of_wrong_content(self):
        whole = (ROOT / "tests/fuzz/corpus/optuna.db").read_bytes()
        deep = "[" * 10000
        for change, parts in (("UPDATE trial_params SET param_value = 'much' WHERE param_id = 1", ("trial 0", "parameter 'x'", "'much'", "a number")),
                              ("UPDATE trial_params SET param_value = 1e300 WHERE param_id = 2", ("parameter 'k'", "1e+300", "1 .. 8")),
                              ("UPDATE trial_params SET param_value = 1.5 WHERE param_id = 2", ("parameter 'k'", "1.5", "whole")),
                              ("UPDATE trial_params SET param_value = 9 WHERE param_name = 'kind'", ("parameter 'kind'", "choice 9 of 5")),
                              (f"UPDATE trial_params SET distribution_json = '{deep}' WHERE param_id = 1", ("parameter 'x'", "nested more than 32 deep")),
                              ("UPDATE trial_params SET distribution_json = '{\"name\": 3}' WHERE param_id = 1", ("parameter 'x'", "distribution")),
                              ("UPDATE trial_params SET distribution_json = replace(distribution_json, '10.0', '1e999') WHERE param_id = 1", ("parameter 'x'",)),
                              ("UPDATE trials SET number = 9e18 WHERE trial_id = 1", ("number",)),
                              ("UPDATE trials SET number = 1 WHERE trial_id = 1", ("two trials with number 1",)),
                              ("UPDATE trials SET state = 'COMPLET' WHERE trial_id = 1", ("trial 0", "did you mean 'COMPLETE'?")),
                              ("DELETE FROM trial_values WHERE trial_id = 1", ("trial 0", "0 values")),
                              ("UPDATE trial_values SET value_type = 'ODD' WHERE trial_id = 1", ("trial 0", "'ODD'")),
                              ("UPDATE study_directions SET direction = 'UP'", ("direction 'UP'",)),
                              ("UPDATE alembic_version SET version_num = 'v2.6.0.a'", ("v2.6.0.a", "optuna storage upgrade")),
                              ("DROP TABLE trial_values", ("trial_values",)),
                              ("DROP TABLE studies", ("no Optuna database",))):
            (self.dir / "theirs.db").write_bytes(whole)
            with sqlite3.connect(self.dir / "theirs.db") as database:
                database.execute(change)
            database.close()
            done = subprocess.run([VERNIER, "import", "theirs.db", "--from", "optuna", "--db", "into.db"], cwd=self.dir, capture_output=True, text=True, timeout=60)
            self.assertIn(done.returncode, (1, 2), change[:80] + done.stderr)
            for part in parts:
                self.assertIn(part, done.stderr, change[:80])
            self.assertFalse((self.dir / "into.db").exists(), change[:80])
        for size in (0, 50, 600, len(whole) // 2, len(whole) - 700):
            (self.dir / "theirs.db").write_bytes(whole[:size])
            self.vernier("import", "theirs.db", "--from", "optuna", "--db", "into.db", code=1)
        self.vernier("import", "theirs.db", "--from", "vernier", "--db", "into.db", code=1)


def is_number(text):
    try:
        float(text)
    except ValueError:
        return False
    return True


if __name__ == "__main__":
    unittest.main()
