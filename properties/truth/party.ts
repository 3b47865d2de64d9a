import type { DeviceAnswer, DeviceRequest, WriteRequest } from "../../src/core/device.js";
import type { CertificatePlan, Certificates } from "./certificates.js";
import { clustersTouchedBy } from "./clusters.js";
import { read } from "./requests.js";
import type { Ask, TruthCluster, TruthCommand } from "./truth-cluster.js";
import { answerText } from "./value-text.js";

/** What a command did on one node, aspect by aspect, each as text: the answer, attributes, data versions, the inside. */
export type Outcome = ReadonlyMap<string, string>;

/** A command's answer, and everything that it did. */
export interface Carried {
    readonly answer: DeviceAnswer;
    readonly outcome: Outcome;
}

/** The aspect of what the node answered. */
export const ANSWER = "answer";
/** The aspect of what no attribute tells. */
export const INSIDE = "inside";

const VERSION = "data version";

/** The aspect of a cluster instance's data version, which is "changed" or "unchanged". */
export function versionAspect(endpoint: number, cluster: number): string {
    return `${VERSION} of ${endpoint}/0x${cluster.toString(16)}`;
}

/** The aspect of an attribute's value after the command. */
export function attributeAspect(endpoint: number, cluster: number, attribute: number): string {
    return `attribute ${endpoint}/0x${cluster.toString(16)}/${attribute}`;
}

/** What a node holds, as one text: data versions are no part of it. */
export function stateText(outcome: Outcome): string {
    return [...outcome].filter(([aspect]) => !aspect.startsWith(VERSION)).map(([aspect, shown]) => `${aspect}: ${shown}`).join("\n");
}

/** One of the compared nodes: asks it, and remembers which data versions were seen last. */
export class Party {
    #versions = new Map<string, number>();

    /** @param clusters those of the node */
    constructor(
        private readonly clusters: readonly TruthCluster[],
        readonly ask: Ask,
        private readonly certificates: Certificates,
        private readonly inside: () => string,
    ) {}

    /** @param onAnswer called between the command and the look at what it did */
    async carryOut(command: TruthCommand, onAnswer: () => void = () => {}): Promise<Carried> {
        const outcome = new Map<string, string>();
        const request = await this.#certified(await this.#conditional(command), command.certificate);
        const answer = await this.ask(request);
        outcome.set(ANSWER, this.#text(request, answer));
        this.#see(request, answer, outcome);
        onAnswer();
        if (request.op !== "read") {
            await this.#observe(clustersTouchedBy(command.cluster, this.clusters), outcome);
            outcome.set(INSIDE, this.inside());
        }
        return { answer, outcome };
    }

    /** Everything that is observed on a node as out of the box. */
    async firstLook(): Promise<Outcome> {
        this.certificates.forget();
        return this.look();
    }

    /** Everything that is observed, as it is now. */
    async look(): Promise<Outcome> {
        const outcome = new Map<string, string>();
        await this.#observe(this.clusters, outcome);
        outcome.set(INSIDE, this.inside());
        return outcome;
    }

    /** The node was put into the other's state, data versions included. */
    becomeLike(other: Party): void {
        this.#versions = new Map(other.#versions);
        this.certificates.becomeLike(other.certificates);
    }

    async #observe(clusters: readonly TruthCluster[], outcome: Map<string, string>): Promise<void> {
        for (const { observed } of clusters) {
            for (const at of observed) {
                const request = read(at);
                const answer = await this.ask(request);
                outcome.set(attributeAspect(at.endpoint, at.cluster, at.attribute), this.#text(request, answer));
                this.#see(request, answer, outcome);
            }
        }
    }

    #see(request: DeviceRequest, answer: DeviceAnswer, outcome: Map<string, string>): void {
        if (answer.kind !== "value") {
            return;
        }
        const aspect = versionAspect(request.endpoint, request.cluster);
        const seen = this.#versions.get(aspect);
        if (seen !== undefined && outcome.get(aspect) !== "changed") {
            outcome.set(aspect, seen === answer.dataVersion ? "unchanged" : "changed");
        }
        this.#versions.set(aspect, answer.dataVersion);
    }

    #text(request: DeviceRequest, answer: DeviceAnswer): string {
        return answerText(request, this.certificates.plain(request, answer));
    }

    async #certified(request: DeviceRequest, plan: CertificatePlan | undefined): Promise<DeviceRequest> {
        return plan === undefined || request.op !== "invoke"
            ? request
            : { ...request, fields: { ...request.fields, nocValue: await this.certificates.make(plan) } };
    }

    async #conditional({ request, condition }: TruthCommand): Promise<DeviceRequest> {
        if (condition === undefined || request.op !== "write") {
            return request;
        }
        const { endpoint, cluster, attribute } = request;
        const answer = await this.ask(read({ endpoint, cluster, attribute }));
        // Where there is nothing to read, any version will do: the path is refused first.
        const current = answer.kind === "value" ? answer.dataVersion : 1;
        return { ...request, dataVersion: condition === "right" ? current : (current - 1) >>> 0 } satisfies WriteRequest;
    }
}
