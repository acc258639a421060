#!/usr/bin/env python3
"""Makes optuna.db, which the target `imports` lays its bytes over: Optuna's own studies, on small pages. Run by the interpreter of tests/program/packages.py."""
import pathlib
import sqlite3
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "program"))
import readers

file = pathlib.Path(__file__).with_name("optuna.db")
file.unlink(missing_ok=True)
readers.make_optuna(str(file))
database = sqlite3.connect(file)
database.execute("DELETE FROM trial_intermediate_values WHERE trial_id > 8")
database.commit()
database.execute("PRAGMA page_size = 512")
database.execute("VACUUM")
database.close()
