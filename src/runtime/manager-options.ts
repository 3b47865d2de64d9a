import type { Administrator, Kind } from "../core/kind.js";
import { defaultTiming, type Timing } from "../core/limits.js";
import type { Clock, Entropy, Issuer, Store, Transport } from "../core/ports.js";
import type { FabricIdentity } from "../core/records.js";
import { builtInKinds } from "../kinds/index.js";
import type { TaskDefinition } from "../tasks/definition.js";
import { builtInTasks } from "../tasks/manager.js";
import { administratorArgument, kindArgument, listArgument, objectArgument, taskArgument } from "./arguments.js";
import type { ManagerEventListener } from "./event-hub.js";
import type { ProblemHandler } from "./problem.js";
import { SelvageError } from "./selvage-error.js";

/** What `openManager` needs. */
export interface OpenOptions {
    /** The fabric that is managed. A store belongs to one fabric. */
    readonly fabric: {
        /** Public key of the fabric's root CA: 65 bytes, or as many in hex (section 2.5.1 of the Matter core specification). */
        readonly rootPublicKey: Uint8Array | string;
        /** 64-bit fabric id; never the fabric index, which is given to another fabric one day. */
        readonly fabricId: bigint;
    };
    /** Not open yet: the manager opens it, and closes it with itself. */
    readonly store: Store;
    /** The way to the nodes. It stays yours: close it after the manager. */
    readonly transport: Transport;
    /** Who issues certificates, for items of the kind `noc`; without one they fail for good. */
    readonly issuer?: Issuer;
    /**
     * Who the controller is to access control lists: its node id and the CASE authenticated tags of the NOC it uses now (section 6.6.2.1.2). Without it no
     * access control list is written, since nobody could tell whether the controller would lock itself out; see `setAdministrator`.
     */
    readonly administrator?: Administrator;
    /** Default: `systemClock()`. */
    readonly clock?: Clock;
    /** Default: `systemEntropy()`. */
    readonly entropy?: Entropy;
    /** Kinds of your own, besides those built in; more can be registered later. */
    readonly kinds?: readonly Kind[];
    /** Tasks of your own, besides those built in; more can be registered later. */
    readonly tasks?: readonly TaskDefinition[];
    /** Milliseconds; see `defaultTiming`. */
    readonly timing?: Partial<Timing>;
    /** A subscriber from the very first event on: stored records that are not used are told while the manager opens. */
    readonly onEvent?: ManagerEventListener;
    /** Is told what goes wrong where no caller waits. Default: a warning of the process. */
    readonly onError?: ProblemHandler;
}

const ROOT_PUBLIC_KEY = /^04[0-9a-f]{128}$/;

function invalid(message: string): SelvageError {
    return new SelvageError("INVALID_OPTIONS", `openManager: ${message}`);
}

/**
 * The options, if a manager can be made of them.
 *
 * @throws SelvageError INVALID_OPTIONS, ALREADY_REGISTERED (two kinds or tasks of one name)
 */
export function checkOptions(options: OpenOptions): void {
    objectArgument("openManager: the options", options, "INVALID_OPTIONS");
    requireFunctions("store", options.store, ["open", "commit", "close"]);
    requireFunctions("transport", options.transport, ["request", "observe"]);
    if (options.issuer !== undefined) {
        requireFunctions("issuer", options.issuer, ["nonce", "issue"]);
    }
    if (options.clock !== undefined) {
        requireFunctions("clock", options.clock, ["monoMs", "wallMs", "wakeAt"]);
    }
    if (options.entropy !== undefined) {
        requireFunctions("entropy", options.entropy, ["below", "bytes"]);
    }
    for (const name of ["onEvent", "onError"] as const) {
        if (options[name] !== undefined && typeof options[name] !== "function") {
            throw invalid(`"${name}" must be a function`);
        }
    }
    const kinds = listArgument('openManager: "kinds"', options.kinds ?? [], "INVALID_OPTIONS").map(kind => kindArgument(kind, "INVALID_OPTIONS"));
    const tasks = listArgument('openManager: "tasks"', options.tasks ?? [], "INVALID_OPTIONS").map(task => taskArgument(task, "INVALID_OPTIONS"));
    requireUnique("kind", [...builtInKinds.map(({ name }) => name), ...kinds.map(({ name }) => name)]);
    requireUnique("task", [...builtInTasks.map(({ type }) => type), ...tasks.map(({ type }) => type)]);
    if (options.administrator !== undefined) {
        administratorArgument(options.administrator, "INVALID_OPTIONS");
    }
    checkTiming(options.timing ?? {});
}

/** The fabric's identity as stores keep it. @throws SelvageError INVALID_OPTIONS */
export function fabricIdentity(fabric: OpenOptions["fabric"]): FabricIdentity {
    const { rootPublicKey, fabricId } = objectArgument('openManager: "fabric"', fabric, "INVALID_OPTIONS");
    const hex =
        rootPublicKey instanceof Uint8Array
            ? Buffer.from(rootPublicKey).toString("hex")
            : typeof rootPublicKey === "string"
              ? rootPublicKey.toLowerCase()
              : "";
    if (!ROOT_PUBLIC_KEY.test(hex)) {
        throw invalid('"rootPublicKey" must be an uncompressed P-256 public key: 65 bytes that begin with 04, or as many in hex');
    }
    if (typeof fabricId !== "bigint" || fabricId < 1n || fabricId >= 1n << 64n) {
        throw invalid('"fabricId" must be a bigint from 1 to 2^64-1 (the fabric id, not the fabric index)');
    }
    return { rootPublicKey: hex, fabricId };
}

function requireFunctions(name: string, value: unknown, functions: readonly string[]): void {
    for (const member of functions) {
        if (typeof (value as Record<string, unknown> | null | undefined)?.[member] !== "function") {
            throw invalid(`"${name}" must have the function ${member}()`);
        }
    }
}

function requireUnique(what: string, names: readonly string[]): void {
    const twice = names.find((name, index) => names.indexOf(name) !== index);
    if (twice !== undefined) {
        throw new SelvageError("ALREADY_REGISTERED", `openManager: there is a ${what} named "${twice}" already: choose another name`, {
            details: { [what]: twice },
        });
    }
}

function checkTiming(timing: object): void {
    for (const [name, value] of Object.entries(timing) as [string, unknown][]) {
        if (!(name in defaultTiming)) {
            throw invalid(`"timing" has no "${name}": known are ${Object.keys(defaultTiming).join(", ")}`);
        }
        if (value !== undefined && !(typeof value === "number" && Number.isFinite(value) && value >= 0)) {
            throw invalid(`"timing.${name}" must be a number, not negative`);
        }
    }
}
