import { KeyMaterial } from "../core/key-material.js";
import { RuntimeLimits } from "./runtime-limits.js";
import { SelvageError, type SelvageErrorCode } from "./selvage-error.js";

/**
 * A copy of what a caller gave, so that later changes of it change nothing here. Plain data is what stores can keep: numbers, bigints,
 * texts, booleans, null, undefined, `Uint8Array`, `KeyMaterial`, and arrays and plain objects of these.
 *
 * @throws SelvageError of the given code for anything else.
 */
export function copyOf(what: string, value: unknown, code: SelvageErrorCode): unknown {
    let values = 0;
    const refuse = (why: string) => new SelvageError(code, `${what} ${why}: give plain data (numbers, bigints, texts, booleans, null, Uint8Array, arrays, objects)`);
    const copy = (original: unknown, depth: number): unknown => {
        if (++values > RuntimeLimits.dataValues) {
            throw refuse(`must not hold more than ${RuntimeLimits.dataValues} values`);
        }
        if (typeof original === "function" || typeof original === "symbol") {
            throw refuse(`must not hold a ${typeof original}`);
        }
        if (typeof original !== "object" || original === null || original instanceof KeyMaterial) {
            return original;
        }
        if (depth > RuntimeLimits.dataDepth) {
            throw refuse(`must not be nested deeper than ${RuntimeLimits.dataDepth}, or in itself`);
        }
        if (Array.isArray(original)) {
            return Array.from(original, element => copy(element, depth + 1));
        }
        if (original instanceof Uint8Array) {
            return new Uint8Array(original);
        }
        const prototype: unknown = Object.getPrototypeOf(original);
        if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
            throw refuse("must not hold an instance of a class");
        }
        return Object.fromEntries(Object.entries(original).map(([name, field]) => [name, copy(field, depth + 1)]));
    };
    return copy(value, 0);
}
