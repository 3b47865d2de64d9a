import { CheckerSet } from "../checker-set.js";
import { AbsenceIsTrue } from "./absence-is-true.js";
import { AcknowledgedSurvives } from "./acknowledged-survives.js";
import { CalmIsCheap } from "./calm-is-cheap.js";
import { CalmSettles } from "./calm-settles.js";
import { CommittedIsTrue } from "./committed-is-true.js";
import { CompletedIsTrue } from "./completed-is-true.js";
import { IdentityIsKept } from "./identity-is-kept.js";
import { IdleIsEmpty } from "./idle-is-empty.js";
import { ImageIsWhole } from "./image-is-whole.js";
import { ItemHistories } from "./item-history.js";
import { LostNodeDelaysNobody } from "./lost-node-delays-nobody.js";
import { OnePassPerNode } from "./one-pass-per-node.js";
import { OthersAreUntouched } from "./others-are-untouched.js";
import { RequestsArePaced } from "./requests-are-paced.js";
import { RollbackRestores } from "./rollback-restores.js";
import { RunsAreFinal } from "./runs-are-final.js";
import { SecretsStay } from "./secrets-stay.js";
import { SlotsAreOwnedOnce } from "./slots-are-owned-once.js";
import { WritesAreExplained } from "./writes-are-explained.js";
import { WritesFit } from "./writes-fit.js";

/** All checkers, in the order in which they look. */
export function allCheckers(): CheckerSet {
    const histories = new ItemHistories();
    return new CheckerSet([
        new CommittedIsTrue(histories), // keeps the histories for those after it
        new AbsenceIsTrue(histories),
        new CompletedIsTrue(histories),
        new WritesAreExplained(),
        new OthersAreUntouched(),
        new SecretsStay(),
        new WritesFit(),
        new IdentityIsKept(),
        new OnePassPerNode(),
        new RunsAreFinal(),
        new RollbackRestores(),
        new AcknowledgedSurvives(),
        new SlotsAreOwnedOnce(),
        new RequestsArePaced(),
        new ImageIsWhole(),
        new IdleIsEmpty(),
        new CalmSettles(),
        new CalmIsCheap(),
        new LostNodeDelaysNobody(),
    ]);
}
