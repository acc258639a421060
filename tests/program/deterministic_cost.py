"""What --deterministic costs in throughput: the same search with and without it, in turns. By hand:
  tests/program/deterministic_cost.py [PAIRS] [JOBS]
Widths differ 8-fold, so lanes wait for each other as much as they will in a search."""
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from support import COST_STUDY, VERNIER  # noqa: E402


def seconds(folder, jobs, *more):
    begin = time.monotonic()
    subprocess.run([VERNIER, "run", "study.yaml", "--db", f"{time.monotonic_ns()}.db", "--jobs", jobs, *more], cwd=folder, check=True, capture_output=True)
    return time.monotonic() - begin


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    jobs = sys.argv[2] if len(sys.argv) > 2 else "2"
    ratios = []
    with tempfile.TemporaryDirectory(prefix="vernier-cost-") as name:
        folder = pathlib.Path(name)
        (folder / "study.yaml").write_text(COST_STUDY)
        for k in range(pairs):
            if k % 2:
                free, ordered = seconds(folder, jobs), seconds(folder, jobs, "--deterministic")
            else:
                ordered, free = seconds(folder, jobs, "--deterministic"), seconds(folder, jobs)
            ratios.append(ordered / free)
            print(f"free {free:.2f} s, deterministic {ordered:.2f} s, ratio {ratios[-1]:.3f}", flush=True)
    print(f"median ratio {statistics.median(ratios):.3f}")


main()
