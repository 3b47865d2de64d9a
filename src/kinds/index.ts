import type { Kind } from "../core/kind.js";
import { groupKey } from "./group-key.js";
import { groupKeyMap } from "./group-key-map.js";
import { groupMembership } from "./group-membership.js";

export { GROUP_KEY, groupKey, type GroupKeyIntent } from "./group-key.js";
export { GROUP_KEY_MAP, groupKeyMap, type GroupKeyMapIntent } from "./group-key-map.js";
export { GROUP_MEMBERSHIP, groupMembership, type GroupMembershipIntent } from "./group-membership.js";

/** The kinds that every manager knows. */
export const builtInKinds: readonly Kind[] = [groupKey, groupKeyMap, groupMembership];
