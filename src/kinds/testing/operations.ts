import type { ItemKey } from "../../core/identity.js";
import type { DeviceFields, DeviceValue } from "../../core/device.js";
import type { LaneRequest } from "../../core/effect.js";
import { KeyMaterial } from "../../core/key-material.js";
import type { Administrator, KindAnswer, LocalStep, Operation, OperationContext, SiblingItem } from "../../core/kind.js";
import type { KeySetRevision } from "../../core/records.js";

/** What an operation asked, and what it came to; no result when it still waits for an answer. */
export interface Course<R> {
    readonly requests: readonly (LaneRequest | LocalStep)[];
    readonly result: R | undefined;
}

/** Give an operation these answers, one by one. */
export function play<R>(operation: Operation<R>, ...answers: KindAnswer[]): Course<R> {
    const requests: (LaneRequest | LocalStep)[] = [];
    let step = operation.next(undefined as never);
    for (const answer of answers) {
        if (step.done) {
            throw new RangeError(`the operation was over after ${requests.length} requests, ${answers.length} answers were given`);
        }
        requests.push(step.value);
        step = operation.next(answer);
    }
    if (step.done) {
        return { requests, result: step.value };
    }
    requests.push(step.value);
    return { requests, result: undefined };
}

export const value = (content: DeviceValue, dataVersion = 0): KindAnswer => ({ kind: "value", value: content, dataVersion });
export const status = (code: number): KindAnswer => ({ kind: "status", status: code });
/** What the machine says of the items of the kind, and of the manager. */
export const siblings = (items: readonly SiblingItem[], administrator: Administrator | null = null): KindAnswer => ({
    kind: "siblings",
    items,
    administrator,
});
export const claimed: KindAnswer = { kind: "claimed" };
export const response = (fields: DeviceFields): KindAnswer => ({ kind: "response", fields });

/** A secret that can be told from others by its first byte. */
export const key = (byte: number): KeyMaterial => new KeyMaterial(new Uint8Array(16).fill(byte), `fp${byte}`);

/** What an operation sees: its intent, one key set revision at most, and identities that are wanted. */
export function contextOf<I extends object>(
    intent: I,
    {
        revision,
        wanted = [],
        limit = null,
        key = [],
    }: { readonly revision?: KeySetRevision; readonly wanted?: readonly string[]; readonly limit?: number | null; readonly key?: ItemKey } = {},
): OperationContext<I> {
    return {
        intent,
        key,
        limit,
        keySet: (_id, number) => (revision?.revision === number ? revision : undefined),
        wanted: identity => (wanted.includes(`${identity.kind} ${identity.key.join("/")}`) ? {} : undefined),
    };
}
