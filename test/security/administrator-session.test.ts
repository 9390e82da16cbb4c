/** What somebody with rights in a database can do to the administrator who manages it. */
import pg from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { planRights } from "../../components/access/rights";
import { administrators, alice, bob, readers } from "../../local/directory/contoso";
import { EmulatedServer, accessType, calls } from "../support/emulated-server";

let server: EmulatedServer;

const role = readers.displayName;
const administrator = pg.escapeIdentifier(administrators.displayName);
const rights = planRights({ profile: "Writer" }, { version: 17, defaultOwner: administrators.displayName });
const access = { database: "orders", role, grants: rights };

beforeAll(async () => {
    server = await EmulatedServer.start();
    await calls(await server.provider()).create({ name: role, type: "Group" });
    await server.query("CREATE ROLE mallory");
    await server.query(`GRANT mallory TO ${administrator} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    for (const database of ["postgres", "orders"]) {
        await server.query("GRANT CREATE ON SCHEMA public TO mallory", [], database);
        await server.query("CREATE TABLE public.caught (who text, where_ text)", [], database);
        await server.query("GRANT INSERT ON public.caught TO PUBLIC", [], database);
        await server.query(`ALTER TABLE public.caught OWNER TO ${administrator}`, [], database);
    }
});

afterEach(async () => {
    await server.closeProviders();
});

afterAll(async () => {
    await server.stop();
});

/**
 * Operators of mallory's that fit better than PostgreSQL's own wherever a name is compared with what a catalog holds, and
 * functions that fit as well as the service's. Each notes who runs it.
 */
async function layTraps(database: string): Promise<void> {
    const pairs = ["regnamespace", "regclass", "regproc", "regtype"].flatMap((type) => [
        ["oid", type],
        [type, "oid"],
    ]);
    const traps = pairs.map(([left = "", right = ""]) => {
        const name = `public.trap_${left}_${right}`;
        return `
            CREATE FUNCTION ${name}(${left}, ${right}) RETURNS boolean LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO public.caught VALUES (current_user, '${name}');
                RETURN $1::oid = $2::oid;
            END $$;
            CREATE OPERATOR public.= (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = ${name});`;
    });
    await server.query(`SET ROLE mallory; ${traps.join("")} RESET ROLE`, undefined, database);
}

describe("an administrator's session", () => {
    it("runs nothing that somebody put in the way of PostgreSQL's own operators", async () => {
        await layTraps("orders");
        await layTraps("postgres");
        // The traps work: who doesn't say which schemas to look in falls into them.
        await server.query("SELECT FROM pg_class WHERE relnamespace = to_regnamespace('public')", [], "orders");
        expect(await server.query("SELECT DISTINCT who FROM caught", [], "orders")).toEqual([{ who: "azuresu" }]);
        await server.query("TRUNCATE caught", [], "orders");

        const engine = calls(await server.provider(), { type: accessType });
        await engine.create(access);
        await engine.read(access);
        await engine.update(access, { ...access, grants: [] }, access);
        await engine.delete(access);
        // To grant on what mallory owns the administrator joined mallory, and isn't left one.
        const [joined] = await server.query("SELECT pg_has_role($1, 'mallory', 'USAGE') AS joined", [
            administrators.displayName,
        ]);
        expect(joined).toEqual({ joined: false });

        const principals = calls(await server.provider());
        const someone = { name: "someone", type: "User", objectId: bob.objectId, reassignOwnedTo: role };
        await principals.create(someone);
        await server.query("CREATE TABLE public.owned ()", [], "orders");
        await server.query("ALTER TABLE public.owned OWNER TO someone", [], "orders");
        await principals.read(someone);
        await principals.update(someone, { ...someone, canLogin: false });
        await principals.delete(someone);

        for (const database of ["postgres", "orders"]) {
            expect(await server.query("SELECT * FROM caught", [], database)).toEqual([]);
        }
    });

    it("isn't had through PgBouncer, which doesn't let it say so, and is refused at once with the way out", async () => {
        // Wording: PgBouncer, "ignore_startup_parameters".
        server.gateway.refuseNext(1, { code: "08P01", message: "unsupported startup parameter: options" });
        const engine = calls(await server.provider(), { type: accessType });
        await expect(engine.create(access)).rejects.toThrow(/This is PgBouncer.*use its own port, 5432/);
    });

    it("takes a role whose name looks like PUBLIC for that role alone", async () => {
        for (const name of ["PUBLIC", "Public"]) {
            await server.query(`CREATE ROLE ${pg.escapeIdentifier(name)}`);
            const engine = calls(await server.provider(), { type: accessType });
            await server.query(
                `CREATE TABLE public.salaries (); ALTER TABLE public.salaries OWNER TO ${administrator}`,
                undefined,
                "orders",
            );
            await engine.create({ ...access, role: name });
            const [row] = await server.query(
                "SELECT has_table_privilege('mallory', 'salaries', 'SELECT') AS others, has_table_privilege($1, 'salaries', 'SELECT') AS own",
                [name],
                "orders",
            );
            expect(row).toEqual({ others: false, own: true });
            await engine.delete({ ...access, role: name });
            await server.query("DROP TABLE public.salaries", [], "orders");
        }
    });
});

describe("dropping a principal", () => {
    it("leaves a role alone that came to stand for somebody else", async () => {
        const engine = calls(await server.provider());
        const someone = { name: "someone", type: "User", objectId: bob.objectId };
        await engine.create(someone);
        await server.query("DROP ROLE someone");
        await server.query("SELECT pgaadauth_create_principal_with_oid('someone', $1, 'user', false, false)", [
            alice.objectId,
        ]);
        await expect(engine.delete(someone)).rejects.toThrow(
            new RegExp(`stands for another object now, User ${alice.objectId}.*isn't dropped. Run a refresh`),
        );
        expect(await server.query("SELECT FROM pg_roles WHERE rolname = 'someone'")).toHaveLength(1);
        await engine.delete({ ...someone, objectId: alice.objectId });
        expect(await server.query("SELECT FROM pg_roles WHERE rolname = 'someone'")).toHaveLength(0);
    });
});
