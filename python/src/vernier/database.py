"""Reading a database: studies of any origin, also while they run."""
from __future__ import annotations

import os

from vernier import _vernier, frames


class Database:
    """The studies of one file as data frames. Needs pandas, but for study_names()."""

    def __init__(self, file: str | os.PathLike = "vernier.db"):
        self._database = _vernier.Database(os.fspath(file))

    def study_names(self) -> list[str]:
        return [study.name for study in self._database.studies()]

    def studies(self):
        """One row a study: name, state, planned, sampler, strategy, objectives, note, created."""
        rows = [{
            "name": study.name, "state": study.state, "planned": study.planned, "sampler": study.sampler,
            "strategy": study.strategy, "objectives": {metric: way.name for metric, way in study.objectives},
            "note": study.note, "created": frames.moment(study.created)
        } for study in self._database.studies()]
        return frames.pandas().DataFrame(rows, columns=["name", "state", "planned", "sampler", "strategy",
                                                        "objectives", "note", "created"])

    def trials(self, study: str):
        """As Study.trials_dataframe()."""
        known = self._database.study(study)
        return frames.trials_frame(self._database.trials(study), known.params,
                                   [metric for metric, _ in known.objectives])

    def curve(self, study: str, number: int):
        """One row a step of one trial, one column a metric."""
        rows = [{"step": step, **dict(metrics)} for step, metrics in self._database.curve(study, number)]
        frame = frames.pandas().DataFrame(rows)
        return frame.set_index("step") if rows else frame


def open(database: str | os.PathLike = "vernier.db") -> Database:  # noqa: A001: vernier.open, as gzip.open
    """Reads the studies of a database."""
    return Database(database)
