/**
 * Which part of the tree may import which: the one table behind the rule `selvage/layers`.
 *
 * Imports go one way. A folder that is not listed belongs nowhere, and every file in it is refused, so that a new folder
 * gets its place decided here rather than by accident.
 */

/** Layers that are functions of their inputs and nothing else; see `pure-globals.js`. */
export const PURE = ["core", "kinds", "tasks", "jfds"];

const PRODUCTION = [...PURE, "runtime", "sim", "matter"];

/**
 * Per layer: `path` matches its files, `imports` names the layers it may import besides itself, `packages` the packages and
 * built-in modules. The first match wins.
 */
export const LAYERS = [
    { name: "core", path: /^src\/core\//, imports: [], packages: [] },
    { name: "kinds", path: /^src\/kinds\//, imports: ["core"], packages: [] },
    { name: "tasks", path: /^src\/tasks\//, imports: ["core", "kinds"], packages: [] },
    { name: "jfds", path: /^src\/jfds\//, imports: ["core", "kinds", "tasks"], packages: [] },
    { name: "runtime", path: /^src\/runtime\//, imports: PURE, packages: ["node:", "dependencies"] },
    { name: "matter", path: /^src\/matter\//, imports: [...PURE, "runtime"], packages: ["node:", "@matter/"] },
    { name: "entry", path: /^src\/index\.ts$/, imports: [...PURE, "runtime"], packages: [] },
    { name: "cli", path: /^src\/cli\//, imports: "all", packages: ["node:", "dependencies"] },
    { name: "stack", path: /^sim\/stack\//, imports: PRODUCTION, packages: ["node:", "@matter/", "dependencies"] },
    { name: "sim", path: /^sim\//, imports: PURE, packages: ["node:", "dependencies"] },
    {
        name: "scenarios",
        path: /^scenarios\//,
        imports: [...PRODUCTION, "entry", "stack"],
        packages: ["node:", "@matter/", "dependencies"],
    },
    {
        name: "conformance",
        path: /^conformance\//,
        imports: [...PRODUCTION, "entry", "stack", "scenarios"],
        packages: ["node:", "@matter/", "dependencies"],
    },
    {
        name: "properties",
        path: /^properties\//,
        imports: [...PRODUCTION, "entry", "stack", "scenarios", "conformance"],
        packages: ["node:", "dependencies"],
    },
    { name: "bench", path: /^bench\//, imports: "all", packages: ["any"] },
    { name: "test", path: /^test\//, imports: "all", packages: ["any"] },
];

/** Layers that nothing imports: the outermost ones. */
export const OUTERMOST = ["cli", "bench", "test"];

/** Tests: they may look anywhere below the command line, and nothing may import them. */
export const TEST_FILE = /\.test\.ts$/;

/** Files that run from a checkout only and may therefore use development dependencies. */
export const CHECKOUT_ONLY = [/^properties\/mutant-loader.*\.ts$/];

/**
 * The layer of a file.
 *
 * @param {string} path path below the repository root, with forward slashes
 */
export function layerOf(path) {
    return LAYERS.find(layer => layer.path.test(path));
}
