/**
 * One run of a stack world, for comparing processes and Node versions: two devices commissioned over a lossy network, a group
 * provisioned, a device and the controller crashed and restarted, an hour of idling.
 *
 * `tsx sim/stack/determinism-run.ts SEED [LINES_FILE]` prints one JSON object with the trace hash.
 */
import { writeFileSync } from "node:fs";
import type { DeviceRequest } from "../../src/core/device.js";
import { endpointNumber, type NodeId } from "../../src/core/ids.js";
import { KeyMaterial } from "../../src/core/key-material.js";
import { StackWorld } from "./index.js";

const IDLE_MS = 3_600_000;

const [seed = "1", linesFile] = process.argv.slice(2);
const world = new StackWorld({ seed });
if (linesFile !== undefined) {
    world.trace.record();
}

async function request(node: NodeId, body: Pick<DeviceRequest, "op"> & Record<string, unknown>) {
    const sent = { endpoint: endpointNumber(0), ...body } as DeviceRequest;
    return world.until(world.transport().request(node, sent, { deadlineMs: 30_000 }));
}

await world.addController();
await world.addDevice("switch", { kind: "switch" });
await world.addDevice("light", { kind: "light" });
Object.assign(world.network, { lossPermille: 100, latencyMs: 5, jitterMs: 20 });
const nodes = [await world.commission("controller", "switch"), await world.commission("controller", "light")];

const key = new KeyMaterial(world.entropy.bytes(KeyMaterial.LENGTH), "determinism");
const groupKeySet = {
    groupKeySetId: 1,
    groupKeySecurityPolicy: 0,
    epochKey0: key,
    epochStartTime0: 1n,
    epochKey1: null,
    epochStartTime1: null,
    epochKey2: null,
    epochStartTime2: null,
};
const kinds: string[] = [];
for (const node of nodes) {
    const answers = [
        await request(node, { op: "invoke", cluster: 0x3f, command: 0, fields: { groupKeySet } }),
        await request(node, { op: "write", cluster: 0x3f, attribute: 0, value: [{ groupId: 0x101, groupKeySetId: 1 }] }),
        await request(node, { op: "invoke", endpoint: 1, cluster: 4, command: 0, fields: { groupId: 0x101, groupName: "kitchen" } }),
    ];
    kinds.push(...answers.map(({ kind }) => kind));
}
world.crash("light");
await world.advance(5_000);
await world.restart("light");
world.crash("controller");
await world.restart("controller");
await world.advance(IDLE_MS);
await world.close();

if (linesFile !== undefined) {
    writeFileSync(linesFile, world.trace.lines.join("\n"));
}
process.stdout.write(
    `${JSON.stringify({
        seed,
        hash: world.traceHash(),
        events: world.trace.count,
        packets: world.network.counts,
        answers: kinds,
        virtualMs: world.time.elapsedMs,
    })}\n`,
);
