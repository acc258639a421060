"""Hyperparameter search: studies, trials and their database, for functions written in Python.

    import vernier

    def objective(trial):
        lr = trial.suggest_float("lr", 1e-5, 1e-1, log=True)
        return loss_of(lr)

    study = vernier.create_study(study_name="tune", sampler="gp")
    study.optimize(objective, n_trials=50)
    print(study.best_value, study.best_params)

Every trial is in the database (vernier.db) before its end is reported, where `vernier ls`, `top`, `query`, `report` and `serve` read it. Names follow
Optuna's where the meaning is the same. Trials are numbered from 1.
"""
from vernier._vernier import (Direction, Error, NotFoundError, SpaceExhausted, State, StoreError,
                              UsageError)
from vernier.database import Database, open
from vernier.minimize import Result, minimize
from vernier.ranges import Categorical, Float, Int
from vernier.study import (DuplicatedStudyError, NoTrialError, Study, create_study,
                           get_all_study_names, load_study)
from vernier.trial import FrozenTrial, Trial, TrialPruned, create_trial

__version__ = "0.1.0"
__all__ = [
    "Categorical", "Database", "Direction", "DuplicatedStudyError", "Error", "Float", "FrozenTrial",
    "Int", "NoTrialError", "NotFoundError", "Result", "SpaceExhausted", "State", "StoreError", "Study", "Trial",
    "TrialPruned", "UsageError", "create_study", "create_trial",
    "get_all_study_names", "load_study", "minimize", "open"
]
