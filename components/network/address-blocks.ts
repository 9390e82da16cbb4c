import type { Fault } from "../faults";
import { AddressSet, parsePrefix } from "./analysis/address-set";

/** Checks a block of IPv4 addresses such as `10.0.8.0/24`. */
export function validateAddressBlock(field: string, block: string): Fault[] {
    const prefix = parsePrefix(block);
    if (!prefix || block.includes(":")) {
        return [
            {
                field,
                given: block,
                allowed: "an IPv4 block such as 10.0.8.0/24",
                fix: "The service connects by IPv4 only.",
            },
        ];
    }
    const [canonical] = AddressSet.of(prefix).toPrefixes();
    const given = block.includes("/") ? block : `${block}/32`;
    if (canonical === given) return [];
    return [
        {
            field,
            given: block,
            allowed: "a block that starts at its first address",
            fix: `Write ${canonical ?? "the block"}.`,
        },
    ];
}

/** Checks the block of a delegated subnet: a /28 holds the five addresses that Azure keeps and two servers of four. */
export function validateDelegatedPrefix(field: string, block: string): Fault[] {
    const faults = validateAddressBlock(field, block);
    if (faults.length > 0) return faults;
    const length = parsePrefix(block)?.length ?? 32;
    if (length <= 28) return [];
    return [
        {
            field,
            given: block,
            allowed: "a block of at least 16 addresses: /28 or shorter",
            fix: "A delegated subnet can't be made larger once servers are in it: leave room.",
        },
    ];
}

/** Checks that a block lies within others; says nothing while those aren't known. */
export function validateInside(field: string, block: string, outer: readonly string[] | undefined): Fault[] {
    const prefix = parsePrefix(block);
    if (!prefix || !outer || AddressSet.fromPrefixes(outer).contains(AddressSet.of(prefix))) return [];
    return [
        {
            field,
            given: block,
            allowed: `a block inside ${outer.join(", ")}`,
            fix: "A subnet's addresses come from its virtual network's.",
        },
    ];
}
