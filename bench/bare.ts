/** Programs without components: resources of any type, with inputs as they were recorded. */
import { CustomResource, type Inputs } from "@pulumi/pulumi";

export interface BareResource {
    type: string;
    name: string;
    inputs: Inputs;
}

class Bare extends CustomResource {}

export function bareProgram(resources: readonly BareResource[]) {
    return (): Record<string, unknown> => {
        for (const { type, name, inputs } of resources) new Bare(type, name, inputs);
        return {};
    };
}
