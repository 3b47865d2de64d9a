import { Diagnostic } from "@matter/general";
import { type DecodedInvokeResult, Invoke } from "@matter/protocol";
import { EndpointNumber } from "@matter/types";
import type { DeviceAnswer, DeviceFields, InvokeRequest } from "../core/device.js";
import type { PreparedRequest } from "./interaction.js";
import { statusAnswer, unknown } from "./outcome.js";
import { type CommandSchema, requireCommand } from "./schema.js";
import { fromMatter, toMatter } from "./values.js";

/**
 * Any command that the specification defines, by its number. Fields are validated against its model before anything is sent.
 * @throws StatusResponseError with the status of an invalid request.
 */
export function prepareInvoke(request: InvokeRequest, network: string | undefined): PreparedRequest {
    const schema = requireCommand(request.cluster, request.command);
    const invoke = {
        ...Invoke({
            commands: [
                Invoke.ConcreteCommandRequest<never>({
                    endpoint: EndpointNumber(request.endpoint),
                    cluster: schema.cluster as never,
                    command: schema.command,
                    fields: fieldsOf(schema, request.fields),
                }),
            ],
        }),
        network,
        // A command of its own message: its fate must not depend on another command's.
        batchDuration: false as const,
        // matter.js logs the fields of every command at level info; these hold epoch keys.
        [Diagnostic.value]: () => `${schema.cluster.name}.${schema.command.name} (fields withheld)`,
    };
    return {
        async perform({ interaction, session }) {
            return answerOfInvoke(schema, interaction.invoke(invoke, session));
        },
    };
}

/** matter.js wants nothing, rather than an empty structure, for a command without fields. */
function fieldsOf({ command }: CommandSchema, fields: DeviceFields): unknown {
    const converted = toMatter(command.schema, fields);
    return command.schema.properties.length === 0 ? undefined : converted;
}

async function answerOfInvoke(schema: CommandSchema, result: DecodedInvokeResult): Promise<DeviceAnswer> {
    let answer: DeviceAnswer | undefined;
    for await (const chunk of result) {
        for (const entry of chunk) {
            answer =
                entry.kind === "cmd-status"
                    ? statusAnswer(entry.status, entry.clusterStatus)
                    : { kind: "response", fields: responseFields(schema, entry.data) };
        }
    }
    return answer ?? unknown("the response named no command");
}

function responseFields(schema: CommandSchema, data: unknown): DeviceFields {
    return schema.response === undefined || data === undefined ? {} : (fromMatter(schema.response, data) as DeviceFields);
}
