/** Whether something takes the connection. */
import { connect } from "node:net";
import { AddressSet } from "../../../components/network/analysis/address-set";
import type { EgressAnalysis } from "../../../components/network/analysis/egress-analysis";
import { privateAddresses } from "../../../components/network/analysis/service-tags";
import type { AzureServer } from "../azure-server";
import { type Finding, fault, passed } from "../findings";
import { inboundFault } from "./network";

export interface Place {
    address: string;
    port: number;
}

/** Connects and hangs up. The result is the error's code, `ETIMEDOUT` when nothing came back in time. */
export function knock({ address, port }: Place, timeout: number): Promise<string | undefined> {
    return new Promise((resolve) => {
        const socket = connect({ host: address, port });
        const timer = setTimeout(() => {
            end("ETIMEDOUT");
        }, timeout);
        const end = (code: string | undefined): void => {
            clearTimeout(timer);
            socket.destroy();
            resolve(code);
        };
        socket.once("connect", () => {
            end(undefined);
        });
        socket.on("error", (error: NodeJS.ErrnoException) => {
            end(error.code ?? error.message);
        });
    });
}

export function judgeKnock(
    { address, port }: Place,
    error: string | undefined,
    { azure, egress }: { azure: AzureServer | undefined; egress: EgressAnalysis | undefined },
): Finding {
    const place = `${address} port ${String(port)}`;
    if (error === undefined) return passed(`${place} answers`);
    if (azure && azure.state !== "Ready") {
        return fault("ServerStopped", `Its state is ${azure.state}, and ${place} doesn't answer (${error}).`);
    }
    if (error === "ECONNREFUSED") return fault("PortClosed", `${place} refuses the connection.`);
    const blocked = inboundFault(egress);
    if (blocked) return { passed: false, ...blocked };
    const isPrivate = privateAddresses.contains(AddressSet.fromPrefixes([address]));
    return fault(
        "NoAnswer",
        `${place} doesn't answer (${error}).${isPrivate ? " The address is private: only its own network and those connected with it reach it." : ""}`,
    );
}
