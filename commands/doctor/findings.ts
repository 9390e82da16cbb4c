/** What a layer finds: it is in order, or it has a fault with one of the causes. */
import type { Cause } from "./causes";

export interface Fault {
    cause: Cause;
    /** What is the matter in this case: what was given, what is there. */
    detail: string;
}

/** What isn't looked at stops nothing. */
export type Finding = { passed: true; note: string; isLookedAt: boolean } | ({ passed: false } & Fault);

export function passed(note: string): Finding {
    return { passed: true, note, isLookedAt: true };
}

export function notLookedAt(reason: string): Finding {
    return { passed: true, note: reason, isLookedAt: false };
}

export function fault(cause: Cause, detail: string): { passed: false } & Fault {
    return { passed: false, cause, detail };
}
