/** Where the specification is silent or contradicts itself: what this run takes for right. The first value of each is the default. */
export const profileSwitches = {
    /** Status for a node or endpoint that is not there: the text, or test plan and connectedhomeip. */
    unknownTarget: ["NOT_FOUND", "CONSTRAINT_ERROR"],
    /** Rows of a node that does not answer. */
    unreachable: ["staysPending", "commitFailedTimeout"],
    /** Group CATs 0xF000 to 0xFFFD. */
    catRange: ["1-0xFFFD", "1-0xEFFF"],
    /** Updates of the Administrator and Anchor groups beside their CAT. */
    adminGroupUpdate: ["refuseAll", "allowNonCat"],
    /** Key sets that no node can use. */
    epochRules: ["strict", "lenient"],
    /** Who keeps a key set from being removed. */
    keySetGuard: ["nodesOnly", "nodesAndGroups"],
    /** Access by privilege alone is wrong, or a matter of the access control list. */
    accessModel: ["catOnly", "aclOnly"],
} as const;

export type ProfileSwitch = keyof typeof profileSwitches;

export type Profile = { readonly [Name in ProfileSwitch]: (typeof profileSwitches)[Name][number] };

export const defaultProfile: Profile = Object.fromEntries(Object.entries(profileSwitches).map(([name, [first]]) => [name, first])) as Profile;
