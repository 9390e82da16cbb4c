/** `npm run schema`: writes what other languages see of the component. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../local/package-root";
import { componentSchema } from "./component";

writeFileSync(join(packageRoot, "provider", "construct", "component-schema.json"), componentSchema());
