import { Abort, Entropy, Environment, Millis, Time } from "@matter/general";
import { ClientInteraction, type ExchangeProvider, type InteractionSession } from "@matter/protocol";
import type { DeviceAnswer } from "../core/device.js";
import { answerOfFailure, notSent, unknown } from "./outcome.js";
import { WatchedExchangeProvider } from "./watched-exchange.js";

/** The ways to talk to the node while one request lasts. */
export interface Conversation {
    readonly interaction: Pick<ClientInteraction, "read" | "write" | "invoke">;
    /** For what matter.js's interaction does not do. Undefined where there are no messages, and so no limit of their size. */
    readonly exchanges: ExchangeProvider | undefined;
    readonly session: InteractionSession & { readonly abort: Abort };
}

/** A request that is encoded and ready to go. */
export interface PreparedRequest {
    /** Talks to the node; whatever it throws is turned into an answer by the caller. */
    perform(conversation: Conversation): Promise<DeviceAnswer>;
}

/** What bounds an interaction. */
export interface InteractionLimits {
    readonly deadlineMs: number;
    /** Called back when the transport closes; deleted again when the request is answered. */
    readonly closing: Set<() => void>;
}

/**
 * Perform one request over an interaction of its own, so that its exchange can be watched, and answer exactly once.
 *
 * It stands beside the node's own `ClientNodeInteraction` on purpose: that one would also apply what is read to the node's cached
 * state, and the change would look like a subscription report.
 */
export function interact(peer: ExchangeProvider, request: PreparedRequest, limits: InteractionLimits): Promise<DeviceAnswer> {
    const provider = new WatchedExchangeProvider(peer);
    const interaction = new ClientInteraction({ environment: isolatedEnvironment(), exchangeProvider: provider });
    const abort = new Abort();

    const attempt: Attempt = {
        perform: () => request.perform({ interaction, exchanges: provider, session: { abort } }),
        hasBegun: () => provider.exchangeBegan,
        release() {
            abort();
            // A write cannot be aborted in matter.js 0.17.9; closing waits for it, and nothing here does.
            interaction.close().catch(() => {});
        },
    };
    return answerOnce(attempt, limits);
}

/** One attempt at a request. */
export interface Attempt {
    /** May throw or reject; that is turned into an answer. */
    perform(): Promise<DeviceAnswer>;
    /** Whether the request can have had an effect. */
    hasBegun(): boolean;
    /** Called when the answer is given, early or not. */
    release(): void;
}

/** Make the attempt and answer exactly once: with what came back, or at the deadline, or when the transport closes. */
export function answerOnce(attempt: Attempt, limits: InteractionLimits): Promise<DeviceAnswer> {
    return new Promise<DeviceAnswer>(resolve => {
        const deadline = Time.getTimer("selvage request deadline", Millis(limits.deadlineMs), () =>
            giveUp(`nothing within ${limits.deadlineMs} ms`),
        );
        const onClosing = () => giveUp("the transport was closed");

        let settled = false;
        function settle(answer: DeviceAnswer) {
            if (settled) {
                return;
            }
            settled = true;
            deadline.stop();
            limits.closing.delete(onClosing);
            resolve(answer);
            attempt.release();
        }

        function giveUp(reason: string) {
            settle(attempt.hasBegun() ? unknown(`no answer: ${reason}`) : notSent(`no session: ${reason}`));
        }

        deadline.start();
        limits.closing.add(onClosing);
        attempt.perform().then(settle, error => settle(answerOfFailure(error, attempt.hasBegun())));
    });
}

/** Interactions draw jitter only for sustained subscriptions, which these never are. */
const noRetries = {} as Entropy;

let isolated: Environment | undefined;

/**
 * Closing a `ClientInteraction` closes the subscriptions that its environment knows for the peer. This environment knows none, so
 * the node's own subscription survives our requests.
 */
function isolatedEnvironment(): Environment {
    if (isolated === undefined) {
        isolated = new Environment("selvage");
        isolated.set(Entropy, noRetries);
    }
    return isolated;
}
