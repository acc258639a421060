"""The external examples: each runs as a study under asha, is killed once with -9 and continued, and has then the curves of one that was not."""
import json
import os
import shutil
import signal
import subprocess
import unittest

import packages
from support import ROOT, VERNIER, ProgramTest, edited, results

EXAMPLES = ROOT / "experiments/external"
# Seconds go into loading the packages: few starts, and a kill in the middle of the second.
FEW = {"trials: 12": "trials: 2", "min_steps: 1, max_steps: 9, eta: 3": "min_steps: 2, max_steps: 4, eta: 2"}


class External(ProgramTest):
    def killed_and_continued(self, name, changes, python=None):
        for file in EXAMPLES.iterdir():
            shutil.copy(file, self.dir)
        self.write(f"{name}.yaml", edited((EXAMPLES / f"{name}.yaml").read_text(), changes))
        path = os.environ["PATH"]
        environment = {**os.environ, "PATH": f"{os.path.dirname(python)}:{path}" if python else path}
        run = [VERNIER, "run", f"{name}.yaml", "--jobs", "1", "--json"]
        study = name.replace("_", "-")

        def whole(database):
            done = subprocess.run([*run, "--db", database], cwd=self.dir, env=environment, capture_output=True, text=True, timeout=300)
            self.assertEqual(done.returncode, 0, done.stderr[-2000:])
            return results(self.dir / database, study)

        expected = whole("whole.db")
        kinds = {state for _, state, *_ in expected.values()}
        self.assertEqual(kinds, {"completed", "stopped"})
        measured = sum(len(curves) for *_, curves, _ in expected.values())
        # asha started the best again: more steps than it began trials, and a trial to the end
        self.assertGreater(measured, len(expected))

        with subprocess.Popen([*run, "--db", "killed.db"], cwd=self.dir, env=environment, stdout=subprocess.PIPE, text=True) as process:
            seen = 0
            for line in process.stdout:
                seen += json.loads(line)["event"] == "measurement"
                if seen == measured // 2:
                    os.kill(process.pid, signal.SIGKILL)
                    break
        self.assertEqual(process.returncode, -signal.SIGKILL)
        self.assertLess(sum(len(curves) for *_, curves, _ in results(self.dir / "killed.db", study).values()), measured)
        self.assertEqual(whole("killed.db"), expected)

    def test_shell(self):
        self.killed_and_continued("shell", {"trials: 20": "trials: 9", "max_steps: 27": "max_steps: 9"})
        # paused trials keep their state on the way into another database
        merged = self.vernier("import", "killed.db", "--from", "vernier", "--as", "elsewhere", "--db", "merged.db")
        self.assertIn("9 trials", merged.stderr)
        states = sorted(path.relative_to(self.dir / "killed.db.d/trials/shell") for path in (self.dir / "killed.db.d/trials/shell").rglob("state"))
        self.assertEqual(states, sorted(path.relative_to(self.dir / "merged.db.d/trials/elsewhere") for path in (self.dir / "merged.db.d/trials/elsewhere").rglob("state")))
        self.assertEqual(results(self.dir / "merged.db", "elsewhere"), results(self.dir / "whole.db", "shell"))

    def test_scikit_learn(self):
        python = packages.python()
        self.killed_and_continued("scikit_learn", FEW, python)

    def test_pytorch(self):
        python = packages.torch()
        if python is None:
            self.skipTest("PyTorch is not installed (pip install torch, or name an interpreter that has it in VERNIER_TORCH_PYTHON)")
        self.killed_and_continued("pytorch", FEW, python)


if __name__ == "__main__":
    unittest.main()
