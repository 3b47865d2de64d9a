import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fromJson, toJson, type Fields, type Value } from "../values.js";
import { AdapterError } from "./adapter-error.js";

interface Waiting {
    readonly resolve: (value: Value) => void;
    readonly reject: (error: AdapterError) => void;
}

/** Requests to a program, one JSON object a line on its stdin, answered on its stdout in any order. Its stderr is ours. */
export class LineClient {
    readonly #child: ChildProcess;
    readonly #waiting = new Map<number, Waiting>();
    #requests = 0;
    #end: AdapterError | undefined;

    /** @param command as a shell understands it */
    constructor(command: string) {
        this.#child = spawn(command, { shell: true, stdio: ["pipe", "pipe", "inherit"] });
        createInterface({ input: this.#child.stdout! }).on("line", line => this.#heard(line));
        this.#child.on("error", error => this.#ended(new AdapterError("NOT_STARTED", `${command}: ${error.message}`)));
        this.#child.on("close", code => this.#ended(new AdapterError("ENDED", `The adapter ended with code ${code ?? "none"}.`)));
        // A write to a program that has ended is told by its end.
        this.#child.stdin!.on("error", () => {});
    }

    /** @throws AdapterError */
    request(method: string, params: Fields): Promise<Value> {
        if (this.#end !== undefined) {
            return Promise.reject(this.#end);
        }
        const id = ++this.#requests;
        return new Promise((resolve, reject) => {
            this.#waiting.set(id, { resolve, reject });
            this.#child.stdin!.write(`${JSON.stringify({ id, method, params: toJson(params) })}\n`);
        });
    }

    /** Ends the program: its input ends, and it should go; if it does not, it is told to. */
    async close(): Promise<void> {
        if (this.#end !== undefined) {
            return;
        }
        const gone = new Promise<void>(resolve => this.#child.once("close", () => resolve()));
        this.#child.stdin!.end();
        const timer = setTimeout(() => this.#child.kill(), PATIENCE_MS);
        await gone;
        clearTimeout(timer);
    }

    #heard(line: string): void {
        let message: { readonly id?: unknown; readonly result?: unknown; readonly error?: { readonly message?: unknown } };
        try {
            message = JSON.parse(line) as typeof message;
        } catch {
            this.#ended(new AdapterError("PROTOCOL", `The adapter wrote a line that is no JSON: ${line.slice(0, 200)}`));
            return;
        }
        const waiting = typeof message.id === "number" ? this.#waiting.get(message.id) : undefined;
        if (waiting === undefined) {
            this.#ended(new AdapterError("PROTOCOL", `The adapter answered what nobody asked: ${line.slice(0, 200)}`));
            return;
        }
        this.#waiting.delete(message.id as number);
        if (message.error === undefined) {
            waiting.resolve(fromJson(message.result));
        } else {
            waiting.reject(new AdapterError("REFUSED", `The adapter: ${String(message.error.message)}`));
        }
    }

    #ended(error: AdapterError): void {
        this.#end ??= error;
        for (const { reject } of this.#waiting.values()) {
            reject(this.#end);
        }
        this.#waiting.clear();
    }
}

const PATIENCE_MS = 2_000;
