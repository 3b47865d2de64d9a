import { createInterface } from "node:readline";
import type { Session, Setup, Target } from "../target.js";
import { fromJson, toJson, type Fields, type Value } from "../values.js";
import { AdapterError } from "./adapter-error.js";
import { PROTOCOL, sessionMethods } from "./methods.js";

/** The other side of the adapter protocol: serves a target of this process to whoever writes requests, until the input ends. */
export async function serveTarget(target: Target, input: NodeJS.ReadableStream, write: (line: string) => void): Promise<void> {
    const adapter = new Adapter(target);
    for await (const line of createInterface({ input })) {
        const { id, method, params } = JSON.parse(line) as { readonly id: number; readonly method: string; readonly params: unknown };
        try {
            const result = await adapter.answer(method, fromJson(params) as Fields);
            write(`${JSON.stringify({ id, result: toJson(result) ?? null })}\n`);
        } catch (error) {
            write(`${JSON.stringify({ id, error: { message: error instanceof Error ? error.message : String(error) } })}\n`);
        }
    }
    await target.close();
}

class Adapter {
    #session: Session | undefined;

    constructor(private readonly target: Target) {}

    async answer(method: string, params: Fields): Promise<Value> {
        switch (method) {
            case "hello":
                return this.#hello(params["protocol"]);
            case "open":
                await this.#session?.close();
                this.#session = await this.target.open(params["setup"] as unknown as Setup);
                return null;
            case "close":
                await this.#session?.close();
                this.#session = undefined;
                return null;
            default:
                return this.#ask(method, params);
        }
    }

    #hello(protocol: Value): Fields {
        if (protocol !== PROTOCOL) {
            throw new AdapterError("PROTOCOL", `this adapter speaks protocol ${PROTOCOL}`);
        }
        const { name, capabilities, cleanUpPeriodMs } = this.target;
        return { name, capabilities: [...capabilities], cleanUpPeriodMs };
    }

    async #ask(method: string, params: Fields): Promise<Value> {
        const names = sessionMethods[method as keyof typeof sessionMethods] as readonly string[] | undefined;
        if (names === undefined || this.#session === undefined) {
            throw new AdapterError("PROTOCOL", names === undefined ? `there is no method ${method}` : "open comes first");
        }
        const session = this.#session as unknown as Record<string, (...given: readonly Value[]) => Promise<Value>>;
        return session[method]!(...names.map(name => (name === "fault" ? unbounded(params[name] as Fields) : params[name])));
    }
}

/** JSON has no Infinity: "until cleared" is null. */
function unbounded(fault: Fields): Fields {
    return fault["times"] === null ? { ...fault, times: Infinity } : fault;
}
