"""Connections to the database, signed in with Microsoft Entra.

    from database import pool
    with pool.connection() as connection:
        print(connection.execute("select current_user").fetchone())
"""

import os

import certifi
from azure.identity import DefaultAzureCredential
from psycopg_pool import ConnectionPool

SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
credential = DefaultAzureCredential()


def arguments() -> dict[str, str]:
    """Asked for each new connection: the library keeps a token and renews it in time."""
    return {
        "password": credential.get_token(SCOPE).token,
        "sslmode": "verify-full",
        # The client brings its own OpenSSL, which knows no system's root certificates.
        "sslrootcert": os.environ.get("PGSSLROOTCERT", certifi.where()),
    }


# The server, database and user come from PGHOST, PGPORT, PGDATABASE and PGUSER.
pool = ConnectionPool(kwargs=arguments, check=ConnectionPool.check_connection, open=True)
