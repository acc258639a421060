"""Faults of the machine around a search: killed at every durable system call, full and read-only disks, clocks that jump, killed workers,
programs that hang, crash or diverge, too little memory. After each the file is whole and the study ends as if nothing had been.

VERNIER_FAULTS=full makes the campaigns large (tests/faults.sh). Each prints a line "fault: campaign | size | outcome"."""
import os
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import unittest

from support import SMALL, VERNIER, ProgramTest, edited, results

FULL = os.environ.get("VERNIER_FAULTS") == "full"
DURABLE = "pwrite64,write,fsync,fdatasync,ftruncate,rename,unlink,mkdir,openat"

TINY = edited(SMALL, {"n: 400": "n: 200", "epochs: 3": "epochs: 2", "trials: 6": "trials: 3\nkeep: 1", "{jobs: 1}": "{jobs: 1, devices: cpu}",
                      "max: 3}": "max: 2}", "max: 64, log: true}": "max: 16}", "  train.lr: {min: 1.0e-4, max: 1.0e-1, log: true}\n": ""})
LARGE = edited(TINY, {"  model.depth: {min: 1, max: 2}\n": "", "{min: 4, max: 16}": "{values: [500, 520, 540]}", "{type: mlp}": "{type: mlp, depth: 2}"})


def report(campaign, size, outcome):
    print(f"fault: {campaign} | {size} | {outcome}", flush=True)


def chosen(count, most):
    """All of 1..count, or `most` of them, spread."""
    if FULL or count <= most:
        return list(range(1, count + 1))
    return sorted(random.Random(count).sample(range(1, count + 1), most))


def has_strace():
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-f", "-o", "/dev/null", "-e", "trace=fsync", "true"], capture_output=True).returncode == 0


class Faults(ProgramTest):
    def start(self, *args, **more):
        return subprocess.Popen([VERNIER, *args], cwd=self.dir, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **more)

    def whole(self, study):
        self.write("study.yaml", study)
        self.vernier("run", "study.yaml", "--db", "whole.db")
        return results(self.dir / "whole.db", "small")

    def intact(self, database):
        report = self.vernier("verify", "--no-replay", "--db", str(database)).stdout
        self.assertIn("whole", report)

    def remove(self, database):
        for path in self.dir.glob(f"{database}*"):
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    def traced(self, database, inject, study="study.yaml"):
        """Runs a search under strace; the system calls of its main thread, which writes the database."""
        log = self.dir / "trace"
        command = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={DURABLE}"]
        if inject:
            command += ["-e", f"inject={inject}"]
        done = subprocess.run([*command, VERNIER, "run", study, "--db", database], cwd=self.dir, capture_output=True, text=True, timeout=300)
        return done, log.read_text(errors="replace").splitlines()

    def durable_calls(self, study="study.yaml"):
        """How often the main thread makes each of the calls, in an undisturbed run: inject counts by call and thread."""
        done, lines = self.traced("count.db", "", study)
        self.assertEqual(done.returncode, 0, done.stderr)
        main = lines[0].split()[0]
        counts = {}
        for line in lines:
            match = re.match(r"(\d+)\s+(\w+)\(", line)
            if match and match[1] == main:
                counts[match[2]] = counts.get(match[2], 0) + 1
        self.remove("count.db")
        return counts

    @unittest.skipUnless(has_strace(), "strace is not allowed here")
    def test_kill_at_every_durable_call(self):
        expected = self.whole(LARGE if FULL else TINY)
        counts = self.durable_calls()
        calls = [(name, n) for name, count in sorted(counts.items()) if name not in ("openat", "write") for n in chosen(count, 8)]
        calls += [(name, n) for name in ("openat", "write") for n in chosen(counts.get(name, 0), 4)[-40:]]
        for name, n in calls:
            with self.subTest(call=name, n=n):
                self.traced("k.db", f"{name}:signal=KILL:when={n}")
                self.vernier("run", "study.yaml", "--db", "k.db")
                self.assertEqual(results(self.dir / "k.db", "small"), expected)
                self.intact(self.dir / "k.db")
                self.remove("k.db")
        report("kill -9 at durable system calls", f"{len(calls)} calls", "lost 0, doubled 0, every study ends the same")

    @unittest.skipUnless(has_strace(), "strace is not allowed here")
    def test_full_disk_at_every_write(self):
        expected = self.whole(LARGE if FULL else TINY)
        counts = self.durable_calls()
        refused = whole = 0
        positions = chosen(counts.get("pwrite64", 0), 10)
        for n in positions:
            with self.subTest(n=n):
                done, _ = self.traced("k.db", f"pwrite64:error=ENOSPC:when={n}+")
                if done.returncode != 0:
                    refused += 1
                    self.assertEqual(done.returncode, 1, done.stderr)
                    self.assertIn("error:", done.stderr)
                if (self.dir / "k.db").exists() and (self.dir / "k.db").stat().st_size > 4096 * 8:
                    self.vernier("ls", "--db", "k.db")  # reading goes on
                self.vernier("run", "study.yaml", "--db", "k.db")
                self.assertEqual(results(self.dir / "k.db", "small"), expected)
                self.intact(self.dir / "k.db")
                whole += 1
            self.remove("k.db")
        self.assertGreater(refused, 0)
        report("disk full, by injected ENOSPC", f"{len(positions)} positions", f"{refused} ended by name, damaged or not continued {len(positions) - whole}")

    def mounted(self, options):
        place = self.dir / "disk"
        place.mkdir()
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True)
        if done.returncode != 0:
            self.skipTest("no right to mount")
        self.disks.append(place)
        return place

    def setUp(self):
        super().setUp()
        self.disks = []

    def tearDown(self):
        for place in self.disks:
            subprocess.run(["umount", "-l", str(place)], capture_output=True)
        super().tearDown()

    def test_full_disk_with_checkpoints(self):
        expected = self.whole(LARGE)
        place = self.mounted("size=300k")
        sizes = range(300, 12000, 300) if FULL else (600, 2500, 5000)
        refused = 0
        for size in sizes:
            with self.subTest(size=size):
                for path in place.iterdir():
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                subprocess.run(["mount", "-o", f"remount,size={size}k", str(place)], check=True)
                run = self.start("run", "study.yaml", "--db", str(place / "v.db"))
                _, err = run.communicate(timeout=120)
                refused += run.returncode != 0
                if run.returncode != 0:
                    self.assertEqual(run.returncode, 1, err)
                    self.assertIn("error:", err)
                subprocess.run(["mount", "-o", "remount,size=100m", str(place)], check=True)
                self.vernier("run", "study.yaml", "--db", str(place / "v.db"))
                self.assertEqual(results(place / "v.db", "small"), expected)
                self.intact(place / "v.db")
        self.assertGreater(refused, 0)
        report("disk full, a small file system (database and checkpoints)", f"{len(sizes)} sizes", f"{refused} ended by name, all continued, damaged 0")

    def test_read_only_place(self):
        self.write("study.yaml", TINY)
        place = self.mounted("size=10m")
        self.vernier("run", "study.yaml", "--db", str(place / "v.db"))
        subprocess.run(["mount", "-o", "remount,ro", str(place)], check=True)
        self.assertIn("v.db", self.vernier("run", "study.yaml", "--db", str(place / "v.db"), code=1).stderr)
        self.assertIn("none.db", self.vernier("run", "study.yaml", "--db", str(place / "none.db"), code=1).stderr)
        self.assertIn("small", self.vernier("ls", "--db", str(place / "v.db")).stdout)
        self.vernier("top", "small", "--db", str(place / "v.db"))
        self.intact(place / "v.db")
        report("read-only file system", "6 commands", "writing refused by name, reading works")

    def test_two_processes_on_one_file(self):
        self.write("study.yaml", TINY.replace("epochs: 2", "epochs: 60").replace("n: 200", "n: 4000"))
        runs = 8 if FULL else 3
        processes = [self.start("run", "study.yaml", "--db", "v.db") for _ in range(runs)]
        ends = [(process.communicate(timeout=120)[1], process.returncode) for process in processes]
        refused = [err for err, code in ends if code == 1]
        self.assertGreaterEqual(len(refused), 1)
        for err in refused:
            self.assertRegex(err, r"being written by process \d+ on .* since 20|busy")
        self.assertGreaterEqual(sum(code == 0 for _, code in ends), 1)
        self.intact(self.dir / "v.db")
        found = results(self.dir / "v.db", "small")
        self.assertEqual(sorted(found), [1, 2, 3])
        report("processes started at once on one file", f"{runs} processes", f"{len(refused)} refused by name, no trial twice")

    def test_killed_workers(self):
        study = TINY.replace("epochs: 2", "epochs: 40").replace("n: 200", "n: 3000").replace("trials: 3", "trials: 6")
        expected = self.whole(study)
        most, killed = (60 if FULL else 4), 0
        run = self.start("run", "study.yaml", "--db", "k.db", "--isolate", "--jobs", "2", "--set", "limits.retries=1000")
        rng = random.Random(4)
        while run.poll() is None and killed < most:
            time.sleep(rng.uniform(0.05, 0.4))
            done = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True)
            children = done.stdout.split()
            if children:
                try:
                    os.kill(int(rng.choice(children)), signal.SIGKILL)
                    killed += 1
                except ProcessLookupError:
                    pass
        _, err = run.communicate(timeout=300)
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual(results(self.dir / "k.db", "small"), expected)
        report("worker processes killed (--isolate)", f"{killed} kills", "every trial ends the same")

    def test_parent_death_kills_children(self):
        self.write("study.yaml", TINY.replace("epochs: 2", "epochs: 5000"))
        run = self.start("run", "study.yaml", "--db", "k.db", "--isolate")
        children = []
        while not children and run.poll() is None:
            children = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True).stdout.split()
        run.kill()
        run.communicate()
        deadline = time.monotonic() + 30
        while any(self.alive(pid) for pid in children) and time.monotonic() < deadline:
            time.sleep(0.01)
        self.assertFalse(any(self.alive(pid) for pid in children))
        report("death of the driver", f"{len(children)} workers", "none outlives it")

    @staticmethod
    def alive(pid):
        try:
            state = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        return state != "Z"

    def test_programs_that_hang_crash_diverge(self):
        program = self.dir / "train.py"
        program.write_text("""import json, os, sys, time
kind = json.loads(os.environ["VERNIER_PARAMS"])["kind"]
print(json.dumps({"step": 1, "loss": 0.5}), flush=True)
if kind == "hang": time.sleep(1000)
if kind == "crash": os.kill(os.getpid(), 11)
if kind == "exit": sys.exit("no luck")
if kind == "diverge": print('{"step": 2, "loss": NaN}', flush=True); time.sleep(1000)
if kind == "memory": x = bytearray(10 ** 10)
if kind == "silent": sys.exit(0)
print(json.dumps({"step": 2, "loss": 0.25}), flush=True)
""")
        self.write("study.yaml", """study: programs
objective: {command: [python3, train.py], timeout: 2s}
metric: {name: loss, goal: minimize}
sampler: grid
limits: {trial_memory: 2GB}
resources: {jobs: 4}
parameters: {kind: {values: [hang, crash, exit, diverge, memory, fine]}}
""")
        self.vernier("run", "study.yaml")
        found = {row["params"]["kind"]: row for row in self.trials("programs")}
        self.assertEqual({kind: row["state"] for kind, row in found.items()},
                         {"hang": "failed", "crash": "failed", "exit": "failed", "diverge": "diverged", "memory": "failed", "fine": "completed"})
        self.assertIn("timeout", found["hang"]["reason"])
        self.assertIn("signal 11", found["crash"]["reason"])
        self.assertIn("no luck", found["exit"]["reason"])
        self.assertIn("MemoryError", found["memory"]["reason"])
        report("programs that hang, crash, fail, diverge, eat memory", "5 kinds", "each stays inside its trial")

    def trials(self, study, db="vernier.db"):
        numbers = self.json("query", f"SELECT number FROM trials WHERE study = '{study}'", "--db", db)["rows"]
        return [self.json("trial", f"{study}#{row['number']}", "--db", db) for row in numbers]

    def test_divergent_and_too_large_networks(self):
        self.write("study.yaml", TINY.replace("  model.width: {min: 4, max: 16}", "  train.lr: {values: [0.01, 1.0e+30]}\n  model.width: {values: [8, 3000]}")
                   .replace("sampler: random", "sampler: grid").replace("trials: 3", "trials: 8").replace("keep: 1", "keep: 1\nlimits: {trial_memory: 20MB}")
                   .replace("train: {", "train: {optimizer: sgd, "))
        self.vernier("run", "study.yaml")
        states = {}
        for row in self.trials("small"):
            states[(row["params"]["train.lr"], row["params"]["model.width"], row["params"]["model.depth"])] = row["state"]
        self.assertEqual(states[(0.01, 8, 1)], "completed")
        self.assertEqual(states[(1e30, 8, 2)], "diverged")
        self.assertEqual(states[(0.01, 3000, 2)], "infeasible")
        report("divergent and too large networks", f"{len(states)} trials", "diverged, infeasible, and the search goes on")

    def test_too_little_memory(self):
        self.write("study.yaml", LARGE.replace("values: [500, 520, 540]", "values: [64, 6000, 32]").replace("trials: 3", "trials: 3"))
        ended = 0
        limits = range(300, 1500, 50) if FULL else (400, 700, 1000)
        for limit in limits:
            with self.subTest(limit=limit):
                done = subprocess.run(["bash", "-c", f"ulimit -v {limit * 1024}; exec {VERNIER} run study.yaml --db m.db"], cwd=self.dir, capture_output=True,
                                      text=True, timeout=300)
                self.assertIn(done.returncode, (0, 1, 3), done.stderr)
                self.assertTrue(done.returncode != 1 or "error:" in done.stderr, done.stderr)
                ended += done.returncode == 1
                if (self.dir / "m.db").exists():
                    self.intact(self.dir / "m.db")
                self.remove("m.db")
        report("address space limited", f"{len(limits)} limits", f"{ended} ended by name, crashes 0")

    def test_clock_jumps(self):
        library = next(iter(pathlib.Path("/usr/lib").glob("*/faketime/libfaketime.so.1")), None)
        if library is None:
            self.skipTest("faketime is not installed")
        study = TINY.replace("epochs: 2", "epochs: 60").replace("n: 200", "n: 3000").replace("keep: 1", "keep: 1\nlimits: {wall_time: 1h, trial_time: 10m}")
        expected = self.whole(study)
        offset = self.dir / "offset"
        offset.write_text("+0")
        environment = {**os.environ, "LD_PRELOAD": str(library), "FAKETIME_TIMESTAMP_FILE": str(offset), "FAKETIME_NO_CACHE": "1",
                       "DONT_FAKE_MONOTONIC": "1", "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        run = self.start("run", "study.yaml", "--db", "k.db", env=environment)
        jumps = 0
        while run.poll() is None:
            for jump in ("+3650d", "-3650d", "+5d", "-1h", "+0"):
                offset.write_text(jump)
                jumps += 1
                time.sleep(0.02)
        _, err = run.communicate(timeout=120)
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual(results(self.dir / "k.db", "small"), expected)
        for row in self.trials("small", "k.db"):
            self.assertGreaterEqual(row["seconds"], 0)
            self.assertLess(row["seconds"], 3600)
        self.intact(self.dir / "k.db")
        report("wall clock that jumps by hours and years", f"{jumps} jumps", "results the same, no limit met, no negative time")

    def test_readers_beside_a_search(self):
        self.write("study.yaml", TINY.replace("epochs: 2", "epochs: 100").replace("n: 200", "n: 3000").replace("trials: 3", "trials: 8" if FULL else "trials: 3"))
        run = self.start("run", "study.yaml", "--db", "v.db")
        while not (self.dir / "v.db").exists() and run.poll() is None:
            time.sleep(0.01)
        while run.poll() is None and subprocess.run([VERNIER, "ls", "--db", "v.db"], cwd=self.dir, capture_output=True).returncode != 0:
            pass
        reads, errors, largest = [0], [], [0]

        def read():
            while run.poll() is None:
                done = subprocess.run([VERNIER, "query", "SELECT count(*) FROM curves", "--db", "v.db"], cwd=self.dir, capture_output=True, text=True)
                reads[0] += 1
                if done.returncode != 0:
                    errors.append(done.stderr)
                log = self.dir / "v.db-wal"
                largest[0] = max(largest[0], log.stat().st_size if log.exists() else 0)

        threads = [threading.Thread(target=read) for _ in range(64 if FULL else 8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        _, err = run.communicate()
        self.assertEqual(run.returncode, 0, err)
        self.assertEqual(errors, [])
        self.assertLess(largest[0], 64 << 20)
        report("reader processes beside a search", f"{len(threads)} at a time, {reads[0]} reads", f"errors 0, log {largest[0] >> 20} MB")

    def test_deterministic_with_killed_workers(self):
        study = TINY.replace("sampler: random", "sampler: gp").replace("trials: 3", "trials: 10").replace("epochs: 2", "epochs: 6").replace("n: 200", "n: 1500")
        self.write("study.yaml", study)
        runs = 6 if FULL else 2
        seen = []
        for k in range(runs):
            command = ["run", "study.yaml", "--db", f"d{k}.db", "--deterministic", "--jobs", "3", "--set", "limits.retries=1000"]
            rng = random.Random(k)
            while True:
                run = self.start(*command, *(["--isolate"] if k % 2 else []))
                begun = time.monotonic()
                wait = rng.uniform(0.1, 1.5) if k else 1000
                while run.poll() is None and time.monotonic() - begun < wait:
                    time.sleep(0.01)
                killed = run.poll() is None
                if killed:
                    run.kill()
                _, err = run.communicate()
                if not killed:
                    self.assertEqual(run.returncode, 0, err)
                    break
            seen.append(results(self.dir / f"d{k}.db", "small"))
        for other in seen[1:]:
            self.assertEqual(other, seen[0])
        report("--deterministic, 3 jobs, killed and continued, in threads and processes", f"{runs} searches", "configurations and results the same")


if __name__ == "__main__":
    unittest.main(verbosity=2 if sys.stdout.isatty() else 1)
