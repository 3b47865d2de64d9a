import type { DeviceAnswer, DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { statusAnswer, successAnswer } from "./answers.js";
import { ClusterServer, type ClusterShape } from "./cluster-server.js";
import { OnOff } from "./composition.js";

const { off, on, toggle } = OnOff.commands;

const SHAPE: ClusterShape = {
    id: OnOff.id,
    revision: 6,
    attributes: [OnOff.attributes.onOff],
    commands: [off, on, toggle],
    responses: [],
};

/** On/Off (cluster section 1.5): what group commands and scenes act on. The feature Lighting, with its timers and the global scene, is not modelled. */
export class OnOffServer extends ClusterServer {
    override readonly shape = SHAPE;
    /** Told before a command changes the state: no scene of the endpoint is the current one any more. */
    onChange: (() => void) | undefined;

    get isOn(): boolean {
        return this.site.node.litEndpoints.has(this.site.endpoint.number);
    }

    /** A scene is recalled; a transition takes no time here. */
    turn(isOn: boolean): void {
        if (isOn === this.isOn) {
            return;
        }
        this.onChange?.();
        const lit = new Set(this.site.node.litEndpoints);
        if (isOn) {
            lit.add(this.site.endpoint.number);
        } else {
            lit.delete(this.site.endpoint.number);
        }
        this.site.node.litEndpoints = lit;
        this.changed(OnOff.attributes.onOff);
    }

    override invoke(command: number, _fields: DeviceFields): DeviceAnswer {
        if (command !== off && command !== on && command !== toggle) {
            return statusAnswer(Status.UNSUPPORTED_COMMAND);
        }
        this.turn(command === toggle ? !this.isOn : command === on);
        return successAnswer;
    }

    protected override attributeValue(attribute: number): DeviceValue | undefined {
        return attribute === OnOff.attributes.onOff ? this.isOn : undefined;
    }
}
