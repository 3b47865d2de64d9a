import type { Context } from "./context.js";
import type { LaneRequest } from "./effect.js";
import { identityText } from "./identity.js";
import type { Item } from "./item.js";
import type { Items } from "./items.js";
import type { ItemClaim, LocalAnswer, LocalStep, SiblingItem } from "./kind.js";

/** Answered by the machine, not by the node. */
export function isLocal(step: LaneRequest | LocalStep): step is LocalStep {
    return step.op === "siblings" || step.op === "claim";
}

/** Carries out what operations ask of the machine itself. */
export class LocalSteps {
    constructor(
        private readonly context: Context,
        private readonly items: Items,
    ) {}

    /**
     * The answer to a step of this item's operation, null while a claim waits for the store: then this is asked again. What was given up meanwhile, because the node
     * became another one, is claimed again.
     */
    answer(item: Item, step: LocalStep): LocalAnswer | null {
        if (step.op === "siblings") {
            return { kind: "siblings", items: siblings(item), administrator: this.context.administrator };
        }
        for (const claim of step.claims) {
            this.#write(item, claim);
        }
        return step.claims.every(claim => isDurable(sibling(item, claim), claim)) ? { kind: "claimed" } : null;
    }

    #write(item: Item, { key, claim }: ItemClaim): void {
        const claimant = sibling(item, { key, claim });
        if (claimant !== undefined && (claimant.record!.claim ?? null) !== claim) {
            const { claim: _, ...record } = claimant.record!;
            this.items.write(claimant, claim === null ? record : { ...record, claim });
        }
    }
}

/** An item that is gone has nothing to wait for. */
function isDurable(claimant: Item | undefined, { claim }: ItemClaim): boolean {
    return claimant === undefined || (claimant.durable !== null && (claimant.durable.claim ?? null) === claim);
}

function sibling(item: Item, { key }: ItemClaim): Item | undefined {
    return item.node.items.get(identityText(item.kindName, key));
}

function siblings(item: Item): SiblingItem[] {
    const found: SiblingItem[] = [];
    for (const { kindName, key, record } of item.node.items.values()) {
        if (kindName === item.kindName && record !== null) {
            found.push({ key, intent: record.intent, claim: record.claim ?? null, isLeaving: record.owes === "remove" });
        }
    }
    return found;
}
