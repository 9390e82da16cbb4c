/** What can't change in a server that exists, told before anything happens. */
import { type CheckFailure, type Properties, UNKNOWN, hasUnknown } from "../protocol/implementation";

/** Compares what a server was made with and what is asked now; one failure for each thing that can't be. */
export function refusals(before: Properties, after: Properties): CheckFailure[] {
    if (after["allowReplacement"] === true) return [];
    const failures: CheckFailure[] = [];
    const refuse = (property: string, why: string, instead: string): void => {
        failures.push({
            property,
            reason: `it was ${show(before[property])} and would become ${show(after[property])}. ${why} ${instead}`,
        });
    };
    const known = (property: string): boolean => !hasUnknown(after[property]) && !hasUnknown(before[property]);
    const changed = (property: string): boolean =>
        known(property) && lower(before[property]) !== lower(after[property]);
    const anyway =
        "If the server was never created, or its data may be lost, set allowReplacement: true for one deployment.";

    if (changed("serverName")) {
        refuse("serverName", "Another name is another server, and the old one is deleted with its data.", anyway);
    }
    if (changed("administratorLogin") && after["administratorLogin"] !== undefined) {
        if (before["administratorLogin"] === undefined) {
            refuse(
                "administratorLogin",
                "The service takes a login only when a server is created; adding one would replace this server and lose its data.",
                "Stay with EntraOnly, or restore the data into a new server that has a login.",
            );
        } else {
            refuse("administratorLogin", "The login can't be changed.", "Make another role with a password instead.");
        }
    }
    if (changed("networkMode")) {
        refuse(
            "networkMode",
            "The network mode is fixed when the server is created; changing it would replace this server and lose its data.",
            before["networkMode"] === "VirtualNetworkIntegration"
                ? "Move with `az postgres flexible-server migrate-network`, or restore to a new server in the other mode and switch clients over."
                : "Restore to a new server in a virtual network and switch clients over, or add a private endpoint to this one.",
        );
    } else if (changed("delegatedSubnetId")) {
        refuse(
            "delegatedSubnetId",
            "A server can't move to another subnet.",
            "Restore to a new server in that subnet and switch clients over.",
        );
    }
    if (changed("geoRedundantBackup")) {
        refuse(
            "geoRedundantBackup",
            "Geo-redundant backup is chosen when the server is created.",
            "Restore to a new server with the other choice.",
        );
    }
    if (changed("dataEncryption")) {
        refuse(
            "dataEncryption",
            "A key of one's own is chosen when the server is created.",
            "Restore to a new server with the other choice.",
        );
    }
    storage(refuse, before, after, known);
    if (known("version") && Number(after["version"]) < Number(before["version"])) {
        refuse("version", "A server's version can't be lowered.", "Dump and restore into a new server.");
    }
    return failures;
}

function storage(
    refuse: (property: string, why: string, instead: string) => void,
    before: Properties,
    after: Properties,
    known: (property: string) => boolean,
): void {
    if (!known("storageSizeGB") || !known("storageAutoGrow")) return;
    const [was, now] = [Number(before["storageSizeGB"]), Number(after["storageSizeGB"])];
    if (now < was) {
        refuse("storageSizeGB", "Storage never shrinks.", "Keep the size, or dump and restore into a smaller server.");
    } else if (now > was && before["storageAutoGrow"] === true && after["storageAutoGrow"] === true) {
        refuse(
            "storageSizeGB",
            "With autoGrow the service enlarges the storage itself and this package leaves the size alone.",
            "Keep the size that was given, or switch autoGrow off to enlarge by hand.",
        );
    }
}

/** Throws while a server is protected. */
export function refuseDeletion(inputs: Properties): void {
    if (inputs["protect"] !== true) return;
    throw new Error(
        `Server ${String(inputs["serverName"])} is protected, so neither it nor anything that belongs to it is deleted. ` +
            "Set protect: false, deploy that, then delete.",
    );
}

/** A login once given is remembered: leaving it out later means that passwords are off, not that it is gone. */
export function remember(before: Properties | undefined, after: Properties): Properties {
    const login = before?.["administratorLogin"];
    if (login === undefined || after["administratorLogin"] !== undefined) return after;
    return { ...after, administratorLogin: login };
}

function show(value: unknown): string {
    if (value === undefined) return "not given";
    return value === UNKNOWN ? "unknown" : JSON.stringify(value);
}

function lower(value: unknown): string {
    return JSON.stringify(value ?? null).toLowerCase();
}
