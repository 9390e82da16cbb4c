import { findEngine } from "../../local/engine/engine";

/** Finds or builds the engine once, before tests that need it time out waiting for it. */
export default async function setup(): Promise<void> {
    await findEngine((message) => {
        console.log(message);
    });
}
