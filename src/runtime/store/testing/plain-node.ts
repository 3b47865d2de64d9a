import { spawn, type ChildProcess } from "node:child_process";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const SOURCES = fileURLToPath(new URL("../../../", import.meta.url));
const NEEDED = ["core", "runtime/store", "runtime/store/testing"];

/**
 * The store as plain JavaScript in a directory, so that a child process starts in the time that Node needs.
 *
 * @returns the path of the child's script.
 */
export async function compileForPlainNode(target: string, script: string): Promise<string> {
    for (const folder of NEEDED) {
        await mkdir(join(target, folder), { recursive: true });
        for (const name of await readdir(join(SOURCES, folder))) {
            if (name.endsWith(".ts") && !name.endsWith(".test.ts")) {
                const source = await readFile(join(SOURCES, folder, name), "utf8");
                await writeFile(join(target, folder, name.replace(/\.ts$/, ".js")), transpile(source));
            }
        }
    }
    await writeFile(join(target, "package.json"), '{ "type": "module" }');
    return join(target, "runtime/store/testing", script);
}

function transpile(source: string): string {
    return ts.transpileModule(source, {
        compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2023, verbatimModuleSyntax: true },
    }).outputText;
}

/** A child process whose output lines are at hand. */
export interface Child {
    readonly lines: readonly string[];
    /** Resolves when the first line is there. @throws Error when the child ends without one. */
    readonly started: Promise<void>;
    /** SIGKILL; resolves when it is dead and all that it printed is in `lines`. */
    kill(): Promise<void>;
}

export function startChild(script: string, ...args: string[]): Child {
    const child: ChildProcess = spawn(process.execPath, [script, ...args], {
        cwd: dirname(script),
        stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let errors = "";
    const lines: string[] = [];
    const ended = new Promise<void>(resolve => child.once("close", () => resolve()));
    const started = new Promise<void>((resolve, reject) => {
        child.stdout!.on("data", (chunk: Buffer) => {
            output += chunk.toString();
            const complete = output.split("\n");
            output = complete.pop()!;
            lines.push(...complete);
            resolve();
        });
        child.stderr!.on("data", (chunk: Buffer) => (errors += chunk.toString()));
        void ended.then(() => reject(new Error(`the child ended before it began: ${errors}`)));
    });
    // A child that is killed before it begins is no failure unless somebody waits for it.
    started.catch(() => undefined);
    return {
        lines,
        started,
        async kill() {
            child.kill("SIGKILL");
            await ended;
        },
    };
}
