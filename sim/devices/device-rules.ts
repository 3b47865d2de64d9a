import { Status, type StatusCode } from "../../src/core/status.js";

/**
 * Where devices in the field differ from each other, and which of the ways a simulated node goes. Each rule names what the
 * specification says; section numbers are those of the Matter core specification, "cluster" means the application cluster specification.
 */
export interface DeviceRules {
    /**
     * AddGroup wants the mapped key set to be there, not only the map entry. Cluster section 1.3.7.1 asks for "key material"; matter.js
     * looks at the map only, connectedhomeip also at the set.
     */
    readonly addGroupNeedsKeySet: boolean;
    /**
     * KeySetWrite of set 0 makes one more set beside the IPK: it takes a slot, can be refused when all are taken, and is listed twice. Section 11.2.7.1
     * knows one set per id, so this is wrong; matter.js does it.
     */
    readonly ipkWriteTakesSlot: boolean;
    /** An epoch key with start time 2^64 - 1 leaves its slot unused (section 4.17.3). matter.js counts from another zero, where it is out of range: CONSTRAINT_ERROR. */
    readonly maxStartTimeDisablesSlot: boolean;
    /**
     * KeySetWrite and KeySetRemove move the data version of GroupKeyManagement. Section 7.10.3 counts changes of attribute data, and key sets are none;
     * matter.js keeps them as an internal attribute.
     */
    readonly keySetsMoveDataVersion: boolean;
    /**
     * A GroupKeyMap write empties the map first and then sets entry by entry, so that a refused entry leaves those before it. By section 8.7.2.1 a refused value changes
     * nothing; connectedhomeip does it.
     */
    readonly keyMapClearedFirst: boolean;
    /** Status for a value outside GroupKeySecurityPolicyEnum or GroupKeyMulticastPolicyEnum. By section 7.19.2 a constraint error; matter.js answers INVALID_COMMAND. */
    readonly unknownPolicyStatus: StatusCode;
    /** GroupKeyMulticastPolicy AllNodes (section 11.2.5.2.2) is refused with INVALID_COMMAND, as matter.js does. */
    readonly allNodesPolicyRefused: boolean;
    /** Status for a command whose fields are missing or of the wrong type. Section 8.10.1: INVALID_COMMAND; matter.js: INVALID_ACTION. */
    readonly malformedCommandStatus: StatusCode;
    /**
     * GetGroupMembershipResponse.Capacity is what remains of the node's group table (cluster section 1.3.7.9.1). matter.js answers 254 less
     * the groups of the endpoint, whatever the table takes.
     */
    readonly capacityIsRemainingRows: boolean;
    /** The limits of group names and of the node label count bytes of UTF-8 (section 7.19.2.38). matter.js counts UTF-16 code units. */
    readonly nameLimitInBytes: boolean;
    /** GetGroupMembership with a group id 0 in its list is a constraint error (cluster section 1.3.7.3: all[min 1]). matter.js passes over it. */
    readonly groupListChecked: boolean;
    /** Names are kept and told even without the feature GroupNames. Cluster section 1.3.7.8.3 says empty; matter.js keeps them. */
    readonly namesWithoutFeature: boolean;
    /** An ACL entry may grant ProxyView. Section 9.10.5.2 deprecates it, so its value is none of the enumeration's; matter.js takes it. */
    readonly proxyViewAccepted: boolean;
    /** A binding's cluster has to be a client cluster of the endpoint (section 9.6.5.1.4). matter.js takes any. */
    readonly bindingNeedsClientCluster: boolean;
    /** A scene's group has to be in the group table for the endpoint (cluster section 1.4.9.2.1). For matter.js an entry in the map is enough. */
    readonly sceneNeedsMembership: boolean;
    /** RemoveAllGroups leaves the scenes that belong to no group (cluster section 1.3.7.5). matter.js and connectedhomeip remove them too. */
    readonly removeAllGroupsKeepsUngroupedScenes: boolean;
    /** Another content of a scene moves the data version. The scene table is no attribute data (section 7.10.3); matter.js keeps it as an internal attribute. */
    readonly sceneTableMovesDataVersion: boolean;
    /** Each CSRRequest makes a new key pair (section 6.4.6.1). matter.js makes one for each fail-safe. */
    readonly csrMakesNewKey: boolean;
    /** A fabric's label can be empty again (section 11.18.6.11.1: max 32). matter.js answers FAILURE. */
    readonly fabricLabelCanBeEmpty: boolean;
}

/** As the specification says. */
export const specificationRules: DeviceRules = {
    addGroupNeedsKeySet: false,
    ipkWriteTakesSlot: false,
    maxStartTimeDisablesSlot: true,
    keySetsMoveDataVersion: false,
    keyMapClearedFirst: false,
    unknownPolicyStatus: Status.CONSTRAINT_ERROR,
    allNodesPolicyRefused: false,
    malformedCommandStatus: Status.INVALID_COMMAND,
    capacityIsRemainingRows: true,
    nameLimitInBytes: true,
    groupListChecked: true,
    namesWithoutFeature: false,
    proxyViewAccepted: false,
    bindingNeedsClientCluster: true,
    sceneNeedsMembership: true,
    removeAllGroupsKeepsUngroupedScenes: true,
    sceneTableMovesDataVersion: false,
    csrMakesNewKey: true,
    fabricLabelCanBeEmpty: true,
};

/** As matter.js 0.17.9 behaves, for the comparison with real nodes. */
export const matterJsRules: DeviceRules = {
    addGroupNeedsKeySet: false,
    ipkWriteTakesSlot: true,
    maxStartTimeDisablesSlot: false,
    keySetsMoveDataVersion: true,
    keyMapClearedFirst: false,
    unknownPolicyStatus: Status.INVALID_COMMAND,
    allNodesPolicyRefused: true,
    malformedCommandStatus: Status.INVALID_ACTION,
    capacityIsRemainingRows: false,
    nameLimitInBytes: false,
    groupListChecked: false,
    namesWithoutFeature: true,
    proxyViewAccepted: true,
    bindingNeedsClientCluster: false,
    sceneNeedsMembership: false,
    removeAllGroupsKeepsUngroupedScenes: false,
    sceneTableMovesDataVersion: true,
    csrMakesNewKey: false,
    fabricLabelCanBeEmpty: false,
};

/** As connectedhomeip behaves, where that is known. */
export const chipRules: DeviceRules = {
    ...specificationRules,
    addGroupNeedsKeySet: true,
    keyMapClearedFirst: true,
    removeAllGroupsKeepsUngroupedScenes: false,
};
