import { administratorsAdminister } from "./administrators-administer";
import { backups } from "./backups";
import { egressToEntra } from "./egress-to-entra";
import { entraAuthentication } from "./entra-authentication";
import { groupAdministrator } from "./group-administrator";
import { noPasswords } from "./no-passwords";
import { noSolePerson } from "./no-sole-person";
import { noWideFirewall } from "./no-wide-firewall";
import type { Policy } from "./policy";
import { privateNetwork } from "./private-network";
import { protectedData } from "./protected-data";

/** Every policy of the pack. */
export const policies: readonly Policy[] = [
    entraAuthentication,
    noPasswords,
    groupAdministrator,
    noSolePerson,
    administratorsAdminister,
    privateNetwork,
    noWideFirewall,
    egressToEntra,
    protectedData,
    backups,
];
