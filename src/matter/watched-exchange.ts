import { ExchangeProvider, type MessageExchange, type NewExchangeOptions } from "@matter/protocol";

/**
 * Passes a peer's exchanges on to one interaction and remembers whether one was ever begun. That is the difference between "surely
 * not sent" and "perhaps sent", and the only place where matter.js lets it be seen: its errors have the same classes on both sides.
 */
export class WatchedExchangeProvider extends ExchangeProvider {
    readonly #peer: ExchangeProvider;
    #began = false;

    constructor(peer: ExchangeProvider) {
        // Only subclasses that open exchanges themselves use the manager.
        super(undefined as never);
        this.#peer = peer;
    }

    /** True from the moment a message could have been sent. */
    get exchangeBegan(): boolean {
        return this.#began;
    }

    override async initiateExchange(options?: NewExchangeOptions): Promise<MessageExchange> {
        const exchange = await this.#peer.initiateExchange(options);
        this.#began = true;
        return exchange;
    }

    override maximumPeerResponseTime(...args: Parameters<ExchangeProvider["maximumPeerResponseTime"]>) {
        return this.#peer.maximumPeerResponseTime(...args);
    }

    override connect(options?: NewExchangeOptions): Promise<void> {
        return this.#peer.connect(options);
    }

    override verifyReachability(options: Parameters<ExchangeProvider["verifyReachability"]>[0]): Promise<boolean> {
        return this.#peer.verifyReachability(options);
    }

    override get channelType() {
        return this.#peer.channelType;
    }

    override get peerAddress() {
        return this.#peer.peerAddress;
    }

    override get maxPathsPerInvoke() {
        return this.#peer.maxPathsPerInvoke;
    }

    override get readPathsSupported() {
        return this.#peer.readPathsSupported;
    }

    override get subscribePathsSupported() {
        return this.#peer.subscribePathsSupported;
    }

    override get session() {
        return this.#peer.session;
    }
}
