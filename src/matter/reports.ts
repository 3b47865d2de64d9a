import type { ChangeNotificationService } from "@matter/node";
import { ClusterModel } from "@matter/model";
import { endpointNumber, type NodeId } from "../core/ids.js";
import type { TransportEvent } from "../core/ports.js";
import { AccessControl, BasicInformation, Binding, Descriptor, GroupKeyManagement, Groups, OperationalCredentials } from "../core/clusters.js";

/** Clusters whose attributes are told when a report carries them. */
const REPORTED = new Set<number>([GroupKeyManagement.id, Groups.id, AccessControl.id, Binding.id, OperationalCredentials.id]);

/** BasicInformation's event of a node that booted (section 11.1.6.1). */
const START_UP = "StartUp";

/** What a change that matter.js took from a report means to the machine. */
export function* eventsOfChange(node: NodeId, change: ChangeNotificationService.Change): Generator<TransportEvent> {
    if (change.kind === "delete") {
        yield { type: "structureChanged", node };
        return;
    }
    const cluster = change.behavior.schema;
    if (!(cluster instanceof ClusterModel)) {
        return;
    }
    if (change.kind === "event") {
        // Whatever the node had not stored is gone, so this is told even if it was never seen unreachable.
        if (cluster.id === BasicInformation.id && change.event.name === START_UP) {
            yield { type: "reachable", node };
        }
        return;
    }
    const names = change.properties ?? cluster.attributes.map(attribute => attribute.propertyName);
    const attributes = names.map(name => cluster.attributes.find(({ propertyName }) => propertyName === name)?.id);
    yield* eventsOfUpdate(node, change.endpoint.number, cluster.id as number, attributes);
}

function* eventsOfUpdate(
    node: NodeId,
    endpoint: number,
    cluster: number,
    attributes: readonly (number | undefined)[],
): Generator<TransportEvent> {
    if (cluster === Descriptor.id) {
        yield { type: "structureChanged", node };
    } else if (cluster === BasicInformation.id && attributes.includes(BasicInformation.attributes.softwareVersion)) {
        yield { type: "softwareChanged", node };
    } else if (REPORTED.has(cluster)) {
        for (const attribute of attributes) {
            if (attribute !== undefined) {
                yield { type: "report", node, path: { endpoint: endpointNumber(endpoint), cluster, attribute } };
            }
        }
    }
}
