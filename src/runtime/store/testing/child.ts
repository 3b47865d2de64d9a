import { spawn, type ChildProcess } from "node:child_process";
import { dirname } from "node:path";

/** A child process whose output lines are at hand. */
export interface Child {
    readonly lines: readonly string[];
    /** Resolves when the first line is there. @throws Error when the child ends without one. */
    readonly started: Promise<void>;
    /** SIGKILL; resolves when it is dead and all that it printed is in `lines`. */
    kill(): Promise<void>;
}

/** Run a script in a Node of its own. */
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
