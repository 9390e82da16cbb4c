/** An error of Resource Manager, printed as azure-native prints it. */
export class AzureError extends Error {
    constructor(
        readonly status: number,
        readonly code: string,
        readonly text: string,
    ) {
        super(`Status=${String(status)} Code="${code}" Message="${text}"`);
        this.name = "AzureError";
    }
}

export function invalidParameter(text: string): AzureError {
    return new AzureError(400, "InvalidParameterValue", text);
}
