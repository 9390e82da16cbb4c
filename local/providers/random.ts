/** Stands in for the random provider, as far as passwords go. */
import { randomInt } from "node:crypto";
import {
    type DiffKind,
    type Properties,
    type ProviderImplementation,
    UNKNOWN,
} from "../../provider/protocol/implementation";
import { detailedChanges } from "./differences";

const kinds = {
    lower: "abcdefghijklmnopqrstuvwxyz",
    upper: "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    numeric: "0123456789",
    special: "!@#$%&*()-_=+[]{}<>:?",
};

export function random(): ProviderImplementation {
    const requirePassword = (type: string): void => {
        if (type !== "random:index/randomPassword:RandomPassword") {
            throw new Error(
                `The local emulation doesn't know ${type}; of the random provider it knows RandomPassword.`,
            );
        }
    };
    return {
        name: "random",
        version: "4.21.2",
        check({ type, inputs }) {
            requirePassword(type);
            return Promise.resolve({ inputs, failures: [] });
        },
        diff({ oldInputs, inputs }) {
            const changes = detailedChanges(oldInputs, inputs);
            return Promise.resolve({
                changes: Object.fromEntries(
                    Object.entries(changes).map(([path, change]) => [path, `${change}-replace` as DiffKind]),
                ),
            });
        },
        create({ inputs, preview }) {
            if (preview) return Promise.resolve({ id: "", outputs: { ...inputs, result: UNKNOWN } });
            return Promise.resolve({ id: "none", outputs: { ...inputs, result: password(inputs) } });
        },
        read: ({ id, inputs, outputs }) => Promise.resolve({ id, inputs, outputs }),
        update: ({ oldOutputs }) => Promise.resolve({ outputs: oldOutputs }),
        delete: () => Promise.resolve(),
    };
}

function password(inputs: Properties): string {
    const number = (key: string): number => (typeof inputs[key] === "number" ? inputs[key] : 0);
    const special = typeof inputs["overrideSpecial"] === "string" ? inputs["overrideSpecial"] : kinds.special;
    const pick = (from: string, count: number): string[] =>
        Array.from({ length: count }, () => from[randomInt(from.length)] ?? "");
    const alphabet = [
        inputs["lower"] === false ? "" : kinds.lower,
        inputs["upper"] === false ? "" : kinds.upper,
        inputs["numeric"] === false ? "" : kinds.numeric,
        inputs["special"] === false ? "" : special,
    ].join("");
    const characters = [
        ...pick(kinds.lower, number("minLower")),
        ...pick(kinds.upper, number("minUpper")),
        ...pick(kinds.numeric, number("minNumeric")),
        ...pick(special, number("minSpecial")),
    ];
    characters.push(...pick(alphabet, Math.max(0, number("length") - characters.length)));
    for (let i = characters.length - 1; i > 0; i--) {
        const j = randomInt(i + 1);
        [characters[i], characters[j]] = [characters[j] ?? "", characters[i] ?? ""];
    }
    return characters.join("");
}
