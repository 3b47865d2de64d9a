import { Abort, MatterError, Millis, Time, Timestamp } from "@matter/general";
import { type PeerAddress, type PeerSet, type SessionManager } from "@matter/protocol";
import type { DeviceAnswer } from "../core/device.js";
import { Status } from "../core/status.js";
import { answerOnce, type InteractionLimits } from "./interaction.js";
import { statusAnswer } from "./outcome.js";

/** Why the sessions before a renewal were given up. */
class SessionRenewedError extends MatterError {
    constructor() {
        super("a new session takes its place");
    }
}

/**
 * Give up every session with a node, and the record that could resume one, and make a new session: a full CASE handshake with the certificates that both sides have
 * now. Nothing of it takes effect on the node, so that a failure is "not sent".
 */
export function renewSession(address: PeerAddress, sessions: SessionManager, peers: PeerSet, limits: InteractionLimits): Promise<DeviceAnswer> {
    const abort = new Abort();
    return answerOnce(
        {
            async perform() {
                await sessions.deleteResumptionRecord(address);
                // By default those made in this millisecond would stay.
                await sessions.handlePeerLoss(address, { cause: new SessionRenewedError(), asOf: Timestamp(Time.nowMs + 1) });
                await peers.for(address).connect({ abort, connectionTimeout: Millis(limits.deadlineMs) });
                return statusAnswer(Status.SUCCESS);
            },
            hasBegun: () => false,
            release: () => abort(),
        },
        limits,
    );
}
