/** Who gains and who loses access, in plain words. */
import { type Finding, wideningFirst } from "../findings";
import type { Preview } from "../preview";
import { azureChanges } from "./azure";
import { grantByGrant } from "./database-access";
import { Directory } from "./directory";
import { grantChanges } from "./grants";
import { membershipChanges } from "./memberships";
import { administratorChanges, groupSyncChanges, principalChanges, roleChanges } from "./principals";
import { publicChanges } from "./public";

/** Gains come before losses. */
export function access(given: Preview): Finding[] {
    const preview = grantByGrant(given);
    const directory = new Directory(preview);
    return wideningFirst([
        ...administratorChanges(preview),
        ...principalChanges(preview),
        ...roleChanges(preview),
        ...grantChanges(preview, directory),
        ...membershipChanges(preview, directory),
        ...publicChanges(preview),
        ...groupSyncChanges(preview),
        ...azureChanges(preview),
    ]);
}
