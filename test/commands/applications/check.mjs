// Asks through the pool who it is, each time that a line comes in.
import { createInterface } from "node:readline";
import { pool } from "./database.mjs";

for await (const _ of createInterface({ input: process.stdin })) {
    const { rows } = await pool.query("select current_user");
    console.log(rows[0].current_user);
}
await pool.end();
