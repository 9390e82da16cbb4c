import { packageRoot } from "../../local/package-root";
import { generate } from "./generate";

/** The schema of `EntraPostgres` as the file in `provider/construct/` has it. */
export function componentSchema(): string {
    const { resource, types } = generate(packageRoot, "EntraPostgres", ["host", "connect"]);
    const sorted = Object.fromEntries(Object.entries(types).sort(([a], [b]) => (a < b ? -1 : 1)));
    return `${JSON.stringify({ resources: { "entra-postgres:index:EntraPostgres": resource }, types: sorted }, undefined, 4)}\n`;
}
