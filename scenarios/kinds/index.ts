/** The kinds that every story about kinds is told of. */
import { groupCases } from "./group-cases.js";
import { listCases } from "./list-cases.js";
import type { KindCase } from "./kind-case.js";

export const kindCases: readonly KindCase[] = [...groupCases, ...listCases];
