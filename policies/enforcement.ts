/** Hands policies to Pulumi, with what the pack's configuration says of each. */
import type {
    PolicyConfigSchema,
    ReportViolation,
    ResourceValidationPolicy,
    StackValidationPolicy,
} from "@pulumi/policy";
import type { Exception, Policy, Settings, Violation } from "./policy";
import { given } from "./resources";

const defaults: Settings = { productionStacks: ["prod", "production"], exceptions: [] };

/** A policy as Pulumi runs it. */
export function enforced(policy: Policy): ResourceValidationPolicy | StackValidationPolicy {
    const common = {
        name: policy.name,
        description: `${policy.demand} ${policy.reason} Source: ${policy.source}.`,
        enforcementLevel: policy.level,
        configSchema: schemaOf(policy),
    };
    if ("judgeAll" in policy) {
        return {
            ...common,
            validateStack(args, report) {
                const settings = { ...defaults, ...args.getConfig<Partial<Settings>>() };
                for (const violation of policy.judgeAll(args.resources.map(given)))
                    consider(policy, settings, violation, report);
            },
        };
    }
    return {
        ...common,
        validateResource(args, report) {
            const settings = { ...defaults, ...args.getConfig<Partial<Settings>>() };
            const resource = given(args);
            const limit = policy.limit ? Number(settings[policy.limit.name] ?? policy.limit.default) : 0;
            const message = policy.judge(resource, limit);
            if (message !== undefined) consider(policy, settings, { resource, message }, report);
        },
    };
}

/** Reports a violation unless it isn't production's or is excepted. */
function consider(policy: Policy, settings: Settings, { resource, message }: Violation, report: ReportViolation): void {
    const stack = /^urn:pulumi:(.*?)::/.exec(resource.urn)?.[1] ?? "";
    if (policy.production && !isProduction(stack, settings.productionStacks)) return;
    const exception = settings.exceptions.find((each) => [resource.name, resource.urn].includes(each.resource));
    if (exception && !isOver(exception)) return;
    const over = exception ? ` The exception for it (${exception.reason}) ended on ${exception.until ?? ""}.` : "";
    report(`${message} ${policy.reason}${over}`, resource.urn);
}

export function isProduction(stack: string, production: readonly string[]): boolean {
    const name = stack.split("/").at(-1) ?? stack;
    return production.some((each) => name === each || name.startsWith(`${each}-`));
}

/** Whether the last day has passed. */
export function isOver({ until }: Exception, today = new Date()): boolean {
    return until !== undefined && today.toISOString().slice(0, 10) > until;
}

function schemaOf({ production, limit }: Policy): PolicyConfigSchema {
    return {
        properties: {
            ...(production && {
                productionStacks: {
                    type: "array",
                    items: { type: "string" },
                    default: defaults.productionStacks,
                    description: "Names of stacks that are production, or what their names begin with before a hyphen.",
                },
            }),
            ...(limit && {
                [limit.name]: { type: "integer", default: limit.default, minimum: 1, description: limit.description },
            }),
            exceptions: {
                type: "array",
                default: [],
                description: "Resources that the policy leaves alone, by name or URN, each with the reason.",
                items: {
                    type: "object",
                    required: ["resource", "reason"],
                    additionalProperties: false,
                    properties: {
                        resource: { type: "string" },
                        reason: { type: "string", minLength: 10 },
                        until: { type: "string", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
                    },
                },
            },
        },
    };
}
