/** A few connections to databases of one server, each kept for a while for the database that it is at. */

/** A connection that can be ended. */
interface Client {
    end(): Promise<void>;
}

interface Job<C extends Client> {
    /** The database, and as whom. */
    place: string;
    open: () => Promise<C>;
    work: (client: C) => Promise<void>;
    failed: (error: unknown) => void;
}

interface Lane<C extends Client> {
    place?: string | undefined;
    client?: C | undefined;
    isBusy: boolean;
    idle?: NodeJS.Timeout;
}

/** How long a connection is kept that nobody needs, in milliseconds. */
const idleTime = 5_000;

export class DatabaseConnections<C extends Client> {
    readonly #lanes: Lane<C>[];
    readonly #waiting: Job<C>[] = [];

    /** @param most connections at one time */
    constructor(most: number) {
        this.#lanes = Array.from({ length: most }, () => ({ isBusy: false }));
    }

    /** Works with a connection; what concerns one database comes one after another. */
    use<T>(place: string, open: () => Promise<C>, work: (client: C) => Promise<T>): Promise<T> {
        return new Promise((resolve, reject) => {
            this.#waiting.push({
                place,
                open,
                work: async (client) => {
                    resolve(await work(client));
                },
                failed: reject,
            });
            this.#dispatch();
        });
    }

    async close(): Promise<void> {
        await Promise.all(this.#lanes.map((lane) => this.#leave(lane)));
    }

    #dispatch(): void {
        for (const lane of this.#lanes) {
            if (lane.isBusy) continue;
            const busy = this.#lanes.filter(({ isBusy }) => isBusy).map(({ place }) => place);
            // What is open already is used as long as there is use for it.
            const same = this.#waiting.findIndex(({ place }) => place === lane.place);
            const elsewhere = this.#lanes.flatMap((other) => (other.client && other !== lane ? [other.place] : []));
            const index =
                same >= 0
                    ? same
                    : this.#waiting.findIndex(({ place }) => !busy.includes(place) && !elsewhere.includes(place));
            const [job] = index < 0 ? [] : this.#waiting.splice(index, 1);
            if (job) void this.#run(lane, job);
        }
    }

    async #run(lane: Lane<C>, { place, open, work, failed }: Job<C>): Promise<void> {
        lane.isBusy = true;
        clearTimeout(lane.idle);
        try {
            if (lane.place !== place) await this.#leave(lane);
            lane.place = place;
            lane.client ??= await open();
            await work(lane.client);
        } catch (error) {
            // A connection on which something failed may be half-way through anything: it isn't used again.
            await this.#leave(lane);
            failed(error);
        }
        lane.isBusy = false;
        lane.idle = setTimeout(() => void this.#leave(lane), idleTime).unref();
        this.#dispatch();
    }

    async #leave(lane: Lane<C>): Promise<void> {
        const { client } = lane;
        lane.client = undefined;
        lane.place = undefined;
        clearTimeout(lane.idle);
        await client?.end().catch(() => undefined);
    }
}
