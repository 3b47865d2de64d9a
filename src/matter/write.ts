import { Diagnostic, MAX_UDP_MESSAGE_SIZE } from "@matter/general";
import type { AttributeModel } from "@matter/model";
import { type ExchangeProvider, InteractionClientMessenger, MATTER_MESSAGE_OVERHEAD, Write } from "@matter/protocol";
import type { ArraySchema} from "@matter/types";
import { type AttributeData, EndpointNumber, TlvOfModel, TlvWriteRequest } from "@matter/types";
import type { DeviceAnswer, StatusAnswer, WriteRequest } from "../core/device.js";
import { Status } from "../core/status.js";
import type { Conversation, PreparedRequest } from "./interaction.js";
import { statusAnswer, unknown } from "./outcome.js";
import { type AttributeSchema, requireAttribute } from "./schema.js";
import { toMatter } from "./values.js";

/** The most that a write request may take of one message (section 4.4.4: IPv6 minimum MTU). */
const MAX_WRITE_BYTES = MAX_UDP_MESSAGE_SIZE - MATTER_MESSAGE_OVERHEAD;

/**
 * One attribute. A list goes as one "replace all" in one message, conditionally when `dataVersion` is given.
 *
 * A list that does not fit in one message is written in several messages of one transaction (section 8.7.3): as many entries as fit
 * replace the list, the others are appended, *unconditionally* (each message raises the version that the next would be checked
 * against). If one of them is refused or lost, its answer is the answer, and the list is left truncated: read it back.
 * @throws StatusResponseError with the status of an invalid request.
 */
export function prepareWrite(request: WriteRequest, network: string | undefined): PreparedRequest {
    const schema = requireAttribute(request.cluster, request.attribute);
    const value = toMatter(schema.attribute.schema, request.value);
    const write = { ...singleWrite(request, schema, value), network, [Diagnostic.value]: () => describe(schema) };
    return {
        async perform({ interaction, exchanges, session }) {
            if (exchanges !== undefined && Array.isArray(value) && !fits(write)) {
                return writeChunks({ exchanges, session }, chunkedWrites(request, schema, value), network);
            }
            return answerOfStatuses(await interaction.write(write, session));
        },
    };
}

/** matter.js's interaction sends a write in one message, however large; its messenger can go on with the same exchange. */
async function writeChunks(
    { exchanges, session }: { readonly exchanges: ExchangeProvider; readonly session: Conversation["session"] },
    chunks: readonly Write[],
    network: string | undefined,
): Promise<DeviceAnswer> {
    const { abort } = session;
    const messenger = await InteractionClientMessenger.create(exchanges, { abort, ...(network === undefined ? {} : { network }) });
    try {
        let answer: DeviceAnswer = statusAnswer(Status.SUCCESS);
        for (const [index, chunk] of chunks.entries()) {
            abort.throwIfAborted();
            const moreChunkedMessages = index + 1 < chunks.length;
            const response = await messenger.sendWriteCommand({ ...chunk, moreChunkedMessages }, { abort });
            answer = answerOfStatuses(response?.writeResponses.map(({ status }) => status) ?? []);
            if (answer.kind !== "status" || answer.status !== Status.SUCCESS) {
                break;
            }
        }
        return answer;
    } finally {
        await messenger.close();
    }
}

/** A list written in several operations has a status for each; the first failure speaks for all. */
function answerOfStatuses(statuses: readonly { readonly status: number; readonly clusterStatus?: number | undefined }[]): DeviceAnswer {
    if (statuses.length === 0) {
        return unknown("the response named no attribute");
    }
    const told: StatusAnswer[] = statuses.map(({ status, clusterStatus }) => statusAnswer(status, clusterStatus));
    return told.find(({ status }) => status !== Status.SUCCESS) ?? told[0]!;
}

function singleWrite(request: WriteRequest, { cluster, attribute }: AttributeSchema, value: unknown): Write {
    return Write(
        { chunkLists: false },
        Write.Attribute({
            endpoint: EndpointNumber(request.endpoint),
            cluster,
            attributes: attribute,
            value,
            ...(request.dataVersion === undefined ? {} : { version: request.dataVersion }),
        }),
    );
}

/** Replace with the first entries, then append the rest, each message as full as it can be. */
function chunkedWrites(request: WriteRequest, { cluster, attribute }: AttributeSchema, list: readonly unknown[]): Write[] {
    const path = { endpointId: EndpointNumber(request.endpoint), clusterId: cluster.id, attributeId: attribute.id };
    const timed = attribute.schema.effectiveAccess.timed === true;
    const append = appendsOf(attribute.schema, list, path);

    const writes: Write[] = [];
    let pending: AttributeData[] = [{ path, data: encodeList(attribute.schema, []) }];
    let replaced = 0;
    // The first message holds a "replace all"; growing it entry by entry keeps the size check exact.
    while (replaced < list.length) {
        const grown = [{ path, data: encodeList(attribute.schema, list.slice(0, replaced + 1)) }];
        if (!fits(Write({ writes: grown, timed }))) {
            break;
        }
        pending = grown;
        replaced++;
    }
    writes.push(Write({ writes: pending, timed }));

    pending = [];
    for (const operation of append.slice(replaced)) {
        if (pending.length > 0 && !fits(Write({ writes: [...pending, operation], timed }))) {
            writes.push(Write({ writes: pending, timed }));
            pending = [];
        }
        pending.push(operation);
    }
    writes.push(Write({ writes: pending, timed }));
    return writes;
}

function appendsOf(model: AttributeModel, list: readonly unknown[], path: AttributeData["path"]): AttributeData[] {
    const schema = TlvOfModel(model) as ArraySchema<unknown>;
    return schema
        .encodeAsChunkedArray([...list], { forWriteInteraction: true })
        .filter(({ listIndex }) => listIndex === null)
        .map(({ element, listIndex }) => ({ path: { ...path, listIndex }, data: element }));
}

function encodeList(model: AttributeModel, list: readonly unknown[]): AttributeData["data"] {
    return TlvOfModel(model).encodeTlv(list, { forWriteInteraction: true });
}

function describe({ cluster, attribute }: AttributeSchema): string {
    return `${cluster.name}.${attribute.name}`;
}

function fits(write: Write): boolean {
    return TlvWriteRequest.encode(write).byteLength <= MAX_WRITE_BYTES;
}
