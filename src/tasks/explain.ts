import { identityText, nodeText } from "../core/identity.js";
import type { Item } from "../core/item.js";
import type { NodeState } from "../core/node-state.js";
import { lockHolder } from "../core/node-lock.js";
import { blocker } from "../core/plan.js";
import type { MachineParts } from "../core/machine.js";
import type { Run } from "./run.js";
import type { TaskRuntime } from "./task-runtime.js";

/** Why something is not there yet: the nearest reason first, each link caused by the next. */
export interface Reason {
    readonly code:
        | "settled"
        | "nodeOutOfReach"
        | "requestOutstanding"
        | "queued"
        | "waitsForItem"
        | "waitsForRetry"
        | "waitsForLateRequests"
        | "waitsForStore"
        | "failed"
        | "kindNotRegistered"
        | "drifted"
        | "held"
        | "runWaitsForItem"
        | "runBlocked"
        | "runStuck"
        | "rollingBack";
    readonly text: string;
    readonly node?: string;
    readonly item?: string;
    readonly run?: number;
    /** Monotonic milliseconds from now until something is tried again. */
    readonly inMs?: number;
}

/** Chains are short: a kind needs another, which needs another. */
const MAX_LINKS = 8;

/** The minimal chain of reasons for an item. Empty: it is committed and not known to differ. */
export function explainItem(machine: MachineParts, item: Item, links = MAX_LINKS): Reason[] {
    const { record, node } = item;
    const at = { node: nodeText(node.nodeId), item: item.text };
    if (record === null) {
        return [];
    }
    if (record.owes === "nothing") {
        return item.held
            ? [{ code: "held", ...at, text: `${item.text} was rewritten too often and is held: retry it, change its intent, or remove it` }]
            : item.drifted
              ? [{ code: "drifted", ...at, text: `the device differs from ${item.text}, which is only reported: reconcile with rewrite to restore it` }]
              : [];
    }
    if (item.definition === null) {
        return [{ code: "kindNotRegistered", ...at, text: `kind "${item.kindName}" is not registered` }];
    }
    const inMs = item.eligibleAtMs - machine.context.monoMs;
    if (item.deferred && inMs > 0) {
        return [{ code: "waitsForLateRequests", ...at, inMs, text: `${item.text} is applied; an earlier request may still take effect, so it is verified again later` }];
    }
    if (record.failure !== null && inMs === Infinity) {
        return [{ code: "failed", ...at, text: `${item.text}: ${record.failure.message}` }];
    }
    if (record.failure !== null && inMs > 0) {
        return [
            { code: "waitsForRetry", ...at, inMs, text: `${item.text} is tried again (attempt ${record.failure.attempts + 1})` },
            { code: "failed", ...at, text: record.failure.message },
        ];
    }
    const blocking = blocker(item);
    if (blocking !== null) {
        const toGo = record.owes === "remove" ? "to be gone" : "to be there";
        const link: Reason = { code: "waitsForItem", ...at, text: `${item.text} waits for ${blocking.text} ${toGo}` };
        return links === 0 ? [link] : [link, ...explainItem(machine, blocking, links - 1)];
    }
    const holder = lockHolder(node, machine.context.monoMs);
    if (holder !== null && holder !== item && node.pass === null) {
        const text = `${item.text} waits until ${holder.text} is over: nothing else may be written to the node meanwhile`;
        return [{ code: "waitsForItem", ...at, inMs: node.lock!.untilMs - machine.context.monoMs, text }];
    }
    return [explainLane(machine, node, item)];
}

/** Why a node's lane is not doing anything about what is owed. */
export function explainLane(machine: MachineParts, node: NodeState, item: Item | null): Reason {
    const at = { node: nodeText(node.nodeId), ...(item === null ? {} : { item: item.text }) };
    const inMs = Math.max(0, node.retryAtMs - machine.context.monoMs);
    if (node.pass !== null) {
        return node.pass.requestId !== 0
            ? { code: "requestOutstanding", ...at, text: `node ${at.node} has not answered the present request yet` }
            : { code: "waitsForStore", ...at, text: "a write waits until its intent is durable" };
    }
    if (node.isOutOfReach) {
        return { code: "nodeOutOfReach", ...at, inMs, text: `node ${at.node} is out of reach; it is tried again when it appears` };
    }
    return { code: "queued", ...at, inMs, text: `node ${at.node} is reconciled next` };
}

/** The minimal chain of reasons for a run. */
export function explainRun(tasks: TaskRuntime, run: Run): Reason[] {
    const record = run.record!;
    const about = { run: run.id };
    if (!run.isLive) {
        const cause = record.cause === null ? "" : `: ${record.cause.message}`;
        return [{ code: "settled", ...about, text: `run ${run.id} is ${record.state}${cause}` }];
    }
    const reasons: Reason[] = [];
    if (record.direction === "backward") {
        const code = record.state === "stuck" ? "runStuck" : "rollingBack";
        reasons.push({ code, ...about, text: `run ${run.id} rolls back: ${record.cause?.message ?? ""}` });
    } else if (run.blocked !== null) {
        return [{ code: "runBlocked", ...about, text: `run ${run.id} cannot go on: ${run.blocked}` }];
    }
    const waiting = run.awaited[0];
    if (waiting !== undefined) {
        const phase = run.phases[record.phase]?.name ?? `phase ${record.phase}`;
        reasons.push({
            code: "runWaitsForItem",
            ...about,
            item: waiting.text,
            node: nodeText(waiting.node.nodeId),
            text: `"${phase}" waits for ${run.awaited.length} item(s), first ${identityText(waiting.kindName, waiting.key)}`,
        });
        const why = explainItem(tasks.machine, waiting);
        reasons.push(...(why.length > 0 ? why : [explainLane(tasks.machine, waiting.node, waiting)]));
    }
    return reasons;
}
