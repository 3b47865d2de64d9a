import type { ChangeNotificationService, ClientNode } from "@matter/node";
import { ClusterModel } from "@matter/model";
import { endpointNumber, type NodeId } from "../core/ids.js";
import type { TransportEvent } from "../core/ports.js";
import { BasicInformation, Descriptor, Groups, GroupKeyManagement } from "../core/clusters.js";

/** Access Control (section 9.10) and Binding (section 9.6): fabric state that has no kind in the cores yet. */
const ACCESS_CONTROL = 0x1f;
const BINDING = 0x1e;

/** Clusters whose attributes are told when a report carries them. */
const REPORTED = new Set<number>([GroupKeyManagement.id, Groups.id, ACCESS_CONTROL, BINDING]);

/** Clusters that matter.js must keep live state of for us to hear of changes. */
const WATCHED = new Set<number>([...REPORTED, Descriptor.id, BasicInformation.id]);

/**
 * matter.js tells no change of a cluster whose behavior was never used: reports then only update its stored values. Touching the
 * state once makes it live.
 */
export function activateWatched(node: ClientNode): void {
    node.visit(endpoint => {
        for (const type of Object.values(endpoint.behaviors.supported)) {
            if (type.schema instanceof ClusterModel && WATCHED.has(type.schema.id as number)) {
                endpoint.maybeStateOf(type);
            }
        }
    });
}

/** What a change that matter.js took from a report (or from its own reads) means to the machine. */
export function* eventsOfChange(node: NodeId, change: ChangeNotificationService.Change): Generator<TransportEvent> {
    if (change.kind === "delete") {
        yield { type: "structureChanged", node };
        return;
    }
    if (change.kind !== "update" || !(change.behavior.schema instanceof ClusterModel)) {
        return;
    }
    const cluster = change.behavior.schema;
    const names = change.properties ?? cluster.attributes.map(attribute => attribute.propertyName);
    const attributes = names.map(name => cluster.attributes.find(({ propertyName }) => propertyName === name)?.id);

    if (cluster.id === Descriptor.id) {
        yield { type: "structureChanged", node };
    } else if (cluster.id === BasicInformation.id) {
        if (attributes.includes(BasicInformation.attributes.softwareVersion)) {
            yield { type: "softwareChanged", node };
        }
    } else if (REPORTED.has(cluster.id as number)) {
        const endpoint = endpointNumber(change.endpoint.number);
        for (const attribute of attributes) {
            if (attribute !== undefined) {
                yield { type: "report", node, path: { endpoint, cluster: cluster.id as number, attribute } };
            }
        }
    }
}
