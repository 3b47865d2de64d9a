import type { FabricIdentity } from "../core/records.js";
import type { StoreImage } from "../core/store.js";
import { Manager } from "../tasks/manager.js";
import { administratorArgument } from "./arguments.js";
import { Driver } from "./driver.js";
import { fabricManagerOf, type FabricManager } from "./fabric-manager.js";
import { fabricFingerprint } from "./fingerprint.js";
import { checkOptions, fabricIdentity, type OpenOptions } from "./manager-options.js";
import { guarded, warnOfProblem } from "./problem.js";
import { errorOf, internalError, openError, SelvageError } from "./selvage-error.js";
import { systemClock } from "./system-clock.js";
import { systemEntropy } from "./system-entropy.js";

/**
 * Open the store and begin to bring the fabric's nodes to their intended state.
 *
 * Rejects with a {@link SelvageError}, and nothing stays open: INVALID_OPTIONS, ALREADY_REGISTERED; LOCKED, CORRUPT, NEWER_SCHEMA or
 * UNAVAILABLE from the store; WRONG_FABRIC when the store belongs to another fabric.
 *
 * @example
 * ```ts
 * const manager = await openManager({
 *     fabric: { rootPublicKey, fabricId: 1n },
 *     store: new LogStore({ directory: "/var/lib/my-controller/selvage" }),
 *     transport,
 * });
 * await manager.addNode(nodeId(5n));
 * ```
 */
export async function openManager(options: OpenOptions): Promise<FabricManager> {
    checkOptions(options);
    const fabric = fabricIdentity(options.fabric);
    const { store } = options;
    let image: StoreImage;
    try {
        image = await store.open();
    } catch (error) {
        throw openError(error);
    }
    const driver = await driverOrClosed(options, fabric, image);
    if (options.onEvent !== undefined) {
        driver.events.subscribe(options.onEvent);
    }
    try {
        driver.start();
    } catch (error) {
        await driver.close();
        throw new SelvageError("INVALID_OPTIONS", "openManager: the transport cannot be observed (see the cause)", { cause: error });
    }
    if (!driver.isOpen) {
        await driver.close();
        throw driver.ended();
    }
    return fabricManagerOf(driver);
}

/** A store that was opened for nothing is closed again. */
async function driverOrClosed(options: OpenOptions, fabric: FabricIdentity, image: StoreImage): Promise<Driver> {
    try {
        return driverOf(options, fabric, image);
    } catch (error) {
        await Promise.resolve(options.store.close()).catch(() => {});
        throw error instanceof SelvageError ? error : internalError(error);
    }
}

function driverOf(options: OpenOptions, fabric: FabricIdentity, image: StoreImage): Driver {
    const { store, transport, issuer, clock = systemClock(), entropy = systemEntropy(), kinds, tasks, timing, administrator } = options;
    const manager = Manager.open(
        {
            fabric,
            entropy,
            fingerprint: fabricFingerprint(fabric),
            ...(kinds === undefined ? {} : { kinds }),
            ...(tasks === undefined ? {} : { tasks }),
            ...(administrator === undefined ? {} : { administrator: administratorArgument(administrator) }),
            ...(timing === undefined ? {} : { timing: defined(timing) }),
        },
        image,
        { monoMs: clock.monoMs(), wallMs: clock.wallMs() },
    );
    if (!manager.ok) {
        throw errorOf(manager.error);
    }
    const onProblem = guarded(options.onError ?? warnOfProblem);
    return new Driver({ manager: manager.value, store, transport, clock, onProblem, ...(issuer === undefined ? {} : { issuer }) });
}

/** An option that is undefined is one that is not given. */
function defined<T extends object>(values: T): T {
    return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
}
