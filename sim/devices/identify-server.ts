import type { DeviceAnswer, DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { statusAnswer, successAnswer } from "./answers.js";
import { ClusterServer, isInteger, type ClusterShape } from "./cluster-server.js";
import { Identify } from "./composition.js";
import type { FabricTables } from "./fabric-tables.js";
import { Privilege } from "./privilege.js";
import type { Random } from "../random.js";

const { identifyTime, identifyType } = Identify.attributes;

const SHAPE: ClusterShape = {
    id: Identify.id,
    revision: 6,
    attributes: [identifyTime, identifyType],
    commands: [Identify.commands.identify],
    responses: [],
    privileges: { invoke: { [Identify.commands.identify]: Privilege.MANAGE } },
};

/** Identify (cluster section 1.2): an endpoint that shows itself for some seconds. AddGroupIfIdentifying asks it. */
export class IdentifyServer extends ClusterServer {
    override readonly shape = SHAPE;
    #untilMs = 0;

    override reset(random: Random): void {
        super.reset(random);
        this.#untilMs = 0;
    }

    override becomeLike(other: IdentifyServer, own: (tables: FabricTables) => FabricTables): void {
        super.becomeLike(other, own);
        this.#untilMs = other.#untilMs;
    }

    get identifying(): boolean {
        return this.#untilMs > this.site.node.nowMs;
    }

    /** Seconds, as the attribute shows them. */
    get #remaining(): number {
        return this.identifying ? Math.ceil((this.#untilMs - this.site.node.nowMs) / 1000) : 0;
    }

    override invoke(command: number, fields: DeviceFields): DeviceAnswer {
        if (command !== Identify.commands.identify) {
            return statusAnswer(Status.UNSUPPORTED_COMMAND);
        }
        return isInteger(fields["identifyTime"], 0, 0xffff) ? this.#identifyFor(fields["identifyTime"]) : this.malformed;
    }

    protected override attributeValue(attribute: number): DeviceValue | undefined {
        switch (attribute) {
            case identifyTime:
                return this.#remaining;
            case identifyType:
                return 0;
            default:
                return undefined;
        }
    }

    protected override isWritable(attribute: number): boolean {
        return attribute === identifyTime;
    }

    protected override writeAttribute(_attribute: number, value: DeviceValue): number {
        if (!isInteger(value, 0, 0xffff)) {
            return Status.INVALID_DATA_TYPE;
        }
        this.#identifyFor(value);
        return Status.SUCCESS;
    }

    #identifyFor(seconds: number): DeviceAnswer {
        if (seconds !== this.#remaining) {
            this.changed(identifyTime);
        }
        this.#untilMs = seconds === 0 ? 0 : this.site.node.nowMs + 1000 * seconds;
        return successAnswer;
    }
}
