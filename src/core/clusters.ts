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
