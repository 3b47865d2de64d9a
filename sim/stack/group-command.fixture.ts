/** A real group command, and whether a real light heard it. */
import type { ServerNode } from "@matter/node";
import { OnOffServer } from "@matter/node/behaviors/on-off";
import { type Fabric, FabricManager, Invoke, PeerAddress } from "@matter/protocol";
import { FabricIndex, GroupId, NodeId } from "@matter/types";
import { OnOff } from "@matter/types/clusters/on-off";
import type { StackWorld } from "./index.js";

/** Longer than a multicast takes. */
const TRAVEL_MS = 1_000;

/** Let the controller multicast On to a group. @throws what matter.js says when the controller cannot send to the group. */
export async function sendOn(world: StackWorld, groupId: number): Promise<void> {
    const controller = world.node("controller");
    const { fabricIndex } = fabricOf(controller);
    const address = PeerAddress({ fabricIndex, nodeId: NodeId.fromGroupId(GroupId(groupId)) });
    const group = await world.until(controller.peers.forAddress(address));
    const on = Invoke({ commands: [Invoke.WildcardCommandRequest({ cluster: OnOff, command: "on" })] });
    await world.until(exhaust(group.interaction.invoke(on)));
    await world.advance(TRAVEL_MS);
}

/** Which of these lights are on; all of them are off afterwards. */
export async function lit(world: StackWorld, lights: readonly string[]): Promise<string[]> {
    const on: string[] = [];
    for (const light of lights) {
        const endpoint = world.node(light).parts.get("app1")!;
        if (endpoint.stateOf(OnOffServer).onOff) {
            on.push(light);
            await world.until(endpoint.setStateOf(OnOffServer, { onOff: false }));
        }
    }
    return on;
}

/** The controller's fabric as matter.js holds it now. */
export function fabricOf(controller: ServerNode): Fabric {
    return controller.env.get(FabricManager).for(FabricIndex(1));
}

async function exhaust(result: AsyncIterable<unknown>): Promise<void> {
    for await (const _ of result);
}
