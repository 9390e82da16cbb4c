import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { secretKeys, unwrapped, wrapped } from "../../provider/protocol/secrets";

const properties = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue());

describe("secrets on the wire", () => {
    it("come out as they went in, whatever they are", () => {
        fc.assert(
            fc.property(properties, fc.subarray(["a", "b", "c"]), (given, secret) => {
                const answer = wrapped(given, secret);
                expect(unwrapped(answer)).toEqual(given);
                expect(secretKeys(answer)).toEqual(expect.arrayContaining(secret.filter((key) => key in given)));
            }),
        );
    });

    it("are found inside objects and lists", () => {
        const secret = wrapped({ password: "x" }, ["password"]);
        expect(secretKeys({ login: { deep: [secret] }, name: "y" })).toEqual(["login"]);
        expect(unwrapped({ login: { deep: [secret] } })).toEqual({ login: { deep: [{ password: "x" }] } });
    });
});
