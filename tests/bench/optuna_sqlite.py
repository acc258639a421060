"""What a trial of one step costs Optuna on SQLite: the peer of `vernier bench --store`.

  vernier bench --store --peer 'python3 tests/bench/optuna_sqlite.py'

Prints {"trials": N, "us_per_trial": X}. Needs `pip install optuna`."""
import json
import os
import sys
import tempfile
import time

import optuna

TRIALS = int(sys.argv[1]) if len(sys.argv) > 1 else 200

optuna.logging.set_verbosity(optuna.logging.WARNING)
with tempfile.TemporaryDirectory() as folder:
    study = optuna.create_study(storage=f"sqlite:///{os.path.join(folder, 'optuna.db')}",
                                sampler=optuna.samplers.RandomSampler(seed=0))

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        trial.report(x, 1)
        return x

    began = time.perf_counter()
    study.optimize(objective, n_trials=TRIALS)
    seconds = time.perf_counter() - began
print(json.dumps({"trials": TRIALS, "us_per_trial": 1e6 * seconds / TRIALS, "optuna": optuna.__version__}))
