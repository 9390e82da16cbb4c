/** What `pulumi preview --json` prints, for every command that reads it. */

/** What to do about a text that is something else. */
export const wanted = "Give what `pulumi preview --json --show-sames` prints.";

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
 * @throws Error that says what to give instead, when the text is something else, or a preview that leaves unchanged
 * resources out: what is missing would be taken for what isn't wanted
 */
export function wantedBy(text: string): PreviewedResource[] {
    const preview = parsePreview(text) as { steps?: Step[]; changeSummary?: { same?: number } } | null;
    const unchanged = preview?.changeSummary?.same ?? 0;
    // With nothing to do at all the engine leaves the steps out.
    const steps = preview?.steps ?? (preview?.changeSummary && []);
    if (!Array.isArray(steps)) throw new Error(`There are no steps in it. ${wanted}`);
    const left = unchanged - steps.filter(({ op }) => op === "same").length;
    if (left > 0) {
        throw new Error(
            `The preview leaves out ${String(left)} unchanged ${left === 1 ? "resource" : "resources"}, and all are needed. ` +
                wanted,
        );
    }
    return steps.flatMap(({ op, urn, newState }) =>
        newState && !op.startsWith("delete") ? [{ urn, ...newState, inputs: newState.inputs ?? {} }] : [],
    );
}
