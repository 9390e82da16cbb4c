/** What everybody with a role on the server may do. */
import { type Finding, inputsOf, postgresTypes, shown, textAt } from "../findings";
import type { Preview, Properties, Step } from "../preview";
import { texts } from "./grants";
import { inWords } from "./privileges";

export function publicChanges({ steps }: Preview): Finding[] {
    const isPublic = ({ type, before, after }: Step): boolean =>
        type === postgresTypes.grant && (before["role"] === "public" || after["role"] === "public");
    const goes = ({ before }: Step): boolean =>
        steps.some(
            ({ type, operation, before: database }) =>
                type === postgresTypes.database &&
                operation === "Delete" &&
                database["databaseName"] === before["database"],
        );
    return steps
        .filter((step) => isPublic(step) && !goes(step))
        .flatMap((step): Finding[] => {
            const { before, after, operation } = step;
            const inputs = inputsOf(step);
            const schema = textAt(inputs, "schema");
            const place =
                `database ${shown(textAt(inputs, "database"))}` +
                (schema === undefined ? "" : `, schema ${shown(schema)}`);
            const held = (privileges: string[]): string =>
                inWords([
                    {
                        objectType: textAt(inputs, "objectType") ?? "",
                        schema,
                        objects: [],
                        isFuture: false,
                        privileges,
                    },
                ]);
            const [had, has] = [texts(before["privileges"]), texts(after["privileges"])];
            const gained = has.filter((privilege) => !had.includes(privilege));
            const lost = had.filter((privilege) => !has.includes(privilege));
            const everybody = "everybody with a role on the server (`PUBLIC`)";
            switch (operation) {
                case "Create":
                    return has.length === 0
                        ? [
                              {
                                  text: `${everybody} **may no longer connect** to ${place} or make temporary tables in it; administrators still may.`,
                              },
                          ]
                        : [
                              {
                                  text: `${everybody} may **${held(has)}** on ${place}, and nothing else there.`,
                                  widensAccess: !isDefault(inputs, has),
                              },
                          ];
                case "Delete":
                    return had.length === 0
                        ? [
                              {
                                  text: `${place}: the stack no longer keeps \`PUBLIC\` out. Nothing is given back by that alone.`,
                              },
                          ]
                        : [{ text: `${everybody} **may no longer ${held(had)}** on ${place}.` }];
                case "Update":
                case "Replace":
                    return [
                        ...(gained.length === 0
                            ? []
                            : [{ text: `${everybody} **may now ${held(gained)}** on ${place}.`, widensAccess: true }]),
                        ...(lost.length === 0
                            ? []
                            : [{ text: `${everybody} **may no longer ${held(lost)}** on ${place}.` }]),
                    ];
                default:
                    return [];
            }
        });
}

/** What PostgreSQL gives to PUBLIC anyway. Source: PostgreSQL, "Privileges". */
function isDefault({ objectType }: Properties, privileges: string[]): boolean {
    const defaults = { database: ["CONNECT", "TEMPORARY"], schema: ["USAGE"] }[String(objectType)] ?? [];
    return privileges.every((privilege) => defaults.includes(privilege));
}
