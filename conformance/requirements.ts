import { requirementsOfData } from "./requirements-of-data.js";
import { requirementsOfNodes } from "./requirements-of-nodes.js";

/** M: explicit in the specification. D: follows from another rule of it. P: the specification is silent or contradicts itself, and the suite has a default. */
export type Grade = "M" | "D" | "P";

export interface Requirement {
    readonly id: string;
    readonly grade: Grade;
    /** Section of the core specification that it rests on, or "derived". */
    readonly section: string;
    readonly text: string;
}

/** Everything that the suite knows a datastore must do (core section 11.24 of Matter 1.6). */
export const requirements: readonly Requirement[] = [...requirementsOfData, ...requirementsOfNodes];
