"""Studies and trials, with Optuna's names where the meaning is the same."""
from __future__ import annotations

import dataclasses
import datetime
import json
import os
import threading
import uuid
from typing import Any, Callable, Mapping, Sequence

from vernier import _vernier, frames, ranges
from vernier._vernier import Direction, State

_NO_END = 1_000_000_000  # trials


class TrialPruned(Exception):
    """Raised by an objective: the trial ends as stopped, with the best value it reported (or goes on later, where its strategy pauses trials)."""


class DuplicatedStudyError(_vernier.UsageError):
    """create_study() of a name that is there already, without load_if_exists."""


class Trial:
    """One running trial. Belongs to one thread at a time."""

    def __init__(self, trial: _vernier.Trial, choices: dict[str, ranges.Choices]):
        self._trial = trial
        self._choices = choices  # of the study: trials add to it

    @property
    def number(self) -> int:
        return self._trial.number

    @property
    def params(self) -> dict[str, Any]:
        """What has been suggested so far; with a space given beforehand, all of it."""
        return {name: self._choices[name].choice(value) if name in self._choices else value
                for name, value in self._trial.params()}

    def suggest_float(self, name: str, low: float, high: float, *, step: float | None = None,
                      log: bool = False) -> float:
        if step is None:
            return self._trial.suggest_float(name, low, high, log)
        if log:
            raise _vernier.UsageError(f"[space] parameter '{name}' has a step and a log scale; expected one of them")
        return self._trial.suggest_stepped(name, low, high, step)

    def suggest_int(self, name: str, low: int, high: int, *, step: int = 1, log: bool = False) -> int:
        if log and step != 1:
            raise _vernier.UsageError(f"[space] parameter '{name}' has a step and a log scale; expected one of them")
        return self._trial.suggest_int(name, low, high, step, log)

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        known = ranges.Choices(choices)
        value = known.choice(self._trial.suggest_value(name, known.stored))
        earlier = self._choices.get(name)
        self._choices[name] = known.joined(earlier) if earlier else known
        return value

    def report(self, value: float, step: int, **metrics: float) -> None:
        """The objective at a step 0, 1, 2, ..., and other metrics for the curves. Steps reported before an interruption are passed over."""
        self._trial.report(step, float(value), [(name, float(other)) for name, other in metrics.items()])

    def should_prune(self) -> bool:
        """Whether the strategy wants the trial to end: raise TrialPruned then."""
        return self._trial.should_stop()

    @property
    def last_step(self) -> int | None:
        """The last step reported, also before an interruption or a pause; None: none."""
        return self._trial.last_step()

    def set_user_attr(self, key: str, value: Any) -> None:
        """A text, or anything that json can write."""
        self._trial.set_attribute(key, value if isinstance(value, str) else json.dumps(value))


@dataclasses.dataclass(frozen=True)
class FrozenTrial:
    """A trial of the database."""
    number: int
    state: State
    value: float | None
    values: list[float]
    params: dict[str, Any]
    user_attrs: dict[str, str]
    steps: int
    datetime_start: datetime.datetime | None
    datetime_complete: datetime.datetime | None
    duration: datetime.timedelta
    reason: str


class _Outcomes:
    """Runs an objective for the library, which hears (what, why) of all but its values; keeps what is to be raised again."""

    def __init__(self, study: "Study", objective: Callable[[Trial], Any], catch: tuple[type, ...]):
        self._study, self._objective, self._catch = study, objective, catch
        self._lock = threading.Lock()
        self.error: BaseException | None = None

    def _keep(self, error: BaseException) -> str:
        with self._lock:
            self.error = self.error or error
        return f"{type(error).__name__}: {error}"

    def __call__(self, trial: _vernier.Trial):
        try:
            return self._study._values(self._objective(Trial(trial, self._study._choices)))
        except TrialPruned:
            # Where the strategy asked for it the library knows how it ends.
            return [0.0] * len(self._study.directions) if trial.should_stop() else ("stopped", "")
        except self._catch as error:
            return ("failed", f"{type(error).__name__}: {error}")
        except Exception as error:
            return ("ended", self._keep(error))
        except BaseException as error:  # KeyboardInterrupt, SystemExit
            return ("interrupted", self._keep(error))


class Study:
    """One study, open for writing: one process at a time writes a database, any number read. Thread-safe. Made by create_study and load_study."""

    def __init__(self, study: _vernier.Study, choices: Mapping[str, ranges.Choices]):
        self._study = study
        self._choices = dict(choices)

    @property
    def study_name(self) -> str:
        return self._study.name()

    @property
    def directions(self) -> list[Direction]:
        return self._study.directions()

    @property
    def direction(self) -> Direction:
        return self.directions[0]

    def ask(self) -> Trial:
        """A new trial, running from now on."""
        return Trial(self._study.ask(), self._choices)

    def tell(self, trial: Trial | int, values: float | Sequence[float] | None = None,
             state: State | None = None, reason: str = "") -> None:
        """Ends a trial, also one that an earlier process asked for, by its number."""
        number = trial if isinstance(trial, int) else trial.number
        if state is not None and state != State.completed:
            self._study.end(number, state, reason)
        else:
            self._study.tell(number, self._values(values))

    def optimize(self, func: Callable[[Trial], float | Sequence[float]], n_trials: int | None = None,
                 timeout: float | None = None, n_jobs: int = 1,
                 catch: type | tuple[type, ...] = ()) -> None:
        """Calls `func` for `n_trials` new trials; None: until the planned trials are made, or for ever. Interrupted trials come first and do not count.
        An exception is recorded, its trial failed, and raised again, but for those in `catch`, after which the next trial begins. Ctrl-C
        interrupts the trial; the next optimize() of the study begins with it. `timeout`: seconds after which no trial begins. `n_jobs`:
        threads that call `func`."""
        outcomes = _Outcomes(self, func, catch if isinstance(catch, tuple) else (catch,))
        count = n_trials if n_trials is not None else 0 if self._study.planned() else _NO_END
        if n_trials is not None and n_trials < 1:
            raise _vernier.UsageError(f"[optimize] {n_trials} trials; expected at least 1")
        self._study.optimize(outcomes, count, timeout, n_jobs)
        if outcomes.error is not None:
            raise outcomes.error

    def enqueue_trial(self, params: Mapping[str, Any]) -> None:
        """To be tried before anything else; names left out are drawn."""
        self._study.enqueue([(name, ranges._stored(value)) for name, value in params.items()])

    @property
    def best_trial(self) -> FrozenTrial:
        return self._frozen(self._study.best())

    @property
    def best_params(self) -> dict[str, Any]:
        return self.best_trial.params

    @property
    def best_value(self) -> float:
        value = self.best_trial.value
        assert value is not None
        return value

    @property
    def best_trials(self) -> list[FrozenTrial]:
        """Of several objectives: those that no other trial is better than in all."""
        return [self._frozen(trial) for trial in self._study.front()]

    @property
    def trials(self) -> list[FrozenTrial]:
        return [self._frozen(trial) for trial in self._study.trials()]

    def trials_dataframe(self):
        """One row a trial, with Optuna's columns. Needs pandas."""
        known = _vernier.Database(self._study.database()).study(self.study_name)
        trials = self._study.trials()
        names = list(known.params)
        for trial in trials:  # what running trials have asked for since
            names += [name for name in trial.params if name not in names]
        return frames.trials_frame(trials, names, [metric for metric, _ in known.objectives])

    def _values(self, result: Any) -> list[float]:
        if isinstance(result, Sequence) and not isinstance(result, str):
            return [float(value) for value in result]
        if result is None:
            raise TypeError("the objective returned None; expected a number, or one for each objective")
        return [float(result)]

    def _frozen(self, trial: _vernier.TrialInfo) -> FrozenTrial:
        params = {}
        for name, value in trial.params.items():
            try:
                params[name] = self._choices[name].choice(value) if name in self._choices else value
            except KeyError:
                params[name] = value
        return FrozenTrial(
            number=trial.number, state=trial.state, value=trial.value, values=list(trial.values), params=params,
            user_attrs=dict(trial.attributes), steps=trial.steps, datetime_start=frames.moment(trial.started),
            datetime_complete=frames.moment(trial.ended), duration=datetime.timedelta(seconds=trial.seconds),
            reason=trial.reason)


def _named(given: str | Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """"gp", or {"type": "tpe", "candidates": 64}."""
    if given is None or isinstance(given, str):
        return given or "", {}
    options = dict(given)
    return options.pop("type", ""), {name: ranges._stored(value) for name, value in options.items()}


def _direction(given: str | Direction) -> Direction:
    if isinstance(given, Direction):
        return given
    if given not in ("minimize", "maximize"):
        raise _vernier.UsageError(f"[study] direction {given!r}; expected minimize or maximize")
    return Direction.minimize if given == "minimize" else Direction.maximize


def _exists(name: str, storage: str) -> bool:
    return os.path.exists(storage) and any(
        study.name == name for study in _vernier.Database(storage).studies())


def create_study(*, storage: str | os.PathLike = "vernier.db", sampler: str | Mapping[str, Any] | None = None,
                 pruner: str | Mapping[str, Any] | None = None, study_name: str | None = None,
                 direction: str | Direction | None = None, load_if_exists: bool = False,
                 directions: Sequence[str | Direction] | None = None, metrics: Sequence[str] = (),
                 seed: int | None = None, max_steps: int = 0, planned_trials: int = 0,
                 space: Mapping[str, Any] | None = None, constraints: Sequence[str] = (),
                 note: str = "") -> Study:
    """Makes a study in the database `storage`, or continues it (load_if_exists).

    sampler: a name of `vernier samplers` ("gp"), or {"type": "tpe", "candidates": 64}. pruner: a name of `vernier strategies` ("full") or a dict likewise;
    those with rungs (asha, hyperband, ...) need max_steps, the steps of a whole trial. space: {"lr": (1e-5, 1e-1, "log"), "n": (1, 8),
    "act": ["relu", "tanh"], "drop": vernier.Float(0, 0.5, when="n >= 2")}; without it, trials find the space as they ask.
    planned_trials: what optimize() without n_trials goes up to. Of a study that is there, what is given must be as it was."""
    file, name = os.fspath(storage), study_name or f"no-name-{uuid.uuid4()}"
    if not load_if_exists and _exists(name, file):
        raise DuplicatedStudyError(f"[study] '{name}' is in {file} already; expected another name, or load_if_exists=True")
    if direction is not None and directions is not None:
        raise _vernier.UsageError("[study] direction and directions; expected one of them")
    ways = directions if directions is not None else None if direction is None else [direction]
    made, choices = ranges.read(space, constraints) if space is not None else (None, {})
    sampler_name, sampler_options = _named(sampler)
    strategy_name, strategy_options = _named(pruner)
    study = _vernier.Study(name, file, sampler_name, sampler_options, strategy_name, strategy_options, max_steps,
                           None if ways is None else [_direction(way) for way in ways], list(metrics), seed,
                           planned_trials, note, made)
    return Study(study, choices)


def load_study(study_name: str, storage: str | os.PathLike = "vernier.db") -> Study:
    """A study that is there, as it was made. Throws NotFoundError."""
    file = os.fspath(storage)
    _vernier.Database(file).study(study_name)  # NotFoundError, StoreError
    return create_study(storage=file, study_name=study_name, load_if_exists=True)


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
    run = {key: options.pop(key) for key in ("timeout", "n_jobs", "catch") if key in options}
    study = create_study(space=space, direction="minimize", **options)
    study.optimize(objective if space is None else lambda trial: objective(trial.params), n_trials, **run)
    best = study.best_trial
    assert best.value is not None
    return Result(best.params, best.value, study)
