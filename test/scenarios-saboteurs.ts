/** Saboteurs for the tests of the scenarios: each breaks one thing that a scenario claims. */
import type { BedWorld, ControllerPorts } from "../scenarios/bed-world.js";
import { writeName, type WriteName } from "../scenarios/request-name.js";
import { worldOf, type ScenarioParts } from "../scenarios/run-scenario.js";
import type { NodesKind } from "../scenarios/scenario.js";
import { MemoryStorage } from "../scenarios/storage.js";
import { GroupKeyManagement } from "../src/core/clusters.js";
import type { DeviceAnswer, DeviceRequest, WriteRequest } from "../src/core/device.js";
import { endpointNumber } from "../src/core/ids.js";
import type { Transport } from "../src/core/ports.js";
import { KeyMaterial } from "../src/core/key-material.js";
import { Status } from "../src/core/status.js";

/** The transport says that a request succeeded, and never sends it. */
export function pretend(request: WriteName): (nodes: NodesKind) => ScenarioParts {
    return nodes =>
        withPorts(nodes, ({ transport, ...ports }) => ({
            ...ports,
            transport: {
                ...bound(transport),
                request: (node, wanted, options) =>
                    writeName(wanted) === request ? Promise.resolve(successOf(wanted)) : transport.request(node, wanted, options),
            },
        }));
}

/** Each request is followed by a write that nobody asked for. */
export function meddle(nodes: NodesKind): ScenarioParts {
    return withPorts(nodes, ({ transport, ...ports }) => ({
        ...ports,
        transport: {
            ...bound(transport),
            request: async (node, wanted, options) => {
                const answer = await transport.request(node, wanted, options);
                await transport.request(node, unwanted, options);
                return answer;
            },
        },
    }));
}

/** The transport throws, which transports never do. */
export function breakDown(nodes: NodesKind): ScenarioParts {
    return withPorts(nodes, ({ transport, ...ports }) => ({
        ...ports,
        transport: {
            ...bound(transport),
            request: () => Promise.reject(new RangeError("broken")),
        },
    }));
}

/** Nothing that a node reports reaches the controller. */
export function hearNoReports(nodes: NodesKind): ScenarioParts {
    return withPorts(nodes, ({ transport, ...ports }) => ({
        ...ports,
        transport: {
            ...bound(transport),
            observe: observer => transport.observe(event => (event.type === "reachable" || event.type === "unreachable") && observer(event)),
        },
    }));
}

/** Each write goes out without its condition. */
export function forgetConditions(nodes: NodesKind): ScenarioParts {
    return withPorts(nodes, ({ transport, ...ports }) => ({
        ...ports,
        transport: {
            ...bound(transport),
            request: (node, wanted, options) => transport.request(node, wanted.op === "write" ? withoutCondition(wanted) : wanted, options),
        },
    }));
}

/** One status arrives as another. */
export function mishear(status: number, as: number): (nodes: NodesKind) => ScenarioParts {
    return nodes =>
        withPorts(nodes, ({ transport, ...ports }) => ({
            ...ports,
            transport: {
                ...bound(transport),
                request: async (node, wanted, options) => misheard(await transport.request(node, wanted, options), status, as),
            },
        }));
}

/** The store is empty after each restart. */
export function forget(nodes: NodesKind): ScenarioParts {
    return { world: () => worldOf(nodes, 1), storage: async () => new ForgetfulStorage() };
}

class ForgetfulStorage extends MemoryStorage {
    override store() {
        return new MemoryStorage().store();
    }
}

/** The same transport, whose methods can be replaced one by one. */
function bound(transport: Transport): Transport {
    return {
        request: (node, wanted, options) => transport.request(node, wanted, options),
        renewSession: (node, options) => transport.renewSession!(node, options),
        observe: observer => transport.observe(observer),
        close: () => transport.close(),
    };
}

function withPorts(nodes: NodesKind, sabotage: (ports: ControllerPorts) => ControllerPorts): ScenarioParts {
    return {
        storage: async () => new MemoryStorage(),
        world: async () => {
            const world: BedWorld = await worldOf(nodes, 1);
            const start = world.startController.bind(world);
            world.startController = async () => sabotage(await start());
            return world;
        },
    };
}

function withoutCondition({ op, endpoint, cluster, attribute, value }: WriteRequest): WriteRequest {
    return { op, endpoint, cluster, attribute, value };
}

function misheard(answer: DeviceAnswer, status: number, as: number): DeviceAnswer {
    if (answer.kind === "status" && answer.status === status) {
        return { kind: "status", status: as };
    }
    return answer.kind === "response" && answer.fields["status"] === status ? { kind: "response", fields: { ...answer.fields, status: as } } : answer;
}

function successOf(request: DeviceRequest): DeviceAnswer {
    return request.op === "invoke" && request.cluster !== GroupKeyManagement.id
        ? { kind: "response", fields: { status: Status.SUCCESS, groupId: request.fields["groupId"]! } }
        : { kind: "status", status: Status.SUCCESS };
}

const unwanted: DeviceRequest = {
    op: "invoke",
    endpoint: endpointNumber(0),
    cluster: GroupKeyManagement.id,
    command: GroupKeyManagement.commands.keySetWrite,
    query: false,
    fields: {
        groupKeySet: {
            groupKeySetId: 0x99,
            groupKeySecurityPolicy: 0,
            epochKey0: new KeyMaterial(new Uint8Array(KeyMaterial.LENGTH).fill(0x99), "unwanted"),
            epochStartTime0: 1n,
            epochKey1: null,
            epochStartTime1: null,
            epochKey2: null,
            epochStartTime2: null,
        },
    },
};
