import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { record } from "./recording";

class Probe extends pulumi.CustomResource {
    constructor(name: string, args: pulumi.Inputs, opts?: pulumi.CustomResourceOptions) {
        super("probe:index:Probe", name, args, opts);
    }
}

describe("record", () => {
    it("sees every option that the SDK sends", async () => {
        const recording = await record(() => {
            const first = new Probe("first", { plain: 1 });
            new Probe(
                "second",
                { password: pulumi.secret("s3cret"), from: first.id },
                {
                    dependsOn: [first],
                    protect: true,
                    ignoreChanges: ["zone"],
                    replaceOnChanges: ["name"],
                    deletedWith: first,
                    retainOnDelete: true,
                    additionalSecretOutputs: ["password"],
                    customTimeouts: { create: "30m" },
                    hooks: { onError: [new pulumi.ErrorHook("again", () => true)] },
                },
            );
        });
        const first = recording.one("probe:index:Probe", "first");
        expect(recording.one("probe:index:Probe", "second")).toMatchObject({
            inputs: { password: "s3cret", from: "first-id" },
            secretInputs: ["password"],
            dependsOn: [first.urn],
            protect: true,
            ignoreChanges: ["zone"],
            replaceOnChanges: ["name"],
            deletedWith: first.urn,
            retainOnDelete: true,
            additionalSecretOutputs: ["password"],
            customTimeouts: { create: "30m" },
            hooks: { onError: ["again"] },
        });
    });

    it("leaves ids unknown in an imitated preview", async () => {
        const recording = await record(
            () => {
                const first = new Probe("first", {});
                new Probe("second", { from: first.id });
            },
            { preview: true },
        );
        expect(recording.one("probe:index:Probe", "second").inputs["from"]).toBe(pulumi.runtime.unknownValue);
    });
});
