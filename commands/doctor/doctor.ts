/** `entra-postgres doctor`: why a sign-in fails, and what to do. */
import { visibleJson, visibleLines } from "../../components/visible";
import { checkConfiguration } from "../../provider/configuration";
import type { ConnectOptions } from "../connect/connect";
import { signInFacts } from "../connect/facts";
import { givenText } from "../input";
import { type CheckOptions, analysisFromFiles } from "../network/check";
import { wrapped } from "../wrapped";
import { type AzureServer, readAzureServer } from "./azure-server";
import type { Diagnosis, Question } from "./examine";
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
    const found = { cause, detail: "" };
    console.log(json === true ? visibleJson(whole(found)) : describeFault(found).join("\n"));
    return exitCodes.fault;
}

async function azureServerIn(file: string): Promise<AzureServer> {
    const wanted = "Give what `az postgres flexible-server show` prints.";
    const text = await givenText(file, wanted);
    try {
        return readAzureServer(text);
    } catch {
        throw new Error(`${file} says nothing of a server. ${wanted}`);
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
            : { file: rootCertificate, text: await givenText(rootCertificate, "Give certificates in PEM.") };
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
    const { networkSecurityGroup, routeTable, client } = options;
    if (subnetPrefix === undefined && (networkSecurityGroup ?? routeTable ?? client) !== undefined) {
        faults.push("--network-security-group, --route-table, --client: name the subnet with --subnet-prefix");
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
