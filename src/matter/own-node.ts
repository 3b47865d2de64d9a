import { Abort, Mutex, ObserverGroup } from "@matter/general";
import { ChangeNotificationService, Node, type ServerNode } from "@matter/node";
import { type Fabric, FabricManager, Noc } from "@matter/protocol";
import { BasicInformation, Descriptor, GroupKeyManagement } from "../core/clusters.js";
import type { DeviceAnswer, DeviceRequest } from "../core/device.js";
import { endpointNumber, type NodeId, nodeId } from "../core/ids.js";
import type { Administrator } from "../core/kind.js";
import type { TransportEvent } from "../core/ports.js";
import { Status } from "../core/status.js";
import { answerOnce, type InteractionLimits, type PreparedRequest } from "./interaction.js";
import type { ManagedFabric } from "./managed-fabric.js";
import { notSent, statusAnswer } from "./outcome.js";
import { installStoredKeys } from "./own-group-keys.js";
import { OwnInteraction } from "./own-interaction.js";

/** What a node that only sends to groups has for us: their keys, and what every node tells about itself. */
const CLUSTERS = new Set<number>([Descriptor.id, BasicInformation.id, GroupKeyManagement.id]);

const GROUP_KEY_MAP = {
    endpoint: endpointNumber(0),
    cluster: GroupKeyManagement.id,
    attribute: GroupKeyManagement.attributes.groupKeyMap,
} as const;

/** GroupKeyManagementServer's state beside its attributes. */
const STORED_KEY_SETS = "groupKeySets";

/**
 * The controller's own node, as one more node of the managed fabric: it needs the keys of the groups that it sends to. Requests reach its
 * servers without a network, one at a time. Its other clusters (access control, credentials, what an application put on it) are the
 * application's: asked for them, it answers like a node that does not have them.
 */
export class OwnNode {
    readonly #controller: ServerNode;
    readonly #fabric: ManagedFabric;
    /** matter.js's servers throw when two requests write at once, rather than wait. */
    readonly #mutex = new Mutex(this);

    constructor(controller: ServerNode, fabric: ManagedFabric) {
        this.#controller = controller;
        this.#fabric = fabric;
    }

    /** Undefined while the controller has no fabric. */
    get id(): NodeId | undefined {
        const fabric = this.#fabric.current;
        return fabric === undefined ? undefined : nodeId(fabric.nodeId);
    }

    /** What access control lists know the node by; undefined while the controller has no fabric. */
    get administrator(): Administrator | undefined {
        const fabric = this.#fabric.current;
        if (fabric === undefined) {
            return undefined;
        }
        const { caseAuthenticatedTags } = Noc.fromTlv(fabric.operationalCert).cert.subject;
        return { nodeId: nodeId(fabric.nodeId), caseAuthenticatedTags: [...(caseAuthenticatedTags ?? [])] };
    }

    /** Perform one request; as with other nodes, what fails once it has begun is unknown unless the node says why. */
    request(request: DeviceRequest, prepared: PreparedRequest, limits: InteractionLimits): Promise<DeviceAnswer> {
        const refusal = this.#refusalOf(request);
        if (refusal !== undefined) {
            return Promise.resolve(refusal);
        }
        let begun = false;
        let released = false;
        const perform = async (): Promise<DeviceAnswer> => {
            const fabric = this.#fabric.current;
            if (released || fabric === undefined) {
                return notSent("the controller has no fabric any more");
            }
            begun = true;
            return this.#perform(prepared, fabric);
        };
        return answerOnce(
            {
                perform: () => this.#mutex.produce(perform),
                hasBegun: () => begun,
                release: () => (released = true),
            },
            limits,
        );
    }

    /** Tell of the node from now on, beginning with its presence, which lasts as long as the controller. Returns the way to stop. */
    observe(tell: (event: TransportEvent) => void): () => void {
        const observers = new ObserverGroup();
        let stopped = false;

        const tellReachable = () => {
            const node = this.id;
            if (node !== undefined) {
                tell({ type: "reachable", node });
            }
        };
        const watchFabric = () => {
            if (stopped) {
                return;
            }
            // Told for the controller's first fabric too, once that is stored. Working keys are new: as after a reboot, all is looked at again.
            observers.on(this.#controller.env.get(FabricManager).events.replaced, ({ fabricIndex }) => {
                if (fabricIndex === this.#fabric.index) {
                    tellReachable();
                }
            });
            tellReachable();
        };

        observers.on(this.#controller.env.get(ChangeNotificationService).change, change => {
            const node = this.id;
            if (node !== undefined && this.#touchesGroupKeys(change)) {
                tell({ type: "report", node, path: GROUP_KEY_MAP });
            }
        });
        this.#fabric.ready().then(watchFabric, () => {});

        return () => {
            stopped = true;
            observers.close();
        };
    }

    async #perform(prepared: PreparedRequest, fabric: Fabric): Promise<DeviceAnswer> {
        await installStoredKeys(this.#controller, fabric);
        const interaction = new OwnInteraction(this.#controller, fabric);
        const answer = await prepared.perform({ interaction, exchanges: undefined, session: { abort: new Abort() } });
        const now = this.#fabric.current;
        if (now !== undefined && now !== fabric) {
            // Replaced while we were at it: its keys were taken from what was stored before.
            await installStoredKeys(this.#controller, now);
        }
        return answer;
    }

    #refusalOf({ endpoint, cluster }: DeviceRequest): DeviceAnswer | undefined {
        if (this.#controller.protocol[endpoint] === undefined) {
            return statusAnswer(Status.UNSUPPORTED_ENDPOINT);
        }
        return CLUSTERS.has(cluster) ? undefined : statusAnswer(Status.UNSUPPORTED_CLUSTER);
    }

    /** Key sets are no attribute: whoever watches for them watches the map, as on any other node. */
    #touchesGroupKeys(change: ChangeNotificationService.Change): boolean {
        if (change.kind !== "update" || change.behavior.schema.id !== GroupKeyManagement.id || change.endpoint.env.maybeGet(Node) !== this.#controller) {
            return false;
        }
        return change.properties === undefined || change.properties.some(name => name === "groupKeyMap" || name === STORED_KEY_SETS);
    }
}
