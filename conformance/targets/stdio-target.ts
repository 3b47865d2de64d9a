import { AdapterError } from "../stdio/adapter-error.js";
import { LineClient } from "../stdio/line-client.js";
import { PROTOCOL, sessionMethods } from "../stdio/methods.js";
import { capabilities as known, type Capability, type Session, type Setup, type Target } from "../target.js";
import { isFields, type Value } from "../values.js";

/** A server behind a program that speaks the adapter protocol (`conformance/protocol`), in any language. */
export class StdioTarget implements Target {
    private constructor(
        private readonly client: LineClient,
        readonly name: string,
        readonly capabilities: ReadonlySet<Capability>,
        readonly cleanUpPeriodMs: number,
    ) {}

    /** @throws AdapterError */
    static async start(command: string): Promise<StdioTarget> {
        const client = new LineClient(command);
        const hello = await client.request("hello", { protocol: PROTOCOL });
        if (!isFields(hello) || typeof hello["name"] !== "string" || !Array.isArray(hello["capabilities"]) || typeof hello["cleanUpPeriodMs"] !== "number") {
            await client.close();
            throw new AdapterError("PROTOCOL", 'The answer to "hello" needs name, capabilities and cleanUpPeriodMs.');
        }
        const declared = hello["capabilities"] as readonly string[];
        const unknown = declared.filter(capability => !(capability in known));
        if (unknown.length > 0) {
            await client.close();
            throw new AdapterError("PROTOCOL", `There is no capability ${unknown.join(", ")}. Known: ${Object.keys(known).join(", ")}.`);
        }
        return new StdioTarget(client, hello["name"], new Set(declared as readonly Capability[]), hello["cleanUpPeriodMs"]);
    }

    async open(setup: Setup): Promise<Session> {
        await this.client.request("open", { setup: { ...setup } });
        const ask = (method: string, names: readonly string[]) => (given: readonly Value[]) => {
            const params = Object.fromEntries(names.flatMap((name, at) => (given[at] === undefined ? [] : [[name, given[at]]])));
            return this.client.request(method, params);
        };
        const methods = Object.entries(sessionMethods).map(([method, names]) => {
            const request = ask(method, names);
            return [method, (...given: readonly Value[]) => request(given)] as const;
        });
        const close = async () => {
            await this.client.request("close", {});
        };
        return { ...Object.fromEntries(methods), close } as unknown as Session;
    }

    close(): Promise<void> {
        return this.client.close();
    }
}
