import { GeneralCommissioning } from "../../src/core/clusters.js";
import type { DeviceAnswer, DeviceFields, DeviceValue } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import { isUnsigned64 } from "./access-control-entry.js";
import { responseAnswer, statusAnswer } from "./answers.js";
import { ClusterServer, isInteger, type ClusterShape } from "./cluster-server.js";
import type { FabricTables } from "./fabric-tables.js";
import { EXPIRY_SECONDS, MAX_CUMULATIVE_SECONDS } from "./fail-safe.js";
import { Privilege } from "./privilege.js";
import type { Random } from "../random.js";

const { breadcrumb, basicCommissioningInfo } = GeneralCommissioning.attributes;
const { armFailSafe, commissioningComplete } = GeneralCommissioning.commands;

/** CommissioningErrorEnum (core section 11.10.5.1). */
export const CommissioningError = { OK: 0, VALUE_OUTSIDE_RANGE: 1, INVALID_AUTHENTICATION: 2, NO_FAIL_SAFE: 3, BUSY_WITH_OTHER_ADMIN: 4 } as const;

const SHAPE: ClusterShape = {
    id: GeneralCommissioning.id,
    revision: 2,
    attributes: [breadcrumb, basicCommissioningInfo],
    commands: [armFailSafe, commissioningComplete],
    responses: [1, 5],
    privileges: {
        write: { [breadcrumb]: Privilege.ADMINISTER },
        invoke: { [armFailSafe]: Privilege.ADMINISTER, [commissioningComplete]: Privilege.ADMINISTER },
    },
};

const INFO: DeviceValue = { failSafeExpiryLengthSeconds: EXPIRY_SECONDS, maxCumulativeFailsafeSeconds: MAX_CUMULATIVE_SECONDS };

/** General Commissioning (core section 11.10), endpoint 0, as far as the fail-safe goes. Failures are told inside the response. */
export class GeneralCommissioningServer extends ClusterServer {
    override readonly shape = SHAPE;
    #breadcrumb = 0n;
    /** Of the fail-safe, when the breadcrumb was last looked at. */

    /** After a restart too: the breadcrumb does not outlive one. */
    override reset(random: Random): void {
        super.reset(random);
        this.#breadcrumb = 0n;
    }

    override becomeLike(other: GeneralCommissioningServer, own: (tables: FabricTables) => FabricTables): void {
        super.becomeLike(other, own);
        this.#breadcrumb = other.#breadcrumb;
    }

    override invoke(command: number, fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        switch (command) {
            case armFailSafe:
                return this.#armFailSafe(fields, tables);
            case commissioningComplete:
                return answerOf(this.#complete(tables));
            default:
                return statusAnswer(Status.UNSUPPORTED_COMMAND);
        }
    }

    protected override attributeValue(attribute: number): DeviceValue | undefined {
        switch (attribute) {
            case breadcrumb:
                return this.#breadcrumb;
            case basicCommissioningInfo:
                return INFO;
            default:
                return undefined;
        }
    }

    protected override isWritable(attribute: number): boolean {
        return attribute === breadcrumb;
    }

    protected override writeAttribute(_attribute: number, value: DeviceValue): number {
        if (!isUnsigned64(value)) {
            return Status.INVALID_DATA_TYPE;
        }
        this.setBreadcrumb(value);
        return Status.SUCCESS;
    }

    /** Zero when a fail-safe ran out (section 11.10.7.2): told by the node. */
    setBreadcrumb(value: bigint): void {
        if (value !== this.#breadcrumb) {
            this.#breadcrumb = value;
            this.changed(breadcrumb);
        }
    }

    /** Section 11.10.7.2: one administrator at a time; zero seconds end it, and undo what was done. */
    #armFailSafe(fields: DeviceFields, tables: FabricTables): DeviceAnswer {
        const { expiryLengthSeconds: seconds, breadcrumb: crumb } = fields;
        if (!isInteger(seconds, 0, 0xffff) || !isUnsigned64(crumb)) {
            return this.malformed;
        }
        const { failSafe, nowMs } = this.site.node;
        const owner = failSafe.owner(nowMs);
        if (owner !== undefined && owner !== tables) {
            return answerOf(CommissioningError.BUSY_WITH_OTHER_ADMIN);
        }
        if (seconds === 0) {
            failSafe.expire();
        } else {
            failSafe.arm(tables, seconds, nowMs);
            this.setBreadcrumb(crumb);
        }
        return answerOf(CommissioningError.OK);
    }

    /** Section 11.10.7.6. */
    #complete(tables: FabricTables): number {
        const { failSafe, nowMs } = this.site.node;
        const owner = failSafe.owner(nowMs);
        if (owner === undefined) {
            return CommissioningError.NO_FAIL_SAFE;
        }
        if (owner !== tables) {
            return CommissioningError.INVALID_AUTHENTICATION;
        }
        failSafe.complete();
        this.setBreadcrumb(0n);
        return CommissioningError.OK;
    }
}

function answerOf(errorCode: number): DeviceAnswer {
    return responseAnswer({ errorCode, debugText: "" });
}
