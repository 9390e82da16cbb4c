/** The resources `FlexibleServerGuard` and `DeletionGuard`, which exist in the stack's state alone. */
import type { CheckFailure, Properties, ResourceImplementation } from "../protocol/implementation";
import { changedKeys } from "../protocol/serve";
import { refusals, refuseDeletion, remember } from "./guard";

function stateOnly(
    check: (oldInputs: Properties | undefined, inputs: Properties) => { inputs: Properties; failures: CheckFailure[] },
    beforeDeletion: (inputs: Properties) => void,
): ResourceImplementation {
    return {
        check: ({ oldInputs, inputs }) => Promise.resolve(check(oldInputs, inputs)),
        diff: ({ oldInputs, inputs }) => Promise.resolve({ changes: changedKeys(oldInputs, inputs) }),
        create: ({ name, inputs, preview }) => Promise.resolve({ id: preview ? "" : name, outputs: inputs }),
        read: ({ id, inputs, outputs }) => Promise.resolve({ id, inputs, outputs }),
        update: ({ inputs }) => Promise.resolve({ outputs: inputs }),
        delete: ({ oldInputs }) => Promise.resolve(oldInputs).then(beforeDeletion),
    };
}

export const flexibleServerGuard = stateOnly(
    (oldInputs, inputs) => ({
        inputs: remember(oldInputs, inputs),
        failures: oldInputs ? refusals(oldInputs, inputs) : [],
    }),
    () => undefined,
);

export const deletionGuard = stateOnly((_, inputs) => ({ inputs, failures: [] }), refuseDeletion);
