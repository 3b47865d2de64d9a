import type { FabricTables } from "./fabric-tables.js";
import type { OperationalIdentity } from "./operational-identity.js";

/** CSRRequest made a key pair that waits for its certificate. */
export interface PendingKey {
    readonly publicKey: string;
    readonly forUpdateNoc: boolean;
}

/** How long a fail-safe can be kept up by arming it again and again (core section 11.10.6.2.2). */
export const MAX_CUMULATIVE_SECONDS = 900;

/** The longest that one arming should last (section 11.10.6.2.1). */
export const EXPIRY_SECONDS = 60;

/**
 * The fail-safe (core section 11.10.7.2): what is done under it stays only if CommissioningComplete comes in time. It runs out by itself when the time is
 * looked at, and with a restart.
 */
export class FailSafe {
    /** Of the fabric that armed it; undefined while nobody has. */
    #owner: FabricTables | undefined;
    #startedMs = 0;
    #untilMs = 0;
    #before: OperationalIdentity | undefined;
    pendingKey: PendingKey | undefined;

    /**
     * @param onExpiry told when it ran out, or was ended, without having been completed
     * @param onRevert told when a fabric has its old certificate back
     */
    constructor(
        private readonly onExpiry: () => void,
        private readonly onRevert: () => void,
    ) {}

    /** @param own this node's tables of the same fabric */
    becomeLike(other: FailSafe, own: (tables: FabricTables) => FabricTables): void {
        this.#owner = other.#owner && own(other.#owner);
        this.#startedMs = other.#startedMs;
        this.#untilMs = other.#untilMs;
        this.#before = other.#before;
        this.pendingKey = other.pendingKey;
    }

    /** Undefined when it is not armed, or ran out. */
    owner(nowMs: number): FabricTables | undefined {
        if (this.#owner !== undefined && nowMs >= this.#untilMs) {
            this.expire();
        }
        return this.#owner;
    }

    /** UpdateNOC was done under it. */
    get isUpdated(): boolean {
        return this.#before !== undefined;
    }

    /** What a fabric's certificate is after a restart. */
    confirmedIdentity(tables: FabricTables): OperationalIdentity {
        return tables === this.#owner && this.#before !== undefined ? this.#before : tables.identity;
    }

    arm(owner: FabricTables, seconds: number, nowMs: number): void {
        if (this.#owner === undefined) {
            this.#owner = owner;
            this.#startedMs = nowMs;
        }
        this.#untilMs = Math.min(nowMs + 1000 * seconds, this.#startedMs + 1000 * MAX_CUMULATIVE_SECONDS);
    }

    /** From now on the fabric has another certificate, and the old one if this fails. */
    update(identity: OperationalIdentity): void {
        this.#before = this.#owner!.identity;
        this.#owner!.setIdentity(identity);
        this.pendingKey = undefined;
    }

    /** What was done stays. */
    complete(): void {
        this.#owner = undefined;
        this.#before = undefined;
        this.pendingKey = undefined;
    }

    /** What was done is undone. */
    expire(): void {
        if (this.#owner !== undefined && this.#before !== undefined) {
            this.#owner.setIdentity(this.#before);
            this.onRevert();
        }
        const wasArmed = this.#owner !== undefined;
        this.complete();
        if (wasArmed) {
            this.onExpiry();
        }
    }
}
