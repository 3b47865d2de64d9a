/** Named end-to-end stories, each run on simulated and on real matter.js nodes. */
import type { Scenario } from "./scenario.js";
import { happy } from "./stories/happy.js";

export { runScenario } from "./run-scenario.js";
export type { NodesKind, Scenario, ScenarioOptions, ScenarioResult } from "./scenario.js";

/** All of them, the plainest first. */
export const scenarios: readonly Scenario[] = [happy];
