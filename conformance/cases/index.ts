import type { ConformanceCase } from "../conformance-case.js";
import { addAccess } from "./add-access.js";
import { addGroup } from "./add-group.js";
import { addKeySet } from "./add-key-set.js";
import { addMembership } from "./add-membership.js";
import { administrators } from "./administrators.js";
import { addBindings, removeBindings } from "./bindings.js";
import { attributeCases } from "./attributes.js";
import { generalAccess } from "./general-access.js";
import { general } from "./general.js";
import { anchorTransfer, lifecycle } from "./lifecycle.js";
import { nodes } from "./nodes.js";
import { randomCommands } from "./random-commands.js";
import { refreshLists } from "./refresh-lists.js";
import { refreshNode } from "./refresh-node.js";
import { refreshTables } from "./refresh-tables.js";
import { removeAccess } from "./remove-access.js";
import { removeGroup } from "./remove-group.js";
import { removeKeySet } from "./remove-key-set.js";
import { removeMembership } from "./remove-membership.js";
import { stateMachine } from "./state-machine.js";
import { updateGroupAcl } from "./update-group-acl.js";
import { updateGroupKeys } from "./update-group-keys.js";
import { updateGroupRecord } from "./update-group-record.js";
import { updateKeySet } from "./update-key-set.js";

/** Every case, in the order of the specification's sections. */
export const cases: readonly ConformanceCase[] = [
    ...addKeySet,
    ...updateKeySet,
    ...removeKeySet,
    ...addGroup,
    ...updateGroupRecord,
    ...updateGroupKeys,
    ...updateGroupAcl,
    ...removeGroup,
    ...administrators,
    ...nodes,
    ...addMembership,
    ...removeMembership,
    ...addBindings,
    ...removeBindings,
    ...addAccess,
    ...removeAccess,
    ...refreshNode,
    ...refreshLists,
    ...refreshTables,
    ...stateMachine,
    ...attributeCases,
    ...generalAccess,
    ...general,
    ...randomCommands,
    ...lifecycle,
    ...anchorTransfer,
];
