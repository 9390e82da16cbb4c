/** Gathers what waits for a database, so that one transaction does it all and takes little longer than for one. */

/** More in one transaction would only keep others from the database for longer. */
const most = 32;

interface Waiting<Job> {
    job: Job;
    isDone: boolean;
}

export class Batches<Client, Job extends { role: string }> {
    readonly #waiting = new Map<string, Waiting<Job>[]>();

    /**
     * @param run does jobs for different roles, all or nothing
     * @param undo makes a connection good again on which that failed
     */
    constructor(
        private readonly run: (client: Client, jobs: readonly [Job, ...Job[]]) => Promise<void>,
        private readonly undo: (client: Client) => Promise<unknown>,
    ) {}

    /**
     * Does a job together with others that wait by then. When they fail, each is done by itself: its own faults are its own.
     *
     * @param use works with a connection to that database, one after another
     */
    async add(
        database: string,
        job: Job,
        use: (work: (client: Client) => Promise<void>) => Promise<void>,
    ): Promise<void> {
        const own = { job, isDone: false };
        const waiting = this.#waiting.get(database) ?? [];
        this.#waiting.set(database, waiting);
        waiting.push(own);
        try {
            await use(async (client) => {
                if (own.isDone) return;
                const others = waiting.includes(own) ? waiting.filter((other) => other !== own) : [];
                const batch = [own, ...ofDifferentRoles(job.role, others).slice(0, most - 1)] as const;
                for (const taken of batch) remove(waiting, taken);
                try {
                    await this.run(client, [job, ...batch.slice(1).map((other) => other.job)]);
                    for (const taken of batch) taken.isDone = true;
                } catch (error) {
                    if (batch.length === 1) throw error;
                    await this.undo(client).catch(() => {
                        throw error;
                    });
                    await this.run(client, [job]);
                }
            });
        } finally {
            remove(waiting, own);
        }
    }
}

/** What is done for a role may depend on what was done for it before. */
function ofDifferentRoles<Job extends { role: string }>(role: string, waiting: readonly Waiting<Job>[]) {
    const roles = new Set([role]);
    return waiting.filter(({ job }) => !roles.has(job.role) && roles.add(job.role));
}

function remove<T>(list: T[], item: T): void {
    const index = list.indexOf(item);
    if (index >= 0) list.splice(index, 1);
}
