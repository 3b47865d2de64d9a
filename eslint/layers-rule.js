import { readFileSync } from "node:fs";
import { dirname, posix, relative, resolve, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { CHECKOUT_ONLY, layerOf, OUTERMOST, TEST_FILE } from "./layers.js";

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const MANIFEST = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8"));
const SHIPPED = new Set(Object.keys({ ...MANIFEST.dependencies, ...MANIFEST.peerDependencies }));

/** `selvage/layers`: imports point inwards, and shipped code imports only what is shipped with it. */
export const layersRule = {
    meta: { type: "problem", schema: [] },
    create(context) {
        const path = relative(ROOT, context.filename).split(sep).join("/");
        const layer = layerOf(path);
        if (layer === undefined) {
            return {
                Program: node =>
                    context.report({ node, message: `${path} is in no layer; give its folder a place in eslint/layers.js.` }),
            };
        }
        const importer = { path, layer, isTest: TEST_FILE.test(path) || layer.name === "test" };
        const check = source => {
            if (source?.type !== "Literal" || typeof source.value !== "string") return;
            const message = refusal(importer, source.value);
            if (message !== undefined) context.report({ node: source, message });
        };
        return {
            ImportDeclaration: node => check(node.source),
            ExportNamedDeclaration: node => check(node.source),
            ExportAllDeclaration: node => check(node.source),
            ImportExpression: node => check(node.source),
            TSImportType: node => check(node.source ?? node.argument?.literal),
            TSExternalModuleReference: node => check(node.expression),
        };
    },
};

/** Why `importer` must not import `specifier`, or undefined if it may. */
function refusal(importer, specifier) {
    return specifier.startsWith(".") ? relativeRefusal(importer, specifier) : packageRefusal(importer, specifier);
}

function relativeRefusal({ path, layer, isTest }, specifier) {
    const target = posix.join(posix.dirname(path), specifier).replace(/\.js$/, ".ts");
    if (TEST_FILE.test(target)) return "Nothing imports a test file; move what is shared into a file of its own.";
    const to = layerOf(target);
    if (to === undefined) {
        return isTest ? undefined : `${target} is in no layer; give its folder a place in eslint/layers.js.`;
    }
    if (to.name === layer.name || layer.imports === "all") return undefined;
    if (isTest && !OUTERMOST.includes(to.name)) return undefined;
    if (layer.imports.includes(to.name)) return undefined;
    return `${layer.name} must not import ${to.name}; it may import: ${layer.imports.join(", ") || "nothing outside itself"}.`;
}

function packageRefusal({ path, layer, isTest }, specifier) {
    if (isTest || layer.packages.includes("any")) return undefined;
    if (specifier.startsWith("node:")) {
        return layer.packages.includes("node:") ? undefined : `${layer.name} must not import Node's modules.`;
    }
    if (specifier.startsWith("@matter/")) {
        if (!layer.packages.includes("@matter/")) return `${layer.name} must not import matter.js; src/matter does.`;
    } else if (!layer.packages.includes("dependencies")) {
        return `${layer.name} must not import packages.`;
    }
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    if (SHIPPED.has(name) || CHECKOUT_ONLY.some(file => file.test(path))) return undefined;
    return `${name} is not among the dependencies of package.json, so it is missing where selvage is installed.`;
}
