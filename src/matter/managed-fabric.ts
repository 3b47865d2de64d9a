import { Lifecycle } from "@matter/general";
import type { ServerNode } from "@matter/node";
import { type Fabric, FabricAuthority, FabricManager } from "@matter/protocol";
import { FabricIndex } from "@matter/types";

/** The fabric whose nodes a transport addresses: a given one, or the first that the controller administers. */
export class ManagedFabric {
    readonly #controller: ServerNode;
    #index: number | undefined;

    constructor(controller: ServerNode, given?: number) {
        this.#controller = controller;
        this.#index = given;
    }

    /**
     * Undefined while there is none: a controller creates its fabric with the first commissioning. Once known it stays, also while the
     * controller shuts down and can tell nothing any more.
     */
    get index(): number | undefined {
        if (this.#index === undefined && this.#controller.env.has(FabricAuthority)) {
            const authority = this.#controller.env.get(FabricAuthority);
            // matter.js answers with an exception until the authority is loaded.
            if (authority.construction.status === Lifecycle.Status.Active) {
                this.#index = authority.fabrics[0]?.fabricIndex;
            }
        }
        return this.#index;
    }

    /**
     * matter.js's object for the fabric as it is now; never keep it: a new certificate of the controller's replaces it. Undefined while
     * there is none, or it is not loaded.
     */
    get current(): Fabric | undefined {
        const { index } = this;
        return index === undefined ? undefined : this.#manager?.maybeFor(FabricIndex(index));
    }

    /** Resolves when {@link index} and {@link current} tell what is so. Rejects when the controller is shut down. */
    async ready(): Promise<void> {
        if (this.#index === undefined) {
            await this.#controller.env.load(FabricAuthority);
        } else if (this.#manager === undefined) {
            await this.#controller.env.load(FabricManager);
        }
    }

    get #manager(): FabricManager | undefined {
        const { env } = this.#controller;
        if (!env.has(FabricManager)) {
            return undefined;
        }
        const manager = env.get(FabricManager);
        return manager.construction.status === Lifecycle.Status.Active ? manager : undefined;
    }
}
