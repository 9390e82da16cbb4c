/** What `pulumi preview --json` prints, for every command that reads it. */

/** What to do about a text that is something else. */
export const wanted = "Give what `pulumi preview --json` prints.";

/** A resource as a preview describes it. */
export interface PreviewedResource {
    urn: string;
    type: string;
    id?: string | undefined;
    inputs: Record<string, unknown>;
}

interface Step {
    op: string;
    urn: string;
    newState?: { type: string; id?: string; inputs?: Record<string, unknown> };
}

/** @throws Error that says what to give instead */
export function parsePreview(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        throw new Error(`This isn't JSON. ${wanted}`);
    }
}

/**
 * The resources that a preview wants to be there, unchanged ones too.
 *
 * @throws Error that says what to give instead, when the text is something else
 */
export function wantedBy(text: string): PreviewedResource[] {
    const { steps } = parsePreview(text) as { steps?: Step[] };
    if (!Array.isArray(steps)) throw new Error(`There are no steps in it. ${wanted}`);
    return steps.flatMap(({ op, urn, newState }) =>
        newState && !op.startsWith("delete") ? [{ urn, ...newState, inputs: newState.inputs ?? {} }] : [],
    );
}
