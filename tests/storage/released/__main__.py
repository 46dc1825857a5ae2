"""Keeps the rows of a SQLite database for the test of upgrades."""

import sys

from sqlalchemy import create_engine

from storage.upgrade import version_of
from tests.storage.released import write

engine = create_engine(f"sqlite:///{sys.argv[1]}")
print(write(engine, str(version_of(engine))))
