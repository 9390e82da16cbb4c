/** The emulated Entra tenant: its objects and who is a member of what, in memory. */

export type ObjectType = "User" | "Group" | "ServicePrincipal";

export interface User {
    type: "User";
    objectId: string;
    userPrincipalName: string;
    displayName: string;
}

export interface Group {
    type: "Group";
    objectId: string;
    displayName: string;
    memberObjectIds: string[];
}

export interface ServicePrincipal {
    type: "ServicePrincipal";
    objectId: string;
    displayName: string;
    applicationId: string;
    managedIdentity?: boolean;
}

export type DirectoryObject = User | Group | ServicePrincipal;

/** The name by which the database and people know an object. */
export function nameOf(object: DirectoryObject): string {
    return object.type === "User" ? object.userPrincipalName : object.displayName;
}

export class Directory {
    readonly #objects = new Map<string, DirectoryObject>();
    readonly #replicatedAt = new Map<string, number>();
    readonly #listeners = new Set<() => void>();

    constructor(readonly tenantId: string) {}

    /**
     * Adds an object. With a replication delay, in milliseconds, tokens can be had at once while the database's look-up
     * doesn't find the object until the delay has passed, as after creating an identity in Entra.
     */
    add(object: DirectoryObject, options: { replicationDelay?: number } = {}): void {
        this.#objects.set(object.objectId, object);
        this.#replicatedAt.set(object.objectId, Date.now() + (options.replicationDelay ?? 0));
        this.#changed();
    }

    remove(objectId: string): void {
        this.#objects.delete(objectId);
        for (const object of this.#objects.values()) {
            if (object.type === "Group") {
                object.memberObjectIds = object.memberObjectIds.filter((member) => member !== objectId);
            }
        }
        this.#changed();
    }

    all(): DirectoryObject[] {
        return [...this.#objects.values()];
    }

    byObjectId(objectId: string): DirectoryObject | undefined {
        return this.#objects.get(objectId.toLowerCase());
    }

    /** Objects of a name, exactly as written; several when a display name isn't unique. */
    find(name: string, type?: ObjectType): DirectoryObject[] {
        return this.all().filter((object) => nameOf(object) === name && (type === undefined || object.type === type));
    }

    /** When the database's look-up begins to see an object. */
    replicatedAt(objectId: string): Date {
        return new Date(this.#replicatedAt.get(objectId) ?? 0);
    }

    addMember(groupObjectId: string, memberObjectId: string): void {
        const group = this.#group(groupObjectId);
        if (!group.memberObjectIds.includes(memberObjectId)) group.memberObjectIds.push(memberObjectId);
        this.#changed();
    }

    removeMember(groupObjectId: string, memberObjectId: string): void {
        const group = this.#group(groupObjectId);
        group.memberObjectIds = group.memberObjectIds.filter((member) => member !== memberObjectId);
        this.#changed();
    }

    /** Ids of every group that an object belongs to, through other groups too: what a token's `groups` claim lists. */
    groupsOf(objectId: string): string[] {
        const found = new Set<string>();
        const visit = (member: string): void => {
            for (const object of this.#objects.values()) {
                if (object.type !== "Group" || found.has(object.objectId)) continue;
                if (object.memberObjectIds.includes(member)) {
                    found.add(object.objectId);
                    visit(object.objectId);
                }
            }
        };
        visit(objectId);
        return [...found];
    }

    onChange(listener: () => void): () => void {
        this.#listeners.add(listener);
        return () => this.#listeners.delete(listener);
    }

    #group(objectId: string): Group {
        const group = this.byObjectId(objectId);
        if (group?.type !== "Group") throw new Error(`${objectId} is no group of the emulated tenant.`);
        return group;
    }

    #changed(): void {
        for (const listener of this.#listeners) listener();
    }
}
