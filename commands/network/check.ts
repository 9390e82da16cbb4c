/** `entra-postgres network check`: can a server in this subnet reach Entra, and which rule decides. */
import { type EgressAnalysis, analysisFromAzure } from "../../components/network/analysis/egress-analysis";
import { givenText } from "../input";
import { wanted } from "../preview-json";
import { screen } from "../screen";
import { isReachable, renderEgressTable } from "./egress-table";
import { subnetsOfPreview } from "./plan-from-preview";

export interface CheckOptions {
    /** A file with what `pulumi preview --json` prints. */
    preview?: string;
    /** Files with what `az network … show` prints. */
    networkSecurityGroup?: string;
    routeTable?: string;
    /** The subnet's block. */
    subnetPrefix?: string;
    /** The virtual network's blocks. */
    addressSpace?: string[];
    /** Blocks of clients, which connect to the server. */
    client?: string[];
}

/** Prints a table for each subnet; the result is the process's exit code. */
export async function check(options: CheckOptions): Promise<number> {
    const subnets =
        options.preview === undefined
            ? [{ name: options.subnetPrefix ?? "the subnet", analysis: await analysisFromFiles(options) }]
            : subnetsOfPreview(await givenText(options.preview, wanted));
    if (subnets.length === 0) {
        screen.note("The preview has no subnet that is delegated to flexible servers: there is nothing to check.");
        return 0;
    }
    for (const { name, analysis } of subnets) {
        screen.heading(`Subnet ${name}`);
        console.log(renderEgressTable(analysis));
    }
    return subnets.every(({ analysis }) => isReachable(analysis)) ? 0 : 1;
}

/** Analyses the subnet that the files are of. */
export async function analysisFromFiles(options: CheckOptions): Promise<EgressAnalysis> {
    if (options.subnetPrefix === undefined) {
        throw new Error("Give --preview with a file, or --subnet-prefix with the files of the group and the table.");
    }
    return analysisFromAzure(
        await shown(options.networkSecurityGroup, "nsg"),
        await shown(options.routeTable, "route-table"),
        { addressPrefix: options.subnetPrefix },
        { addressSpace: options.addressSpace, ...(options.client && { clients: options.client }) },
    );
}

/** What the Azure CLI printed of a resource. */
async function shown(file: string | undefined, kind: string): Promise<unknown> {
    if (file === undefined) return undefined;
    const wanted = `Give what \`az network ${kind} show\` prints.`;
    const text = await givenText(file, wanted);
    try {
        return JSON.parse(text);
    } catch {
        throw new Error(`${file} isn't JSON. ${wanted}`);
    }
}
