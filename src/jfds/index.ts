/** The Joint Fabric Datastore, cluster 0x0752 (section 11.24), without a network. */
export { Datastore } from "./datastore.js";
export type { CommandName } from "./fields.js";
export { defaultLimits, defaultPolicies, type DatastoreLimits, type DatastoreOptions, type DatastorePolicies } from "./options.js";
export { DatastoreState, type StatusEntry } from "./status-entry.js";
export type {
    AclEntry,
    AdministratorInformationEntry,
    AttributeName,
    DatastoreAttributes,
    EndpointBindingEntry,
    EndpointEntry,
    EndpointGroupIdEntry,
    GroupInformationEntry,
    GroupKeySetStruct,
    NodeInformationEntry,
    NodeKeySetEntry,
} from "./view.js";
