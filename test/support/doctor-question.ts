import type { Question } from "../../commands/doctor/examine";

/** What the doctor is asked on this machine, with nothing said but where and who. */
export const usualQuestion = {
    cloud: "Public",
    hostAddress: "127.0.0.1",
    credential: "ManagedIdentity",
    tenantId: undefined,
    dnsServers: [],
    table: undefined,
    privilege: "SELECT",
    egress: undefined,
    azure: undefined,
    timeout: 20_000,
} satisfies Partial<Question>;
