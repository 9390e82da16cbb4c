/** Names as nobody should choose them, and somebody might. Each is a name that PostgreSQL takes. */
import * as fc from "fast-check";

export const hostileNames = [
    `"; DROP ROLE canary; --`,
    `'; DROP ROLE canary; --`,
    `\\'; DROP ROLE canary; --`,
    "x\n\\! touch canary\n",
    "x\r\\! touch canary",
    "x\\\n;DROP ROLE canary;",
    "`touch canary`",
    "$(touch canary)",
    "%COMSPEC% & calc",
    ":canary :'canary'",
    `:"canary"`,
    "$$ ; DROP ROLE canary; $$",
    "*/ DROP ROLE canary; /*",
    "-- comment",
    "E'\\x27'",
    "host=198.51.100.7 dbname=postgres",
    "postgresql://198.51.100.7/postgres",
    "dbname='x' host='198.51.100.7'",
    "PUBLIC",
    "CURRENT_USER",
    "\u001b]0;canary\u0007\u001b[2J\u001b[31m",
    "\u009b31m\u0085",
    "admin\u202Enimda\u2066",
    "zero\u200bwidth\u00ad",
    "line\u2028end\u2029",
    "\u{e0041}tag",
    "u&'\\0041'",
    "trailing ",
    " ",
    "tab\ttab",
    "Ünïon e\u0301 漢字 👩‍👩‍👧",
    "<img src=x onerror=alert(1)> [x](http://198.51.100.7) @everyone",
    "é".repeat(31),
    "x".repeat(63),
];

/** Others by chance, of 1 to 63 bytes. */
export const anyName = fc
    .oneof(
        fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
        fc.string({ unit: "grapheme", minLength: 1, maxLength: 15 }),
        fc.array(fc.constantFrom(...Array.from(`"'\\;-/*$:%&|<>^!()[]{}=@#\`\n\r\t\u001b\u202e aE`)), {
            minLength: 1,
            maxLength: 30,
        }),
    )
    .map((name) => (Array.isArray(name) ? name.join("") : name))
    .filter((name) => !name.includes("\0") && name.isWellFormed() && Buffer.byteLength(name) <= 63);
