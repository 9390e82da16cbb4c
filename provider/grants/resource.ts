/** The resource `DatabaseAccess`: what a principal may do in one database. */
import type { CheckFailure, Properties, ResourceImplementation } from "../protocol/implementation";
import { accessDifferences } from "./difference";
import { checkAccess, readAccess } from "./inputs";
import type { AccessLifecycle } from "./lifecycle";

export function databaseAccess(lifecycle: () => AccessLifecycle): ResourceImplementation {
    return {
        check: ({ inputs }): Promise<{ inputs: Properties; failures: CheckFailure[] }> =>
            Promise.resolve({ inputs, failures: checkAccess(inputs) }),

        diff: ({ oldInputs, inputs }) => Promise.resolve(accessDifferences(oldInputs, inputs)),

        async create({ inputs, preview, signal }) {
            if (preview) return { id: "", outputs: inputs };
            const wanted = readAccess(inputs);
            await lifecycle().give(wanted, [], signal);
            return { id: [wanted.serverName, wanted.database, wanted.role].join("/"), outputs: inputs };
        },

        async read({ id, inputs, outputs, signal }) {
            if (Object.keys(inputs).length === 0) {
                throw new Error(`${id} needn't be imported: deploying it takes over the rights that are there.`);
            }
            const known = readAccess(inputs);
            const grants = await lifecycle().read(known, signal);
            return grants && { id, inputs: { ...inputs, grants }, outputs: { ...outputs, grants } };
        },

        async update({ oldOutputs, inputs, preview, signal }) {
            if (!preview) await lifecycle().give(readAccess(inputs), readAccess(oldOutputs).grants, signal);
            return { outputs: inputs };
        },

        async delete({ outputs, signal }) {
            await lifecycle().take(readAccess(outputs), signal);
        },
    };
}
