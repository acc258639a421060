"""Trials: while they run, and as they are remembered."""
from __future__ import annotations

import dataclasses
import datetime
import operator
from typing import Any, Mapping, Sequence

from vernier import _vernier, frames, ranges
from vernier._vernier import State


def _whole(value: Any) -> int:
    """Of 3.0 too."""
    return int(value) if isinstance(value, float) and value.is_integer() else operator.index(value)


class TrialPruned(Exception):
    """Raised by an objective: the trial ends as stopped, with the best value it reported (or goes on later, where its strategy pauses trials)."""


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
        return self._trial.suggest_int(name, _whole(low), _whole(high), _whole(step), log)

    def suggest_categorical(self, name: str, choices: Sequence[Any]) -> Any:
        known = ranges.Choices(choices)
        value = known.choice(self._trial.suggest_value(name, known.stored))
        earlier = self._choices.get(name)
        self._choices[name] = known.joined(earlier) if earlier else known
        return value

    def report(self, value: float, step: int, **metrics: float) -> None:
        """The objective at a step 0, 1, 2, ..., and other metrics for the curves. Steps reported before an interruption are passed over."""
        self._trial.report(_whole(step), float(value), [(name, float(other)) for name, other in metrics.items()])

    def should_prune(self) -> bool:
        """Whether the strategy wants the trial to end: raise TrialPruned then."""
        return self._trial.should_stop()

    @property
    def last_step(self) -> int | None:
        """The last step reported, also before an interruption or a pause; None: none."""
        return self._trial.last_step()

    def set_user_attr(self, key: str, value: Any) -> None:
        """Anything that json can write."""
        self._trial.set_attribute(key, frames.attribute_text(value))


@dataclasses.dataclass(frozen=True)
class FrozenTrial:
    """A trial of the database."""
    number: int
    state: State
    value: float | None
    values: list[float]
    params: dict[str, Any]
    user_attrs: dict[str, Any]
    steps: int
    datetime_start: datetime.datetime | None
    datetime_complete: datetime.datetime | None
    duration: datetime.timedelta
    reason: str
    distributions: Mapping[str, Any] = dataclasses.field(default_factory=dict)  # for add_trial()


def create_trial(*, params: Mapping[str, Any] | None = None, distributions: Mapping[str, Any] | None = None,
                 value: float | None = None, values: Sequence[float] | None = None,
                 state: State | None = None) -> FrozenTrial:
    """A result from elsewhere, for Study.add_trial(). distributions: the ranges, as create_study's space, of parameters that no trial of the study has
    asked for so far. state: completed, failed or infeasible."""
    if value is not None and values is not None:
        raise _vernier.UsageError("[trial] value and values; expected one of them")
    told = [float(value)] if value is not None else [float(each) for each in values or ()]
    return FrozenTrial(
        number=0, state=State.completed if state is None else state, value=told[0] if told else None, values=told,
        params=dict(params or {}), user_attrs={}, steps=0, datetime_start=None, datetime_complete=None,
        duration=datetime.timedelta(), reason="", distributions=dict(distributions or {}))
