import type { Bed } from "./bed.js";
import { requirements, type Grade } from "./requirements.js";
import type { Capability, Setup } from "./target.js";
import type { FixtureName } from "./fixtures.js";

/** MUST: explicit in the specification (M) or following from it (D). MAY: the specification is silent, the suite has a default (P). */
export type Level = "MUST" | "MAY";

/** What a section's file writes down for each case. */
export interface CaseText {
    /** Number within the section's abbreviation, stable for ever; numbers from 50 on are the suite's own. */
    readonly n: number;
    /** Ids of the requirements that the case is evidence for. */
    readonly reqs: readonly string[];
    /** What must hold, in one sentence. */
    readonly must: string;
    readonly fixture: FixtureName;
    /** What is done. */
    readonly when: string;
    /** What is then so. */
    readonly then: string;
    /** Beyond what the fixture needs. */
    readonly needs?: readonly Capability[];
    readonly setup?: Partial<Setup>;
    /** Section of the specification, where the file covers several. */
    readonly section?: string;
    readonly run: (bed: Bed) => Promise<void>;
}

export interface ConformanceCase extends Omit<CaseText, "n" | "section"> {
    /** By section of the specification: `JFDS/11.24.7.3/2`. */
    readonly id: string;
    /** `JFDS-RKS-02` */
    readonly alias: string;
    readonly level: Level;
    readonly section: string;
}

/** The cases of one section. */
export function section(number: string, abbreviation: string, cases: readonly CaseText[]): readonly ConformanceCase[] {
    return cases.map(({ n, section: own = number, ...text }) => ({
        ...text,
        id: `JFDS/${own}/${n}`,
        alias: `JFDS-${abbreviation}-${String(n).padStart(2, "0")}`,
        section: own,
        level: text.reqs.some(id => gradeOf(id) !== "P") ? "MUST" : "MAY",
    }));
}

function gradeOf(id: string): Grade {
    const requirement = requirements.find(each => each.id === id);
    if (requirement === undefined) {
        throw new RangeError(`there is no requirement ${id}`);
    }
    return requirement.grade;
}
