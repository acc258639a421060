"""What stands under Optuna's names does as Optuna 5.0 does, tried call by call beside it."""
import os
import pickle
import signal
import subprocess
import sys
import threading

import pytest

import vernier
from vernier import State


@pytest.fixture
def db(tmp_path):
    folder = tmp_path / "a folder, größer"
    folder.mkdir()
    return str(folder / "v 1.db")


def line(trial):
    return trial.suggest_float("x", 0, 1)


def states(study):
    return [trial.state.name for trial in study.trials]


def test_results_from_elsewhere(db):
    study = vernier.create_study(study_name="s", storage=db, seed=1)
    study.add_trial(vernier.create_trial(params={"x": 0.5, "kind": (1,)}, value=-5.0,
                                         distributions={"x": vernier.Float(0, 1), "kind": [(1,), None]}))
    study.add_trial(vernier.create_trial(params={"x": 0.25}, state=State.failed))  # its range is known by now
    study.optimize(lambda trial: line(trial) + (trial.suggest_categorical("kind", [(1,), None]) is None), n_trials=3)
    assert states(study) == ["completed", "failed", "completed", "completed", "completed"]
    assert study.best_value == -5 and study.best_params == {"x": 0.5, "kind": (1,)} and study.best_trial.number == 1
    again = pickle.loads(pickle.dumps(study.best_trial))
    assert again == study.best_trial
    curve = vernier.open(db).curve("s", 1)
    assert list(curve["value"]) == [-5]
    for wrong, text in (({"params": {"x": 1.5}, "value": 1, "distributions": {"x": vernier.Float(0, 1)}}, "1.5"),
                        ({"params": {"y": 1.5}, "value": 1}, "range"),
                        ({"params": {"x": 0.5}}, "0 values"),
                        ({"params": {"x": 0.5}, "value": float("nan")}, "finite"),
                        ({"params": {"x": 0.5}, "state": State.running}, "running"),
                        ({"params": {"x": 0.5}, "value": 1, "values": [1]}, "one of them")):
        with pytest.raises(vernier.UsageError, match=text):
            study.add_trial(vernier.create_trial(**wrong))
    two = vernier.create_study(study_name="t", storage=db, directions=["minimize", "maximize"], space={"x": (0.0, 1.0)})
    two.add_trial(vernier.create_trial(params={"x": 0.5}, values=[1, 2]))
    two.optimize(lambda trial: (1 + trial.params["x"], 1), n_trials=2)
    assert [trial.number for trial in two.best_trials] == [1] and two.trials[0].values == [1, 2]


def test_one_best_trial_is_for_one_objective(db):
    one = vernier.create_study(study_name="one", storage=db)
    with pytest.raises(ValueError, match="no trial is completed"):
        one.best_value
    with pytest.raises(vernier.NotFoundError):
        one.best_params
    two = vernier.create_study(study_name="two", storage=db, directions=["minimize", "maximize"])
    two.optimize(lambda trial: (line(trial), 1), n_trials=1)
    for name in ("best_trial", "best_value", "best_params", "direction"):
        with pytest.raises(RuntimeError, match="2 objectives"):
            getattr(two, name)


def test_tell_says_what_became_of_it(db):
    study = vernier.create_study(study_name="s", storage=db)
    trial = study.ask()
    told = study.tell(trial, 1)
    assert (told.number, told.state, told.value) == (1, State.completed, 1.0)
    with pytest.raises(ValueError):
        study.tell(trial, 2)
    assert study.tell(trial, 2, skip_if_finished=True).value == 1
    assert study.tell(study.ask().number, state=State.failed).state == State.failed
    assert study.tell(study.ask(), float("nan")).state == State.diverged
    with pytest.raises(ValueError, match="expected no value"):
        study.tell(study.ask(), 1, state=State.failed)
    assert len(study.get_trials(states=(State.failed, State.diverged))) == 2 and len(study.get_trials()) == 4


def test_attributes_come_back_as_they_were(db):
    study = vernier.create_study(study_name="s", storage=db)
    given = {"a": 1, "b": "1", "c": [1, 2], "d": "x", "e": {"f": None}, "g": "null", "größe": "ä\n"}
    trial = study.ask()
    for name, value in given.items():
        trial.set_user_attr(name, value)
    assert study.tell(trial, 1).user_attrs == given
    assert study.trials_dataframe()["user_attrs_b"][0] == "1"


def test_enqueue_once(db):
    study = vernier.create_study(study_name="s", storage=db)
    for _ in range(2):
        study.enqueue_trial({"x": 0.25}, skip_if_exists=True)
    assert states(study) == ["waiting"]
    study.optimize(line, n_trials=1)
    study.enqueue_trial({"x": 0.25}, skip_if_exists=True)
    assert states(study) == ["completed"] and study.best_params == {"x": 0.25}
    study.enqueue_trial({"x": 2.5})
    with pytest.raises(vernier.UsageError, match="enqueued as 2.5"):
        study.optimize(line, n_trials=1)
    assert states(study) == ["completed", "failed"]


def test_what_is_no_value(db):
    study = vernier.create_study(study_name="s", storage=db)
    for wrong in ((1.0, 2.0), "abc", None):
        with pytest.raises((ValueError, TypeError)):
            study.optimize(lambda trial: wrong, n_trials=1)
    study.optimize(lambda trial: [trial.suggest_int("n", 1.0, 1.0)], n_trials=1)
    assert states(study) == ["failed"] * 3 + ["completed"] and study.best_params == {"n": 1}
    with pytest.raises(TypeError):
        vernier.create_study(study_name="t", storage=db).ask().suggest_int("n", 0.5, 1)


def test_how_many_trials_and_threads(db):
    study = vernier.create_study(study_name="s", storage=db)
    study.optimize(line, n_trials=0)
    study.optimize(line, n_trials=3, timeout=0)
    assert study.trials == [] and list(study.trials_dataframe()["number"]) == []
    study.optimize(line, n_trials=3, n_jobs=-1, catch=[ValueError])
    assert states(study) == ["completed"] * 3
    for wrong in ({"n_trials": -1}, {"n_trials": 1, "n_jobs": 0}):
        with pytest.raises(vernier.UsageError):
            study.optimize(line, **wrong)


def test_callbacks_and_stop(db):
    study = vernier.create_study(study_name="s", storage=db)
    seen = []

    def stop_at_three(of, trial):
        seen.append((trial.number, trial.state, trial.value))
        if trial.number == 3:
            of.stop()

    study.optimize(line, n_trials=9, callbacks=[stop_at_three])
    assert seen == [(trial.number, State.completed, trial.value) for trial in study.trials] and len(seen) == 3
    with pytest.raises(ZeroDivisionError):
        study.optimize(line, n_trials=9, callbacks=[lambda of, trial: 1 / 0])
    assert len(study.trials) == 4
    with pytest.raises(RuntimeError, match="does not run"):
        study.stop()
    with pytest.raises(RuntimeError, match="one at a time"):
        study.optimize(lambda trial: study.optimize(line, n_trials=1), n_trials=1)


def test_a_pickled_study_is_opened_again(db):
    study = vernier.create_study(study_name="s", storage=db)
    study.optimize(lambda trial: line(trial) + trial.suggest_categorical("c", [(1,), (2,)])[0], n_trials=2)
    pickled = pickle.dumps(study)
    again = pickle.loads(pickled)
    again.optimize(line, n_trials=1)
    assert len(study.trials) == 3 and again.trials[0].params == study.trials[0].params
    code = f"import pickle\nprint(len(pickle.loads({pickled!r}).trials))"
    beside = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert beside.returncode != 0 and "StoreError" in beside.stderr and str(os.getpid()) in beside.stderr
    del study, again
    after = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert after.stdout == "3\n"


def test_which_studies_there_are(db):
    vernier.create_study(study_name="s", storage=db, direction="maximize")
    assert vernier.get_all_study_names(db) == ["s"] and vernier.load_study(storage=db).study_name == "s"
    vernier.create_study(study_name="t", storage=db)
    assert vernier.get_all_study_names(storage=db) == ["s", "t"]
    with pytest.raises(vernier.UsageError, match="2 studies"):
        vernier.load_study(storage=db)
    for wrong, text in (({"storage": "sqlite:///v.db"}, "'v.db'"), ({"storage": db, "sampler": object()}, "vernier samplers"),
                        ({"storage": db, "pruner": object()}, "vernier strategies"), ({"storage": db, "study_name": "a b"}, "letters"),
                        ({"storage": db, "direction": "up"}, "maximize")):
        with pytest.raises(ValueError, match=text):
            vernier.create_study(**wrong)


def test_control_c_while_other_threads_work(db):
    """The main thread has nothing left to do and waits: it hears the signal all the same, and a trial that asks ends."""
    code = f"""
import os, signal, threading, vernier
study = vernier.create_study(study_name="s", storage={db!r})
meeting = threading.Barrier(2)
def objective(trial):
    x = trial.suggest_float("x", 0, 1)
    meeting.wait(timeout=60)
    if threading.current_thread() is not threading.main_thread():
        threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
        step = 0
        while not trial.should_prune():
            step += 1
            trial.report(x, step)
        raise vernier.TrialPruned()
    return x
study.optimize(objective, n_trials=2, n_jobs=2)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode != 0 and "KeyboardInterrupt" in done.stderr, done.stderr
    assert sorted(states(vernier.load_study("s", db))) == ["completed", "interrupted"]


@pytest.mark.skipif("VERNIER" not in os.environ, reason="the program is not named")
def test_the_program_writes_to_a_study_that_is_open(db):
    def vernier_says(*words):
        return subprocess.run([os.environ["VERNIER"], *words, "--db", db], capture_output=True, text=True)

    study = vernier.create_study(study_name="s", storage=db)

    def objective(trial):
        trial.report(line(trial), 1)
        if trial.number == 1:
            assert vernier_says("note", "s#1", "by hand").returncode == 0
            assert vernier_says("tag", "s", "+good").returncode == 0
        if trial.number == 2:
            assert vernier_says("stop", "s#2").returncode == 0
            assert trial.should_prune()
            raise vernier.TrialPruned()
        if trial.number == 3:
            assert vernier_says("stop", "s").returncode == 0
            assert trial.should_prune()
        return 1.0

    study.optimize(objective, n_trials=5)
    assert states(study) == ["completed", "stopped", "interrupted"] and study.trials[1].reason == "stopped by a person"
    assert "by hand" in vernier_says("trial", "s#1").stdout
    refused = vernier_says("stop", "s")
    assert refused.returncode == 1 and "does not run" in refused.stderr
