import pc from "picocolors";
import type { ScenarioResult } from "../../scenarios/index.js";

/** What a scenario showed, in full. */
export function scenarioLines({ name, title, nodes, passed, shown, virtualMs, wallMs, error, traceHash }: ScenarioResult): string {
    const verdict = passed ? pc.green("passed") : pc.red("FAILED");
    return [
        `${verdict} ${pc.bold(name)} on ${nodes === "sim" ? "simulated" : "real"} nodes: ${title}`,
        ...shown.map(line => `    - ${line}`),
        ...(error === undefined ? [] : [`    ${pc.red(error.replaceAll("\n", "\n    "))}`]),
        `    ${(virtualMs / 1000).toFixed(1)} virtual seconds in ${(wallMs / 1000).toFixed(2)} s${traceHash === "" ? "" : `, trace hash ${traceHash}`}`,
    ].join("\n");
}
