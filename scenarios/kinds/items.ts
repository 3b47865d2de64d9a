import type { ItemIdentity } from "../../src/core/identity.js";
import type { ItemMode } from "../../src/core/records.js";
import { SelvageError } from "../../src/runtime/index.js";
import { MINUTE_MS } from "../stories/groups.js";
import type { Bed } from "../bed.js";
import { NODE_NAMES, type NodeName } from "../bed-world.js";
import type { DeviceTruth } from "../device-truth.js";
import { ScenarioFailure } from "../scenario.js";
import type { Wish } from "./kind-case.js";

/** Sooner than any sweep, retry after an outage, or hourly look: a report is what brought it about. */
export const PROMPT_MS = 20_000;

/** Long enough for every retry and sweep to show itself. */
export const LONG_MS = 30 * MINUTE_MS;

/** All of it or nothing, in one command. */
export async function wish(bed: Bed, node: NodeName, wishes: readonly Wish[], mode: ItemMode = "converge"): Promise<void> {
    const changes = wishes.map(({ kind, intent }) => ({ op: "set", node: bed.nodes[node], kind, intent, mode }) as const);
    await bed.until(bed.manager.change(changes), `intents for ${node}`);
}

/** Have these taken off, in one command. Resolves with the code of the refusal, if there is one. */
export async function unwish(bed: Bed, node: NodeName, wishes: readonly ItemIdentity[]): Promise<string | undefined> {
    const changes = wishes.map(({ kind, key }) => ({ op: "remove", node: bed.nodes[node], kind, key }) as const);
    try {
        await bed.until(bed.manager.change(changes), `removals on ${node}`);
        return undefined;
    } catch (error) {
        if (error instanceof SelvageError) {
            return error.code;
        }
        throw error;
    }
}

/** Let time pass until every item of the node, or every one of these, is committed, or gone if it was to leave. */
export async function settled(bed: Bed, node: NodeName, wishes?: readonly ItemIdentity[]): Promise<void> {
    try {
        await bed.when(`all items of ${node} are committed`, () => isSettled(bed, node, wishes));
    } catch (error) {
        const reasons = (bed.manager.explain({ node: bed.nodes[node] }) ?? []).map(({ text }) => text);
        throw new ScenarioFailure(`${error instanceof Error ? error.message : String(error)} (${reasons.join("; because ")})`, { cause: error });
    }
}

export function isSettled(bed: Bed, node: NodeName, wishes?: readonly ItemIdentity[]): boolean {
    const items = wishes === undefined ? bed.manager.items(bed.nodes[node]) : wishes.map(({ kind, key }) => bed.manager.item(bed.nodes[node], kind, key));
    return items.every(item => item === undefined || (item.state === "committed" && !item.drifted));
}

/** How an item stands: its state, the code of its failure, and whether it is known to differ. */
export function standing(bed: Bed, node: NodeName, { kind, key }: ItemIdentity): readonly unknown[] | undefined {
    const item = bed.manager.item(bed.nodes[node], kind, key);
    return item === undefined ? undefined : [item.state, item.failure?.class, item.failure?.code, item.drifted].filter(each => each !== undefined);
}

/** How often the manager told this of an item. */
export function told(bed: Bed, type: "itemDrifted" | "itemDriftCleared" | "itemEnded", node: NodeName, { kind, key }: ItemIdentity): number {
    return bed.events.filter(
        event => event.type === type && event.node === bed.nodes[node] && event.kind === kind && JSON.stringify(event.key) === JSON.stringify(key),
    ).length;
}

/** What each node holds, and how often it was written to. */
export function allNodes(bed: Bed): { readonly truths: readonly DeviceTruth[]; readonly writes: readonly number[] } {
    return { truths: NODE_NAMES.map(name => bed.truth(name)), writes: NODE_NAMES.map(name => bed.sent(name)) };
}

/** For a long time nothing happens to any node. */
export async function showQuiet(bed: Bed, fact: string): Promise<void> {
    const before = allNodes(bed);
    await bed.advance(LONG_MS);
    bed.show(`${fact}, for half an hour`, allNodes(bed), before);
}
