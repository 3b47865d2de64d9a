/**
 * Looks up matter.js's own definitions of clusters by number. Everything else in this folder is driven by these models, so that
 * a cluster of the specification needs no code here.
 */
import { AttributeModel, type CommandModel, Matter } from "@matter/model";
import type { Specifier } from "@matter/protocol";
import { AttributeId, ClusterId, CommandId, StatusResponse } from "@matter/types";

/** A command as the specification defines it, with the shape of its answer. */
export interface CommandSchema {
    readonly cluster: Specifier.ClusterLike;
    readonly command: { readonly id: CommandId; readonly name: string; readonly schema: CommandModel };
    /** Fields of the answer; undefined when the device answers with a status only. */
    readonly response: CommandModel | undefined;
}

/** An attribute as the specification defines it. */
export interface AttributeSchema {
    readonly cluster: Specifier.ClusterLike;
    readonly attribute: { readonly id: AttributeId; readonly name: string; readonly schema: AttributeModel };
}

/** The definition of an attribute, or undefined when this version of the specification has none. */
export function findAttribute(clusterId: number, attributeId: number): AttributeSchema | undefined {
    const cluster = Matter.clusters(clusterId);
    const schema = cluster?.attributes(attributeId);
    if (cluster === undefined || !(schema instanceof AttributeModel)) {
        return undefined;
    }
    return {
        cluster: { id: ClusterId(clusterId), name: cluster.name },
        attribute: { id: AttributeId(attributeId), name: schema.propertyName, schema },
    };
}

/** The definition of an attribute. @throws StatusResponseError INVALID_ACTION when there is none: nothing could encode its value. */
export function requireAttribute(clusterId: number, attributeId: number): AttributeSchema {
    const found = findAttribute(clusterId, attributeId);
    if (found === undefined) {
        throw undefinedElement(`attribute ${hex(attributeId)} of cluster ${hex(clusterId)}`);
    }
    return found;
}

/** The definition of a request command. @throws StatusResponseError INVALID_ACTION when there is none. */
export function requireCommand(clusterId: number, commandId: number): CommandSchema {
    const cluster = Matter.clusters(clusterId);
    // Requests and responses share one number space per direction, so the number alone is ambiguous.
    const schema = cluster?.commands.find(({ id, isRequest }) => id === commandId && isRequest);
    if (cluster === undefined || schema === undefined) {
        throw undefinedElement(`command ${hex(commandId)} of cluster ${hex(clusterId)}`);
    }
    return {
        cluster: { id: ClusterId(clusterId), name: cluster.name },
        command: { id: CommandId(commandId), name: schema.propertyName, schema },
        response: schema.responseModel,
    };
}

function undefinedElement(what: string): Error {
    return new StatusResponse.InvalidActionError(`the Matter specification has no ${what}`);
}

function hex(id: number): string {
    return `0x${id.toString(16)}`;
}
