import type { CertificateRequest } from "./certificate-step.js";
import type { DeviceAnswer, DeviceRequest, AttributePath } from "./device.js";
import type { NodeId } from "./ids.js";
import type { StoreBatch, StoreImage } from "./store.js";

/** What the shell must be given to drive the machine. All of it is injected; the cores know no other world. */

/** Carries requests to nodes and tells what it notices about them. */
export interface Transport {
    /**
     * Send one request to one node and answer it exactly once. The transport keeps its own deadline and turns silence into
     * `unknown`. It never rejects: whatever goes wrong is an answer.
     */
    request(node: NodeId, request: DeviceRequest, options: { readonly deadlineMs: number }): Promise<DeviceAnswer>;

    /**
     * Give up the sessions with the node, and what could resume them, and make a new one by a full CASE handshake (section 4.14.2), so that both sides use the
     * certificates that they have now. Answers status SUCCESS, `notSent` or `unknown`, within the deadline. Without it no certificate can be renewed.
     */
    renewSession?(node: NodeId, options: { readonly deadlineMs: number }): Promise<DeviceAnswer>;

    /** Tell `observer` what happens to nodes, from now on, beginning with the nodes that are reachable now. Returns the way to stop. */
    observe(observer: (event: TransportEvent) => void): () => void;

    /** Let go of everything; outstanding requests are answered `unknown` or `notSent`. */
    close(): Promise<void>;
}

/** What a transport notices about nodes without being asked. */
export type TransportEvent =
    /** A subscription became active, or the node told that it started up: it can be talked to. */
    | { readonly type: "reachable"; readonly node: NodeId }
    | { readonly type: "unreachable"; readonly node: NodeId }
    /** The node's software version changed. */
    | { readonly type: "softwareChanged"; readonly node: NodeId }
    /** Endpoints or clusters of the node came or went. */
    | { readonly type: "structureChanged"; readonly node: NodeId }
    /** A subscription report carried this attribute. The value is not told: a report alone never establishes anything. */
    | { readonly type: "report"; readonly node: NodeId; readonly path: AttributePath };

/**
 * Issues node operational certificates of the managed fabric. It holds the CA's key, or knows who does.
 *
 * @example
 * ```ts
 * const issuer: Issuer = {
 *     nonce: async () => crypto.getRandomValues(new Uint8Array(32)),
 *     issue: async (node, request) => ({ noc: await myCertificateAuthority.sign(node, request) }),
 * };
 * ```
 */
export interface Issuer {
    /** 32 fresh random bytes for a CSRRequest, so that an old signing request cannot pass for the answer. */
    nonce(): Promise<Uint8Array>;
    /**
     * Issue a certificate for this node, if its signing request is in order: signed by the key it is about, and made for this nonce. Should answer within the
     * deadline: the node's fail-safe runs. A rejection counts as a refusal that is worth asking again.
     */
    issue(node: NodeId, request: CertificateRequest, options: { readonly deadlineMs: number }): Promise<IssueResult>;
}

/** Certificates in Matter's encoding (section 6.5.2), or why there are none, and whether asking again is of no use. */
export type IssueResult =
    | { readonly noc: Uint8Array; readonly icac?: Uint8Array }
    | { readonly refusal: string; readonly isFinal: boolean };

/** Keeps the machine's records. One process at a time, one fabric per store. */
export interface Store {
    /** Take the store for this process and read all of it. @throws StoreError (LOCKED, CORRUPT, WRONG_FABRIC, NEWER_SCHEMA, UNAVAILABLE) */
    open(): Promise<StoreImage>;
    /**
     * Apply one batch atomically; resolves when it is durable, which means synced. Called with one batch at a time, in order.
     * @throws StoreError: nothing of the batch is kept.
     */
    commit(batch: StoreBatch): Promise<void>;
    close(): Promise<void>;
}

/** Monotonic time schedules, wall time is for people and for what outlives the process. Milliseconds. */
export interface Clock {
    monoMs(): number;
    wallMs(): number;
    /** Call back once, not before `monoMs` reaches `atMonoMs`. Returns the way to cancel. */
    wakeAt(atMonoMs: number, callback: () => void): () => void;
}

/** Where randomness comes from (jitter, key material). */
export interface Entropy {
    /** Uniform integer from 0 to `bound - 1`; `bound` is at most 2^31. */
    below(bound: number): number;
    /** Bytes for key material. */
    bytes(length: number): Uint8Array;
}
