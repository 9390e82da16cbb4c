// Connections to the database, signed in with Microsoft Entra.
//
//     import { pool } from "./database.mjs";
//     const { rows } = await pool.query("select current_user");
import { DefaultAzureCredential } from "@azure/identity";
import pg from "pg";

const scope = "https://ossrdbms-aad.database.windows.net/.default";
const credential = new DefaultAzureCredential();

// The server, database and user come from PGHOST, PGPORT, PGDATABASE and PGUSER.
export const pool = new pg.Pool({
    ssl: true,
    // Asked for each new connection: the library keeps a token and renews it in time.
    password: async () => (await credential.getToken(scope)).token,
});

// The pool replaces an idle connection that the server has ended.
pool.on("error", (error) => console.warn(error.message));
