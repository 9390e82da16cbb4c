import { Server, ServerCredentials, credentials } from "@grpc/grpc-js";
import { EngineClient, EngineService } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { GetRootResourceRequest, GetRootResourceResponse } from "@pulumi/pulumi/proto/engine_pb";
import { expect, it } from "vitest";
import { grpcClientOptions, keepConnectionsApart } from "../../local/engine/engine-connections";
import { freePort } from "../../local/postgresql/process";

function ask(client: EngineClient): Promise<string> {
    return new Promise((resolve) => {
        client.getRootResource(new GetRootResourceRequest(), (error) => {
            resolve(error?.message ?? "answered");
        });
    });
}

it("an engine is reached at the port of one that is gone, which somebody still tries to reach", async () => {
    const port = await freePort();
    keepConnectionsApart();
    const connect = () =>
        new EngineClient(`127.0.0.1:${String(port)}`, credentials.createInsecure(), grpcClientOptions);
    const former = connect();
    expect(await ask(former)).toMatch(/ECONNREFUSED/);

    const engine = new Server();
    engine.addService(EngineService, {
        getRootResource: (_: unknown, answer: (error: null, response: GetRootResourceResponse) => void) => {
            answer(null, new GetRootResourceResponse());
        },
        log: () => undefined,
        setRootResource: () => undefined,
    });
    await new Promise<void>((resolve, reject) => {
        engine.bindAsync(`127.0.0.1:${String(port)}`, ServerCredentials.createInsecure(), (error) => {
            if (error) reject(error);
            else resolve();
        });
    });
    const client = connect();
    try {
        expect(await ask(client)).toBe("answered");
    } finally {
        former.close();
        client.close();
        engine.forceShutdown();
    }
});
