import type { Kind } from "../core/kind.js";
import { acl } from "./acl.js";
import { binding } from "./binding.js";
import { groupKey } from "./group-key.js";
import { groupKeyMap } from "./group-key-map.js";
import { groupMembership } from "./group-membership.js";
import { ipk } from "./ipk.js";
import { noc } from "./noc.js";
import { trustedRoot } from "./trusted-root.js";

export { AuthMode, Privilege, type AccessControlEntry, type AccessControlTarget } from "./access-control-entry.js";
export { catSubject } from "./access-coverage.js";
export { ACL, acl, type AclIntent } from "./acl.js";
export { BINDING, binding, type BindingIntent, type BindingTarget } from "./binding.js";
export { GROUP_KEY, groupKey, type GroupKeyIntent } from "./group-key.js";
export { GROUP_KEY_MAP, groupKeyMap, type GroupKeyMapIntent } from "./group-key-map.js";
export { GROUP_MEMBERSHIP, groupMembership, type GroupMembershipIntent } from "./group-membership.js";
export { IPK, ipk, type IpkIntent } from "./ipk.js";
export { NOC, noc, type NocIntent } from "./noc.js";
export { TRUSTED_ROOT, trustedRoot, type TrustedRootIntent } from "./trusted-root.js";

/** The kinds that every manager knows. */
export const builtInKinds: readonly Kind[] = [groupKey, groupKeyMap, groupMembership, acl, binding, ipk, noc, trustedRoot];
