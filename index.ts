/**
 * Azure Database for PostgreSQL flexible server with Microsoft Entra sign-in, as Pulumi components.
 *
 * @packageDocumentation
 */
export {
    EntraPostgres,
    type Access,
    type AccessPrincipal,
    type EntraPostgresArgs,
    type EntraPostgresNetwork,
    type IntegratedNetwork,
    type PrivateEndpointNetwork,
    type PublicAccessNetwork,
} from "./components/entra-postgres";
export { InvalidArguments, type Fault } from "./components/faults";
export type { Cloud } from "./components/clouds";

export {
    FlexibleServer,
    type Compute,
    type FlexibleServerArgs,
    type ServerReference,
    type ServerSettings,
} from "./components/server/flexible-server";
export type {
    Authentication,
    EntraAndPasswordAuthentication,
    EntraOnlyAuthentication,
} from "./components/server/authentication";
export type {
    AvailabilityZone,
    BurstableSku,
    GeneralPurposeSku,
    HighAvailability,
    MemoryOptimizedSku,
    PostgresqlVersion,
    Sku,
} from "./components/server/compute";
export type { CustomerManagedKey } from "./components/server/encryption";
export type { Backup, MaintenanceWindow } from "./components/server/maintenance";
export type { DelegatedSubnetNetwork, PublicNetwork, ServerNetwork } from "./components/server/network";
export type { GeoRestore, Origin, PointInTimeRestore, Replica, ReviveDropped } from "./components/server/origin";
export type { PremiumSsdStorage, PremiumSsdV2Storage, Storage } from "./components/server/storage";
export {
    EntraAdministrators,
    type EntraAdministrator,
    type EntraAdministratorsArgs,
    type PrincipalType,
} from "./components/server/entra-administrators";
export { ServerDatabases, type DatabaseSettings, type ServerDatabasesArgs } from "./components/server/databases";
export { ServerParameters, type ServerParametersArgs } from "./components/server/parameters";

export {
    PublicAccess,
    type AddressBlock,
    type AddressRange,
    type PlannedFirewallRule,
    type PublicAccessArgs,
    type PublicAccessRules,
} from "./components/network/public-access";

export {
    VirtualNetworkIntegration,
    type IntegratedServerNetwork,
} from "./components/network/virtual-network-integration";
export type {
    ExistingDelegatedSubnet,
    ExistingSubnetNetwork,
    NewDelegatedSubnet,
    NewNetworkSecurityGroup,
    NewRouteTable,
    NewSubnetNetwork,
    VirtualNetwork,
    VirtualNetworkIntegrationArgs,
    VirtualNetworkSettings,
} from "./components/network/virtual-network-plan";
export {
    PrivateEndpointAccess,
    type PrivateEndpointAccessArgs,
    type PrivateEndpointSettings,
} from "./components/network/private-endpoint-access";
export {
    EntraEgress,
    type EntraEgressArgs,
    type ExistingNetworkSecurityGroup,
    type ExistingRouteTable,
    type NetworkSurroundings,
} from "./components/network/entra-egress";
export type { EgressOptions, PlannedRoute, PlannedSecurityRule } from "./components/network/egress-plan";
export type { PriorityRange } from "./components/network/priorities";
export type {
    ExistingPrivateDnsZone,
    LinkedNetworks,
    NewPrivateDnsZone,
    PrivateDnsZone,
} from "./components/network/private-dns";
export type { EgressAnalysis } from "./components/network/analysis/egress-analysis";
export type { Known } from "./components/network/analysis/known";
export type { Surroundings } from "./components/network/analysis/from-azure";
export type { Answer } from "./components/network/analysis/reachability";
export type { NextHopType, Route, RouteSource } from "./components/network/analysis/routes";
export type { Direction, SecurityAccess, SecurityRule } from "./components/network/analysis/security-rules";
export type { Firewall, Purpose } from "./components/network/analysis/subnet-plan";

export { EntraPrincipal, type EntraPrincipalArgs } from "./components/access/entra-principal";
export { DatabaseAccess, type DatabaseAccessArgs } from "./components/access/database-access";
export { PublicRevocation, type PublicRevocationArgs } from "./components/access/public-revocation";
export { postgresqlProvider, type PostgresqlProviderArgs } from "./components/access/postgresql-provider";
export type { AccessRights, CustomRights, PlannedGrant, ProfileRights } from "./components/access/rights";
export type { ConnectionFacts, SignIn, SignInCommands } from "./components/access/connection";
