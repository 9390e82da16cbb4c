/** `entra-postgres doctor`: why a sign-in fails, and what to do. */
import { readFile } from "node:fs/promises";
import type { ConnectOptions } from "../connect/connect";
import { signInFacts } from "../connect/facts";
import { type CheckOptions, analysisFromFiles } from "../network/check";
import { visibleJson, visibleLines } from "../../components/visible";
import { checkConfiguration } from "../../provider/configuration";
import { wrapped } from "../wrapped";
import { type AzureServer, readAzureServer } from "./azure-server";
import type { Diagnosis, Question } from "./examine";
import { fault } from "./findings";
import { causeOfMessage } from "./messages";
import { describeFault, reportForPeople, reportForPrograms, whole } from "./report";
import type { TablePrivilege } from "./table-privileges";

type Shared =
    | "server"
    | "outputs"
    | "as"
    | "database"
    | "cloud"
    | "port"
    | "json"
    | "credential"
    | "rootCertificate"
    | "hostAddress";

export interface DoctorOptions extends Pick<ConnectOptions, Shared>, Omit<CheckOptions, "preview"> {
    /** A message to explain, instead of looking. */
    message?: string;
    administrator?: string;
    tenant?: string;
    dnsServer?: string[];
    table?: string;
    privilege?: TablePrivilege;
    /** A file with what `az postgres flexible-server show` printed. */
    azureServer?: string;
}

/** The process's exit codes. */
const exitCodes = { noFault: 0, fault: 1, cannotLook: 2 };

/** Looks and prints; the result is the process's exit code. */
export async function doctor(options: DoctorOptions): Promise<number> {
    if (options.message !== undefined) return explainMessage(options.message, options);
    let question: Question;
    let diagnosis: Diagnosis;
    try {
        question = await questionOf(options);
        // A message alone is explained without all that looking takes.
        const { examine } = await import("./examine.js");
        diagnosis = await examine(question);
    } catch (error) {
        return cannotLook(error instanceof Error ? error.message : String(error));
    }
    if (options.json === true) {
        const { host, port, cloud, user, database } = question;
        console.log(reportForPrograms({ host, port, cloud, user, database }, diagnosis));
    } else {
        console.log(reportForPeople(diagnosis));
    }
    return diagnosis.fault ? exitCodes.fault : exitCodes.noFault;
}

function explainMessage(message: string, { json }: DoctorOptions): number {
    const cause = causeOfMessage(message);
    if (cause === undefined) {
        return cannotLook("No known cause has this message. Let the doctor look at the server: --server and --as.");
    }
    const found = fault(cause, "");
    console.log(json === true ? visibleJson(whole(found)) : describeFault(found).join("\n"));
    return exitCodes.fault;
}

async function azureServerIn(file: string): Promise<AzureServer> {
    try {
        return readAzureServer(await readFile(file, "utf8"));
    } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new Error(`--azure-server: ${file} isn't what \`az postgres flexible-server show\` prints: ${reason}`);
    }
}

function cannotLook(reason: string): number {
    for (const line of visibleLines(reason).split("\n")) console.error(wrapped(line, 80).join("\n"));
    return exitCodes.cannotLook;
}

async function questionOf(options: DoctorOptions): Promise<Question> {
    const { hostAddress, rootCertificate, credential = "Default", tenant, subnetPrefix } = options;
    const { host, port, cloud, user, database } = await signInFacts(options);
    const certificate =
        rootCertificate === undefined
            ? undefined
            : { file: rootCertificate, text: await readFile(rootCertificate, "utf8") };
    const checked = {
        cloud: { flag: "--cloud", value: cloud },
        credential: { flag: "--credential", value: credential },
        port: { flag: "--port", value: String(port) },
        tenantId: { flag: "--tenant", value: tenant },
        rootCertificate: { flag: "--root-certificate", value: certificate?.text },
    };
    const given = Object.entries(checked).flatMap(([name, { value }]) => (value === undefined ? [] : [[name, value]]));
    const faults = checkConfiguration(Object.fromEntries(given) as Record<string, string>).map(
        ({ property, reason }) => `${checked[property as keyof typeof checked].flag}: ${reason}`,
    );
    if (subnetPrefix === undefined && (options.networkSecurityGroup ?? options.routeTable) !== undefined) {
        faults.push("--network-security-group, --route-table: say of which subnet they are with --subnet-prefix");
    }
    if (faults.length > 0) throw new Error(faults.join("\n"));
    return {
        host,
        port,
        cloud,
        user,
        database,
        hostAddress,
        rootCertificate: certificate,
        credential,
        password: process.env["PGPASSWORD"],
        administrator: options.administrator,
        tenantId: tenant,
        dnsServers: options.dnsServer ?? [],
        table: options.table,
        privilege: options.privilege ?? "SELECT",
        egress: subnetPrefix === undefined ? undefined : await analysisFromFiles(options),
        azure: options.azureServer === undefined ? undefined : await azureServerIn(options.azureServer),
        timeout: 10_000,
        now: Date.now(),
    };
}
