"""What the live page costs a running search: the same search with and without `vernier serve` and a client that polls as the page does. By hand:
  tests/program/serve_cost.py [PAIRS]
Prints the wall time of each, their ratio by pairs, the processor time of serve, and how old the page's data were."""
import http.client
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from support import COST_STUDY, VERNIER  # noqa: E402


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def search(folder, serve):
    """Seconds of the search, processor seconds of serve, delays of the page behind the search's own events."""
    db = folder / f"{time.monotonic_ns()}.db"
    (folder / "study.yaml").write_text(COST_STUDY)
    run = subprocess.Popen([VERNIER, "run", "study.yaml", "--db", db.name, "--json"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    begin = time.monotonic()
    events = []
    ended = []

    def read():
        events.extend((time.monotonic(), json.loads(line)) for line in run.stdout)
        run.wait()
        ended.append(time.monotonic())

    reader = threading.Thread(target=read)
    reader.start()
    server, cost, delays = None, 0.0, []
    if serve:
        while not any(event["event"] == "trial_started" for _, event in events):
            time.sleep(0.01)
        server = subprocess.Popen([VERNIER, "serve", "--db", db.name], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = int(server.stdout.readline().strip().split(":")[2].strip("/"))
        seq = -1
        while not ended:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            connection.request("GET", f"/api/changes?since={seq}")
            now = json.loads(connection.getresponse().read())["seq"]
            if now != seq:
                connection.request("GET", "/api/data")
                connection.getresponse().read()
                delays.append(time.monotonic())
                seq = now
            connection.close()
            time.sleep(2)
        cost = cpu_seconds(server.pid)
    reader.join()
    seconds = ended[0] - begin
    if server:
        server.terminate()
        server.wait()
        server.stdout.close()
    # The page is at most as old as the time between two readings of new data.
    ages = [b - a for a, b in zip(delays, delays[1:])]
    return seconds, cost, max(ages, default=0.0)


def main():
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    ratios, costs, ages = [], [], []
    with tempfile.TemporaryDirectory(prefix="vernier-cost-") as name:
        folder = pathlib.Path(name)
        for k in range(pairs):
            first = k % 2 == 0
            a = search(folder, first)
            b = search(folder, not first)
            served, alone = (a, b) if first else (b, a)
            ratios.append(served[0] / alone[0])
            costs.append(served[1] / served[0])
            ages.append(served[2])
            print(f"alone {alone[0]:.2f} s, served {served[0]:.2f} s, ratio {ratios[-1]:.3f}; serve used {served[1]:.2f} s = {100 * costs[-1]:.2f} % of a core; new data every {served[2]:.1f} s at most")
    print(f"median ratio {statistics.median(ratios):.3f}, median share of a core {100 * statistics.median(costs):.2f} %, new data at most {max(ages):.1f} s apart")


main()
