import type { ConformanceCase } from "../conformance-case.js";
import { addGroup } from "./add-group.js";
import { addKeySet } from "./add-key-set.js";
import { administrators } from "./administrators.js";
import { nodes } from "./nodes.js";
import { removeGroup } from "./remove-group.js";
import { removeKeySet } from "./remove-key-set.js";
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
];
