/** Reads what `pulumi preview --json` prints, without the secrets in it. */
import { z } from "zod";
import { UNKNOWN } from "../../provider/protocol/implementation";
import { signatureKey } from "../../provider/protocol/secrets";
import { parsePreview, wanted } from "../preview-json";
import { typeOf } from "../urn";

export type Properties = Record<string, unknown>;

/** What happens to a resource. `Keep` stands for whatever leaves it as it is, such as reading or importing it. */
export type Operation = "Create" | "Update" | "Replace" | "Delete" | "Keep";

/** What a preview would do to one resource. */
export interface Step {
    operation: Operation;
    urn: string;
    /** The resource's type without an API version: `azure-native:dbforpostgresql:Server`. */
    type: string;
    /** The id in the cloud; undefined for a resource that isn't there yet. */
    id: string | undefined;
    /** The name that the program gave the resource. */
    name: string;
    /** The URN of the provider that a program gave it, or of the default one. */
    provider: string;
    /** Inputs as they are; empty for a resource that isn't there yet. */
    before: Properties;
    /** Inputs as they will be; empty for a resource that goes. */
    after: Properties;
    /** Outputs as they are. */
    outputs: Properties;
    /** Properties that differ. */
    changed: string[];
    /** Properties that force the replacement. */
    forcing: string[];
    /** The engine refuses to delete it. */
    isProtected: boolean;
    /** Deleting it only forgets it; it stays in the cloud. */
    isRetained: boolean;
    /** It only holds other resources together. */
    isComponent: boolean;
}

export interface Preview {
    project: string;
    stack: string;
    steps: Step[];
    /** How many resources each operation touches, in the engine's words. */
    counts: Record<string, number>;
    /** What the preview failed with. */
    errors: string[];
    /** Whether unchanged resources are in it, as `--show-sames` puts them. */
    showsUnchanged: boolean;
}

/** What stands for a value that isn't known before the deployment. */
export const notKnownYet = UNKNOWN;
/** What stands for a secret. */
export const secret = "[secret]";

const state = z.object({
    type: z.string(),
    custom: z.boolean().optional(),
    id: z.string().optional(),
    inputs: z.record(z.string(), z.unknown()).optional(),
    outputs: z.record(z.string(), z.unknown()).optional(),
    protect: z.boolean().optional(),
    retainOnDelete: z.boolean().optional(),
});

const digest = z.object({
    steps: z.array(
        z.object({
            op: z.string(),
            urn: z.string(),
            provider: z.string().optional(),
            oldState: state.nullish(),
            newState: state.nullish(),
            diffReasons: z.array(z.string()).nullish(),
            replaceReasons: z.array(z.string()).nullish(),
            detailedDiff: z.record(z.string(), z.object({ kind: z.string() })).nullish(),
        }),
    ),
    diagnostics: z.array(z.object({ message: z.string().optional(), severity: z.string().optional() })).nullish(),
    changeSummary: z.record(z.string(), z.number()).nullish(),
});

type GivenStep = z.infer<typeof digest>["steps"][number];

/**
 * @throws Error that says what to give instead, when the text is something else
 */
export function readPreview(text: string): Preview {
    if (text.trim() === "") throw new Error(`There is nothing to read. ${wanted}`);
    let given = parsePreview(text);
    const hasSteps = typeof given === "object" && given !== null && Array.isArray((given as Properties)["steps"]);
    if (!hasSteps) {
        // With nothing to do at all the engine leaves the steps out.
        const summary = (given as { changeSummary?: unknown } | null)?.changeSummary;
        if (summary === undefined) throw new Error(`There are no steps in this JSON. ${wanted}`);
        given = { ...(given as Properties), steps: [] };
    }
    const { success, data, error } = digest.safeParse(given);
    if (!success) {
        const [issue] = error.issues;
        throw new Error(`This isn't a preview: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? ""}. ${wanted}`);
    }
    const [, stack = "", project = ""] = /^urn:pulumi:(.*?)::(.*?)::/.exec(data.steps[0]?.urn ?? "") ?? [];
    const byUrn = new Map<string, Step>();
    for (const given of data.steps) {
        const step = readStep(given);
        const first = byUrn.get(step.urn);
        byUrn.set(step.urn, first ? joined(first, step) : step);
    }
    // The engine's order changes from run to run, and a comment shouldn't.
    const steps = [...byUrn.values()].sort((a, b) => (a.urn < b.urn ? -1 : 1));
    return {
        project,
        stack,
        steps,
        counts: data.changeSummary ?? {},
        errors: (data.diagnostics ?? [])
            .filter(({ severity }) => severity === "error")
            .map(({ message }) => withoutCredentials((message ?? "").replace(/^error: /, "").trim())),
        showsUnchanged: data.steps.some(({ op, urn }) => op === "same" && typeOf(urn) !== "pulumi:pulumi:Stack"),
    };
}

/** With `--show-replacement-steps` a replacement comes in up to three steps. */
function joined(first: Step, second: Step): Step {
    return {
        ...first,
        operation: first.operation === second.operation ? first.operation : "Replace",
        before: { ...second.before, ...first.before },
        after: { ...first.after, ...second.after },
        outputs: { ...second.outputs, ...first.outputs },
        changed: [...new Set([...first.changed, ...second.changed])],
        forcing: [...new Set([...first.forcing, ...second.forcing])],
        isProtected: first.isProtected || second.isProtected,
        isRetained: first.isRetained || second.isRetained,
    };
}

function readStep({
    op,
    urn,
    provider = "",
    oldState,
    newState,
    diffReasons,
    replaceReasons,
    detailedDiff,
}: GivenStep): Step {
    const operation = operationOf(op);
    const changes = Object.entries(detailedDiff ?? {});
    return {
        operation,
        urn,
        type: (newState?.type ?? oldState?.type ?? typeOf(urn)).replace(/\/v\d{6,}(preview)?:/, ":"),
        id: oldState?.id,
        // The last part is the provider's id, another one after each change.
        provider: provider.split("::").slice(0, -1).join("::"),
        name: urn.split("::").slice(3).join("::"),
        before:
            operation === "Create"
                ? {}
                : withoutSecrets((oldState ?? (operation === "Keep" ? newState : undefined))?.inputs),
        after: operation === "Delete" ? {} : withoutSecrets(newState?.inputs ?? oldState?.inputs),
        outputs: withoutSecrets(oldState?.outputs),
        changed: diffReasons ?? changes.map(([path]) => path),
        forcing: replaceReasons ?? changes.filter(([, { kind }]) => kind.endsWith("-replace")).map(([path]) => path),
        isProtected: oldState?.protect ?? false,
        isRetained: (oldState ?? newState)?.retainOnDelete ?? false,
        isComponent: (newState ?? oldState)?.custom === false,
    };
}

function operationOf(op: string): Operation {
    if (op.includes("replace")) return op === "remove-pending-replace" ? "Keep" : "Replace";
    switch (op) {
        case "create":
            return "Create";
        case "update":
            return "Update";
        case "delete":
            return "Delete";
        default:
            return "Keep";
    }
}

/** Keys whose values are secret even where nobody marked them. */
const secretKey =
    /(password|passwd|pwd|secret|token|credentials?|api_?key|private_?key|access_?key|account_?key|connection_?string)$/i;

function withoutSecrets(properties: Properties | undefined): Properties {
    return Object.fromEntries(
        Object.entries(properties ?? {}).map(([key, value]) => [key, secretKey.test(key) ? secret : clean(value)]),
    );
}

function clean(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(clean);
    if (typeof value !== "object" || value === null) return value;
    return signatureKey in value ? secret : withoutSecrets(value as Properties);
}

/** Errors are other people's text: what looks like a token or a password in it is left out. */
function withoutCredentials(message: string): string {
    return message
        .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, secret)
        .replace(/(:\/\/[^\s:/@]*):[^\s/@]+@/g, `$1:${secret}@`)
        .replace(/\b([\w.-]*(?:password|secret|token)["']?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,;]+)/gi, `$1${secret}`);
}
