/** Which sockets a process and its descendants listen on, as the kernel has them. Linux only. */
import { readFile, readdir, readlink } from "node:fs/promises";

/** A process and everything that it started, directly or not. */
export async function descendants(root: number): Promise<number[]> {
    const parents = new Map<number, number>();
    for (const name of await readdir("/proc")) {
        if (!/^\d+$/.test(name)) continue;
        const status = await readFile(`/proc/${name}/stat`, "utf8").catch(() => "");
        // The name of the program stands in brackets and may hold anything.
        const parent = status.slice(status.lastIndexOf(")") + 2).split(" ")[1];
        if (parent !== undefined) parents.set(Number(name), Number(parent));
    }
    const found = [root];
    for (const each of found) found.push(...[...parents].filter(([, parent]) => parent === each).map(([pid]) => pid));
    return found;
}

export interface Listener {
    address: string;
    port: number;
}

/** Every TCP socket on which one of these processes listens. */
export async function listenersOf(processes: readonly number[]): Promise<Listener[]> {
    const sockets = new Set<string>();
    for (const pid of processes) {
        const descriptors = await readdir(`/proc/${String(pid)}/fd`).catch(() => []);
        for (const descriptor of descriptors) {
            sockets.add(await readlink(`/proc/${String(pid)}/fd/${descriptor}`).catch(() => ""));
        }
    }
    const tables = await Promise.all(
        ["tcp", "tcp6"].map((name) => readFile(`/proc/net/${name}`, "utf8").catch(() => "")),
    );
    return tables.flatMap((table) =>
        table
            .trim()
            .split("\n")
            .map((line) => line.trim().split(/\s+/))
            .filter(([, , , state, , , , , , inode]) => state === "0A" && sockets.has(`socket:[${inode ?? ""}]`))
            .map(([, local = ""]) => {
                const [address = "", port = ""] = local.split(":");
                return { address: inWords(address), port: parseInt(port, 16) };
            }),
    );
}

/** Addresses stand there as numbers of four bytes, in the machine's order. */
function inWords(hexadecimal: string): string {
    const bytes = (hexadecimal.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, "hex")].reverse());
    if (bytes.length === 4) return bytes.join(".");
    return bytes.every((byte, index) => byte === (index === 15 ? 1 : 0)) ? "::1" : Buffer.from(bytes).toString("hex");
}
