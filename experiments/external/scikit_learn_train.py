"""A linear classifier of scikit-learn's digits, a pass over the data each step. Resumable: see README.md."""
import json
import os
import pickle

os.environ.setdefault("OMP_NUM_THREADS", "1")  # trials run side by side

import numpy
from sklearn.datasets import load_digits
from sklearn.linear_model import SGDClassifier
from sklearn.metrics import log_loss

params = json.loads(os.environ["VERNIER_PARAMS"])
seed = int(os.environ["VERNIER_SEED"]) % 2**32
budget = int(os.environ["VERNIER_BUDGET"])
state_file = os.path.join(os.environ["VERNIER_TRIAL_DIR"], "state.pickle")

x, y = load_digits(return_X_y=True)
order = numpy.random.default_rng(7).permutation(len(x))
x, y = x[order] / 16, y[order]
train, valid = slice(0, 1400), slice(1400, None)

model = SGDClassifier(loss="log_loss", learning_rate="constant", shuffle=False, random_state=seed, **params)
printed = []
if os.path.exists(state_file):
    with open(state_file, "rb") as file:  # this trial's own: nobody else writes there
        model, printed = pickle.load(file)
for line in printed:
    print(line, flush=True)

for step in range(len(printed) + 1, budget + 1):
    batch = numpy.random.default_rng([seed, step]).permutation(1400)
    model.partial_fit(x[train][batch], y[train][batch], classes=range(10))
    scores = {"val_acc": float(model.score(x[valid], y[valid])), "val_loss": float(log_loss(y[valid], model.predict_proba(x[valid]), labels=range(10)))}
    printed.append(json.dumps({"step": step, **scores}))
    with open(state_file + ".part", "wb") as file:
        pickle.dump((model, printed), file)
    os.replace(state_file + ".part", state_file)
    print(printed[-1], flush=True)
