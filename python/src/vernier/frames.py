"""Trials as pandas data frames, where pandas is installed."""
from __future__ import annotations

import datetime
import json
from typing import Any, Iterable


def pandas():
    try:
        import pandas as found
    except ImportError as error:
        raise ImportError("data frames need pandas: pip install pandas") from error
    return found


def moment(unix: float | None) -> datetime.datetime | None:
    return None if unix is None else datetime.datetime.fromtimestamp(unix)


def attribute_text(value: Any) -> str:
    """A text as it is, unless it reads as JSON; anything else as JSON."""
    if isinstance(value, str) and attribute(value) is value:
        return value
    return json.dumps(value)


def attribute(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def trials_frame(trials: Iterable[Any], names: list[str], metrics: list[str]):
    """One row a trial, with Optuna's columns: number, value (or values_METRIC), datetime_start, datetime_complete, duration, params_*,
    user_attrs_*, state; and steps."""
    rows, attributes = [], []
    for trial in trials:
        row: dict[str, Any] = {"number": trial.number}
        if len(metrics) > 1:
            for k, metric in enumerate(metrics):
                row[f"values_{metric}"] = trial.values[k] if k < len(trial.values) else None
        else:
            row["value"] = trial.value
        row["datetime_start"] = moment(trial.started)
        row["datetime_complete"] = moment(trial.ended)
        row["duration"] = datetime.timedelta(seconds=trial.seconds)
        for name in names:
            row[f"params_{name}"] = trial.params.get(name)
        for name, text in trial.attributes.items():
            row[f"user_attrs_{name}"] = attribute(text)
            if f"user_attrs_{name}" not in attributes:
                attributes.append(f"user_attrs_{name}")
        row["steps"] = trial.steps
        row["state"] = trial.state.name
        rows.append(row)
    values = [f"values_{metric}" for metric in metrics] if len(metrics) > 1 else ["value"]
    columns = ["number", *values, "datetime_start", "datetime_complete", "duration",
               *(f"params_{name}" for name in names), *attributes, "steps", "state"]
    return pandas().DataFrame(rows, columns=columns)
