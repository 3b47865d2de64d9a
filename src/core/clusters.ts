/**
 * Identifiers of the clusters that a node keeps fabric state in: our own constants, so that the pure layers
 * import nothing. A test compares each with matter.js's.
 */

/** Descriptor (section 9.5), every endpoint. */
export const Descriptor = {
    id: 0x1d,
    attributes: { deviceTypeList: 0, serverList: 1, clientList: 2, partsList: 3 },
} as const;

/** Basic Information (section 11.1), endpoint 0. */
export const BasicInformation = {
    id: 0x28,
    attributes: { vendorId: 2, productId: 4, nodeLabel: 5, softwareVersion: 9 },
} as const;

/** Groups (application cluster specification, section 1.3), per endpoint. */
export const Groups = {
    id: 0x04,
    attributes: { nameSupport: 0 },
    commands: { addGroup: 0, viewGroup: 1, getGroupMembership: 2, removeGroup: 3, removeAllGroups: 4, addGroupIfIdentifying: 5 },
} as const;

/** Group Key Management (section 11.2), endpoint 0. */
export const GroupKeyManagement = {
    id: 0x3f,
    attributes: { groupKeyMap: 0, groupTable: 1, maxGroupsPerFabric: 2, maxGroupKeysPerFabric: 3 },
    commands: { keySetWrite: 0, keySetRead: 1, keySetRemove: 3, keySetReadAllIndices: 4 },
} as const;

/** Access Control (section 9.10), endpoint 0. */
export const AccessControl = {
    id: 0x1f,
    attributes: { acl: 0, subjectsPerAccessControlEntry: 2, targetsPerAccessControlEntry: 3, accessControlEntriesPerFabric: 4 },
} as const;

/** Binding (section 9.6), per endpoint. */
export const Binding = {
    id: 0x1e,
    attributes: { binding: 0 },
} as const;

/** Operational Credentials (section 11.18), endpoint 0. */
export const OperationalCredentials = {
    id: 0x3e,
    attributes: {
        nocs: 0,
        fabrics: 1,
        supportedFabrics: 2,
        commissionedFabrics: 3,
        trustedRootCertificates: 4,
        currentFabricIndex: 5,
    },
    commands: { certificateChainRequest: 2, csrRequest: 4, addNoc: 6, updateNoc: 7, removeFabric: 10, addTrustedRootCertificate: 11 },
} as const;

/** General Commissioning (section 11.10), endpoint 0: the fail-safe. */
export const GeneralCommissioning = {
    id: 0x30,
    attributes: { breadcrumb: 0, basicCommissioningInfo: 1 },
    commands: { armFailSafe: 0, commissioningComplete: 4 },
} as const;
