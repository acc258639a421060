"""The lectures: every study is read in both forms; a killed run continues to the same verdicts, bit for bit."""
import os
import re
import signal
import sqlite3
import subprocess
import time
import unittest

from support import ROOT, VERNIER, ProgramTest, results

LECTURES = ROOT / "experiments/lectures"
RUN = str(LECTURES / "run.sh")
QUICK = ["xor", "perceptron"]  # of generated data, seconds each


class Lectures(ProgramTest):
    def run_sh(self, *args, code=0, **environment):
        done = subprocess.run([RUN, *args], env={**os.environ, "VERNIER": VERNIER, **environment}, capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, code, f"run.sh {' '.join(args)}\n{done.stdout[-3000:]}\n{done.stderr[-2000:]}")
        return done.stdout + done.stderr

    def registered(self):
        return [line.split()[0] for line in (LECTURES / "registry.txt").read_text().splitlines() if line.strip()]

    def test_folders_are_the_registry_and_studies_have_their_names(self):
        names = self.registered()
        self.assertEqual(len(names), len(set(names)))
        folders = sorted(path.name for path in LECTURES.iterdir() if path.is_dir())
        self.assertEqual(folders, sorted(names))
        seen = set()
        for name in names:
            self.assertTrue((LECTURES / name / "README.md").exists(), name)
            studies = sorted((LECTURES / name).glob("*.yaml"))
            self.assertTrue(studies, name)
            claims = 0
            for path in studies:
                text = path.read_text()
                study = re.search(r"^study: (\S+)$", text, re.M).group(1)
                self.assertTrue(study == name or study.startswith(name + "-"), f"{path}: {study}")
                self.assertNotIn(study, seen)
                seen.add(study)
                claims += text.count("\nclaim:")
            self.assertGreater(claims, 0, name)

    def test_every_study_is_read_in_both_forms(self):
        for form in ([], ["--short"]):
            said = self.run_sh("--check", "--out", str(self.dir / "check"), *form)
            self.assertIn(" 0 failed", said)
            for path in LECTURES.glob("*/*.yaml"):
                study = re.search(r"^study: (\S+)$", path.read_text(), re.M).group(1)
                names = (f"{path.parent.name}/{path.name} ", f"{study}-")  # variants have names of their own
                self.assertTrue(any(f"\n  {name}" in said for name in names), f"{path}\n{said}")
            read = int(re.search(r"(\d+) studies read", said).group(1))
            self.assertGreater(read, 0)
            last = 3 if form else 5  # variants have five seeds, or three, of which the last is read
            self.assertIn(f"\n  search-1-points-gp-{last} ", said)
            self.assertNotIn(f"\n  search-1-points-gp-{last - 1} ", said)

    def test_what_lacks_data_is_skipped_by_name(self):
        said = self.run_sh("random-labels", "--short", "--out", str(self.dir / "none"), VERNIER_DATA="/nowhere", HOME="/nowhere")
        self.assertIn("random-labels/random-labels.yaml", said)
        self.assertIn("skipped: no mnist/train-images* under VERNIER_DATA=/nowhere", said)

    def test_wrong_usage_says_what_was_expected(self):
        self.assertIn("unknown lecture 'xro'; expected one of: digits width-depth", self.run_sh("xro", code=2))
        self.assertIn("unknown option '--shrt'", self.run_sh("--shrt", code=2))
        self.assertIn("--jobs 'many'; expected a whole number", self.run_sh("--jobs", "many", code=2))
        self.assertIn("no program at '/no/vernier'", self.run_sh("xor", code=2, VERNIER="/no/vernier"))

    def finished(self, database):
        try:
            with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
                return connection.execute("SELECT count(*) FROM trials WHERE state = 'completed'").fetchone()[0]
        except sqlite3.OperationalError:  # not made yet
            return 0

    def test_a_killed_run_continues_to_the_same_verdicts(self):
        whole, killed = self.dir / "whole", self.dir / "killed"
        table = self.run_sh(*QUICK, "--short", "--out", str(whole))
        for words in ("xor", "perceptron", "few seeds (3)", "supported"):
            self.assertIn(words, table)

        command = [RUN, *QUICK, "--short", "--out", str(killed)]
        process = subprocess.Popen(command, env={**os.environ, "VERNIER": VERNIER}, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while self.finished(killed / "lectures.db") < 5 and process.poll() is None:
            time.sleep(0.01)
        self.assertIsNone(process.poll(), "over before it could be killed")
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.run_sh(*QUICK, "--short", "--out", str(killed))

        claims = [self.vernier("claims", "--db", str(out / "lectures.db"), "--json").stdout for out in (whole, killed)]
        self.assertEqual(*claims)
        for study in ("xor", "perceptron", "perceptron-moons"):
            self.assertEqual(results(whole / "lectures.db", study), results(killed / "lectures.db", study))
        for page in ("index.html", "xor.html", "perceptron.html"):
            self.assertTrue((killed / page).stat().st_size > 10000, page)


if __name__ == "__main__":
    unittest.main(verbosity=2)
