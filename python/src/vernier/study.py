"""Studies and trials, with Optuna's names where the meaning is the same."""
from __future__ import annotations

import datetime
import operator
import os
import threading
import uuid
from typing import Any, Callable, Container, Iterable, Mapping, Sequence

from vernier import _vernier, frames, ranges
from vernier._vernier import Direction, State
from vernier.trial import FrozenTrial, Trial, TrialPruned

_NO_END = 1_000_000_000  # trials
_FINISHED = (State.completed, State.stopped, State.failed, State.diverged, State.infeasible)


class DuplicatedStudyError(_vernier.UsageError):
    """create_study() of a name that is there already, without load_if_exists."""


class NoTrialError(_vernier.NotFoundError, ValueError):
    """best_trial, best_value, best_params: no trial is completed yet."""


class _Outcomes:
    """Runs an objective for the library, which hears (what, why) of all but its values; keeps what is to be raised again."""

    def __init__(self, study: "Study", objective: Callable[[Trial], Any], catch: tuple[type, ...],
                 callbacks: Sequence[Callable[["Study", FrozenTrial], None]]):
        self._study, self._objective, self._catch, self._callbacks = study, objective, catch, callbacks
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


    def after(self, number: int) -> bool:
        """The callbacks of a trial that has ended; False: one raised something."""
        try:
            for callback in self._callbacks:
                callback(self._study, self._study._frozen(self._study._study.trial(number)))
        except BaseException as error:
            self._keep(error)
            return False
        return True


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
        self._need_one("direction", "directions")
        return self.directions[0]

    def __reduce__(self):
        """Pickled is where it lies: unpickled, the study is opened again, by one process at a time."""
        return _reopened, (self.study_name, self._study.database(), self._choices)

    def ask(self) -> Trial:
        """A new trial, running from now on."""
        return Trial(self._study.ask(), self._choices)

    def tell(self, trial: Trial | int, values: float | Sequence[float] | None = None, state: State | None = None,
             skip_if_finished: bool = False, *, reason: str = "") -> FrozenTrial:
        """Ends a trial, also one that an earlier process asked for, by its number. skip_if_finished: one that has ended is left as it is."""
        number = trial.number if isinstance(trial, Trial) else operator.index(trial)
        finished = skip_if_finished and self._study.trial(number).state in _FINISHED
        if finished:
            pass
        elif state is not None and state != State.completed:
            if values is not None:
                raise _vernier.UsageError(f"[tell] {values!r} for a trial that is {state.name}; expected no value")
            self._study.end(number, state, reason)
        else:
            self._study.tell(number, self._values(values))
        return self._frozen(self._study.trial(number))

    def optimize(self, func: Callable[[Trial], float | Sequence[float]], n_trials: int | None = None,
                 timeout: float | None = None, n_jobs: int = 1,
                 catch: type | Iterable[type] = (),
                 callbacks: Sequence[Callable[["Study", FrozenTrial], None]] = ()) -> None:
        """Calls `func` for `n_trials` new trials; None: until the planned trials are made, or for ever. Interrupted trials come first and do not count.
        An exception is recorded, its trial failed, and raised again, but for those in `catch`, after which the next trial begins. Ctrl-C
        interrupts the trial; the next optimize() of the study begins with it. `timeout`: seconds after which no trial begins. `n_jobs`:
        threads that call `func`, -1: one a processor. `callbacks` are called with the study and each trial that has ended, in its thread."""
        outcomes = _Outcomes(self, func, (catch,) if isinstance(catch, type) else tuple(catch), callbacks or ())
        count = n_trials if n_trials is not None else 0 if self._study.planned() else _NO_END
        if n_trials is not None and n_trials < 0:
            raise _vernier.UsageError(f"[optimize] {n_trials} trials; expected 0 or more")
        if n_trials == 0:
            return
        self._study.optimize(outcomes, count, timeout, (os.cpu_count() or 1) if n_jobs == -1 else n_jobs,
                             outcomes.after if callbacks else None)
        if outcomes.error is not None:
            raise outcomes.error

    def stop(self) -> None:
        """From within the objective, or another thread: optimize() begins no further trial, and returns when those that run have ended."""
        self._study.stop()

    def enqueue_trial(self, params: Mapping[str, Any], *, skip_if_exists: bool = False) -> None:
        """To be tried before anything else; names left out are drawn. skip_if_exists: not where a trial has these settings, or will."""
        stored = _stored_items(params)
        if not (skip_if_exists and any(dict(trial.params) == dict(stored) for trial in self._study.trials())):
            self._study.enqueue(stored)

    def add_trial(self, trial: FrozenTrial) -> None:
        """A result from elsewhere (create_trial()): evidence for the sampler."""
        made, choices = ranges.read(trial.distributions)
        self._study.add(_stored_items(trial.params), trial.values, made, trial.state)
        for name, known in choices.items():
            earlier = self._choices.get(name)
            self._choices[name] = known.joined(earlier) if earlier else known

    @property
    def best_trial(self) -> FrozenTrial:
        """Of the completed ones. NoTrialError where there is none."""
        self._need_one("best_trial", "best_trials")
        try:
            return self._frozen(self._study.best())
        except _vernier.NotFoundError as error:
            raise NoTrialError(str(error)) from None

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
        return self.get_trials()

    def get_trials(self, *, states: Container[State] | None = None) -> list[FrozenTrial]:
        """All by number, or those in one of `states`."""
        return [self._frozen(trial) for trial in self._study.trials() if states is None or trial.state in states]

    def trials_dataframe(self):
        """One row a trial, with Optuna's columns. Needs pandas."""
        known = _vernier.Database(self._study.database()).study(self.study_name)
        trials = self._study.trials()
        names = list(known.params)
        for trial in trials:  # what running trials have asked for since
            names += [name for name in trial.params if name not in names]
        return frames.trials_frame(trials, names, [metric for metric, _ in known.objectives])

    def _need_one(self, what: str, several: str) -> None:
        if len(self.directions) > 1:
            raise _vernier.UsageError(f"[study] {what} of a study with {len(self.directions)} objectives; expected {several}")

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
            user_attrs={name: frames.attribute(text) for name, text in trial.attributes.items()}, steps=trial.steps, datetime_start=frames.moment(trial.started),
            datetime_complete=frames.moment(trial.ended), duration=datetime.timedelta(seconds=trial.seconds),
            reason=trial.reason)


def _stored_items(params: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [(name, ranges._stored(value)) for name, value in params.items()]


def _file(storage: str | os.PathLike | None) -> str:
    file = os.fspath("vernier.db" if storage is None else storage)
    if isinstance(file, str) and "://" in file:
        raise _vernier.UsageError(f"[study] storage is {file!r}; expected a file, such as {file.split('/')[-1] or 'vernier.db'!r}")
    return os.fsdecode(file)


def _named(what: str, listed: str, given: str | Mapping[str, Any] | None) -> tuple[str, dict[str, Any]]:
    """"gp", or {"type": "tpe", "candidates": 64}."""
    if not (given is None or isinstance(given, (str, Mapping))):
        raise _vernier.UsageError(f"[study] {what} is {given!r}; expected a name, as `vernier {listed}` lists them, or a dict "
                                  "with its type and options")
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


def _reopened(name: str, file: str, choices: Mapping[str, ranges.Choices]) -> Study:
    study = load_study(name, file)
    study._choices.update(choices)
    return study


def create_study(*, storage: str | os.PathLike | None = None, sampler: str | Mapping[str, Any] | None = None,
                 pruner: str | Mapping[str, Any] | None = None, study_name: str | None = None,
                 direction: str | Direction | None = None, load_if_exists: bool = False,
                 directions: Sequence[str | Direction] | None = None, metrics: Sequence[str] = (),
                 seed: int | None = None, max_steps: int = 0, planned_trials: int = 0,
                 space: Mapping[str, Any] | None = None, constraints: Sequence[str] = (),
                 note: str = "") -> Study:
    """Makes a study in the database `storage` (vernier.db), or continues it (load_if_exists).

    sampler: a name of `vernier samplers` ("gp"), or {"type": "tpe", "candidates": 64}. pruner: a name of `vernier strategies` ("full") or a dict likewise;
    those with rungs (asha, hyperband, ...) need max_steps, the steps of a whole trial. space: {"lr": (1e-5, 1e-1, "log"), "n": (1, 8),
    "act": ["relu", "tanh"], "drop": vernier.Float(0, 0.5, when="n >= 2")}; without it, trials find the space as they ask.
    planned_trials: what optimize() without n_trials goes up to. Of a study that is there, what is given must be as it was."""
    file, name = _file(storage), study_name or f"no-name-{uuid.uuid4()}"
    if not load_if_exists and _exists(name, file):
        raise DuplicatedStudyError(f"[study] '{name}' is in {file} already; expected another name, or load_if_exists=True")
    if direction is not None and directions is not None:
        raise _vernier.UsageError("[study] direction and directions; expected one of them")
    ways = directions if directions is not None else None if direction is None else [direction]
    made, choices = ranges.read(space, constraints) if space is not None else (None, {})
    sampler_name, sampler_options = _named("sampler", "samplers", sampler)
    strategy_name, strategy_options = _named("pruner", "strategies", pruner)
    study = _vernier.Study(name, file, sampler_name, sampler_options, strategy_name, strategy_options, max_steps,
                           None if ways is None else [_direction(way) for way in ways], list(metrics), seed,
                           planned_trials, note, made)
    return Study(study, choices)


def load_study(study_name: str | None = None, storage: str | os.PathLike | None = None) -> Study:
    """A study that is there, as it was made; None: the only one of the database. Throws NotFoundError."""
    file = _file(storage)
    names = get_all_study_names(file)
    if study_name is None:
        if len(names) != 1:
            raise _vernier.UsageError(f"[study] no name, and {file} has {len(names)} studies; expected a name")
        study_name = names[0]
    _vernier.Database(file).study(study_name)  # NotFoundError with the nearest name
    return create_study(storage=file, study_name=study_name, load_if_exists=True)


def get_all_study_names(storage: str | os.PathLike | None = None) -> list[str]:
    return [study.name for study in _vernier.Database(_file(storage)).studies()]
