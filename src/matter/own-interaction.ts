import type { ActionContext, ServerNode } from "@matter/node";
import { GroupKeyManagementServer } from "@matter/node/behaviors/group-key-management";
import type { DecodedInvokeResult, Fabric, Invoke, InvokeResult, Read, ReadResult, Write, WriteResult } from "@matter/protocol";
import { Status as MatterStatus, StatusResponse, StatusResponseError, TlvOfModel } from "@matter/types";
import { GroupKeyManagement } from "../core/clusters.js";
import type { Conversation } from "./interaction.js";
import { actAsOwnNode } from "./own-actor.js";
import { hasStoredKeySet } from "./own-group-keys.js";
import { requireCommand } from "./schema.js";

const { keySetWrite, keySetRead, keySetRemove, keySetReadAllIndices } = GroupKeyManagement.commands;

/** A command of the node's own server, with its fields as matter.js decodes them. */
type OwnCommand = (server: GroupKeyManagementServer, fields: never) => unknown;

const COMMANDS = new Map<number, OwnCommand>([
    [keySetWrite, (server, fields) => server.keySetWrite(fields)],
    [keySetRead, (server, fields) => server.keySetRead(fields)],
    [keySetRemove, (server, fields) => server.keySetRemove(fields)],
    [keySetReadAllIndices, server => server.keySetReadAllIndices()],
]);

/**
 * The interactions of a node with itself: what would go over the wire to another node is handed to its own servers, and what they answer
 * is what they would answer others. Attributes of every cluster; commands of GroupKeyManagement.
 */
export class OwnInteraction implements Pick<Conversation["interaction"], "read" | "write" | "invoke"> {
    readonly #controller: ServerNode;
    readonly #fabric: Fabric;

    constructor(controller: ServerNode, fabric: Fabric) {
        this.#controller = controller;
        this.#fabric = fabric;
    }

    async *read(request: Read): ReadResult {
        yield* await actAsOwnNode(this.#fabric, "read", context => collect(this.#controller.interaction.read(request, context)));
    }

    write<T extends Write>(request: T): WriteResult<T> {
        return actAsOwnNode(this.#fabric, "write", async context => this.#controller.interaction.write(request, context));
    }

    async *invoke({ invokeRequests }: Invoke): DecodedInvokeResult {
        const { commandPath, commandFields } = invokeRequests[0]!;
        const path = commandPath as InvokeResult.ConcreteCommandPath;
        const command = path.clusterId === GroupKeyManagement.id ? COMMANDS.get(path.commandId) : undefined;
        if (command === undefined) {
            yield [{ kind: "cmd-status", path, status: MatterStatus.UnsupportedCommand }];
            return;
        }
        const schema = TlvOfModel(requireCommand(path.clusterId, path.commandId).command.schema);
        yield [await this.#carryOut(command, path, commandFields === undefined ? undefined : schema.decodeTlv(commandFields))];
    }

    async #carryOut(command: OwnCommand, path: InvokeResult.ConcreteCommandPath, fields: unknown): Promise<InvokeResult.DecodedData> {
        try {
            const data = await actAsOwnNode(this.#fabric, "invoke", async context => this.#call(command, fields, path.commandId, context));
            return data === undefined ? { kind: "cmd-status", path, status: MatterStatus.Success } : { kind: "cmd-response", path, data };
        } catch (error) {
            const refusal = StatusResponseError.of(error);
            if (refusal === undefined) {
                throw error;
            }
            return { kind: "cmd-status", path, status: refusal.code };
        }
    }

    /**
     * Calls the server's command itself: matter.js's way to it writes the fields, and so the epoch keys, to its log at level info. The
     * fields were validated when they were encoded.
     */
    #call(command: OwnCommand, fields: unknown, commandId: number, context: ActionContext): unknown {
        const server = this.#controller.agentFor(context).get(GroupKeyManagementServer);
        if (commandId === keySetRead && !hasStoredKeySet(this.#controller, this.#fabric, keySetIdOf(fields))) {
            // matter.js would tell of one that only works, and is gone after a restart.
            throw new StatusResponse.NotFoundError(`key set ${keySetIdOf(fields)} is not stored`);
        }
        return command(server, fields as never);
    }
}

function keySetIdOf(fields: unknown): number {
    return (fields as { readonly groupKeySetId: number }).groupKeySetId;
}

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
    const collected: T[] = [];
    for await (const item of items) {
        collected.push(item);
    }
    return collected;
}
