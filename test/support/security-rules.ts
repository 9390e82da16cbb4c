/** A rule that lets nothing out, wherever it goes. */
export function denyOutbound(name: string, priority: number) {
    return {
        name,
        priority,
        direction: "Outbound",
        access: "Deny",
        protocol: "*",
        sourceAddressPrefix: "*",
        sourcePortRange: "*",
        destinationAddressPrefix: "*",
        destinationPortRange: "*",
    };
}
