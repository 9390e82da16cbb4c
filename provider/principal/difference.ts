import { type Difference, type Properties, UNKNOWN } from "../protocol/implementation";
import { readPrincipal } from "./inputs";

/** What differs between a principal as it was and as it is wanted; no connection is made. */
export function differencesOf(oldInputs: Properties, oldOutputs: Properties, inputs: Properties): Difference {
    const [before, after] = [readPrincipal(oldInputs), readPrincipal(inputs)];
    const changes: Difference["changes"] = {};
    const unknown = (property: string): boolean => inputs[property] === UNKNOWN;

    if (unknown("serverName") || bareName(before.serverName) !== bareName(after.serverName)) {
        changes["serverName"] = "update-replace";
    }
    for (const property of [
        ...(["name", "isAdmin", "isMfa", "canLogin", "signInAs"] as const),
        ...(["reassignOwnedTo", "onObjectIdChange", "adopt"] as const),
    ]) {
        if (unknown(property) || before[property] !== after[property]) changes[property] = "update";
    }

    const resolved =
        typeof oldOutputs["objectId"] === "string" ? oldOutputs["objectId"].toLowerCase() : before.objectId;
    const other = unknown("objectId") || (after.objectId !== undefined && after.objectId !== resolved);
    if (other) changes["objectId"] = "update";
    if (before.type !== after.type) changes["type"] = "update";

    const wasReplaced = (other && !unknown("objectId")) || before.type !== after.type;
    if (wasReplaced && after.onObjectIdChange === "Refuse" && changes["serverName"] === undefined) {
        throw new Error(
            `"${after.name}" stands for ${before.type} ${resolved ?? ""} and would come to stand for ` +
                `${after.type} ${after.objectId ?? ""}: whoever that is would have everything this role may do. ` +
                'If the Entra object was deleted and made again, say onObjectIdChange: "Relabel"; otherwise give the other object another name.',
        );
    }
    return { changes, stables: ["serverName", "host"] };
}

/** A server by its name alone, however it was given. */
export function bareName(serverName: string): string {
    return serverName.toLowerCase().split(".")[0] ?? serverName;
}
