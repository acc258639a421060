"""A newcomer's way through the program: new, check, run, query, report, best, rerun, notes, and every documented exit code."""
import base64
import functools
import http.server
import json
import re
import shutil
import sqlite3
import subprocess
import threading
import unittest
import zlib

from support import ROOT, SMALL, VERNIER, ProgramTest, edited, recorded, results


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


class Journey(ProgramTest):
    def test_from_a_study_file_to_a_report(self):
        self.write("small.yaml", SMALL)
        self.assertIn("ok", self.vernier("check", "small.yaml").stdout)
        self.assertFalse((self.dir / "vernier.db").exists(), "check leaves no database")
        events = [json.loads(line) for line in self.vernier("run", "small.yaml", "--json").stdout.splitlines()]
        kinds = [event["event"] for event in events]
        self.assertEqual(kinds.count("trial_started"), 6)
        self.assertEqual(kinds.count("trial_finished"), 6)
        self.assertEqual(kinds[-1], "study_finished")
        self.assertEqual(kinds.count("measurement"), 18)

        top = self.json("top", "small", "-n", "3")
        values = [trial["value"] for trial in top["trials"]]
        self.assertEqual(values, sorted(values, reverse=True))
        self.assertEqual(self.json("ls")["studies"][0]["trials"], 6)
        self.assertEqual(self.json("show", "small")["states"], {"completed": 6})

        rows = self.json("query", "depth >= 2 and train.lr < 0.05 order by val_acc desc")["rows"]
        for row in rows:
            self.assertGreaterEqual(row["model.depth"], 2)
            self.assertLess(row["train.lr"], 0.05)
        grouped = self.json("query", "group by model.depth: mean(val_acc), count")["rows"]
        self.assertEqual(sum(list(row.values())[-1] for row in grouped), 6)
        points = self.json("query", "SELECT count(*) AS n FROM curves WHERE metric = 'val_loss'")["rows"]
        self.assertEqual(points, [{"n": 18}])

        self.vernier("report", "--trial", "small#2", "-o", "trial.html")
        self.assertIn("<title>small#2</title>", (self.dir / "trial.html").read_text())
        self.vernier("report", "--trial", "small#99", code=4)
        self.vernier("report", "small", "--trial", "small#2", code=2)
        for shell in ("bash", "zsh", "fish"):
            self.assertIn("ask-tell", self.vernier("completion", shell).stdout)
        self.vernier("completion", "tcsh", code=2)
        self.assertRegex(self.vernier("show", "small").stdout, "[\u2801-\u28ff]")
        self.vernier("report", "small", "-o", "page.html")
        page = (self.dir / "page.html").read_text()
        self.assertIn("Content-Security-Policy", page)
        self.assertNotIn("http://", page.replace("http://www.w3.org", ""))

    def test_the_same_seed_gives_the_same_bits_and_rerun_agrees(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml", "--db", "a.db")
        self.vernier("run", "small.yaml", "--db", "b.db")
        first = results(self.dir / "a.db", "small")
        self.assertEqual(len(first), 6)
        self.assertEqual(first, results(self.dir / "b.db", "small"))
        for number in (1, 4):
            self.assertEqual(self.vernier("rerun", f"small#{number}", "--db", "a.db").stdout, "equal\n")
        self.assertEqual(first, results(self.dir / "a.db", "small"), "rerun without --seeds stores nothing")
        values = self.json("rerun", "small#best", "--db", "a.db", "--seeds", "3")["values"]
        self.assertEqual(len(values), 3)
        self.assertEqual(len(self.json("top", "small", "--db", "a.db")["trials"]), 6, "repeats stay out of top")

    def test_running_again_adds_nothing_and_a_larger_total_continues(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        before = results(self.dir / "vernier.db", "small")
        self.vernier("run", "small.yaml")
        self.assertEqual(before, results(self.dir / "vernier.db", "small"))
        self.vernier("run", "small.yaml", "--trials", "8")
        after = results(self.dir / "vernier.db", "small")
        self.assertEqual(len(after), 8)
        for number, trial in before.items():
            self.assertEqual(trial, after[number])

    def test_what_a_study_claims_is_judged_and_may_be_changed(self):
        study = """study: deep
data: {set: xor, n: 1200}
train: {epochs: 20, lr: 0.03}
sampler: grid
trials: 6
parameters:
  model.depth: {values: [0, 1]}
  data.split_seed: {values: [1, 2, 3]}
claim:
  - {text: A hidden layer learns xor, arms: model.depth, better: 1, than: 0, pair: data.split_seed, margin: %s}
  - {arms: device, better: gpu, than: cpu}
"""
        self.write("deep.yaml", study % "0.1")
        self.vernier("claims", code=1)  # no database
        self.vernier("run", "deep.yaml")
        claims = self.json("claims")["claims"]
        self.assertEqual([c["verdict"] for c in claims], ["supported", "undecided"])
        self.assertEqual((claims[0]["n"], claims[0]["mark"], claims[0]["margin"]), (3, "few seeds (3)", 0.1))
        self.assertEqual([p["pair"] for p in claims[0]["pairs"]], [f"data.split_seed {n}" for n in (1, 2, 3)])
        values = {trial["number"]: trial["value"] for trial in self.json("top", "deep")["trials"]}
        for pair in claims[0]["pairs"]:
            for side in ("better", "than"):
                [name] = pair[side]["trials"]
                self.assertEqual(values[int(name.removeprefix("deep#"))], pair[side]["value"])
        self.assertEqual(claims[1]["why"], "no trial ran on gpu")
        table = self.vernier("claims", "deep").stdout
        self.assertIn("few seeds (3)", table)
        self.assertIn("A hidden layer learns xor", table)
        self.vernier("claims", "shallow", code=4)
        written = self.vernier("report", "deep", "--claims", "--page", "deep=pages/deep.html", "-o", "index.html")
        self.assertEqual(written.stdout, "index.html\n")
        self.vernier("report", "--claims", "--title", "All", "-o", "all.html")
        self.assertIn("<title>All</title>", (self.dir / "all.html").read_text())
        for wrong, code, said in ((("shallow", "--claims"), 4, "shallow"), (("deep", "--claims", "--page", "deep=javascript:x.html"), 2, "it holds ':'"),
                                  (("deep", "--page", "deep=deep.html"), 2, "needs --claims"), (("--trial", "deep#1", "--claims"), 2, "beside --claims")):
            self.assertIn(said, self.vernier("report", *wrong, "-o", "wrong.html", code=code).stderr)
        self.assertFalse((self.dir / "wrong.html").exists())

        self.write("deep.yaml", study % "0.9")
        self.vernier("run", "deep.yaml")  # nothing left to train
        self.assertEqual(self.json("claims", "deep")["claims"][0]["verdict"], "contradicted")
        self.write("deep.yaml", study.split("claim:")[0])
        self.vernier("run", "deep.yaml")
        self.assertEqual(self.json("claims"), {"claims": []})
        self.assertIn("no claim", self.vernier("claims").stderr)

    def test_a_changed_study_is_refused_by_name_and_can_be_forked(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        done = self.vernier("run", "small.yaml", "--set", "train.epochs=4", code=2)
        self.assertIn("train.epochs", done.stderr)
        self.assertIn("--as", done.stderr)
        self.vernier("run", "small.yaml", "--set", "train.epochs=4", "--as", "small-4")
        self.assertEqual(len(self.json("ls")["studies"]), 2)

    def test_notes_tags_stop_and_rm(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        self.vernier("note", "small#2", "looks odd")
        self.vernier("tag", "small#2", "+final", "+draft")
        self.vernier("tag", "small#2", "-draft")
        trial = self.json("trial", "small#2")
        self.assertEqual((trial["note"], trial["tags"]), ("looks odd", ["final"]))
        self.assertEqual([row["number"] for row in self.json("query", 'tag ~ "final"')["rows"]], [2])
        self.vernier("stop", "small#2", code=2)
        self.vernier("rm", "small", code=2)
        self.vernier("rm", "small", "--yes")
        self.assertEqual(self.json("ls")["studies"], [])

    def test_best_as_a_study_file_trains_the_same_weights(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        best = self.json("best", "small")["best"]
        self.write("winner.yaml", self.vernier("best", "small", "--yaml").stdout)
        self.vernier("run", "winner.yaml", "--db", "winner.db")
        again = list(results(self.dir / "winner.db", f"small-{best['number']}").values())
        self.assertEqual(len(again), 1)
        self.assertEqual(again[0][3], best["weights_hash"])
        test = self.json("best", "small", "--test")["best"]["test"]
        self.assertIn("test_acc", test)

    def test_what_a_study_records_is_queried_compared_and_drawn(self):
        kinds = "gradients, classes, confusion, worst, histograms, map"
        self.write("seen.yaml", edited(SMALL, {"study: small": "study: seen", "batch_size: 32}": f"batch_size: 32, record: [{kinds}]}}", "trials: 6": "trials: 3"}))
        self.vernier("run", "seen.yaml", "--db", "threads.db")
        self.vernier("run", "seen.yaml", "--db", "processes.db", "--isolate")
        first = results(self.dir / "threads.db", "seen")
        self.assertEqual(first, results(self.dir / "processes.db", "seen"))
        names = {name for _, name, _ in recorded(self.dir / "threads.db", "seen")[1]}
        self.assertLessEqual({"confusion", "examples", "decision_map", "weights of dense1", "activations of dense1", "logits"}, names)
        found = self.json("query", "grad_norm.dense1 > 0 and val_acc.1 <= 1 order by val_acc.1 desc", "--db", "threads.db")["rows"]
        self.assertEqual(len(found), 3)
        trial = self.json("trial", "seen#2", "--db", "threads.db")
        self.assertIn({"name": "confusion", "kind": "confusion", "steps": [1, 2, 3]}, trial["recorded"])
        self.assertEqual(self.vernier("rerun", "seen#2", "--db", "threads.db").stdout, "equal\n")
        self.vernier("report", "--trial", "seen#2", "-o", "trial.html", "--db", "threads.db")
        page = (self.dir / "trial.html").read_text()
        payload = zlib.decompress(base64.b64decode(re.search(r'id="data"[^>]*>([^<]*)<', page).group(1)))
        drawn = json.loads(payload[4:4 + int.from_bytes(payload[:4], "little")])["studies"][0]["artifacts"]["2"]
        self.assertEqual([each for each in drawn if "problem" in each], [])
        self.assertEqual({each["kind"] for each in drawn}, {"confusion", "examples", "decision_map", "histogram"})
        for kind, why in (("maps", "did you mean"), ("filters", "has no effect"), ("fit", "has no effect")):
            self.write("bad.yaml", edited(SMALL, {"batch_size: 32}": f"batch_size: 32, record: {kind}}}"}))
            self.assertRegex(self.vernier("check", "bad.yaml", code=2).stderr, f"bad.yaml:5:[0-9]+: .*{why}")

    def test_templates_are_valid_study_files(self):
        for kind in ("mlp", "cnn", "command"):
            self.write(f"{kind}.yaml", self.vernier("new", kind).stdout)
        self.vernier("check", "mlp.yaml")
        self.vernier("check", "cnn.yaml")

    def test_a_list_of_layers_is_searched_and_its_winner_runs_again(self):
        self.write("cnn.yaml", self.vernier("new", "cnn").stdout)
        small = ("--set", "data.train=200", "--set", "train.epochs=1", "--set", "model.layers.dense1.bias=false")
        self.vernier("run", "cnn.yaml", "--trials", "3", "--sampler", "random", *small)
        best = self.json("best", "my-cnn")["best"]
        self.write("winner.yaml", self.vernier("best", "my-cnn", "--yaml").stdout)
        self.vernier("run", "winner.yaml", "--db", "winner.db")
        again = list(results(self.dir / "winner.db", f"my-cnn-{best['number']}").values())
        self.assertEqual(again[0][3], best["weights_hash"])

    def test_a_winner_predicts_and_others_start_with_its_weights(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        best = self.json("best", "small")["best"]
        rows = self.json("predict", "small#best", "valid")["predictions"]
        right = sum(row["class"] == row["true_class"] for row in rows) / len(rows)
        self.assertAlmostEqual(right, best["value"], places=9)
        self.assertEqual(len(self.vernier("predict", "small#best", "test", "--csv").stdout.splitlines()), len(rows) + 1)
        self.assertIn("expected", self.vernier("predict", "small#best", "nowhere.csv", code=2).stderr)
        self.write("winner.yaml", self.vernier("best", "small", "--yaml").stdout)
        source = f"small#{best['number']}"
        start = ("winner.yaml", "--set", f"train.from={source}")
        self.vernier("run", *start, "--as", "again")
        # the first step goes on from trained weights
        first = [self.json("query", f"SELECT value FROM curves WHERE study = '{study}' AND metric = 'train_loss' AND step = 1 AND number = {number}")
                 ["rows"][0]["value"] for study, number in (("again", 1), ("small", best["number"]))]
        self.assertLess(first[0], first[1])
        self.vernier("rerun", "again#1")
        for jobs in ((), ("--isolate",)):
            name = "frozen" + "".join(jobs)
            self.vernier("run", *start, "--set", "train.freeze=[dense1]", "--as", name, *jobs)
        hashes = [self.json("best", name)["best"]["weights_hash"] for name in ("frozen", "frozen--isolate")]
        self.assertEqual(hashes[0], hashes[1])
        for wrong, expected in (("train.from=small#99", "99"), ("train.from=none#1", "none"), ("train.freeze=[c9]", "[train.freeze] 'c9'")):
            done = self.vernier("run", "winner.yaml", "--set", wrong, "--as", "wrong", code=2 if "freeze" in wrong else 4)
            self.assertIn(expected, done.stderr)
        # What a study starts with may be made after it was checked.
        for more in ((), ("--db", "none.db")):
            said = self.vernier("check", "winner.yaml", "--set", "train.from=small#99", *more)
            self.assertIn("[train.from] small#99 is not in", said.stdout + said.stderr)

    def test_lists(self):
        for command, name in (("models", "mlp"), ("datasets", "digits"), ("samplers", "gp"), ("strategies", "asha")):
            self.assertIn(name, [item["name"] for item in self.json(command)[command]])
            self.assertIn(name, self.vernier(command).stdout)
        mlp = self.json("models", "mlp", "--input", "784", "--set", "widths=[256,256]")
        self.assertEqual(mlp["parameters"], 784 * 256 + 256 + 256 * 256 + 256 + 256 * 10 + 10)
        self.assertIn("device", self.vernier("doctor").stdout)
        self.assertTrue(self.json("doctor")["devices"])
        self.assertRegex(self.vernier("version").stdout, r"^vernier \d+\.\d+\.\d+\n$")

    def test_a_data_set_is_downloaded_from_a_mirror_and_checked(self):
        served = self.dir / "served"
        served.mkdir()
        handler = functools.partial(QuietHandler, directory=str(served))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            mirror = f"http://127.0.0.1:{server.server_port}"
            get = ("datasets", "get", "mnist", "--from", mirror, "--dir", str(self.dir / "data"))
            self.assertIn("404", self.vernier(*get, code=2).stderr)
            (served / "train-images-idx3-ubyte.gz").write_bytes(b"something else")
            self.assertIn("expected 6bbc9ace898e44ae57da46a324031adb", self.vernier(*get, code=2).stderr)
            self.assertEqual(list((self.dir / "data/mnist").iterdir()), [])
            real = ROOT.parent / "shared/data/mnist"
            if real.is_dir():
                for file in real.iterdir():
                    shutil.copy(file, served)
                self.assertEqual([file["downloaded"] for file in self.json(*get)["files"]], [True] * 4)
                self.assertEqual([file["downloaded"] for file in self.json(*get)["files"]], [False] * 4)
                self.write("m.yaml", "data: {set: mnist, dir: data/mnist, subset: 500}\nparameters: {train.lr: {min: 1.0e-4, max: 1.0e-1, log: true}}\n")
                self.assertIn("ok", self.vernier("check", "m.yaml").stdout)
            server.shutdown()
        self.vernier("datasets", "get", "digits", code=2)
        self.vernier("datasets", "have", "mnist", code=2)

    def test_the_views_work_in_the_sqlite_shell(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        with sqlite3.connect(f"file:{self.dir}/vernier.db?mode=ro", uri=True) as database:
            self.assertEqual(database.execute("SELECT count(*) FROM trials WHERE state = 'completed'").fetchone(), (6,))
            self.assertEqual(database.execute("SELECT study, best FROM studies").fetchone()[0], "small")
            self.assertEqual(database.execute("SELECT count(*) FROM params").fetchone(), (18,))
            self.assertEqual(database.execute("PRAGMA integrity_check").fetchone(), ("ok",))


class Refusals(ProgramTest):
    def test_help_and_unknown_words(self):
        self.vernier(code=2)
        help_text = self.vernier("--help").stdout
        for line in help_text.splitlines():
            if line.startswith("  ") and line.strip():
                command = line.split()[0]
                self.assertIn("usage: vernier " + command, self.vernier(command, "--help").stdout)
        self.assertIn("did you mean 'query'", self.vernier("qeury", code=2).stderr)
        self.assertIn("did you mean '--trials'", self.vernier("run", "x.yaml", "--trails", "3", code=2).stderr)
        for later in ("export", "importance", "predict"):
            self.vernier(later, code=2)

    def test_unknown_studies_and_trials(self):
        self.write("small.yaml", SMALL)
        self.vernier("run", "small.yaml")
        for args in (("show", "smal"), ("top", "nothing"), ("trial", "small#99"), ("best", "nothing"), ("report", "nothing"),
                     ("note", "small#99", "x"), ("rerun", "nothing#1")):
            self.vernier(*args, code=4)
        self.assertIn("small", self.vernier("show", "smal", code=4).stderr)
        self.vernier("trial", "small#x", code=2)
        self.assertIn("did you mean", self.vernier("query", "dept >= 2", code=2).stderr)
        self.vernier("query", "DELETE FROM trial", code=2)
        self.vernier("query", "SELECT nothing FROM nowhere", code=2)

    def refused(self, text, *expected, name="bad.yaml"):
        self.write(name, text)
        for command in ("check", "run"):
            done = self.vernier(command, name, code=2)
            for part in (name, *expected):
                self.assertIn(part, done.stderr)
        self.assertFalse((self.dir / "vernier.db").exists(), "a refused study leaves no database")

    def test_layers_that_do_not_fit(self):
        self.refused(self.vernier("new", "cnn").stdout.replace("- flatten", "- softmax"), ":25:", "model.layers.6",
                     "gets an input of shape (7, 7, 16)", "expected (units)")

    def test_study_files(self):
        def change(old, new):
            self.assertIn(old, SMALL)
            return SMALL.replace(old, new)

        self.refused(change("train: {epochs: 3", "train: {epoch: 3"), ":5:", "epoch", "epochs")
        self.refused(SMALL + "seed: 4\n", "seed", ":14:")
        self.refused(change("trials: 6", "trials: many"), ":8:", "many")
        self.refused(change("min: 4, max: 64", "min: 64, max: 4"), "model.width", ":12:")
        self.refused(change("min: 1.0e-4, max: 1.0e-1", "min: 0.0, max: 1.0"), "train.lr", ":13:", "log")
        self.refused(SMALL + 'constraints: ["model.width > 1000"]\n', "model.width > 1000", ":14:")
        self.refused(change("sampler: random", "sampler: rondom"), ":6:", "random")
        self.refused(change("set: xor, n: 400", "set: nothing"), "nothing")
        self.refused(change("model.depth:", "model.dept:"), "model.depth")
        self.refused("a: [1, 2", "bad.yaml:")
        self.refused("", "bad.yaml")
        done = self.vernier("run", "missing.yaml", code=2)
        self.assertIn("missing.yaml", done.stderr)

    def test_data_files(self):
        mnist = SMALL.replace("set: xor, n: 400", "set: mnist, dir: data, valid: 2")

        def idx(magic, *sizes, payload=b""):
            return magic.to_bytes(4, "big") + b"".join(size.to_bytes(4, "big") for size in sizes) + payload

        data = self.dir / "data"
        data.mkdir()
        self.refused(mnist, "train-images-idx3-ubyte")
        good_images, good_labels = idx(0x803, 10, 28, 28, payload=bytes(7840)), idx(0x801, 10, payload=bytes(range(10)))
        for name in ("train", "t10k"):
            (data / f"{name}-images-idx3-ubyte").write_bytes(good_images)
            (data / f"{name}-labels-idx1-ubyte").write_bytes(good_labels)
        (data / "train-images-idx3-ubyte").write_bytes(good_images[:5000])
        self.refused(mnist, "train-images-idx3-ubyte", "byte")
        (data / "train-images-idx3-ubyte").write_bytes(idx(0x9999, 10, 28, 28, payload=bytes(7840)))
        self.refused(mnist, "train-images-idx3-ubyte", "byte 0")
        self.write("data/table.csv", "a,target\n1,x\nb,y\n2\n")
        self.refused(SMALL.replace("set: xor, n: 400", "set: csv, dir: data, file: table.csv, target: target"), "table.csv:")

    def test_databases(self):
        self.write("small.yaml", SMALL)
        (self.dir / "folder.db").mkdir()
        (self.dir / "text.db").write_text("this is no database, " * 100)
        with sqlite3.connect(self.dir / "other.db") as other:
            other.execute("CREATE TABLE t (x)")
        self.vernier("run", "small.yaml", "--db", "newer.db")
        with sqlite3.connect(self.dir / "newer.db") as newer:
            newer.execute("PRAGMA user_version = 9999")
        for name in ("folder.db", "text.db", "other.db", "newer.db"):
            for args in (("run", "small.yaml"), ("ls",), ("query", "steps > 1")):
                done = self.vernier(*args, "--db", name, code=1)
                self.assertIn(name, done.stderr)
        self.vernier("ls", "--db", "missing.db", code=1)
        self.assertFalse((self.dir / "missing.db").exists())

    def test_a_study_without_success_is_exit_code_3(self):
        self.write("failing.yaml", 'version: 1\nstudy: failing\nobjective: {command: [/bin/false]}\nmetric: {name: loss, goal: minimize}\n'
                                   'sampler: random\ntrials: 2\nparameters:\n  x: {min: 0.0, max: 1.0}\n')
        self.vernier("run", "failing.yaml", code=3)
        self.assertEqual(self.json("show", "failing")["states"], {"failed": 2})


class Commands(ProgramTest):
    def test_an_external_program_is_a_study(self):
        self.write("train.sh", 'x=$(echo "$VERNIER_PARAMS" | sed "s/.*:\\(.*\\)}/\\1/")\n'
                               'for i in 1 2 3; do echo "{\\"step\\":$i,\\"loss\\":$x}"; done\necho done\n')
        self.write("command.yaml", 'version: 1\nstudy: shell\nobjective: {command: [/bin/sh, train.sh]}\nmetric: {name: loss, goal: minimize}\n'
                                   'sampler: sobol\nseed: 1\ntrials: 9\nresources: {jobs: 2}\nparameters:\n  x: {min: 0.0, max: 1.0}\n')
        self.vernier("run", "command.yaml")
        top = self.json("top", "shell")["trials"]
        self.assertEqual(len(top), 9)
        for trial in top:
            self.assertAlmostEqual(trial["value"], trial["params"]["x"])
            self.assertEqual(trial["steps"], 3)
        self.assertIn("done", self.vernier("trial", "shell#1").stdout)

    def test_an_external_program_under_every_strategy(self):
        self.write("train.sh", 'x=$(echo "$VERNIER_PARAMS" | sed "s/.*:\\(.*\\)}/\\1/")\n'
                               'for i in 1 2 3 4 5 6 7 8; do echo "{\\"step\\":$i,\\"loss\\":$x}"; done\n')
        for entry in self.json("strategies")["strategies"]:
            strategy = entry["name"]
            options = ", worse_than: 0.5" if strategy == "threshold" else ", population: 4" if strategy == "pbt" else ""
            self.write("command.yaml", f'version: 1\nstudy: {strategy}\nobjective: {{command: [/bin/sh, train.sh]}}\n'
                                       f'metric: {{name: loss, goal: minimize}}\nstrategy: {{type: {strategy}, max_steps: 6{options}}}\n'
                                       'sampler: sobol\nseed: 1\ntrials: 6\nresources: {jobs: 2}\nparameters:\n  x: {min: 0.0, max: 1.0}\n')
            self.vernier("run", "command.yaml")
            shown = self.json("show", strategy)
            self.assertEqual(shown["states"].get("failed", 0), 0, strategy)
            self.assertGreaterEqual(sum(shown["states"].values()), 6, strategy)

    def test_ask_tell(self):
        header = {"name": "t", "direction": "minimize", "seed": 1, "budget": 9, "sampler": "gp",
                  "params": [{"name": "x", "type": "float", "low": -1, "high": 1}]}
        with subprocess.Popen([VERNIER, "ask-tell"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
            def say(message, answered=True):
                program.stdin.write(json.dumps(message) + "\n")
                program.stdin.flush()
                return json.loads(program.stdout.readline()) if answered else None

            say(header, answered=False)
            seen = []
            for _ in range(9):
                trial = say({"ask": 1})["trials"][0]
                seen.append(trial["params"]["x"])
                say({"tell": {"id": trial["id"], "value": (seen[-1] - 0.3) ** 2}}, answered=False)
            self.assertEqual(len(set(seen)), 9)
            self.assertLess(min(abs(x - 0.3) for x in seen), 0.1)
            program.stdin.write("not json\n")
            program.stdin.flush()
            self.assertIn("error", json.loads(program.stdout.readline()))
            program.stdin.close()
            self.assertEqual(program.wait(timeout=30), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
