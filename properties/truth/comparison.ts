import type { DeviceAnswer, DeviceRequest } from "../../src/core/device.js";
import { matterJsRules, specificationRules, type DeviceRules } from "../../sim/devices/device-rules.js";
import { MANAGER_FABRIC, SimNode } from "../../sim/devices/sim-node.js";
import { decodeSigningRequest, encodeCertificate } from "../../sim/devices/operational-certificate.js";
import { Random } from "../../sim/random.js";
import { withAdministrator } from "./administrator.js";
import { Certificates, type IssueNoc } from "./certificates.js";
import { clustersOf, undoAll } from "./clusters.js";
import type { KnownDifference } from "./difference-context.js";
import { knownDifferences } from "./known-differences.js";
import { Party, stateText, type Carried, type Outcome } from "./party.js";
import { isRefusedByClient, type RealNode } from "./real-node.js";
import { asSpecified } from "./specified-state.js";
import type { TruthCommand } from "./truth-cluster.js";

/** Under whose rules the model stood that a real node was compared with. */
export type RulesName = "specification" | "matter.js";

/** One aspect in which a real node and a model differ after a command. */
export interface Difference {
    readonly rules: RulesName;
    readonly aspect: string;
    readonly real: string;
    readonly model: string;
}

/** A command that no known difference explains. */
export interface Finding {
    /** Place of the command in its sequence, from 0. */
    readonly place: number;
    readonly command: TruthCommand;
    readonly differences: readonly Difference[];
}

/** What became of one command. */
export type Verdict = "same" | "known" | "different" | "notSent";

/** Everything that a sequence showed. */
export interface Comparison {
    /** In order; those after a finding are missing. */
    readonly verdicts: readonly { readonly command: TruthCommand; readonly verdict: Verdict; readonly known: readonly KnownDifference[] }[];
    readonly finding: Finding | null;
}

/** Answers as the device model does: tests put something else in its place. */
export type ModelHandle = (node: SimNode, request: DeviceRequest) => DeviceAnswer;

const asItIs: ModelHandle = (node, request) => node.handle(request);

/** What the model under matter.js's rules may differ in. */
const LACKING = knownDifferences.filter(({ modelLacks }) => modelLacks === true);

/**
 * Send one sequence to the real node, and to two models of it: one as the specification says, one as matter.js is known to do. The second must never
 * differ; the first may, in what `known-differences.ts` lists, and is then put into the state that the specification gives to the real node's.
 */
export async function compareSequence(real: RealNode, commands: readonly TruthCommand[], handle: ModelHandle = asItIs): Promise<Comparison> {
    const run = new Run(real, handle);
    await run.begin();
    const verdicts: Comparison["verdicts"][number][] = [];
    for (const [place, command] of commands.entries()) {
        if (isRefusedByClient(command.request)) {
            verdicts.push({ command, verdict: "notSent", known: [] });
            continue;
        }
        const { unexplained, known } = await run.carryOut(command);
        verdicts.push({ command, verdict: unexplained.length > 0 ? "different" : known.length > 0 ? "known" : "same", known });
        if (unexplained.length > 0) {
            return { verdicts, finding: { place, command, differences: unexplained } };
        }
    }
    const last = verdicts.at(-1);
    const left = last === undefined ? [] : await run.lookAround();
    const finding = left.length === 0 ? null : { place: commands.length - 1, command: last!.command, differences: left };
    return { verdicts, finding };
}

class Run {
    readonly #real: RealNode;
    readonly #specified: SimNode;
    readonly #likeMatterJs: SimNode;
    readonly #parties: { readonly real: Party; readonly specified: Party; readonly likeMatterJs: Party };

    constructor(real: RealNode, handle: ModelHandle) {
        this.#real = real;
        this.#specified = newModel(specificationRules, real);
        this.#likeMatterJs = newModel(matterJsRules, real);
        this.#parties = {
            real: new Party(clustersOf(real.device.name), real.ask, new Certificates(real.issueNoc), () => real.inside()),
            specified: partyOf(this.#specified, real, handle),
            likeMatterJs: partyOf(this.#likeMatterJs, real, handle),
        };
    }

    /** The real node as out of the box; everything is looked at, to tell later what changed. */
    async begin(): Promise<void> {
        const { real, specified, likeMatterJs } = this.#parties;
        await this.#real.reset(async () => stateText(await real.firstLook()));
        // The real node was undone at least once, which leaves its traces.
        for (const model of [specified, likeMatterJs]) {
            await undoAll(clustersOf(this.#real.device.name), model.ask);
            await model.firstLook();
        }
    }

    async carryOut(command: TruthCommand): Promise<{ readonly unexplained: readonly Difference[]; readonly known: readonly KnownDifference[] }> {
        const { real, specified, likeMatterJs } = this.#parties;
        await this.#real.wait(command.afterMs ?? 0);
        this.#tellTime();
        const before = this.#likeMatterJs.snapshot().fabrics[MANAGER_FABRIC]!;
        this.#real.touch(command.cluster);
        const onReal = await real.carryOut(command);
        // A new session takes its time, in which a fail-safe can end.
        const onLikeMatterJs = await likeMatterJs.carryOut(command, () => this.#tellTime());
        const onSpecified = await specified.carryOut(command, () => this.#tellTime());

        const unexplained: Difference[] = [];
        const known = new Set<KnownDifference>();
        const explain = (rules: RulesName, model: Carried, among: readonly KnownDifference[]) => {
            for (const difference of differencesOf(rules, onReal.outcome, model.outcome)) {
                const { aspect, real: shown, model: expected } = difference;
                const context = { request: command.request, waited: (command.afterMs ?? 0) > 0, before, real: onReal.answer, model: model.answer, aspect, shown, expected };
                const explanation = among.find(each => each.explains(context));
                if (explanation === undefined) {
                    unexplained.push(difference);
                } else {
                    known.add(explanation);
                }
            }
        };
        explain("matter.js", onLikeMatterJs, LACKING);
        explain("specification", onSpecified, knownDifferences);
        if (known.size > 0) {
            this.#agreeAgain();
        }
        return { unexplained, known: [...known] };
    }

    #tellTime(): void {
        const nowMs = this.#real.world.time.elapsedMs;
        this.#specified.setTime(nowMs);
        this.#likeMatterJs.setTime(nowMs);
    }

    /** Commands are followed by a look at what they should change; this one is for everything else. */
    async lookAround(): Promise<readonly Difference[]> {
        const onReal = await this.#parties.real.look();
        return [
            ...differencesOf("matter.js", onReal, await this.#parties.likeMatterJs.look()),
            ...differencesOf("specification", onReal, await this.#parties.specified.look()),
        ];
    }

    /** What a known difference left must not be told as many more. */
    #agreeAgain(): void {
        this.#specified.becomeLike(this.#likeMatterJs, asSpecified);
        this.#parties.specified.becomeLike(this.#parties.likeMatterJs);
    }
}

function newModel(rules: DeviceRules, { device, administrator, nodeId }: RealNode): SimNode {
    const node = new SimNode(device.composition(rules, administrator), new Random(1));
    node.setNodeId(MANAGER_FABRIC, nodeId);
    return node;
}

function partyOf(node: SimNode, { administrator, device, nodeId }: RealNode, handle: ModelHandle): Party {
    const clusters = clustersOf(device.name);
    const inside = () => clusters.flatMap(cluster => (cluster.inside === undefined ? [] : [cluster.inside.model(node)])).join("\n");
    return new Party(clusters, async request => handle(node, withAdministrator(request, administrator)), new Certificates(issuerOf(nodeId)), inside);
}

/** Keys are named by the node, and the node id is the one that was put into the model. */
function issuerOf(nodeId: bigint): IssueNoc {
    let serial = 0;
    return async ({ nocsrElements }, cats) => {
        const request = decodeSigningRequest(nocsrElements);
        return request && encodeCertificate({ publicKey: request.publicKey, fabric: MANAGER_FABRIC, nodeId, cats, serial: ++serial });
    };
}

function differencesOf(rules: RulesName, real: Outcome, model: Outcome): Difference[] {
    const aspects = new Set([...real.keys(), ...model.keys()]);
    return [...aspects]
        .map(aspect => ({ rules, aspect, real: real.get(aspect) ?? "nothing", model: model.get(aspect) ?? "nothing" }))
        .filter(difference => difference.real !== difference.model);
}

