/** One emulated server: a database, and the rule that the service does one thing at a time. */
import type { PostgresInstance } from "../postgresql/instance";
import { AzureError } from "./errors";
import type { Kind } from "./kinds";
import { type ServerProperties, rejection } from "./server-rules";

/** Starts the real database behind a server. */
export type StartDatabase = (serverName: string, version: string | undefined) => Promise<PostgresInstance>;

export class FlexibleServerState {
    #instance: PostgresInstance | undefined;
    #properties: ServerProperties | undefined;
    #working = false;
    #settledAt = 0;

    constructor(
        readonly id: string,
        readonly name: string,
        private readonly options: { startDatabase: StartDatabase; settleTime: number },
    ) {}

    get instance(): PostgresInstance {
        if (!this.#instance) throw new Error(`Server ${this.name} has no database.`);
        return this.#instance;
    }

    get properties(): ServerProperties {
        return this.#properties ?? {};
    }

    /** What `getServer` reports. */
    get state(): "Ready" | "Updating" {
        return this.#isBusy() ? "Updating" : "Ready";
    }

    /** Creates the server or changes it; either leaves it busy for a while. */
    async put(desired: ServerProperties): Promise<void> {
        const before = this.#properties;
        const fault = rejection(desired, before);
        if (fault) throw fault;
        if (this.#isBusy()) throw this.#busy();
        this.#working = true;
        try {
            this.#instance ??= await this.options.startDatabase(this.name, desired.version);
            const { authConfig, administratorLogin, administratorLoginPassword } = desired;
            if (administratorLogin !== undefined && administratorLoginPassword !== undefined) {
                await this.#instance.setLogin(administratorLogin, administratorLoginPassword);
            }
            this.#instance.setPasswordAuthentication((authConfig?.passwordAuth ?? "Enabled") === "Enabled");
            await this.#instance.setEntraAuthentication(authConfig?.activeDirectoryAuth === "Enabled");
            const login = administratorLogin ?? before?.administratorLogin;
            this.#properties = {
                ...structuredClone(desired),
                ...(login !== undefined && { administratorLogin: login }),
            };
        } catch (error) {
            if (!before) await this.stop();
            throw error;
        } finally {
            this.#working = false;
            this.#settledAt = Date.now() + this.options.settleTime;
        }
    }

    /** Does one operation on something inside the server, or refuses because another one is under way. */
    async exclusively<T>(kind: Kind, operation: () => Promise<T>): Promise<T> {
        if (this.#isBusy()) {
            throw kind.token.endsWith(":AdministratorsMicrosoftEntra")
                ? new AzureError(
                      409,
                      "AadAuthOperationCannotBePerformedWhenServerIsNotAccessible",
                      `The server '${this.name}' is not in an accessible state to perform Azure AD Principal operation. Please make sure that server is accessible before executing Azure AD Principal operations.`,
                  )
                : this.#busy();
        }
        this.#working = true;
        try {
            return await operation();
        } finally {
            this.#working = false;
        }
    }

    /** The service takes the standby's zone for the primary's. */
    failover(): void {
        const properties = this.properties;
        const standby = properties.highAvailability?.standbyAvailabilityZone ?? "2";
        const primary = properties.availabilityZone ?? "1";
        properties.availabilityZone = standby;
        properties.highAvailability = { ...properties.highAvailability, standbyAvailabilityZone: primary };
    }

    /** The service enlarges storage that is nearly full. */
    growStorage(sizeGB: number): void {
        this.properties.storage = { ...this.properties.storage, storageSizeGB: sizeGB };
    }

    async stop(): Promise<void> {
        await this.#instance?.stop();
        this.#instance = undefined;
    }

    #isBusy(): boolean {
        return this.#working || Date.now() < this.#settledAt;
    }

    #busy(): AzureError {
        return new AzureError(
            409,
            "ServerIsBusy",
            `Cannot complete operation while server '${this.name}' is busy processing another operation. Try again later.`,
        );
    }
}
