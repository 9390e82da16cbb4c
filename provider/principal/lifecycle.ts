/** What happens to a principal in the database: made or adopted, read, changed, dropped. */
import type pg from "pg";
import { hostOf } from "../../components/clouds";
import type { Configuration } from "../configuration";
import type { Connections, Target } from "../connection/connections";
import { retrying } from "../connection/retry";
import type { Properties } from "../protocol/implementation";
import { type PrincipalInputs, labelTypeOf, principalTypeOf } from "./inputs";
import { type Mapping, parseMapping } from "./label";
import * as sql from "./statements";

/** A role as it is. */
interface Role {
    oid: number;
    canLogin: boolean;
    mapping: Mapping | undefined;
    /** Whether it carries any label of the service's. */
    labelled: boolean;
}

export class PrincipalLifecycle {
    constructor(
        private readonly configuration: Configuration,
        private readonly connections: Connections,
    ) {}

    /** Makes the principal, or takes over the role that stands for the same object already. */
    async create(inputs: PrincipalInputs, signal: AbortSignal): Promise<Properties> {
        // A commit whose answer got lost leaves a role that this very call made.
        let ours = false;
        return this.#transaction(inputs, inputs.name, signal, async (client) => {
            const existing = await readRole(client, inputs.name);
            if (!existing) {
                ours = true;
                await make(client, inputs);
            } else {
                if (!inputs.adopt && !ours) {
                    throw new Error(
                        `Role "${inputs.name}" exists already and adopt is false. Import it, or allow adoption.`,
                    );
                }
                refuseStranger(inputs, existing);
                await align(client, inputs, existing);
            }
            return this.#outputs(inputs, await requireRole(client, inputs));
        });
    }

    /** The principal as it is, or undefined when its role is gone. */
    async read(target: Target, name: string, signal: AbortSignal): Promise<Role | undefined> {
        return this.#retrying(signal, () => this.connections.use(target, (client) => readRole(client, name)));
    }

    /** Changes a principal in place: name, flags, and the object it stands for when that was asked for. */
    async update(before: PrincipalInputs, inputs: PrincipalInputs, signal: AbortSignal): Promise<Properties> {
        return this.#transaction(inputs, inputs.name, signal, async (client) => {
            if (before.name !== inputs.name && (await readRole(client, before.name))) {
                await client.query(sql.rename(before.name, inputs.name));
            }
            const existing = await readRole(client, inputs.name);
            if (!existing) {
                throw new Error(`Role "${inputs.name}" is gone. Run a refresh: it will be made again.`);
            }
            await align(client, inputs, existing);
            return this.#outputs(inputs, await requireRole(client, inputs));
        });
    }

    /** Drops the role; refuses while it owns something that nobody takes over. */
    async delete(inputs: PrincipalInputs, signal: AbortSignal): Promise<void> {
        const role = await this.read(inputs, inputs.name, signal);
        if (!role) return;
        refuseOthers(inputs, role);
        await this.#refuseSynchronizedGroup(inputs, role, signal);

        const { rows } = await this.#retrying(signal, () =>
            this.connections.use(inputs, (client) =>
                client.query<{ database: string; owns: boolean }>(sql.dependencies(role.oid)),
            ),
        );
        const owning = rows.filter(({ owns }) => owns);
        if (owning.length > 0 && inputs.reassignOwnedTo === undefined) {
            throw new Error(
                await this.#describeOwned(
                    inputs,
                    role,
                    owning.map(({ database }) => database),
                    signal,
                ),
            );
        }
        // What all databases share is released from any of them.
        const databases = new Set(rows.map(({ database }) => database || "postgres"));
        for (const database of databases) {
            await this.#retrying(signal, () =>
                this.connections.useDatabase(inputs, database, (client) => release(client, inputs)),
            );
        }
        await this.#transaction(inputs, inputs.name, signal, async (client) => {
            // What was looked at before may be gone, and another role have its name.
            const present = await readRole(client, inputs.name);
            if (!present) return;
            if (present.oid !== role.oid) {
                throw new Error(
                    `Role "${inputs.name}" was made anew while it was being dropped. Run a refresh, then this again.`,
                );
            }
            refuseOthers(inputs, present);
            await client.query(sql.endSessions(inputs.name));
            await client.query(sql.dropRole(inputs.name));
        });
    }

    /** A principal's properties for the engine. */
    inputsFrom(target: Target, name: string, { mapping, canLogin }: Role): Properties {
        if (!mapping) throw new Error(`Role "${name}" on ${target.serverName} is no Entra principal: it has no label.`);
        return {
            serverName: target.serverName,
            name,
            type: principalTypeOf(mapping.type),
            objectId: mapping.objectId,
            isAdmin: mapping.isAdmin,
            isMfa: mapping.isMfa,
            canLogin,
            signInAs: target.signInAs,
        };
    }

    outputsFrom(target: Target, name: string, role: Role): Properties {
        return {
            ...this.inputsFrom(target, name, role),
            tenantId: role.mapping?.tenantId,
            host: hostOf(target.serverName, this.configuration.cloud),
        };
    }

    #outputs(inputs: PrincipalInputs, role: Role): Properties {
        return { ...inputs, ...this.outputsFrom(inputs, inputs.name, role) };
    }

    /** The last way in for a group's members is not taken away while their roles hang on it. */
    async #refuseSynchronizedGroup(inputs: PrincipalInputs, role: Role, signal: AbortSignal): Promise<void> {
        if (role.mapping?.type !== "group") return;
        const { rows } = await this.#retrying(signal, () =>
            this.connections.use(inputs, (client) => client.query<{ value: string | null }>(sql.groupSyncSetting)),
        );
        if (!["on", "true", "1", "yes"].includes((rows[0]?.value ?? "off").toLowerCase())) return;
        throw new Error(
            `Group "${inputs.name}" isn't dropped while group sync is on: its members' roles live by it. ` +
                "Switch groupSync off first, or keep the role with retainOnDelete.",
        );
    }

    async #describeOwned(
        inputs: PrincipalInputs,
        role: Role,
        databases: string[],
        signal: AbortSignal,
    ): Promise<string> {
        const lines: string[] = [];
        for (const database of databases) {
            const { rows } = await this.#retrying(signal, () =>
                this.connections.useDatabase(inputs, database || "postgres", (client) =>
                    client.query<{ object: string }>(sql.ownedObjects(role.oid, database === "")),
                ),
            );
            lines.push(
                `  ${database === "" ? "shared by all databases" : `in ${database}`}: ${rows.map(({ object }) => object).join(", ")}`,
            );
        }
        return (
            `Role "${inputs.name}" owns objects and isn't dropped:\n${lines.join("\n")}\n` +
            "Say who takes them over with reassignOwnedTo, deploy that, then delete again; or keep the role with retainOnDelete."
        );
    }

    #retrying<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
        return retrying(this.configuration.patience, signal, work);
    }

    /** Work in one transaction that holds the role's lock, tried again while what stops it passes. */
    #transaction<T>(
        target: Target,
        name: string,
        signal: AbortSignal,
        work: (client: pg.ClientBase) => Promise<T>,
    ): Promise<T> {
        return this.#retrying(signal, () =>
            this.connections.use(target, async (client) => {
                await client.query(sql.beginOn(name));
                const result = await work(client);
                await client.query("COMMIT");
                return result;
            }),
        );
    }
}

async function readRole(client: pg.ClientBase, name: string): Promise<Role | undefined> {
    const { rows } = await client.query<{
        oid: number;
        can_login: boolean;
        mapping: string | null;
        request: string | null;
    }>(sql.readRole(name));
    const row = rows[0];
    return (
        row && {
            oid: row.oid,
            canLogin: row.can_login,
            mapping: row.mapping === null ? undefined : parseMapping(row.mapping),
            labelled: row.mapping !== null || row.request !== null,
        }
    );
}

/** The role after a change, which must stand for what was asked. Throwing rolls the change back. */
async function requireRole(client: pg.ClientBase, inputs: PrincipalInputs): Promise<Role> {
    const role = await readRole(client, inputs.name);
    if (!role?.mapping) throw new Error(`The server made role "${inputs.name}" without saying what it stands for.`);
    if (role.mapping.type !== labelTypeOf(inputs.type)) {
        throw new Error(
            `"${inputs.name}" is a ${principalTypeOf(role.mapping.type)} in Entra, not a ${inputs.type}: correct type.`,
        );
    }
    return role;
}

async function make(client: pg.ClientBase, inputs: PrincipalInputs): Promise<void> {
    try {
        await client.query(sql.createPrincipal({ ...inputs, type: labelTypeOf(inputs.type) }));
    } catch (error) {
        throw advised(error, inputs);
    }
    if (!inputs.canLogin) await client.query(sql.setLogin(inputs.name, false));
}

/** Brings a role that exists in line with what is wanted. */
async function align(client: pg.ClientBase, inputs: PrincipalInputs, { mapping, canLogin }: Role): Promise<void> {
    const type = labelTypeOf(inputs.type);
    const objectId = inputs.objectId ?? mapping?.objectId;
    const label =
        mapping?.objectId !== objectId ||
        mapping?.type !== type ||
        mapping.isAdmin !== inputs.isAdmin ||
        mapping.isMfa !== inputs.isMfa;
    if (label && objectId !== undefined) {
        try {
            await client.query(sql.relabel({ ...inputs, type, objectId }));
        } catch (error) {
            throw advised(error, inputs);
        }
    }
    if (mapping?.isAdmin !== inputs.isAdmin) {
        for (const statement of sql.administrate(inputs.name, inputs.isAdmin)) await client.query(statement);
    }
    if (canLogin !== inputs.canLogin) await client.query(sql.setLogin(inputs.name, inputs.canLogin));
}

/** Adoption is for the same object only: a role that happens to have the name may be anybody's. */
function refuseStranger(inputs: PrincipalInputs, { mapping, labelled }: Role): void {
    if (!labelled || !mapping) {
        throw new Error(
            `Role "${inputs.name}" exists and is no Entra principal. Choose another name, or drop or rename that role first.`,
        );
    }
    if (
        inputs.objectId !== undefined &&
        mapping.objectId !== inputs.objectId &&
        inputs.onObjectIdChange !== "Relabel"
    ) {
        throw new Error(
            `Role "${inputs.name}" exists and stands for another object, ${principalTypeOf(mapping.type)} ${mapping.objectId}, ` +
                `not ${inputs.objectId}. If the object was deleted and made again, say onObjectIdChange: "Relabel".`,
        );
    }
    if (mapping.type !== labelTypeOf(inputs.type) && inputs.onObjectIdChange !== "Relabel") {
        throw new Error(
            `Role "${inputs.name}" exists and stands for a ${principalTypeOf(mapping.type)}, not a ${inputs.type}: correct type.`,
        );
    }
}

/** A role that stands for somebody else by now isn't the one that the stack made. */
function refuseOthers({ name, objectId }: PrincipalInputs, { mapping }: Role): void {
    if (!mapping || objectId === undefined || mapping.objectId === objectId) return;
    throw new Error(
        `Role "${name}" stands for another object now, ${principalTypeOf(mapping.type)} ${mapping.objectId}, not ${objectId}, ` +
            "and isn't dropped. Run a refresh to take it over and drop it then, or forget it with `pulumi state delete`.",
    );
}

/** Hands over or gives up what a role has in one database. */
async function release(client: pg.ClientBase, { name, reassignOwnedTo }: PrincipalInputs): Promise<void> {
    await client.query(sql.beginOn(name));
    await actAs(client, name);
    if (reassignOwnedTo !== undefined) {
        const joined = await actAs(client, reassignOwnedTo);
        await client.query(sql.reassignOwned(name, reassignOwnedTo));
        if (joined) await client.query(sql.leave(reassignOwnedTo));
    }
    await client.query(sql.dropOwned(name));
    await client.query("COMMIT");
}

/** Makes the administrator a member of a role, and says whether it wasn't one: PostgreSQL 16 and newer ask for it. */
async function actAs(client: pg.ClientBase, role: string): Promise<boolean> {
    const { rows } = await client.query<{ member: boolean }>(sql.mayActAs(role));
    const isMember = rows[0]?.member === true;
    if (!isMember) await client.query(sql.becomeMember(role));
    return !isMember;
}

/** Adds what to do to the service's words. */
function advised(error: unknown, { name, objectId }: PrincipalInputs): Error {
    const { message = String(error), code } = error as { message?: string; code?: string };
    const advice = /name (isn't|is not) found/i.test(message)
        ? `Write the name exactly as Entra has it (a user's user principal name, a guest's with #EXT#, else the display name), or give the object id.`
        : /name (isn't|is not) unique/i.test(message)
          ? "Several objects have this display name: give the object id."
          : /OID (isn't|is not) found/i.test(message)
            ? `The tenant has no object ${objectId ?? ""}. Of a service principal give the object id of the enterprise application, not the application id.`
            : /incorrect object type/i.test(message)
              ? "Correct type."
              : /function pgaadauth_\w+\(.*\) does not exist/i.test(message)
                ? "Entra authentication is off on this server: switch it on first."
                : /permission denied|only Microsoft Entra administrators/i.test(message)
                  ? "Sign in as an Entra administrator: set signInAs to one's name."
                  : "";
    return Object.assign(new Error(`Principal "${name}": ${message.replace(/\s*\n\s*/g, " ")} ${advice}`.trim()), {
        code,
    });
}
