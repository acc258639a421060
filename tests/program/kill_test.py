"""Kills a search with -9 at random moments, Ctrl-C and SIGTERM, and continues it: nothing lost, nothing twice, the same bits.

VERNIER_KILLS sets how often (default 8)."""
import os
import random
import signal
import sqlite3
import subprocess
import time
import unittest

from support import SMALL, VERNIER, ProgramTest, results

KILLS = int(os.environ.get("VERNIER_KILLS", "8"))
LONGER = SMALL.replace("epochs: 3", "epochs: 30").replace("n: 400", "n: 4000").replace("trials: 6", "trials: 12")
LONGER = LONGER.replace("batch_size: 32}", "batch_size: 32, record: {kinds: [gradients, confusion, map], every: 3}}")


class Kill(ProgramTest):
    def committed(self, database):
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            return dict(connection.execute("SELECT number, steps FROM trials").fetchall())

    def committed_so_far(self, database):
        try:
            return self.committed(database)
        except sqlite3.OperationalError:  # not made yet
            return {}

    def killed_run(self, jobs, seed):
        """Runs to the end with KILLS kills in between; after each, no committed step is gone."""
        rng = random.Random(seed)
        print(f"seed {seed}, {KILLS} kills, {jobs} jobs")
        database = self.dir / f"killed-{jobs}.db"
        command = [VERNIER, "run", "study.yaml", "--db", str(database), "--jobs", str(jobs)]
        for _ in range(KILLS):
            process = subprocess.Popen(command, cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(self.length / KILLS * rng.uniform(0.2, 1.4))
            before = self.committed_so_far(database)
            process.send_signal(signal.SIGKILL)
            process.wait()
            after = self.committed_so_far(database)
            for number, steps in before.items():
                self.assertGreaterEqual(after[number], steps)
        self.vernier("run", "study.yaml", "--db", str(database), "--jobs", str(jobs))
        print(f"fault: kill -9 of a search, {jobs} jobs | {KILLS} kills | no committed step lost, none twice, the same bits")
        return results(database, "small")

    def setUp(self):
        super().setUp()
        self.write("study.yaml", LONGER)
        began = time.monotonic()
        self.vernier("run", "study.yaml", "--db", "whole.db", "--jobs", "1")
        self.length = time.monotonic() - began
        self.whole = results(self.dir / "whole.db", "small")

    def test_kill_9_one_job_gives_the_same_bits(self):
        self.assertEqual(self.killed_run(jobs=1, seed=11), self.whole)

    def test_kill_9_two_jobs_gives_exactly_the_planned_trials(self):
        # Random proposals depend on nothing, so even two jobs end with the same configurations and results.
        self.assertEqual(self.killed_run(jobs=2, seed=12), self.whole)

    def test_stop_signals_pause_exactly(self):
        for sent, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            database = f"{code}.db"
            process = subprocess.Popen([VERNIER, "run", "study.yaml", "--db", database], cwd=self.dir, stdout=subprocess.DEVNULL,
                                       stderr=subprocess.PIPE, text=True)
            while sum(self.committed_so_far(self.dir / database).values()) < 60 and process.poll() is None:
                time.sleep(0.01)
            process.send_signal(sent)
            _, err = process.communicate(timeout=60)
            self.assertEqual(process.returncode, code, err)
            self.assertIn("continue", err)
            self.vernier("run", "study.yaml", "--db", database)
            self.assertEqual(results(self.dir / database, "small"), self.whole)


if __name__ == "__main__":
    unittest.main(verbosity=2)
