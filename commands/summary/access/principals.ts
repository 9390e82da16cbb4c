/** Administrators, principals and other roles: who has one, and what comes with it. */
import { groupSyncParameter } from "../../../components/server/parameters";
import { type Finding, inputsOf, postgresTypes, serverOf, shown, textAt } from "../findings";
import { code, enumerate } from "../markdown";
import type { Preview, Properties, Step } from "../preview";
import { kindOf } from "./directory";

export function administratorChanges({ steps }: Preview): Finding[] {
    return steps
        .filter(({ type }) => type === postgresTypes.administrator)
        .flatMap((step): Finding[] => {
            const [old, now] = [step.before, step.after].map(
                (inputs) => `${kindOf(inputs)} ${shown(textAt(inputs, "principalName"))}`,
            ) as [string, string];
            switch (step.operation) {
                case "Create":
                    return [
                        {
                            text: `${now} **becomes administrator** of ${serverOf(step)}: everything in every database, and making other principals.`,
                            widensAccess: true,
                        },
                    ];
                case "Delete":
                    return [{ text: `${old} is **no longer administrator** of ${serverOf(step)}.` }];
                case "Replace": {
                    const isSame = textAt(step.before, "objectId") === textAt(step.after, "objectId");
                    return [
                        {
                            text: isSame
                                ? `administrator ${old} is registered anew as ${now} on ${serverOf(step)}, and is missing in between.`
                                : `${now} **becomes administrator** of ${serverOf(step)} in the place of ${old}.`,
                            widensAccess: !isSame,
                        },
                    ];
                }
                default:
                    return [];
            }
        });
}

export function principalChanges({ steps }: Preview): Finding[] {
    const principals = steps.filter(({ type }) => type === postgresTypes.principal);
    const objectOf = ({ before, after, outputs }: Step): string | undefined =>
        textAt(after, "objectId") ?? textAt(before, "objectId") ?? textAt(outputs, "objectId");
    return principals.flatMap((step): Finding[] => {
        const { before, after, operation } = step;
        const who = (inputs: Properties): string => `${kindOf(inputs)} ${shown(textAt(inputs, "name"))}`;
        switch (operation) {
            case "Create": {
                const object = objectOf(step);
                const namesake = principals.find(
                    (other) => other.operation === "Delete" && object !== undefined && objectOf(other) === object,
                );
                const canLogin = after["canLogin"] !== false;
                return [
                    {
                        text: canLogin
                            ? `${who(after)} **gains sign-in** to ${serverOf(step)}, as a new role.`
                            : `${who(after)} gets a role on ${serverOf(step)}; only its members sign in, as themselves.`,
                        details: [
                            ...(namesake
                                ? [
                                      `The same Entra object as ${who(namesake.before)}, whose role goes: what that role owns doesn't come along.`,
                                  ]
                                : []),
                            ...(after["isAdmin"] === true ? [becomesAdministrator] : []),
                        ],
                        widensAccess: true,
                    },
                ];
            }
            case "Delete": {
                const heir = textAt(before, "reassignOwnedTo");
                return [
                    {
                        text: `${who(before)} **loses sign-in** to ${serverOf(step)}: its role is dropped.`,
                        details: [
                            heir === undefined
                                ? "Refused while the role owns anything."
                                : `What it owns goes to ${shown(heir)}.`,
                        ],
                    },
                ];
            }
            case "Update":
            case "Replace":
                return [
                    ...(operation === "Replace"
                        ? [
                              {
                                  text: `${who(after)} moves from server ${shown(textAt(before, "serverName"))} to ${serverOf(step)}.`,
                                  widensAccess: true,
                              },
                          ]
                        : []),
                    ...principalUpdates(step, who),
                ];
            default:
                return [];
        }
    });
}

const becomesAdministrator = "It may create roles, databases and other principals.";

function principalUpdates({ before, after, changed }: Step, who: (inputs: Properties) => string): Finding[] {
    const differs = (property: string): boolean => before[property] !== after[property];
    const findings: Finding[] = [];
    const add = (text: string, widensAccess = false): void => {
        findings.push({ text: `${who(after)} ${text}`, widensAccess });
    };
    if (differs("name")) {
        findings.push({
            text: `${who(before)} is **renamed** ${shown(textAt(after, "name"))}, with everything it may do.`,
        });
    }
    const isOther = differs("type") || (changed.includes("objectId") && after["objectId"] !== undefined);
    if (isOther) {
        const object = shown(after["objectId"]);
        add(`**stands for another Entra object**, ${object}: that object gains everything the role may do.`, true);
    }
    const flag = (property: string, whenAbsent: boolean): [before: boolean, after: boolean] => {
        const read = (inputs: Properties): boolean => (inputs[property] as boolean | undefined) ?? whenAbsent;
        return [read(before), read(after)];
    };
    const [wasAdmin, isAdmin] = flag("isAdmin", false);
    if (!wasAdmin && isAdmin)
        add("**becomes administrator**: it may create roles, databases and other principals.", true);
    if (wasAdmin && !isAdmin) add("is **no longer administrator**.");
    const [couldLogin, canLogin] = flag("canLogin", true);
    if (!couldLogin && canLogin) add("**may sign in as itself again**, members as the group too.", true);
    if (couldLogin && !canLogin) add("**no longer signs in itself**: members of a group sign in as themselves.");
    const [neededMfa, needsMfa] = flag("isMfa", false);
    if (neededMfa && !needsMfa) add("**needs no multifactor authentication** any more.", true);
    if (!neededMfa && needsMfa) add("needs multifactor authentication from now on.");
    return findings;
}

/** Roles that are no Entra principals. */
export function roleChanges({ steps }: Preview): Finding[] {
    return steps
        .filter(({ type }) => type === postgresTypes.role)
        .flatMap((step): Finding[] => {
            const name = shown(textAt(inputsOf(step), "name") ?? step.name);
            switch (step.operation) {
                case "Create":
                    return [
                        {
                            text: `role ${name} is made${step.after["login"] === true ? " and **may sign in** with a password" : ""}.`,
                            widensAccess: step.after["login"] === true || step.after["superuser"] === true,
                        },
                    ];
                case "Delete":
                    return [{ text: `role ${name} is dropped.` }];
                case "Update":
                case "Replace": {
                    const powers = ["login", "superuser", "createRole", "createDatabase", "bypassRowLevelSecurity"];
                    const gained = powers.filter((power) => step.before[power] !== true && step.after[power] === true);
                    const members = step.changed.some((path) => path.startsWith("roles"));
                    return [
                        {
                            text: `role ${name} changes: ${enumerate(step.changed.map(code))}.`,
                            widensAccess: gained.length > 0 || members,
                        },
                    ];
                }
                default:
                    return [];
            }
        });
}

export function groupSyncChanges({ steps }: Preview): Finding[] {
    return steps
        .filter(
            ({ type, before, after }) =>
                type === postgresTypes.configuration &&
                [before, after].some((inputs) => inputs["configurationName"] === groupSyncParameter),
        )
        .flatMap((step): Finding[] => {
            const [was, is] = [step.before, step.after].map(
                (inputs) => textAt(inputs, "value")?.toLowerCase() === "on",
            );
            if (was === is || step.operation === "Keep") return [];
            return is === true
                ? [
                      {
                          text: `**group sync is switched on** on ${serverOf(step)}: every member of a group that has a role gets a role of their own and signs in as themselves.`,
                          widensAccess: true,
                      },
                  ]
                : [
                      {
                          text: `**group sync is switched off** on ${serverOf(step)}: members' own roles are no longer kept in step with their groups.`,
                      },
                  ];
        });
}
