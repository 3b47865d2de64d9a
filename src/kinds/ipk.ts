import { GroupKeyManagement } from "../core/clusters.js";
import type { DeviceFields } from "../core/device.js";
import { ok } from "../core/error.js";
import type { KeySetId } from "../core/ids.js";
import {
    answerStatus,
    differs,
    done,
    failed,
    holds,
    unread,
    type Kind,
    type Operation,
    type OperationContext,
    type OperationResult,
    type VerifyResult,
} from "../core/kind.js";
import { statusFailure } from "../core/outcome.js";
import { Status } from "../core/status.js";
import { keySetTable } from "./capacity-tables.js";
import { groupKeyCommand, groupKeyQuery } from "./group-key-management.js";
import { keySetFields, sameStartTimes } from "./group-key.js";
import { integerField, invalidIntent, isRecord } from "./validation.js";

/** The node is to hold this revision of the fabric's identity protection key. */
export interface IpkIntent {
    /** Of key set 0. */
    readonly revision: number;
}

/** Name of the kind {@link ipk}. */
export const IPK = "ipk";

/** Key set of the IPK (section 4.17.2). */
const IPK_KEY_SET = 0 as KeySetId;
const { commands } = GroupKeyManagement;

/**
 * The identity protection key of the fabric on a node (section 4.14.2.6.1): key set 0, one per node, which AddNOC brings and KeySetWrite replaces. It can only be
 * updated: no node is without one, so that removing the item sends nothing, leaves the node the key that it has, and ends the item as withdrawn.
 *
 * Who opens sessions on the fabric must know a key that the other side has: change it only on all nodes and controllers alike, step by step.
 */
export const ipk: Kind<IpkIntent> = {
    name: IPK,
    applyOrder: 8,
    removeOrder: 50,
    capacity: { table: keySetTable, rowOf: () => IPK_KEY_SET },

    validate(intent) {
        if (!isRecord(intent)) {
            return invalidIntent(IPK, "the intent must be an object { revision }")!;
        }
        return invalidIntent(IPK, integerField(intent, "revision", 1, Number.MAX_SAFE_INTEGER)) ?? ok({ revision: intent["revision"] as number });
    },

    keyOf: () => [IPK_KEY_SET],
    equal: (a, b) => a.revision === b.revision,
    dependsOn: () => [],
    keySetOf: ({ revision }) => ({ keySetId: IPK_KEY_SET, revision }),
    // No attribute tells of it.
    watch: () => [],

    *apply({ intent, keySet }: OperationContext<IpkIntent>): Operation<OperationResult> {
        const revision = keySet(IPK_KEY_SET, intent.revision);
        if (revision === undefined) {
            return failed({ class: "terminal", message: `revision ${intent.revision} of the IPK is erased: set a newer one` });
        }
        const answer = yield groupKeyCommand(commands.keySetWrite, { groupKeySet: keySetFields(IPK_KEY_SET, revision) });
        return answer.kind === "status" && answer.status === Status.SUCCESS ? done : failed(statusFailure(answerStatus(answer), "KeySetWrite of the IPK"));
    },

    *verify({ intent, keySet }: OperationContext<IpkIntent>): Operation<VerifyResult> {
        // By id, not from the list of ids: matter.js lists the IPK twice once it was written, and reads back the one that was.
        const answer = yield groupKeyQuery(commands.keySetRead, { groupKeySetId: IPK_KEY_SET });
        if (answer.kind !== "response") {
            return unread(statusFailure(answerStatus(answer), "KeySetRead of the IPK"));
        }
        const revision = keySet(IPK_KEY_SET, intent.revision);
        return revision !== undefined && sameStartTimes(answer.fields["groupKeySet"] as DeviceFields, revision) ? holds : differs;
    },

    *remove(): Operation<OperationResult> {
        return { done: true, withdrawn: true };
    },
};
