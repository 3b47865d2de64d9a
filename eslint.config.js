import comments from "@eslint-community/eslint-plugin-eslint-comments";
import js from "@eslint/js";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { layersRule } from "./eslint/layers-rule.js";
import { pureGlobalsRule } from "./eslint/pure-globals-rule.js";

const TESTS = "**/*.test.ts";
const PURE_FILES = ["src/core/**/*.ts", "src/kinds/**/*.ts", "src/tasks/**/*.ts", "src/jfds/**/*.ts"];

const selvage = { rules: { layers: layersRule, "pure-globals": pureGlobalsRule } };

/** `no-restricted-syntax` is replaced, not merged, by a later block, so the lists below are put together by hand. */
const NO_DEFAULT_EXPORT = { selector: "ExportDefaultDeclaration", message: "Name the export: a default export has no name to search for." };

const NO_PLAIN_ERROR = {
    selector: "ThrowStatement > NewExpression[callee.name='Error']",
    message: "Throw a typed error with a stable code; its message says what to do next.",
};

const IMPURE_SYNTAX = [
    { selector: ":function[async=true]", message: "Pure code is synchronous; return an effect instead of waiting." },
    { selector: "AwaitExpression", message: "Pure code is synchronous; return an effect instead of waiting." },
    { selector: "ForOfStatement[await=true]", message: "Pure code is synchronous; return an effect instead of waiting." },
    { selector: "ImportExpression", message: "Pure code is loaded as a whole; import statically." },
    { selector: "MetaProperty[meta.name='import']", message: "Pure code does not know where it was loaded from." },
    {
        selector: "CallExpression[callee.property.name=/^(localeCompare|toLocale)/]",
        message: "The result depends on the machine's locale; compare code units.",
    },
    {
        selector: ":matches(Program, Program > ExportNamedDeclaration) > VariableDeclaration[kind!='const']",
        message: "State of a module is shared between machines and survives a simulated crash; keep it in the machine.",
    },
];

const TYPES_ONLY = {
    selector:
        "Program > :matches(VariableDeclaration, FunctionDeclaration, ClassDeclaration, ExpressionStatement, ExportNamedDeclaration[exportKind='value'])",
    message: "Ports are types only; what implements them lives in a shell.",
};

const NO_SKIPPED_TESTS = [
    { selector: "MemberExpression[property.name=/^(skip|only|todo)$/]", message: "A test runs or is deleted." },
    {
        selector: "CallExpression > ObjectExpression > Property[key.name=/^(skip|only|todo)$/]",
        message: "A test runs or is deleted.",
    },
];

const CLOCKS_AND_CHANCE = ["Date", "performance", "crypto", "setTimeout", "setInterval", "setImmediate", "queueMicrotask"];

export default defineConfig(
    globalIgnores(["**/dist/", "coverage/", "selvage-report/", "**/fixtures/"]),
    js.configs.recommended,
    {
        files: ["**/*.js", "**/*.mjs"],
        languageOptions: { globals: { process: "readonly", console: "readonly", URL: "readonly" } },
    },
    {
        files: ["**/*.ts"],
        extends: [tseslint.configs.recommendedTypeChecked],
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        plugins: { selvage, comments },
        linterOptions: { reportUnusedDisableDirectives: "error" },
        rules: {
            "selvage/layers": "error",
            "comments/require-description": "error",
            "comments/no-unlimited-disable": "error",
            "comments/no-restricted-disable": ["error", "selvage/*", "comments/*", "max-lines"],
            "max-lines": ["error", { max: 400, skipBlankLines: true, skipComments: true }],
            "max-lines-per-function": ["error", { max: 60, skipBlankLines: true, skipComments: true }],
            "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT],
            eqeqeq: ["error", "always", { null: "ignore" }],
            "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
            "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
            "@typescript-eslint/no-deprecated": "error",
            "@typescript-eslint/return-await": ["error", "error-handling-correctness-only"],
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true, allowBoolean: true }],
            // tsc reports these already, with the same exceptions.
            "@typescript-eslint/no-unused-vars": "off",
            // A port is a promise by contract, also where an implementation happens not to wait.
            "@typescript-eslint/require-await": "off",
            // Generators that never yield are item kinds with nothing to ask.
            "require-yield": "off",
        },
    },
    { files: ["src/**/*.ts", "sim/**/*.ts"], ignores: [TESTS, "src/cli/**"], rules: { "no-console": "error" } },
    { files: ["src/**/*.ts"], ignores: [TESTS], rules: { "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, NO_PLAIN_ERROR] } },
    {
        files: ["sim/**/*.ts"],
        ignores: [TESTS, "sim/stack/**"],
        rules: {
            "no-restricted-globals": ["error", ...CLOCKS_AND_CHANCE.map(name => ({ name, message: "The model world has its own time and seed." }))],
            "no-restricted-properties": ["error", { object: "Math", property: "random", message: "The model world has its own seed." }],
        },
    },
    {
        files: PURE_FILES,
        ignores: [TESTS],
        rules: {
            "selvage/pure-globals": "error",
            "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, NO_PLAIN_ERROR, ...IMPURE_SYNTAX],
        },
    },
    {
        files: ["src/core/ports.ts"],
        rules: {
            "selvage/pure-globals": ["error", { types: ["Promise"] }],
            "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, ...IMPURE_SYNTAX, TYPES_ONLY],
        },
    },
    {
        files: [TESTS],
        rules: {
            "max-lines-per-function": "off",
            "no-restricted-syntax": ["error", NO_DEFAULT_EXPORT, ...NO_SKIPPED_TESTS],
        },
    },
    // Configuration files are outside the TypeScript project and are read by tools that want a default export.
    { files: ["*.config.ts"], extends: [tseslint.configs.disableTypeChecked], rules: { "no-restricted-syntax": "off", "selvage/layers": "off" } },
);
