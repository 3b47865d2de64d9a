import type { Context } from "./context.js";
import { identityText, type ItemIdentity } from "./identity.js";
import type { KeySetId } from "./ids.js";
import type { Item } from "./item.js";
import type { KeySets } from "./key-sets.js";
import type { CapacityTable, Operation, OperationContext } from "./kind.js";
import { isLockedOut } from "./node-lock.js";
import type { NodeState } from "./node-state.js";
import type { Outcomes } from "./outcomes.js";
import type { Pass, Running } from "./pass.js";
import type { PassRequest } from "./pass-request.js";
import { decide, isRewriteWanted, sortForAction } from "./plan.js";
import { Status } from "./status.js";

/** What a pass does next: observe for whoever asked, observe capacity, verify, then act on what is owed. */
export class PassStages {
    constructor(
        private readonly context: Context,
        private readonly keySets: KeySets,
        private readonly outcomes: Outcomes,
    ) {}

    begin(node: NodeState, pass: Pass): void {
        if (pass.request.observe) {
            pass.stage = "observe";
        }
        if (pass.request.capacity) {
            pass.tables = this.#tables(node);
        }
    }

    /** The next operation of the pass; null: there is none. */
    next(node: NodeState, pass: Pass): Running | null {
        for (;;) {
            const running =
                pass.stage === "observe"
                    ? this.#beginObservation(node, pass)
                    : pass.stage === "capacity"
                      ? this.#beginCapacity(pass)
                      : pass.stage === "verify"
                        ? this.#beginVerify(node, pass)
                        : this.#beginAction(node, pass);
            if (running !== null) {
                pass.running = running;
                return running;
            }
            if (pass.stage === "observe") {
                pass.stage = "capacity";
            } else if (pass.stage === "capacity") {
                pass.stage = "verify";
                pass.queue = this.#toVerify(node, pass.request);
            } else if (pass.stage === "verify") {
                pass.stage = "act";
                pass.forget();
                pass.queue = this.#toAct(node, pass);
            } else {
                return null;
            }
        }
    }

    /** Once: the request is cleared when the observation is over, and stays for another pass when the node does not answer. */
    #beginObservation(node: NodeState, pass: Pass): Running | null {
        const { observer } = this.context;
        return observer === null || !pass.request.observe ? null : newRunning("observe", null, null, begun(() => observer.observe(node)));
    }

    #beginCapacity(pass: Pass): Running | null {
        const table = pass.tables.pop();
        return table === undefined ? null : newRunning("capacity", null, table, begun(() => table.observe()));
    }

    #toVerify(node: NodeState, request: PassRequest): Item[] {
        const all = request.verifyAll || request.rewriteAll;
        if (!all && request.verify.size === 0 && request.rewrite.size === 0) {
            return [...node.owed].reverse();
        }
        const chosen = new Set<Item>();
        for (const item of all ? node.items.values() : request.verify) {
            chosen.add(item);
        }
        for (const item of request.rewrite) {
            chosen.add(item);
        }
        for (const item of node.owed) {
            chosen.add(item);
        }
        return [...chosen].reverse();
    }

    #beginVerify(node: NodeState, pass: Pass): Running | null {
        for (;;) {
            const item = pass.queue.pop();
            if (item === undefined) {
                return null;
            }
            const committed = item.record?.state === "committed" && item.definition !== null;
            if (committed || decide(item, this.context.monoMs) === "verify") {
                return newRunning("verify", item, null, begun(() => item.definition!.verify(this.#operationContext(node, item))));
            }
        }
    }

    #toAct(node: NodeState, pass: Pass): Item[] {
        const chosen: Item[] = [];
        for (const item of node.owed) {
            if (decide(item, this.context.monoMs) !== "keep") {
                chosen.push(item);
            }
        }
        for (const item of pass.toRewrite ?? []) {
            if (item.record?.owes === "nothing") {
                chosen.push(item);
            }
        }
        return sortForAction(chosen);
    }

    #beginAction(node: NodeState, pass: Pass): Running | null {
        for (;;) {
            const item = pass.queue.pop();
            if (item === undefined) {
                return null;
            }
            const rewrite = item.record?.owes === "nothing" && pass.toRewrite?.delete(item) === true && item.drifted && isRewriteWanted(item, pass.request);
            if (node.lock !== null && isLockedOut(item, this.context.monoMs)) {
                if (rewrite) {
                    node.next.addRewrite(item);
                }
                continue;
            }
            const decision = rewrite ? "apply" : decide(item, this.context.monoMs);
            if (decision === "wait") {
                pass.waited = true;
            } else if (decision === "remove") {
                return newRunning("remove", item, null, begun(() => item.definition!.remove(this.#operationContext(node, item))));
            } else if (decision === "apply" && !this.#refusedByCapacity(node, pass, item)) {
                return newRunning("apply", item, null, begun(() => item.definition!.apply(this.#operationContext(node, item))));
            }
        }
    }

    /** No write is sent that the observed limit must refuse. */
    #refusedByCapacity(node: NodeState, pass: Pass, item: Item): boolean {
        const capacity = item.definition!.capacity;
        if (capacity === undefined || capacity.isJudgedByOperation) {
            return false;
        }
        const use = node.capacity.of(capacity.table);
        if (!use.mustRefuse(capacity.rowOf(item.record!.intent))) {
            return false;
        }
        this.outcomes.refuseLocally(pass, item, {
            class: "terminal",
            code: Status.RESOURCE_EXHAUSTED,
            message: `not sent: all ${use.limit} rows of the node's table "${capacity.table.name}" are in use`,
        });
        return true;
    }

    #operationContext(node: NodeState, item: Item): OperationContext<object> {
        const { keySets } = this;
        const capacity = item.definition!.capacity;
        const use = capacity === undefined ? undefined : node.capacity.of(capacity.table);
        return {
            limit: use?.isObserved ? use.limit : null,
            intent: item.record!.intent,
            key: item.key,
            keySet: (id: KeySetId, revision: number) => keySets.revision(id, revision),
            wanted: (identity: ItemIdentity) => {
                const other = node.items.get(identityText(identity.kind, identity.key))?.record;
                return other == null || other.owes === "remove" ? undefined : other.intent;
            },
        };
    }

    /** All tables; of those that operations judge by themselves, the ones that somebody wants something of. */
    #tables(node: NodeState): CapacityTable[] {
        const tables = new Set<CapacityTable>();
        for (const { capacity } of this.context.kinds.values()) {
            if (capacity !== undefined && (capacity.isJudgedByOperation !== true || node.capacity.of(capacity.table).isWanted)) {
                tables.add(capacity.table);
            }
        }
        return [...tables].reverse();
    }
}

/** A kind's operation; one that throws before its first request throws at its first step instead, where that is expected. */
function begun(operation: () => Running["generator"]): Running["generator"] {
    try {
        return operation();
    } catch (error) {
        return rethrow(error);
    }
}

 
function* rethrow(error: unknown): Operation<never> {
    throw error;
}

function newRunning(
    purpose: Running["purpose"],
    item: Item | null,
    table: CapacityTable | null,
    generator: Running["generator"],
): Running {
    return {
        purpose,
        item,
        table,
        generation: item?.record?.generation ?? 0,
        generator,
        answers: [],
        firstSequence: 0,
        steps: 0,
        hasWritten: false,
        held: null,
    };
}
