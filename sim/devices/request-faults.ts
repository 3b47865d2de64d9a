import type { DeviceAnswer, DeviceFields, DeviceRequest } from "../../src/core/device.js";
import { Status, type StatusCode } from "../../src/core/status.js";
import type { Random } from "../random.js";
import { responseAnswer, statusAnswer } from "./answers.js";

/** Which requests a fault is for. */
export type RequestFilter = (request: DeviceRequest) => boolean;

/** What goes wrong with a request: it is answered without effect, or its list breaks off after so many steps. */
export type RequestFault = { readonly answer: DeviceAnswer } | { readonly chunks: number };

const ANY: RequestFilter = () => true;

/** What a node refuses for no reason that the request could know. */
const PASSING: readonly StatusCode[] = [Status.BUSY, Status.FAILURE, Status.TIMEOUT];

/**
 * Faults inside a node: statuses that nothing in the request explains, and lists that break off in the middle. Ordered ones come first, each once; then chance, by
 * a generator of its own so that two runs of one seed agree.
 *
 * @example
 * const faults = new RequestFaults(random);
 * node.setFaults(faults);
 * faults.refuseOnce(Status.BUSY, request => request.op === "write" && request.cluster === AccessControl.id);
 * faults.refuseSometimes(50);
 */
export class RequestFaults {
    readonly #ordered: { readonly fault: RequestFault; readonly matches: RequestFilter }[] = [];
    #perMille = 0;
    #statuses = PASSING;
    #matches = ANY;
    #breaksPerMille = 0;
    #breaks = ANY;

    constructor(private readonly random: Random) {}

    /** The next request that fits is answered with this status and has no effect. */
    refuseOnce(status: StatusCode, matches = ANY): void {
        this.#ordered.push({ fault: { answer: statusAnswer(status) }, matches });
    }

    /** The next command that fits is answered with this payload and has no effect: a refusal that a cluster tells inside its response. */
    answerOnce(fields: DeviceFields, matches = ANY): void {
        this.#ordered.push({ fault: { answer: responseAnswer(fields) }, matches: request => request.op === "invoke" && matches(request) });
    }

    /** The next write that fits is one of a list in chunks and breaks off after this many steps. */
    breakOnce(chunks: number, matches = ANY): void {
        this.#ordered.push({ fault: { chunks }, matches: request => isListWrite(request) && matches(request) });
    }

    /** So many per mille of the requests that fit are refused, with one of these statuses. */
    refuseSometimes(perMille: number, statuses: readonly StatusCode[] = PASSING, matches = ANY): void {
        this.#perMille = perMille;
        this.#statuses = statuses;
        this.#matches = matches;
    }

    /** So many per mille of the list writes that fit go in chunks and break off somewhere. */
    breakSometimes(perMille: number, matches = ANY): void {
        this.#breaksPerMille = perMille;
        this.#breaks = matches;
    }

    /** No more faults: calm. */
    clear(): void {
        this.#ordered.length = 0;
        this.#perMille = 0;
        this.#breaksPerMille = 0;
    }

    /** What happens to this request; undefined for nothing. Ordered faults are used up. */
    next(request: DeviceRequest): RequestFault | undefined {
        const place = this.#ordered.findIndex(({ matches }) => matches(request));
        if (place >= 0) {
            return this.#ordered.splice(place, 1)[0]!.fault;
        }
        if (this.#hits(this.#perMille) && this.#matches(request)) {
            return { answer: statusAnswer(this.#statuses[this.random.below(this.#statuses.length)]!) };
        }
        return isListWrite(request) && this.#breaks(request) && this.#hits(this.#breaksPerMille) ? { chunks: this.random.below(request.value.length + 1) } : undefined;
    }

    #hits(perMille: number): boolean {
        return perMille > 0 && this.random.chance(perMille);
    }
}

function isListWrite(request: DeviceRequest): request is DeviceRequest & { readonly value: readonly unknown[] } {
    return request.op === "write" && Array.isArray(request.value);
}
