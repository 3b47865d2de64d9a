/**
 * Goal: what is published works where it is installed, and not only here. Method: pack it, install the tarball in an empty
 * project, first without and then with matter.js, import every entry point, compile against its types, and run each command.
 */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ENTRY_POINTS, MANIFEST, PENDING, ROOT } from "./package.js";

const INSTALL_TIMEOUT_MS = 180_000;
const NPM_INSTALL = ["install", "--prefer-offline", "--ignore-scripts", "--no-audit", "--no-fund", "--no-package-lock"];

/** Needs matter.js, by its nature; everything else must do without. */
const NEEDS_MATTER = "./matter";

const entryPoints = ENTRY_POINTS.filter(({ path }) => !PENDING.includes(path));
const plain = entryPoints.filter(({ path }) => path !== NEEDS_MATTER);
const commands = PENDING.includes("bin") ? [] : Object.keys(MANIFEST.bin);

let project = "";
let packed: string[] = [];

beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), "selvage-pack-"));
    // The build has run already; packing must not build again under the feet of tests that use dist/.
    const output = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", project], ROOT);
    const [tarball] = JSON.parse(output) as { filename: string; files: { path: string }[] }[];
    packed = tarball!.files.map(file => file.path);
    writeFileSync(join(project, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
    run("npm", [...NPM_INSTALL, join(project, tarball!.filename)]);
}, INSTALL_TIMEOUT_MS);

afterAll(() => rmSync(project, { recursive: true, force: true }));

function run(command: string, args: readonly string[], cwd = project): string {
    return execFileSync(command, args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
}

/** The exported names of a module, as a process in the consumer's project sees them. */
function importedNames(specifier: string): string[] {
    const program = `console.log(JSON.stringify(Object.keys(await import(${JSON.stringify(specifier)}))))`;
    return JSON.parse(run(process.execPath, ["--input-type=module", "-e", program])) as string[];
}

describe("the package", () => {
    it("holds the build, the documents and no tests", () => {
        expect(packed).toEqual(expect.arrayContaining(["package.json", "README.md", "CHANGELOG.md", "LICENSE"]));
        const documents = /^(package\.json|README\.md|CHANGELOG\.md|LICENSE)$/;
        expect(packed.filter(path => !path.startsWith("dist/") && !documents.test(path))).toEqual([]);
        expect(packed.filter(path => /\.test\.|^dist\/(test|bench)\//.test(path))).toEqual([]);
    });

    it("is this version", () => {
        const installed = JSON.parse(readFileSync(join(project, "node_modules", MANIFEST.name, "package.json"), "utf8")) as unknown;
        expect(installed).toMatchObject({ name: MANIFEST.name, version: MANIFEST.version });
    });

    it("lacks only the entry points and commands that are known to be missing", () => {
        const present = Object.values(MANIFEST.bin).filter(path => existsSync(join(ROOT, path)));
        expect(present.length, `a command has arrived: take "bin" out of PENDING in test/package.ts`).toBe(commands.length);
    });
});

describe("without matter.js", () => {
    it("does not bring it along", () => {
        expect(existsSync(join(project, "node_modules/@matter"))).toBe(false);
    });

    // Loops, since the lists may be empty for the moment and a suite without tests is an error.
    it("lets every other entry point be imported", () => {
        for (const { specifier } of plain) expect(importedNames(specifier), specifier).not.toEqual([]);
    });

    it("runs each command as far as --help", () => {
        for (const command of commands) {
            expect(run(join(project, "node_modules/.bin", command), ["--help"])).toMatch(new RegExp(`usage.*${command}`, "is"));
        }
    });

    it("keeps what exports does not name to itself", () => {
        expect(() => importedNames(`${MANIFEST.name}/dist/src/core/ids.js`)).toThrow(/ERR_PACKAGE_PATH_NOT_EXPORTED/);
    });
});

describe("with matter.js", () => {
    beforeAll(() => {
        const peers = ["@matter/main", "@matter/nodejs"].map(name => `${name}@${MANIFEST.peerDependencies[name]}`);
        run("npm", [...NPM_INSTALL, ...peers]);
    }, INSTALL_TIMEOUT_MS);

    it("lets every entry point be imported", () => {
        for (const { specifier } of entryPoints) expect(importedNames(specifier), specifier).not.toEqual([]);
    });

    it("compiles in a strict project", () => {
        const imports = entryPoints.map(({ specifier }, i) => `import * as m${i} from "${specifier}";\nexport const k${i}: object = m${i};\n`);
        writeFileSync(join(project, "use.ts"), imports.join(""));
        const compilerOptions = { module: "nodenext", target: "es2023", strict: true, noEmit: true, skipLibCheck: true, types: [] };
        writeFileSync(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files: ["use.ts"] }));
        run(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", project]);
    }, 60_000);
});
