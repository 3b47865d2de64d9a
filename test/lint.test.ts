/**
 * Goal: each import boundary and each ban of DESIGN section 1 is refused by the configuration that `npm run lint` uses.
 * Method: lint small texts as if they stood in a file of each layer. Rules that need types are off, because the files do not
 * exist; they are tested at the end, on this file.
 */
import { ESLint } from "eslint";
import tseslint from "typescript-eslint";
import { describe, expect, it } from "vitest";

const untyped = new ESLint({ overrideConfig: [{ files: ["**/*.ts"], ...tseslint.configs.disableTypeChecked }] });

/** Rules that refuse `text` in `filePath`. */
async function refusals(filePath: string, text: string, eslint = untyped): Promise<string[]> {
    const [result] = await eslint.lintText(`${text}\n`, { filePath });
    return (result?.messages ?? []).map(message => message.ruleId ?? `no rule: ${message.message}`);
}

const PURE_FILE = "src/core/example.ts";

describe("import boundaries", () => {
    const LAYERS = "selvage/layers";

    it.each([
        ["src/core/a.ts", "../kinds/b.js"],
        ["src/core/a.ts", "../tasks/b.js"],
        ["src/core/a.ts", "../jfds/b.js"],
        ["src/core/a.ts", "../runtime/b.js"],
        ["src/core/deep/a.ts", "../../runtime/b.js"],
        ["src/core/a.ts", "../index.js"],
        ["src/core/a.ts", "../../sim/b.js"],
        ["src/kinds/a.ts", "../tasks/b.js"],
        ["src/kinds/a.ts", "../runtime/b.js"],
        ["src/tasks/a.ts", "../jfds/b.js"],
        ["src/tasks/a.ts", "../matter/b.js"],
        ["src/jfds/a.ts", "../runtime/b.js"],
        ["src/runtime/a.ts", "../matter/b.js"],
        ["src/runtime/a.ts", "../../sim/b.js"],
        ["src/runtime/a.ts", "@matter/main"],
        ["src/index.ts", "./matter/b.js"],
        ["src/index.ts", "../sim/b.js"],
        ["src/matter/a.ts", "../../sim/b.js"],
        ["src/matter/a.ts", "../cli/b.js"],
        ["sim/a.ts", "../src/runtime/b.js"],
        ["sim/a.ts", "../src/matter/b.js"],
        ["sim/a.ts", "./stack/b.js"],
        ["sim/a.ts", "@matter/main"],
        ["sim/devices/a.ts", "../../src/runtime/b.js"],
        ["sim/devices/a.ts", "../stack/b.js"],
        ["sim/stack/a.ts", "../../scenarios/b.js"],
        ["scenarios/a.ts", "../properties/b.js"],
        ["scenarios/a.ts", "../src/cli/b.js"],
        ["conformance/a.ts", "../src/cli/b.js"],
        ["properties/a.ts", "../src/cli/b.js"],
        ["properties/a.ts", "../bench/b.js"],
        ["properties/a.ts", "typescript"],
        ["src/matter/a.ts", "fast-check"],
        ["src/matter/a.ts", "@matter/undeclared"],
        ["src/core/a.test.ts", "../cli/b.js"],
        ["src/cli/a.ts", "./b.test.js"],
        ["src/cli/a.ts", "vitest"],
        ["src/newcomer/a.ts", "./b.js"],
        ["src/cli/a.ts", "../newcomer/b.js"],
        ...["core", "kinds", "tasks", "jfds"].flatMap(pure =>
            ["fast-check", "@matter/main", "node:fs", "node:crypto", "fs", "selvage"].map(name => [`src/${pure}/a.ts`, name]),
        ),
    ] as [string, string][])("refuse that %s imports %s", async (file, specifier) => {
        expect(await refusals(file, `export { b } from "${specifier}";`)).toContain(LAYERS);
    });

    it.each([
        `import { b } from "../runtime/b.js"; b();`,
        `import type { B } from "../runtime/b.js"; export type C = B;`,
        `export * from "../runtime/b.js";`,
        `export type C = import("../runtime/b.js").B;`,
        `export const b = import("../runtime/b.js");`,
        `import "../runtime/b.js";`,
        `import b = require("../runtime/b.js"); b();`,
    ])("refuse every form of import: %s", async text => {
        expect(await refusals(PURE_FILE, text)).toContain(LAYERS);
    });

    it.each([
        ["src/core/a.ts", "./b.js"],
        ["src/core/deep/a.ts", "../b.js"],
        ["src/kinds/a.ts", "../core/b.js"],
        ["src/tasks/a.ts", "../kinds/b.js"],
        ["src/jfds/a.ts", "../tasks/b.js"],
        ["src/runtime/a.ts", "../core/b.js"],
        ["src/runtime/a.ts", "node:fs/promises"],
        ["src/index.ts", "./runtime/b.js"],
        ["src/matter/a.ts", "../runtime/b.js"],
        ["src/matter/a.ts", "@matter/main/clusters"],
        ["sim/a.ts", "../src/core/b.js"],
        ["sim/a.ts", "fast-check"],
        ["sim/devices/a.ts", "../b.js"],
        ["sim/stack/a.ts", "../../src/matter/b.js"],
        ["sim/stack/a.ts", "../a.js"],
        ["scenarios/a.ts", "../sim/stack/b.js"],
        ["conformance/a.ts", "../src/jfds/b.js"],
        ["properties/a.ts", "../scenarios/b.js"],
        ["src/cli/a.ts", "../../properties/b.js"],
        ["bench/a.ts", "../src/cli/b.js"],
        ["test/a.test.ts", "../src/cli/b.js"],
        ["src/core/a.test.ts", "vitest"],
        ["src/kinds/a.test.ts", "../../sim/devices/b.js"],
    ])("allow that %s imports %s", async (file, specifier) => {
        expect(await refusals(file, `export { b } from "${specifier}";`)).toEqual([]);
    });
});

describe("pure layers", () => {
    const PURITY = ["selvage/pure-globals", "no-restricted-syntax"];
    const IMPURE = [
        "export async function f() {}",
        "export const f = async () => {};",
        "export class C { async m() {} }",
        "export async function* f() {}",
        "await f(); export function f() {}",
        "export const p = Promise.resolve();",
        "export type P = Promise<void>;",
        "export type P = AsyncIterable<number>;",
        "export const t = setTimeout(() => 0, 1);",
        "setInterval(() => 0, 1);",
        "setImmediate(() => 0);",
        "queueMicrotask(() => 0);",
        "export const d = Date.now();",
        "export const d = new Date();",
        "export type D = Date;",
        "export const d = performance.now();",
        "export const d = Temporal.Now.instant();",
        "export const r = Math.random();",
        "export const { random } = Math;",
        "export const r = Math['random']();",
        "export const s = Math.sin(1);",
        "export const c = crypto.getRandomValues(new Uint8Array(1));",
        "console.log(1);",
        "export const e = process.env;",
        "export type E = typeof process.env;",
        "export const b = Buffer.from([]);",
        "export type B = Buffer;",
        "export const g = globalThis;",
        "export const w = window;",
        "export const f = fetch;",
        "export const r = new WeakRef({});",
        "export const e = eval('1');",
        "export const u = import.meta.url;",
        "export const m = import('./other.js');",
        "export const l = 'a'.localeCompare('b');",
        "export let counter = 0;",
        "let counter = 0; export const next = () => counter++;",
        "throw new Error('no code');",
    ];

    it.each(IMPURE)("refuse: %s", async text => {
        for (const layer of ["core", "kinds", "tasks", "jfds"]) {
            const rules = await refusals(`src/${layer}/example.ts`, text);
            expect(rules.filter(rule => PURITY.includes(rule))).not.toEqual([]);
        }
    });

    it("leave room for everything that is a function of its inputs", async () => {
        const text = `
            import type { Id } from "./ids.js";
            /** Own names may be those of globals. */
            export function* step(performance: readonly number[], ids: ReadonlyMap<Id, Uint8Array>): Generator<bigint, void> {
                const crypto = Math.max(...performance, Math.trunc(1.5));
                for (const [id] of ids) yield BigInt(crypto) + BigInt(String(id).length);
                const unset: string | undefined = undefined;
                if (Number.isNaN(crypto)) throw new RangeError(JSON.stringify(unset));
            }
        `;
        expect(await refusals(PURE_FILE, text)).toEqual([]);
    });

    it("let their tests do what tests do", async () => {
        expect(await refusals("src/core/example.test.ts", "export const f = async () => setTimeout(() => 0, Date.now());")).toEqual([]);
    });

    it("let ports speak of promises, but hold types only", async () => {
        const file = "src/core/ports.ts";
        expect(await refusals(file, "export interface Store { close(): Promise<void> }")).toEqual([]);
        expect(await refusals(file, "export const limit = 1;")).toEqual(["no-restricted-syntax"]);
        expect(await refusals(file, "export function f() {}")).toEqual(["no-restricted-syntax"]);
        expect(await refusals(file, "export interface Store { opened: Date }")).toEqual(["selvage/pure-globals"]);
        expect(await refusals(PURE_FILE, "export interface Store { close(): Promise<void> }")).toEqual(["selvage/pure-globals"]);
    });

    it("cannot excuse themselves in a comment", async () => {
        const excuse = "// eslint-disable-next-line selvage/pure-globals -- just this once\nexport const d = Date.now();";
        expect(await refusals(PURE_FILE, excuse)).toContain("comments/no-restricted-disable");
        expect(await refusals(PURE_FILE, "/* eslint-disable */\nexport const d = Date.now();")).toContain("comments/no-unlimited-disable");
    });
});

describe("the model world", () => {
    it.each(["Date.now()", "new Date()", "performance.now()", "Math.random()", "setTimeout(() => 0, 1)", "crypto.randomUUID()"])(
        "refuses %s, which the seed does not decide",
        async expression => {
            const refused = [expect.stringMatching(/^no-restricted-(globals|properties)$/)];
            expect(await refusals("sim/example.ts", `export const x = ${expression};`)).toEqual(refused);
            expect(await refusals("sim/devices/example.ts", `export const x = ${expression};`)).toEqual(refused);
            expect(await refusals("sim/stack/example.ts", `export const x = ${expression};`)).toEqual([]);
        },
    );
});

describe("house rules", () => {
    const lines = (count: number, line: (index: number) => string) => Array.from({ length: count }, (_, i) => line(i)).join("\n");
    const functionOf = (count: number) => `export function f(list: number[]) {\n${lines(count - 2, () => "    list.pop();")}\n}`;
    const fileOf = (count: number) => lines(count, i => `export const x${i} = ${i};`);

    it.each([
        ["max-lines", "src/core/a.ts", fileOf(401)],
        ["max-lines-per-function", "src/core/a.ts", functionOf(61)],
        ["no-console", "src/runtime/a.ts", "console.log(1);"],
        ["no-console", "sim/a.ts", "console.log(1);"],
        ["no-restricted-syntax", "src/runtime/a.ts", "export default 1;"],
        ["no-restricted-syntax", "sim/a.ts", "export default 1;"],
        ["no-restricted-syntax", "src/runtime/a.ts", "throw new Error('no code');"],
        ["@typescript-eslint/no-explicit-any", "src/matter/a.ts", "export type A = any;"],
        ["comments/require-description", "src/matter/a.ts", "// eslint-disable-next-line @typescript-eslint/no-explicit-any\nexport type A = any;"],
        ["no-restricted-syntax", "test/a.test.ts", "it.skip('x', () => {});"],
        ["no-restricted-syntax", "src/core/a.test.ts", "describe.only('x', () => {});"],
        ["no-restricted-syntax", "sim/a.test.ts", "it.only.each([1])('x', () => {});"],
        ["no-restricted-syntax", "sim/a.test.ts", "it.todo('x');"],
        ["no-restricted-syntax", "sim/a.test.ts", "it('x', { skip: true }, () => {});"],
    ])("%s is refused in %s", async (rule, file, text) => {
        expect(await refusals(file, text)).toContain(rule);
    });

    it.each([
        ["src/core/a.ts", fileOf(400)],
        ["src/core/a.ts", `${fileOf(399)}\n\n// Why.\n\n`],
        ["src/core/a.ts", functionOf(60)],
        ["src/core/a.test.ts", functionOf(61)],
        ["src/cli/a.ts", "console.log(1);"],
        ["src/runtime/a.ts", "export const first = (list: string[]) => list[0]!;"],
        [
            "src/matter/a.ts",
            "// eslint-disable-next-line @typescript-eslint/no-explicit-any -- matter.js types this so\nexport type A = any;",
        ],
        ["test/a.test.ts", "it('x', () => {});"],
    ])("in %s is allowed what keeps them", async (file, text) => {
        expect(await refusals(file, text)).toEqual([]);
    });
});

describe("typed rules", () => {
    const typed = new ESLint();

    it.each([
        ["@typescript-eslint/no-floating-promises", "export function f(p: Promise<void>) { p; }"],
        ["@typescript-eslint/no-misused-promises", "export function f(p: Promise<void>) { if (p) return; }"],
        ["@typescript-eslint/switch-exhaustiveness-check", "export function f(x: 'a' | 'b') { switch (x) { case 'a': return; } }"],
        ["@typescript-eslint/no-unsafe-return", "export function f(text: string): number { return JSON.parse(text); }"],
    ])("%s is in force", async (rule, text) => {
        expect(await refusals("test/lint.test.ts", text, typed)).toContain(rule);
    });
});
