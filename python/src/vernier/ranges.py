"""Spaces given beforehand: a dict of name -> range."""
from __future__ import annotations

import dataclasses
from typing import Any, Mapping, Sequence

from vernier import _vernier


@dataclasses.dataclass(frozen=True)
class Float:
    """low <= value <= high; with step: low, low + step, ..."""
    low: float
    high: float
    log: bool = False
    step: float | None = None
    when: str = ""  # only where this holds, as 'layers >= 2'; names stand before it in the dict


@dataclasses.dataclass(frozen=True)
class Int:
    low: int
    high: int
    log: bool = False
    step: int = 1
    when: str = ""


@dataclasses.dataclass(frozen=True)
class Categorical:
    choices: Sequence[Any]
    when: str = ""


class Choices:
    """Choices of any type: what the database cannot hold as it is goes there by its repr."""

    def __init__(self, choices: Sequence[Any]):
        self.choices = list(choices)
        self.stored = [_stored(choice) for choice in self.choices]

    def choice(self, stored: Any) -> Any:
        for choice, known in zip(self.choices, self.stored):
            if type(known) is type(stored) and known == stored:
                return choice
        raise KeyError(stored)

    def joined(self, earlier: Choices) -> Choices:
        """These, and those of earlier trials."""
        return Choices([*self.choices, *(choice for choice, stored in zip(earlier.choices, earlier.stored)
                                         if not any(type(stored) is type(own) and stored == own for own in self.stored))])


def _stored(choice: Any) -> bool | int | float | str:
    if type(choice) in (bool, int, float, str):
        return choice
    if type(choice).__module__ == "numpy" and hasattr(choice, "item") and not getattr(choice, "shape", ()):
        return _stored(choice.item())
    return repr(choice)


def read(space: Mapping[str, Any], constraints: Sequence[str] = ()):
    """The space of the library, and the choices by name. (low, high) of ints is an int range, of others a float range; a list is a choice."""
    made, choices = _vernier.Space(), {}
    for name, given in space.items():
        if isinstance(given, tuple) and len(given) in (2, 3) and (len(given) == 2 or given[2] == "log"):
            kind = Int if all(type(end) is int for end in given[:2]) else Float
            given = kind(given[0], given[1], log=len(given) == 3)
        elif isinstance(given, list):
            given = Categorical(given)
        if isinstance(given, Float) and given.step is not None:
            if given.log:
                raise _vernier.UsageError(f"[space] parameter '{name}' has a step and a log scale; expected one of them")
            made.add_stepped(name, given.low, given.high, given.step, given.when)
        elif isinstance(given, Float):
            made.add_float(name, given.low, given.high, given.log, given.when)
        elif isinstance(given, Int):
            made.add_int(name, given.low, given.high, given.log, given.step, given.when)
        elif isinstance(given, Categorical):
            choices[name] = Choices(given.choices)
            made.add_categorical(name, choices[name].stored, given.when)
        else:
            raise _vernier.UsageError(f"[space] parameter '{name}' is {given!r}; expected (low, high), (low, high, 'log'), "
                                      "a list of choices, Float, Int or Categorical")
    for constraint in constraints:
        made.add_constraint(constraint)
    return made, choices
