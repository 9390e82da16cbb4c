"""Asks through the pool who it is, each time that a line comes in."""

import sys

from database import pool

for _ in sys.stdin:
    with pool.connection() as connection:
        print(connection.execute("select current_user").fetchone()[0], flush=True)
pool.close()
