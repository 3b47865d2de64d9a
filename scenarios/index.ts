/** Named end-to-end stories, each run on simulated and on real matter.js nodes. */
import { claimsSurvive, lockOutRefused } from "./kinds/access.js";
import { kindApplied } from "./kinds/applied.js";
import { capacityExhausted } from "./kinds/capacity.js";
import { certificateDrift, certificateInterrupted, certificateRenewed } from "./kinds/certificate.js";
import { driftRepaired, driftReported } from "./kinds/drift.js";
import { endpointGone } from "./kinds/endpoint.js";
import { bindingsFull } from "./kinds/bindings-full.js";
import { limitsChange } from "./kinds/limits.js";
import { nodeReboots } from "./kinds/reboot.js";
import { secondWriter } from "./kinds/second-writer.js";
import { removedWhileShared } from "./kinds/shared.js";
import { driftUnreported } from "./kinds/unreported.js";
import type { Scenario } from "./scenario.js";
import { cancelAfter, cancelBefore, cancelDuring, cancelShared, cancelWhileAway } from "./stories/cancel-and-revert.js";
import { capacityRefused } from "./stories/capacity-refused.js";
import { crashAfterRecord, crashBeforeRecord } from "./stories/crash.js";
import { happy } from "./stories/happy.js";
import { lostAnswer } from "./stories/lost-answer.js";
import { parkAtStart, parkInTheMiddle } from "./stories/park-and-resume.js";
import { restartClosed, restartCutOff, restartFromDisk } from "./stories/restart-and-resume.js";

export { runScenario } from "./run-scenario.js";
export type { NodesKind, Scenario, ScenarioOptions, ScenarioResult } from "./scenario.js";

/** All of them, the plainest first. */
export const scenarios: readonly Scenario[] = [
    happy,
    parkAtStart,
    parkInTheMiddle,
    cancelBefore,
    cancelDuring,
    cancelAfter,
    cancelWhileAway,
    cancelShared,
    restartClosed,
    restartCutOff,
    restartFromDisk,
    crashBeforeRecord,
    crashAfterRecord,
    lostAnswer,
    capacityRefused,
    kindApplied,
    driftRepaired,
    driftReported,
    driftUnreported,
    removedWhileShared,
    capacityExhausted,
    bindingsFull,
    limitsChange,
    endpointGone,
    secondWriter,
    nodeReboots,
    lockOutRefused,
    claimsSurvive,
    certificateRenewed,
    certificateInterrupted,
    certificateDrift,
];
