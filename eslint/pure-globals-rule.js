/**
 * `selvage/pure-globals`: pure code uses the language and nothing around it.
 *
 * Values are held against a list of what is allowed, so that a global that nobody thought of is refused as well. Types carry
 * no behaviour; of these only the ones that announce asynchrony, clocks or Node are refused.
 */
export const pureGlobalsRule = {
    meta: {
        type: "problem",
        schema: [
            {
                type: "object",
                properties: { types: { type: "array", items: { type: "string" } } },
                additionalProperties: false,
            },
        ],
    },
    create(context) {
        const allowedTypes = new Set(context.options[0]?.types ?? []);
        const report = (node, name) =>
            context.report({ node, message: `Pure code must not use ${name}: it takes time, chance and the world as inputs.` });
        return {
            Program(node) {
                for (const reference of globalReferences(context.sourceCode.getScope(node))) {
                    const { identifier } = reference;
                    if (reference.isTypeReference) {
                        if (REFUSED_TYPES.has(identifier.name) && !allowedTypes.has(identifier.name)) {
                            report(identifier, identifier.name);
                        }
                    } else if (identifier.name === "Math") {
                        if (!isExactMath(identifier.parent)) report(identifier, mathName(identifier.parent));
                    } else if (!ALLOWED_VALUES.has(identifier.name)) {
                        report(identifier, identifier.name);
                    }
                }
            },
        };
    },
};

const ALLOWED_VALUES = new Set([
    ...["undefined", "NaN", "Infinity", "Number", "BigInt", "Boolean", "String", "Symbol", "Object", "Array", "JSON"],
    ...["Map", "Set", "WeakMap", "WeakSet", "RegExp", "Reflect", "Error", "TypeError", "RangeError"],
    ...["ArrayBuffer", "DataView", "Uint8Array", "Int8Array", "Uint16Array", "Int16Array", "Uint32Array", "Int32Array"],
    ...["BigUint64Array", "BigInt64Array", "Float64Array", "TextEncoder", "TextDecoder"],
]);

/** Functions whose result the language fixes to the last bit; the rest of Math may differ between engines. */
const EXACT_MATH = new Set(["abs", "ceil", "clz32", "floor", "imul", "max", "min", "round", "sign", "sqrt", "trunc"]);

const REFUSED_TYPES = new Set([
    ...["Promise", "PromiseLike", "Awaited", "AsyncIterable", "AsyncIterator", "AsyncGenerator", "AsyncIterableIterator"],
    ...["Date", "Buffer", "NodeJS", "Temporal"],
]);

function globalReferences(scope) {
    const implicit = scope.variables.filter(variable => variable.defs.length === 0);
    return [...scope.through, ...implicit.flatMap(variable => variable.references)];
}

function isExactMath(parent) {
    return parent.type === "MemberExpression" && !parent.computed && EXACT_MATH.has(parent.property.name);
}

function mathName(parent) {
    return parent.type === "MemberExpression" && !parent.computed ? `Math.${parent.property.name}` : "Math as a value";
}
