import { Lifecycle } from "@matter/general";
import type { ServerNode } from "@matter/node";
import { FabricAuthority } from "@matter/protocol";

/**
 * The fabric whose nodes a transport addresses: a given one, or the first that the controller administers. It is looked up each
 * time, because a controller creates its fabric with the first commissioning, and a node may be on fabrics of others as well.
 */
export class ManagedFabric {
    readonly #controller: ServerNode;
    readonly #given: number | undefined;

    constructor(controller: ServerNode, given?: number) {
        this.#controller = controller;
        this.#given = given;
    }

    /** Undefined while there is none, or while matter.js has not loaded what tells. */
    get index(): number | undefined {
        if (this.#given !== undefined) {
            return this.#given;
        }
        const authority = this.#controller.env.get(FabricAuthority);
        // matter.js loads the authority on first use, and answers with an exception until then.
        return authority.construction.status === Lifecycle.Status.Active ? authority.fabrics[0]?.fabricIndex : undefined;
    }

    /** Resolves when {@link index} tells what is so. Rejects when the controller is shut down. */
    async ready(): Promise<void> {
        if (this.#given === undefined) {
            await this.#controller.env.load(FabricAuthority);
        }
    }
}
