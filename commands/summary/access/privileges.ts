/** PostgreSQL's privileges in plain words. */
import { code, enumerate } from "../markdown";
import { shown } from "../findings";

/** Privileges on one kind of object. */
export interface Held {
    /** `table`, `schema`, `database`, ... */
    objectType: string;
    schema: string | undefined;
    /** Objects by name; empty for all. */
    objects: readonly string[];
    /** Whether they hold for objects that are made later. */
    isFuture: boolean;
    privileges: readonly string[];
}

const rows = ["INSERT", "UPDATE", "DELETE"];

/** What an owner may do with tables before version 17, which adds maintaining them. */
const everything = ["SELECT", ...rows, "TRUNCATE", "REFERENCES", "TRIGGER"];

const onTables: Record<string, string> = {
    SELECT: "read",
    INSERT: "insert rows",
    UPDATE: "update rows",
    DELETE: "delete rows",
    TRUNCATE: "empty tables",
    TRIGGER: "add triggers",
    REFERENCES: "refer to tables",
    MAINTAIN: "maintain tables",
};

/** What the privileges let somebody do: `read and change rows`. Nothing is said of those that only lead the way. */
export function inWords(held: readonly Held[]): string {
    const on = (...types: string[]): Set<string> =>
        new Set(held.filter(({ objectType }) => types.includes(objectType)).flatMap(({ privileges }) => privileges));
    const tables = on("table", "column");
    const words: string[] = [];
    const add = (isMeant: boolean, word: string): void => {
        if (isMeant) words.push(word);
    };
    if (everything.every((privilege) => tables.has(privilege))) {
        tables.clear();
        words.push("do everything with tables");
    }
    const changesRows = rows.every((privilege) => tables.has(privilege));
    for (const privilege of tables) {
        if (changesRows && rows.includes(privilege)) add(privilege === "INSERT", "change rows");
        else add(true, onTables[privilege] ?? `use ${code(privilege)} on tables`);
    }
    words.sort((a, b) => order(a) - order(b));
    add(on("function", "procedure", "routine").has("EXECUTE"), "run functions");
    add(on("schema").has("CREATE"), "make tables and other objects");
    add(on("database").has("CREATE"), "make schemas");
    add(on("database").has("TEMPORARY"), "make temporary tables");
    if (on("table", "column").size === 0) add(on("sequence").size > 0, "use sequences");
    const known = ["table", "column", "function", "procedure", "routine", "schema", "database", "sequence"];
    for (const { objectType, privileges } of held) {
        if (!known.includes(objectType)) add(true, `use ${enumerate(privileges.map(code))} on ${code(objectType)}`);
    }
    if (words.length === 0) {
        add(on("database").has("CONNECT"), "connect");
        add(on("schema").has("USAGE"), "use the schema");
    }
    return enumerate([...new Set(words)]);
}

function order(word: string): number {
    const position = ["read", "change rows", ...Object.values(onTables)].indexOf(word);
    return position < 0 ? 99 : position;
}

/** Where the privileges hold: the schemas, single tables, and whether what is made later is covered. */
export function reachOf(held: readonly Held[]): string {
    const within = held.filter(({ objectType }) => objectType !== "database");
    const schemas = [...new Set(within.flatMap(({ schema }) => schema ?? []))];
    const objects = [...new Set(within.flatMap(({ objects }) => objects))];
    const contents = within.filter(({ objectType }) => objectType !== "schema");
    const hasFuture = contents.some(({ isFuture }) => isFuture);
    const hasPresent = contents.some(({ isFuture }) => !isFuture);
    return [
        ...(schemas.length === 0 ? [] : [`schema${schemas.length > 1 ? "s" : ""} ${enumerate(schemas.map(shown))}`]),
        ...(objects.length === 0 ? [] : [`only ${enumerate(objects.map(shown))}`]),
        ...(hasFuture ? [hasPresent ? "present and future objects" : "future objects only"] : []),
    ].join(", ");
}
