"""A search in one call."""
from __future__ import annotations

import dataclasses
from typing import Any, Callable, Mapping

from vernier.study import Study, create_study


@dataclasses.dataclass(frozen=True)
class Result:
    params: dict[str, Any]
    value: float
    study: Study


def minimize(objective: Callable[[Any], float], space: Mapping[str, Any] | int | None = None,
             n_trials: int = 50, **options: Any) -> Result:
    """The least value of `objective` found in `n_trials` trials. With a space (see create_study) the objective gets a dict of settings; without one it gets
    a Trial and asks for what it wants: minimize(objective, 100) tries 100. Further options are those of create_study and optimize."""
    if isinstance(space, int):
        space, n_trials = None, space
    run = {key: options.pop(key) for key in ("timeout", "n_jobs", "catch", "callbacks") if key in options}
    study = create_study(space=space, direction="minimize", **options)
    study.optimize(objective if space is None else lambda trial: objective(trial.params), n_trials, **run)
    best = study.best_trial
    assert best.value is not None
    return Result(best.params, best.value, study)
