/** What a pipeline may stop at. Nothing is imported here: the command line needs it for its help. */
export const gates = ["destroys-data", "widens-access"] as const;
export type Gate = (typeof gates)[number];

/** The exit code when a gate is met; 1 is for errors. */
export const gateExitCode = 3;
