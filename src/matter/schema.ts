/**
 * Looks up matter.js's own definitions of clusters by number. Everything else in this folder is driven by these models, so that
 * a cluster of the specification needs no code here.
 */
import { AttributeModel, type ClusterModel, CommandModel, Matter } from "@matter/model";
import { AttributeId, ClusterType, StatusResponse } from "@matter/types";

/** A command as the specification defines it, with the shape of its answer. */
export interface CommandSchema {
    readonly cluster: ClusterType.Concrete;
    readonly command: ClusterType.Command;
    /** Fields of the answer; undefined when the device answers with a status only. */
    readonly response: CommandModel | undefined;
}

/** An attribute as the specification defines it. */
export interface AttributeSchema {
    readonly cluster: ClusterType.Concrete;
    readonly attribute: ClusterType.Attribute;
}

const clusters = new Map<number, ClusterType.Concrete>();

/** The definition of an attribute, or undefined when this version of the specification has none. */
export function findAttribute(clusterId: number, attributeId: number): AttributeSchema | undefined {
    const cluster = clusterOf(clusterId);
    const model = cluster?.schema.attributes(attributeId);
    if (cluster === undefined || !(model instanceof AttributeModel)) {
        return undefined;
    }
    // Global attributes (FeatureMap, AcceptedCommandList, ...) are in the model, not among the cluster's own attributes.
    const attribute = cluster.attributes?.[model.propertyName] ?? { id: AttributeId(attributeId), name: model.name, schema: model };
    return { cluster, attribute };
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
    const cluster = clusterOf(clusterId);
    // Requests and responses share one number space per direction, so the number alone is ambiguous.
    const model = cluster?.schema.commands.find(command => command.id === commandId && command.isRequest);
    const command = model && cluster?.commands?.[model.propertyName];
    if (cluster === undefined || model === undefined || command === undefined) {
        throw undefinedElement(`command ${hex(commandId)} of cluster ${hex(clusterId)}`);
    }
    return { cluster, command, response: model.responseModel };
}

function clusterOf(clusterId: number): ClusterType.Concrete | undefined {
    const known = clusters.get(clusterId);
    if (known !== undefined) {
        return known;
    }
    const model: ClusterModel | undefined = Matter.clusters(clusterId);
    if (model === undefined) {
        return undefined;
    }
    const cluster = ClusterType(model) as ClusterType.Concrete;
    clusters.set(clusterId, cluster);
    return cluster;
}

function undefinedElement(what: string): Error {
    return new StatusResponse.InvalidActionError(`the Matter specification has no ${what}`);
}

function hex(id: number): string {
    return `0x${id.toString(16)}`;
}
