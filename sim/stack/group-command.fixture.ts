/** A real group command, and whether a real light heard it. */
import { OnOffServer } from "@matter/node/behaviors/on-off";
import { Invoke, PeerAddress } from "@matter/protocol";
import { FabricIndex, GroupId, NodeId } from "@matter/types";
import { OnOff } from "@matter/types/clusters/on-off";
import type { StackWorld } from "./index.js";

/** Longer than a multicast takes. */
const TRAVEL_MS = 1_000;

/** Let the controller multicast On to a group of its first fabric. @throws what matter.js says when the controller cannot send to the group. */
export async function sendOn(world: StackWorld, groupId: number): Promise<void> {
    const address = PeerAddress({ fabricIndex: FabricIndex(1), nodeId: NodeId.fromGroupId(GroupId(groupId)) });
    const group = await world.until(world.node("controller").peers.forAddress(address));
    const on = Invoke({ commands: [Invoke.WildcardCommandRequest({ cluster: OnOff, command: "on" })] });
    await world.until(exhaust(group.interaction.invoke(on)));
    await world.advance(TRAVEL_MS);
}

async function exhaust(result: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of result);
}

export function isOn(world: StackWorld, light: string): boolean {
    return endpointOf(world, light).stateOf(OnOffServer).onOff;
}

export async function switchOff(world: StackWorld, light: string): Promise<void> {
    await world.until(endpointOf(world, light).setStateOf(OnOffServer, { onOff: false }));
}

function endpointOf(world: StackWorld, light: string) {
    return world.node(light).parts.get("app1")!;
}
