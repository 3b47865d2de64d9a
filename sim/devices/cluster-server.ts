import type { DeviceAnswer, DeviceFields, DeviceRequest, DeviceValue, ValueAnswer, WriteRequest } from "../../src/core/device.js";
import { Status } from "../../src/core/status.js";
import type { Random } from "../random.js";
import { statusAnswer, successAnswer } from "./answers.js";
import { Privilege } from "./privilege.js";
import type { Composition, EndpointComposition } from "./composition.js";
import type { Requester } from "./access-guard.js";
import type { FabricTables } from "./fabric-tables.js";
import type { FailSafe } from "./fail-safe.js";

/** Where a server stands: what it can see of its node. */
export interface ServerSite {
    readonly composition: Composition;
    readonly endpoint: EndpointComposition;
    readonly node: NodeState;
}

/** Hears that an attribute of the node changed, at once and within the request that changed it. */
export type ChangeListener = (endpoint: number, cluster: number, attribute: number) => void;

/** What the servers of one node share. */
export interface NodeState {
    /** Whose request is carried out; undefined for the fabric's administrator. */
    requester: Requester | undefined;
    /** Virtual time, for what runs out (IdentifyTime). Milliseconds. */
    nowMs: number;
    softwareVersion: number;
    nodeLabel: string;
    maxGroupsPerFabric: number;
    maxGroupKeysPerFabric: number;
    /** The one GroupKeyManagement server, whose attribute the Groups servers change: its data version moves with the group table. */
    groupTableOwner: { changed(attribute: number): void } | undefined;
    /** Told of every change of attribute data that a subscriber would hear of. */
    listener: ChangeListener | undefined;
    /** Moves when endpoints come or go. */
    structureVersion: number;
    /** The endpoints that are there and whose parent this is. */
    readonly partsOf: (endpoint: number) => readonly number[];
    /** Key pairs made since the node was new: no two of them are the same. */
    keyPairs: number;
    readonly failSafe: FailSafe;
    /** Of the fabrics that the node is on, ascending. */
    readonly fabricIndexes: () => readonly number[];
    /** Of the other fabrics. */
    readonly fabricLabels: (besides: FabricTables) => readonly string[];
    /** Over all endpoints and fabrics. */
    readonly countBindings: () => number;
    /** Of one endpoint, over all fabrics. */
    readonly countScenes: (endpoint: number) => number;
    /** Endpoints whose OnOff is on; replaced when one changes. */
    litEndpoints: ReadonlySet<number>;
}

/** Global attributes (core section 7.13). */
const Global = { GENERATED_COMMANDS: 0xfff8, ACCEPTED_COMMANDS: 0xfff9, ATTRIBUTES: 0xfffb, FEATURE_MAP: 0xfffc, REVISION: 0xfffd } as const;
const GLOBALS: readonly number[] = Object.values(Global);

const BROKEN_OFF: DeviceAnswer = { kind: "unknown", reason: "the connection broke in the middle of a list" };

/** What every instance of a cluster has the same. */
export interface ClusterShape {
    readonly id: number;
    readonly revision: number;
    readonly attributes: readonly number[];
    /** Request commands. */
    readonly commands: readonly number[];
    /** Response commands. */
    readonly responses: readonly number[];
    /** What is more than the usual: View to read, Operate to write and to invoke. By attribute and command id. */
    readonly privileges?: {
        readonly read?: Readonly<Record<number, number>>;
        readonly write?: Readonly<Record<number, number>>;
        readonly invoke?: Readonly<Record<number, number>>;
    };
}

/**
 * A cluster instance: statuses for what it has not got, conditional writes, and its data version (section 7.10.3), which moves exactly when
 * attribute data of this instance changes, whichever fabric it belongs to.
 */
export abstract class ClusterServer {
    abstract readonly shape: ClusterShape;
    /** Unsigned, 32 bit. */
    dataVersion = 0;

    // Answers given last, by the low bits of the attribute id. An answer is its value and its version, so a mistaken hit is impossible.
    readonly #answers: (ValueAnswer | undefined)[] = new Array<ValueAnswer | undefined>(16).fill(undefined);

    constructor(protected readonly site: ServerSite) {}

    /** As after a factory reset. */
    reset(random: Random): void {
        this.dataVersion = random.uint32();
    }

    /**
     * Takes over what another node's server of the same kind holds beside the tables.
     *
     * @param own this node's tables of the same fabric
     */
    becomeLike(other: ClusterServer, _own: (tables: FabricTables) => FabricTables): void {
        this.dataVersion = other.dataVersion;
    }

    /** An attribute has another value than before. */
    changed(attribute: number): void {
        this.bumpDataVersion();
        this.tell(attribute);
    }

    /** For a step that changes more than one attribute: its version moves once. */
    tell(attribute: number): void {
        this.site.node.listener?.(this.site.endpoint.number, this.shape.id, attribute);
    }

    bumpDataVersion(): void {
        this.dataVersion = (this.dataVersion + 1) >>> 0;
    }

    read(attribute: number, tables: FabricTables): DeviceAnswer {
        const value = attribute >= Global.GENERATED_COMMANDS ? this.#globalValue(attribute) : this.attributeValue(attribute, tables);
        if (value === undefined) {
            return statusAnswer(Status.UNSUPPORTED_ATTRIBUTE);
        }
        const known = this.#answers[attribute & 15];
        if (known !== undefined && known.value === value && known.dataVersion === this.dataVersion) {
            return known;
        }
        return (this.#answers[attribute & 15] = { kind: "value", value, dataVersion: this.dataVersion });
    }

    /** Order of the checks: section 8.7.3.2, path, then writability, then version; the value comes last. */
    write(request: WriteRequest, tables: FabricTables): DeviceAnswer {
        if (!this.isWritable(request.attribute)) {
            const exists = this.shape.attributes.includes(request.attribute) || GLOBALS.includes(request.attribute);
            return statusAnswer(exists ? Status.UNSUPPORTED_WRITE : Status.UNSUPPORTED_ATTRIBUTE);
        }
        if (request.dataVersion !== undefined && request.dataVersion !== this.dataVersion) {
            return statusAnswer(Status.DATA_VERSION_MISMATCH);
        }
        const status = this.writeAttribute(request.attribute, request.value, tables);
        return status === Status.SUCCESS ? successAnswer : statusAnswer(status);
    }

    /**
     * A list in chunks (section 8.7.2.1): replaced with an empty one, then entry by entry. Each step is checked, applied and refused on its own, so a refusal or
     * the end of the connection leaves a part; a conditional write defeats itself as soon as a step moved the data version. Answers with the first refusal.
     */
    writeInChunks(request: WriteRequest, steps: number, tables: FabricTables): DeviceAnswer {
        const entries = request.value;
        if (!Array.isArray(entries) || !this.isWritable(request.attribute)) {
            return this.write(request, tables);
        }
        let result: DeviceAnswer = successAnswer;
        for (let step = 0; step < Math.min(steps, entries.length + 1); step++) {
            const before = step === 0 ? [] : (this.attributeValue(request.attribute, tables) as readonly DeviceValue[]);
            const value = step === 0 ? before : [...before, (entries as readonly DeviceValue[])[step - 1]!];
            const answer = this.write({ ...request, value }, tables);
            if (result === successAnswer) {
                result = answer;
            }
        }
        return steps <= entries.length ? BROKEN_OFF : result;
    }

    /** Whether the request's attribute or command is here, and can be written if it is to be. */
    serves(request: DeviceRequest): boolean {
        switch (request.op) {
            case "read":
                return this.shape.attributes.includes(request.attribute) || GLOBALS.includes(request.attribute);
            case "write":
                return this.isWritable(request.attribute);
            case "invoke":
                return this.shape.commands.includes(request.command);
        }
    }

    /** The privilege (see `Privilege`) that a request takes. */
    privilegeFor(request: DeviceRequest): number {
        const { read, write, invoke } = this.shape.privileges ?? {};
        switch (request.op) {
            case "read":
                return read?.[request.attribute] ?? Privilege.VIEW;
            case "write":
                return write?.[request.attribute] ?? Privilege.OPERATE;
            case "invoke":
                return invoke?.[request.command] ?? Privilege.OPERATE;
        }
    }

    /** Undefined for an attribute that this instance has not got. */
    protected abstract attributeValue(attribute: number, tables: FabricTables): DeviceValue | undefined;

    protected isWritable(_attribute: number): boolean {
        return false;
    }

    /** Only called for writable attributes. All or nothing. */
    protected writeAttribute(_attribute: number, _value: DeviceValue, _tables: FabricTables): number {
        return Status.UNSUPPORTED_WRITE;
    }

    invoke(_command: number, _fields: DeviceFields, _tables: FabricTables): DeviceAnswer {
        return statusAnswer(Status.UNSUPPORTED_COMMAND);
    }

    protected get featureMap(): number {
        return 0;
    }

    /** The command's fields are missing or of the wrong type. */
    protected get malformed(): DeviceAnswer {
        return statusAnswer(this.site.composition.rules.malformedCommandStatus);
    }

    #globalValue(attribute: number): DeviceValue | undefined {
        switch (attribute) {
            case Global.REVISION:
                return this.shape.revision;
            case Global.FEATURE_MAP:
                return this.featureMap;
            case Global.ATTRIBUTES:
                return [...this.shape.attributes, ...GLOBALS];
            case Global.ACCEPTED_COMMANDS:
                return this.shape.commands;
            case Global.GENERATED_COMMANDS:
                return this.shape.responses;
            default:
                return undefined;
        }
    }
}

/** An integer of the wire between `min` and `max`. */
export function isInteger(value: DeviceValue | undefined, min: number, max: number): value is number {
    return typeof value === "number" && Number.isInteger(value) && value >= min && value <= max;
}

/** Length of a string as Matter counts it: bytes of UTF-8. */
export function utf8Length(text: string): number {
    let bytes = text.length;
    for (let i = 0; i < text.length; i++) {
        const unit = text.charCodeAt(i);
        // A surrogate is half of a four-byte character: two bytes each.
        bytes += unit < 0x80 ? 0 : unit < 0x800 || (unit >= 0xd800 && unit < 0xe000) ? 1 : 2;
    }
    return bytes;
}
