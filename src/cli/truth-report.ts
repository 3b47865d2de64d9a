import Table from "cli-table3";
import pc from "picocolors";
import type { TruthFinding, TruthResult } from "../../properties/truth/run-truth.js";
import { commandText } from "../../properties/truth/value-text.js";

const NO_COLORS = { head: [], border: [] };

/** What was compared, by cluster, and which known differences were met. */
export function truthTable({ clusters, known, findings }: TruthResult): string {
    const figures = new Table({ style: NO_COLORS, head: ["cluster", "commands compared", "differences", "known differences", "refused before sending"] });
    for (const [name, { compared, differences, known: explained, notSent }] of clusters) {
        figures.push([name, compared, differences === 0 ? "0" : pc.red(String(differences)), explained, notSent]);
    }
    const reasons = [...known]
        .sort(([, one], [, other]) => other - one)
        .map(([{ name, section, reason }, count]) => `  ${count} x ${name} (${section}): ${reason}`);
    const verdict = findings.length === 0 ? pc.green("no difference that is not known") : pc.red("models and real nodes differ; see above");
    return [figures.toString(), ...(reasons.length === 0 ? [] : ["Known differences, by commands:", ...reasons]), verdict].join("\n");
}

/** A difference nobody explained: the commands that lead there, and what each node showed. */
export function findingText({ sequence, finding }: TruthFinding): string {
    const lines = [pc.red(pc.bold("An unexplained difference:"))];
    for (const [place, command] of sequence.entries()) {
        lines.push(`  ${place + 1}. ${commandText(command)}`);
    }
    for (const { rules, aspect, real, model } of finding.differences) {
        lines.push(`     ${aspect}`, `         real node: ${real}`, `         model by the rules of ${rules === "matter.js" ? rules : "the specification"}: ${model}`);
    }
    return lines.join("\n");
}
