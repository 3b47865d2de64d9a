import type { PlainServer } from "../plain/plain-server.js";
import type { Deviant } from "./deviant.js";
import { failingCases } from "./failing-cases.js";
import * as nodes from "./node-deviants.js";
import * as record from "./record-deviants.js";

/** What is wrong with each of them, in one sentence. */
const DEFECTS: Readonly<Record<string, string>> = {
    RamOnly: "what is not part of the formation is gone after a restart",
    NoReports: "changes are not reported to subscribers",
    TimestampZero: "changes of state set UpdateTimestamp to 0",
    FailureForUnknownAdmin: "UpdateAdmin answers FAILURE for an unknown administrator",
    FailureForUnknownNode: "RefreshNode answers FAILURE for an unknown node",
    StartTimeLeftBehind: "a slot that is cleared keeps its start time",
    NamesOffByOne: "names of exactly 32 bytes are refused",
    NamesInCharacters: "the length of names is counted in characters",
    LongKeysTaken: "an epoch key of 32 bytes is taken",
    AnyPrivilege: "the undefined privilege 2 is taken for groups",
    OrphansOfRemovedNodes: "RemoveNode leaves the node's rows in the other lists",
    KeySetRemovedInUse: "RemoveKeySet does not look whether nodes have the set",
    IpkRemovable: "the IPK can be removed",
    GroupRemovedInUse: "RemoveGroup does not look whether the group has members",
    ConstraintErrorWhenFull: "a full list of groups is answered with CONSTRAINT_ERROR",
    ListIdsReused: "all entries have ListID 1",
    RemovalByListIdAlone: "RemoveBinding does not look at node and endpoint",
    UnknownListIdFails: "RemoveACL answers FAILURE for an unknown ListID",
    AnybodyAdministers: "privilege Manage is enough",
    OldCatVersionTaken: "the version of the Administrator CAT is not looked at",
    HalfUpdateWhenBusy: "UpdateGroup stores the new version although it answers BUSY",
    NeverReady: "Status never becomes Committed",
    AnchorRemovable: "the Anchor can be removed from AdminList",
    NoSweep: "there is no periodic review",
    KeysOverwrittenByRefresh: "a refresh replaces stored epoch keys by the nulls that a node reads back",
    SharedKeySetRemoved: "a key set is removed from a node although another membership needs it",
    CommittedTooEarly: "a node is Committed before the refresh is through",
    RefusalsAreSuccess: "a refused list write counts as done",
    PayloadIgnored: "the status inside AddGroupResponse is ignored",
    InternalCodes: "FailureCode is always FAILURE",
    FirstAclEntryOnly: "a refresh sees the first access control entry only",
    RemovalRetriedAsAdd: "a refresh repeats a failed removal as an addition",
    RemovalAdoptedBack: "a value whose removal failed for good is adopted by the refresh",
    MapOverwritten: "the key map is written with one entry",
    ListOverwritten: "adding a binding overwrites the others",
    UnreadableIsEmpty: "a binding list that cannot be read counts as empty",
    GroupBeforeKey: "memberships do not wait for their key set",
    ConstantGroupName: "nodes are told a constant group name",
    LongGroupName: "nodes are sent names of more than 16 bytes",
    ExactCatVersionOnly: "a CAT of version 1 in an entry is not recognised as the group's",
    NodeIdTakenForGroup: "a CASE subject that equals the group id counts as the group's",
    OthersRaised: "a new permission changes the privilege of other subjects, too",
    OldEntryLeft: "the former value of a rewritten entry stays on the node",
    OldWriteCommitsNew: "the answer to an older write commits a newer value",
    EndpointsForgetNames: "a refresh clears the names of endpoints",
    AclOrderMatters: "the order of subjects makes another entry",
    UnadoptedDeleted: "what a refresh cannot adopt is deleted from the node",
    NewKeyToEverybody: "a group's new key set is brought to all nodes",
    RevivedByRename: "a rename revives memberships on their way out",
    AbsentIsFailure: "NOT_FOUND on RemoveGroup counts as a failure",
    UnrecoverableRetried: "failures for good are repeated like others",
    BigFailureDropsNothing: "work for a node that does not answer is dropped",
};

/** Servers with one deliberate defect each, made from the plain one. */
export const deviants: readonly Deviant[] = Object.entries<unknown>({ ...record, ...nodes }).map(([name, kind]) => ({
    name,
    defect: DEFECTS[name] ?? "",
    kind: kind as typeof PlainServer,
    fails: failingCases[name] ?? [],
}));
