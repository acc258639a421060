"""Promises of python/src/vernier, on the installed package."""
import math
import os
import signal
import subprocess
import sys
import threading

import numpy
import pandas
import pytest

import vernier
from vernier import State


@pytest.fixture
def db(tmp_path):
    return str(tmp_path / "v.db")


def branin(x, y):
    valley = y - 5.1 / (4 * math.pi**2) * x**2 + 5 / math.pi * x - 6
    return valley**2 + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def test_branin_in_fifty_trials(db):
    study = vernier.create_study(study_name="branin", storage=db, seed=1)
    study.optimize(lambda trial: branin(trial.suggest_float("x", -5, 10), trial.suggest_float("y", 0, 15)), n_trials=50)
    assert study.best_value - 0.397887 < 0.01
    assert branin(**study.best_params) == study.best_value
    assert study.best_trial.number in range(1, 51)
    assert len({tuple(trial.params.values()) for trial in study.trials}) == 50


def test_minimize_with_a_space_and_without(db):
    found = vernier.minimize(lambda p: (p["x"] - 2)**2 + p["n"] + (p["act"] != "tanh"),
                             {"x": (-5.0, 5.0), "n": (1, 4), "act": ["relu", "tanh"],
                              "rate": vernier.Float(1e-3, 1, log=True, when="n >= 2")},
                             n_trials=30, storage=db, study_name="given", seed=2)
    assert found.params["n"] == 1 and found.params["act"] == "tanh" and "rate" not in found.params
    assert found.value < 1.1
    assert any("rate" in trial.params for trial in found.study.trials)
    free = vernier.minimize(lambda trial: trial.suggest_int("n", 1, 9, step=2), 5, storage=db, study_name="free")
    assert free.value == 1 and len(free.study.trials) == 5


def test_ask_and_tell_across_processes(db):
    code = f"""
import vernier
study = vernier.create_study(study_name="s", storage={db!r}, direction="maximize")
trial = study.ask()
assert trial.suggest_int("n", 1, 100, log=True) == trial.params["n"]
study.tell(study.ask(), 3.5)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    study = vernier.load_study("s", db)
    assert study.trials[0].state == State.interrupted
    study.tell(1, 7)
    assert study.best_trial.number == 1 and study.best_value == 7 and study.best_params == {"n": study.trials[0].params["n"]}
    with pytest.raises(vernier.UsageError, match="not running"):
        study.tell(1, 8)
    with pytest.raises(vernier.NotFoundError):
        study.tell(99, 8)
    trial = study.ask()
    study.tell(trial, state=State.failed, reason="no machine")
    assert study.trials[-1].reason == "no machine"


def test_exceptions_are_recorded_and_raised_unless_caught(db):
    study = vernier.create_study(study_name="s", storage=db)

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        if trial.number == 2:
            raise ValueError("no such luck")
        if trial.number == 4:
            raise KeyError("worse")
        return x

    with pytest.raises(KeyError, match="worse"):
        study.optimize(objective, n_trials=9, catch=(ValueError,))
    assert [trial.state for trial in study.trials] == [State.completed, State.failed, State.completed, State.failed]
    assert study.trials[1].reason == "ValueError: no such luck"
    with pytest.raises(TypeError, match="None"):
        study.optimize(lambda trial: None, n_trials=1)
    with pytest.raises(vernier.UsageError, match="empty"):
        study.optimize(lambda trial: trial.suggest_float("x", 1, 0), n_trials=1)
    with pytest.raises(ValueError, match="another type"):
        study.optimize(lambda trial: trial.suggest_int("x", 0, 1), n_trials=1)
    study.optimize(lambda trial: float("nan"), n_trials=1)
    assert study.trials[-1].state == State.diverged


def test_control_c_interrupts_and_the_same_script_continues(db):
    code = f"""
import os, signal, sys, vernier
study = vernier.create_study(study_name="s", storage={db!r}, load_if_exists=True, planned_trials=6)
def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    trial.report(x, 0)
    if trial.number == 3 and trial.last_step == 0 and sys.argv[1] == "first":
        os.kill(os.getpid(), signal.SIGINT)
        while True:
            pass
    return x
study.optimize(objective)
"""
    first = subprocess.run([sys.executable, "-c", code, "first"], capture_output=True, text=True)
    assert "KeyboardInterrupt" in first.stderr and first.returncode != 0
    before = vernier.load_study("s", db).trials
    assert [trial.state for trial in before] == [State.completed, State.completed, State.interrupted]
    subprocess.run([sys.executable, "-c", code, "again"], check=True)
    after = vernier.load_study("s", db).trials
    assert [trial.state for trial in after] == [State.completed] * 6
    assert after[2].params == before[2].params


def test_strategies_prune_and_asha_continues(db):
    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        for step in range((trial.last_step or 0) + 1, 10):
            trial.report(x + 1 / step, step, accuracy=-x)
            if trial.should_prune():
                raise vernier.TrialPruned()
        return x + 1 / 9

    for pruner, options in (("median", {}), ({"type": "asha", "eta": 3}, {"max_steps": 9})):
        study = vernier.create_study(study_name=str(pruner)[2:6].strip("'") + "x", storage=db, sampler="random",
                                     pruner=pruner, seed=3, **options)
        study.optimize(objective, n_trials=18)
        states = [trial.state for trial in study.trials]
        assert states.count(State.stopped) >= 3 and states.count(State.completed) >= 1 and len(states) == 18
        curve = vernier.open(db).curve(study.study_name, study.best_trial.number)
        assert list(curve.index) == list(range(1, 10)) and list(curve.columns) == ["value", "accuracy"]
    own = vernier.create_study(study_name="own", storage=db)

    def prunes_itself(trial):
        trial.report(trial.suggest_float("x", 0, 1), 0)
        raise vernier.TrialPruned()

    own.optimize(prunes_itself, n_trials=1)
    assert own.trials[0].state == State.stopped and own.trials[0].value == own.trials[0].params["x"]


def test_threads(db):
    study = vernier.create_study(study_name="s", storage=db, seed=1)
    meeting, threads = threading.Barrier(3), set()

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        if trial.number <= 3:
            meeting.wait(timeout=60)  # three at once, or never
        threads.add(threading.get_ident())
        return x

    study.optimize(objective, n_trials=12, n_jobs=3)
    assert len(study.trials) == 12 and len(threads) == 3
    assert len({trial.params["x"] for trial in study.trials}) == 12


def test_data_frames(db):
    study = vernier.create_study(study_name="s", storage=db, directions=["minimize", "maximize"], metrics=["cost", "gain"])

    def objective(trial):
        x = trial.suggest_float("x", 0, 1)
        trial.set_user_attr("where", {"node": 3})
        if trial.suggest_categorical("kind", ["a", "b"]) == "a":
            return x, trial.suggest_float("y", 0, 1)
        return x, 0.5

    study.optimize(objective, n_trials=12)
    frame = study.trials_dataframe()
    assert list(frame["number"]) == list(range(1, 13))
    assert list(frame["params_x"]) == list(frame["values_cost"])
    assert (frame["params_y"].isna() == (frame["params_kind"] == "b")).all()
    assert set(frame["state"]) == {"completed"} and frame["user_attrs_where"][0] == {"node": 3}
    pandas.testing.assert_frame_equal(frame[sorted(frame)], vernier.open(db).trials("s")[sorted(frame)])
    studies = vernier.open(db).studies()
    assert studies["objectives"][0] == {"cost": "minimize", "gain": "maximize"} and vernier.open(db).study_names() == ["s"]
    assert {trial.number for trial in study.best_trials} <= set(frame["number"]) and study.best_trials


def test_choices_of_any_type(db):
    study = vernier.create_study(study_name="s", storage=db, sampler="random")
    choices = [None, True, 1, 1.5, "1", (2, 3), numpy.int64(7), numpy.float64(0.25)]
    seen = set()

    def objective(trial):
        value = trial.suggest_categorical("c", choices)
        assert any(value is choice for choice in choices)
        assert trial.params["c"] is value
        seen.add(repr(value))
        return trial.suggest_float("x", 0, 1)

    study.optimize(objective, n_trials=60)
    assert len(seen) == len(choices)
    assert all(any(trial.params["c"] is choice for choice in choices) for trial in study.trials)


def test_studies_keep_what_they_are(db):
    vernier.create_study(study_name="s", storage=db, sampler={"type": "tpe", "candidates": 30}, seed=4)
    with pytest.raises(vernier.DuplicatedStudyError):
        vernier.create_study(study_name="s", storage=db)
    with pytest.raises(vernier.UsageError, match="sampler"):
        vernier.create_study(study_name="s", storage=db, sampler="gp", load_if_exists=True)
    with pytest.raises(vernier.UsageError, match="gp"):
        vernier.create_study(study_name="t", storage=db, sampler="gpp")
    with pytest.raises(vernier.NotFoundError, match="did you mean 's'|no study"):
        vernier.load_study("t", db)
    with pytest.raises(vernier.StoreError):
        vernier.load_study("t", os.path.dirname(db))
    study = vernier.load_study("s", db)
    study.enqueue_trial({"x": 0.5})
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1, step=0.25), n_trials=2)
    assert study.trials[0].params == {"x": 0.5}


def test_another_process_is_refused_while_one_writes(db):
    study = vernier.create_study(study_name="s", storage=db)
    code = f"import vernier; vernier.create_study(study_name='t', storage={db!r})"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert other.returncode != 0 and "StoreError" in other.stderr
    assert study.ask().number == 1
    read = subprocess.run([sys.executable, "-c", f"import vernier; print(vernier.open({db!r}).study_names())"],
                          capture_output=True, text=True, check=True)
    assert read.stdout.strip() == "['s']"
