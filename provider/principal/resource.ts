/** The resource `EntraPrincipal`. */
import { type Properties, type ResourceImplementation, UNKNOWN } from "../protocol/implementation";
import { differencesOf } from "./difference";
import { checkPrincipal, readPrincipal } from "./inputs";
import type { PrincipalLifecycle } from "./lifecycle";

/** @param importAs the administrator's role to sign in as while importing an id */
export function entraPrincipal(
    lifecycle: () => PrincipalLifecycle,
    importAs: (id: string) => string,
): ResourceImplementation {
    return {
        check: ({ inputs }) => Promise.resolve({ inputs, failures: checkPrincipal(inputs) }),

        // What is refused here is a rejection, not an exception.
        diff: async ({ oldInputs, oldOutputs, inputs }) =>
            Promise.resolve(differencesOf(oldInputs, oldOutputs, inputs)),

        async create({ inputs, preview, signal }) {
            if (preview) return { id: "", outputs: { ...unresolved(inputs), ...inputs } };
            const wanted = readPrincipal(inputs);
            const outputs = await lifecycle().create(wanted, signal);
            return { id: `${wanted.serverName}/${wanted.name}`, outputs };
        },

        async read({ id, inputs, outputs, signal }) {
            const slash = id.indexOf("/");
            const importing = Object.keys(inputs).length === 0;
            const known = importing
                ? { serverName: id.slice(0, slash), name: id.slice(slash + 1), signInAs: importAs(id) }
                : readPrincipal(inputs);
            if (importing && slash < 1) throw new Error(`${id} isn't an id to import: write <server>/<role>.`);
            const name = typeof outputs["name"] === "string" ? outputs["name"] : known.name;
            const role = await lifecycle().read(known, name, signal);
            if (!role?.mapping) return undefined;
            const actual = lifecycle().inputsFrom(known, name, role);
            if (!importing) refuseStranger(name, inputs, outputs, actual);
            return {
                id,
                inputs: importing ? actual : refreshed(inputs, actual),
                outputs: { ...outputs, ...lifecycle().outputsFrom(known, name, role) },
            };
        },

        async update({ oldInputs, oldOutputs, inputs, preview, signal }) {
            if (preview) return { outputs: { ...oldOutputs, ...inputs } };
            return { outputs: await lifecycle().update(readPrincipal(oldInputs), readPrincipal(inputs), signal) };
        },

        async delete({ oldInputs, outputs, signal }) {
            await lifecycle().delete(readPrincipal({ ...outputs, ...oldInputs }), signal);
        },
    };
}

/**
 * Fails when a role that was made by name has come to stand for another object since. Where an object id is given the
 * difference shows by itself; here the program would fit the stranger as well.
 */
function refuseStranger(name: string, inputs: Properties, outputs: Properties, actual: Properties): void {
    const [made, now] = [outputs["objectId"], actual["objectId"]];
    if (inputs["objectId"] !== undefined || typeof made !== "string" || made.toLowerCase() === now) return;
    throw new Error(
        `Role "${name}" was made for ${made} and stands for ${String(now)}: somebody changed its label by hand, and whoever ` +
            "that is has everything this role may do. If it isn't meant, drop the role, refresh and deploy. If it is, give " +
            'that objectId with onObjectIdChange: "Relabel" and deploy without refresh.',
    );
}

/** What only the server knows. */
function unresolved(inputs: Properties): Properties {
    return { objectId: inputs["objectId"] ?? UNKNOWN, tenantId: UNKNOWN, host: UNKNOWN };
}

/** Of what is really there, the part that the program spoke about, so that only drift shows. */
function refreshed(inputs: Properties, actual: Properties): Properties {
    const read: Properties = { ...inputs };
    const implied: Properties = { isAdmin: false, isMfa: false, canLogin: true };
    for (const property of ["type", "objectId", "isAdmin", "isMfa", "canLogin"]) {
        const given = inputs[property] ?? implied[property];
        const same = String(given).toLowerCase() === String(actual[property]).toLowerCase();
        if (given !== undefined && !same) read[property] = actual[property];
    }
    return read;
}
