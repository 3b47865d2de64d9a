import { type ActionContext, Contextual, LocalActorContext } from "@matter/node";
import { AccessControl, type Fabric, Subject } from "@matter/protocol";

/** What a request does to the node's own servers. */
export type OwnInteractionKind = "read" | "write" | "invoke";

/**
 * Let the servers of a node be asked by the node itself, as its fabric's administrator: as if the request had come over a secure session
 * from its own node id. matter.js's servers then answer it as they answer anybody else on that fabric, fabric filtering included. What the
 * actor changed is committed when it resolves and rolled back when it rejects.
 */
export async function actAsOwnNode<T>(
    fabric: Fabric,
    kind: OwnInteractionKind,
    actor: (context: ActionContext) => Promise<T>,
): Promise<T> {
    const local = LocalActorContext.open(`selvage ${kind}`);
    let result: T;
    try {
        result = await actor(remoteContext(local.transaction, fabric, kind));
    } catch (error) {
        return local.reject(error);
    }
    return local.resolve(result);
}

/**
 * A remote actor's context without an exchange: there is no message. Servers look at the fabric of its session and at no more; a server
 * that looks further is not among those that the node asks itself.
 */
function remoteContext(transaction: ActionContext["transaction"], fabric: Fabric, kind: OwnInteractionKind): ActionContext {
    const context = {
        transaction,
        fabric: fabric.fabricIndex,
        subject: Subject.Node({ id: fabric.nodeId }),
        session: { fabric, associatedFabric: fabric },
        // A write that is not would replace the entries of all fabrics.
        fabricFiltered: kind !== "invoke",
        command: kind === "invoke",
        largeMessage: true,
        offline: false,
        // The controller is the fabric's administrator; its own node needs no entry in an access control list to say so.
        authorityAt: () => AccessControl.Authority.Granted,
        get [Contextual.context]() {
            return this;
        },
    };
    return context as unknown as ActionContext;
}
