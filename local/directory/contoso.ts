import { Directory, type Group, type ServicePrincipal, type User } from "./directory";

/** A sample tenant: the people, groups and applications that the emulation begins with. */

const tenantId = "c0117050-0000-4000-8000-000000000001";

function id(number: number): string {
    return `0b1ec700-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
}

function user(number: number, userPrincipalName: string, displayName: string): User {
    return { type: "User", objectId: id(number), userPrincipalName, displayName };
}

function group(number: number, displayName: string, members: { objectId: string }[]): Group {
    return { type: "Group", objectId: id(number), displayName, memberObjectIds: members.map((m) => m.objectId) };
}

function application(number: number, displayName: string, managedIdentity: boolean): ServicePrincipal {
    const applicationId = `a9911ca7-0000-4000-8000-${number.toString(16).padStart(12, "0")}`;
    return { type: "ServicePrincipal", objectId: id(number), displayName, applicationId, managedIdentity };
}

/** Reads, as a member of Prod DB Readonly. */
export const alice = user(0x101, "alice@contoso.com", "Alice");
/** Belongs to no group of the database. */
export const bob = user(0x102, "bob@contoso.com", "Bob");
/** Administers, as a member of Prod DB Admins. */
export const dana = user(0x103, "dana@contoso.com", "Dana");
/** A guest, whose user principal name carries the home address. */
export const guest = user(0x104, "erin_fabrikam.com#EXT#@contoso.onmicrosoft.com", "Erin (guest)");
/** A member of the group whose name needs quoting everywhere. */
export const obrien = user(0x105, "o'brien@contoso.com", "O'Brien");

/** The identity that deployments run as. */
export const deployer = application(0x301, "orders-deployer", true);
/** An application that uses the database. */
export const ordersApi = application(0x302, "orders-api", true);
/** Two applications of one display name. */
export const duplicates = [application(0x303, "duplicate-name", false), application(0x304, "duplicate-name", false)];

export const administrators = group(0x201, "Prod DB Admins", [dana, deployer]);
export const readers = group(0x202, "Prod DB Readonly", [alice]);
export const writers = group(0x203, "Prod DB Writers", [ordersApi]);
export const awkward = group(0x204, `O'Brien "DBA" Ünïon`, [obrien]);

/** A fresh copy of the tenant, so that one test's changes are not another's. */
export function contoso(): Directory {
    const directory = new Directory(tenantId);
    const objects = [alice, bob, dana, guest, obrien, deployer, ordersApi, ...duplicates];
    const groups = [administrators, readers, writers, awkward];
    for (const object of [...objects, ...groups]) directory.add(structuredClone(object));
    return directory;
}
