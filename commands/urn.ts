/** What a resource's URN says of it. Source: Pulumi, "Resource names". */

/** The name that the program gave the resource. */
export function nameOf(urn: string): string {
    return urn.split("::").at(-1) ?? urn;
}

/** The type; a URN names the types of the parents too. */
export function typeOf(urn: string): string {
    return urn.split("::")[2]?.split("$").at(-1) ?? "";
}
