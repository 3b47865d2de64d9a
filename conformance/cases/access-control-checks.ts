import { type Bed } from "../bed.js";
import { aclEntry, N1 } from "../fixtures.js";
import { ADMINISTRATOR_CAT, catSubject, Privilege } from "../specification.js";
import { sameAclEntry } from "../acl-entry.js";
import type { Fields } from "../values.js";


export const ADD = "addAclToNode";
export const REMOVE = "removeAclFromNode";
export const WRITE = { op: "write", name: "acl" } as const;
export const OTHER = aclEntry([40n, 41n], { targets: [{ cluster: 6, endpoint: null, deviceType: null }, { cluster: null, endpoint: 1, deviceType: null }] });

export const at = (entry: Fields, nodeId = N1): Fields => ({ nodeId: BigInt(nodeId), aclEntry: entry });
export const gone = (listId: number, nodeId = N1): Fields => ({ listId, nodeId: BigInt(nodeId) });

export async function expectOnNode(bed: Bed, entry: Fields, isThere = true, nodeId = N1): Promise<void> {
    const found = (await bed.member(nodeId)).acl.some(each => sameAclEntry(each, entry));
    bed.check(found === isThere, `an entry that should ${isThere ? "" : "not "}be on node ${nodeId} ${isThere ? "is not" : "is"}`);
}

/** The entry by which the server administers the node. */
export async function administratorEntry(bed: Bed, nodeId = N1): Promise<Fields> {
    const subject = catSubject(ADMINISTRATOR_CAT, 1);
    const { acl } = await bed.member(nodeId);
    const entry = acl.find(each => each["privilege"] === Privilege.ADMINISTER && (each["subjects"] as readonly bigint[] | null)?.includes(subject));
    return bed.found(entry, `node ${nodeId} has lost the Administrator entry`);
}
